"""Runs of `migrate shadow run` over a job table and a system that is somebody's service, as a user starts them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from migrator.shadow.config.experiment import Worker
from migrator.shadow.ledger import JobHistory, SqliteLedger
from tests.behaviour.shadow_run import MIGRATE, MIX
from tests.behaviour.shadow_stage import PATIENCE, effects, folder_for_node

FILE = """
[experiment]
name = "hosted"
current = "table"
unit = "n"

[job]
name = "task"
max_attempts = 3
retry_delay = 0.2
deadline = {deadline}

[arms.table]
system = "postgres-table"
connection = "DATABASE_URL"
weight = 1
queue = "tasks"
options = {{ table = "tasks", type = "kind", payload = "body", status = "state", now = ["touched"] }}
worker = {{ command = ["node", "worker.mjs", "table"], ready = "up", env = {{ EFFECTS = "{folder}/effects" }} }}

[arms.hosted]
system = "{system}"
weight = 1
{fields}

[workload]
count = {count}
seed = 3
rate = {rate}
payload = {{ n = "{{n}}" }}
{mix}

[timeouts]
run = 120.0
silence = {silence}
enqueue = 20.0
settle = 0.5
stop = 3.0
"""


class HostedRun:
    """An experiment file in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        system: str,
        *,
        environment: Mapping[str, str],
        fields: Mapping[str, Any],
        worker: Worker | None,
        mix: str = MIX,
        count: int = 30,
        rate: float = 30.0,
        deadline: float = 20.0,
        silence: float = 1.5,
    ) -> None:
        self.folder = folder_for_node(folder)
        self._environment = {**os.environ, **environment}
        self.file = folder / "hosted.toml"
        if worker:
            env = {**worker.env, "EFFECTS": f"{folder}/effects"}
            fields = {**fields, "worker": {"command": worker.command, "ready": worker.ready, "env": env}}
        lines = "\n".join(f"{name} = {_toml(value)}" for name, value in fields.items())
        self.file.write_text(
            FILE.format(folder=folder, system=system, fields=lines, mix=mix, count=count, rate=rate, deadline=deadline, silence=silence)
        )
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> HostedRun:
        """Begin a run, or go on with it."""
        self.process = subprocess.Popen(
            [*MIGRATE, "run", str(self.file)],
            env=self._environment,
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def finish(self, expect: int) -> str:
        """Wait for its end; what it said."""
        assert self.process
        try:
            out, err = self.process.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        assert "Traceback" not in err, err
        assert self.process.returncode == expect, f"{self.process.returncode}\n{out}\n{err}"
        return out

    def end(self) -> None:
        """End what a failed test has left running."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def wait_for(self, what: Callable[[SqliteLedger], bool]) -> None:
        """Wait until something is in the ledger."""
        path, until = self.folder / ".migrator" / "hosted.ledger", time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if path.exists():
                with SqliteLedger.open(path) as ledger:
                    if what(ledger):
                        return
            time.sleep(0.05)
        raise AssertionError("it did not come to that")

    def jobs(self, total: int) -> list[JobHistory]:
        """The jobs, after the law was checked."""
        with SqliteLedger.open(self.folder / ".migrator" / "hosted.ledger") as ledger:
            books = [ledger.conservation(arm.arm) for arm in ledger.arms()]
            assert all(account.holds for account in books), [account.sentence() for account in books]
            assert sum(account.assigned for account in books) == total
            return [job for arm in ledger.arms() for job in ledger.jobs(arm.arm)]

    def effects(self) -> list[tuple[str, int]]:
        """What the workers noted of every body that they ran."""
        return sorted(effects(self.folder / "effects"))


def _toml(value: Any) -> str:
    """A value as TOML writes it: JSON, but for tables."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items()) + " }"
    return json.dumps(value)
