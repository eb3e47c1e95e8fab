"""Runs of `migrate shadow run` as a user starts them, on an experiment small enough to wait for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg

from migrator.shadow.ledger import Account, JobHistory, Ledger, SqliteLedger
from tests.behaviour.shadow_stage import PATIENCE, effects, folder_for_node

ARMS = ("table", "boss", "bull")
MIGRATE = (sys.executable, "-c", "from migrator.cli import main; main()", "shadow")
FILE = """\
[experiment]
name = "small"
current = "table"
unit = "n"

[job]
name = "task"
queue = "tasks"
max_attempts = 3
retry_delay = 1.0
deadline = {deadline}

[arms.table]
system = "postgres-table"
connection = "DATABASE_URL"
weight = 33
options = {{ table = "tasks", type = "kind", payload = "body", status = "state", now = ["touched"] }}
worker = {{ command = ["node", "worker.mjs", "table"], ready = "up", env = {{ EFFECTS = "{folder}/effects" {env} }} }}

[arms.boss]
system = "pg-boss"
connection = "DATABASE_URL"
weight = 33
worker = {{ command = ["node", "worker.mjs", "pg-boss"], ready = "up", env = {{ EFFECTS = "{folder}/effects" {env} }} }}

[arms.bull]
system = "bullmq"
connection = "REDIS_URL"
weight = 33
worker = {{ command = ["node", "worker.mjs", "bullmq"], ready = "up", env = {{ EFFECTS = "{folder}/effects" {env} }} }}

[workload]
count = {count}
seed = 3
rate = {rate}
payload = {{ n = "{{n}}" }}
{mix}

[timeouts]
run = {run}
silence = {silence}
enqueue = {enqueue}
settle = 0.3
stop = 3.0
"""
MIX = """
[[workload.mix]]
name = "quick"
weight = 6
payload = { ms = { low = 1, high = 20 } }
[[workload.mix]]
name = "fails once"
weight = 2
payload = { ms = 5, fail = 1 }
[[workload.mix]]
name = "poison"
weight = 1
payload = { ms = 5, poison = true }
"""


class Experiment:
    """An experiment file in a folder of its own, with stores to run on."""

    def __init__(
        self,
        folder: Path,
        postgres: str,
        redis: str,
        *,
        count: int = 36,
        rate: float = 30.0,
        mix: str = MIX,
        deadline: float = 20.0,
        run: float = 90.0,
        silence: float = 1.0,
        enqueue: float = 20.0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder_for_node(folder)
        self.file, self.ledger_path = folder / "small.toml", folder / ".migrator" / "small.ledger"
        self._started: list[subprocess.Popen[str]] = []
        self.addresses = {"DATABASE_URL": postgres, "REDIS_URL": redis}
        more = "".join(f', {name} = "{value}"' for name, value in (env or {}).items())
        self.file.write_text(
            FILE.format(
                folder=folder, count=count, rate=rate, mix=mix, deadline=deadline, run=run, silence=silence, enqueue=enqueue, env=more
            )
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a run."""
        command = [*MIGRATE, "run", str(self.file), *arguments]
        process = subprocess.Popen(
            command,
            env={**os.environ, **self.addresses},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._started.append(process)
        return process

    def end(self) -> None:
        """End what a failed test has left running."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def run(self, *arguments: str, expect: int = 0) -> tuple[str, str]:
        """A whole run; what it wrote to standard output and standard error."""
        return self.finish(self.start(*arguments), expect)

    def finish(self, process: subprocess.Popen[str], expect: int) -> tuple[str, str]:
        """Wait for a run to end."""
        try:
            out, err = process.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=240)
            raise AssertionError(f"the run does not end\n{out}\n{err}") from None
        assert process.returncode == expect, f"exit status {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        return out, err

    def wait_for(self, what: Callable[[Ledger], bool]) -> None:
        """Wait until something is in the ledger of a run that goes on."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.ledger_path.exists():
                with SqliteLedger.open(self.ledger_path) as ledger:
                    if what(ledger):
                        return
            time.sleep(0.05)
        raise AssertionError("it did not come to that")

    def ledger(self) -> Ledger:
        return SqliteLedger.open(self.ledger_path)

    def books(self) -> dict[str, Account]:
        with self.ledger() as ledger:
            return {arm.arm: ledger.conservation(arm.arm) for arm in ledger.arms()}

    def jobs(self) -> list[JobHistory]:
        with self.ledger() as ledger:
            return [job for arm in ledger.arms() for job in ledger.jobs(arm.arm)]

    def effects(self) -> list[tuple[str, int]]:
        """What the workers themselves noted of every body they ran: job and attempt."""
        return sorted(effects(self.folder / "effects"))

    def seen(self) -> list[tuple[str, int]]:
        """What the ledger holds of the same. The unit key is the job's number."""
        return sorted((job.unit_key, attempt.number) for job in self.jobs() for attempt in job.attempts)

    def workers(self) -> list[int]:
        """Processes of this experiment's workers that are alive."""
        found: list[int] = []
        for status in Path("/proc").glob("[0-9]*/environ"):
            try:
                if f"EFFECTS={self.folder}/effects".encode() in status.read_bytes():
                    found.append(int(status.parent.name))
            except OSError:
                continue
        return found


def fresh_database(server: str, name: str) -> str:
    """An empty database on a server."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.rsplit("/", 1)[0] + f"/{name}"


def kill_postgres(address: str) -> None:
    """The server is killed, as by the kernel."""
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row
    os.kill(int(Path(row[0], "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
