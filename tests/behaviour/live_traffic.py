"""An application whose jobs are the traffic of an experiment: it dispatches, workers of Celery and RQ work, and a run watches."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from migrator.shadow.dispatch import Dispatcher
from migrator.shadow.ledger import Account, JobHistory, Mark, SqliteLedger
from migrator.shadow.run.workers import RunningWorker, stop_all
from migrator.whole_file import replace
from tests.behaviour.shadow_run import MIGRATE
from tests.behaviour.shadow_stage import PATIENCE, effects, python_worker

FILE = """\
[experiment]
name = "shop"
current = "celery"
unit = "n"

[[job]]
name = "mail"
queue = "tasks"
max_attempts = 3
retry_delay = 1.0
deadline = {deadline}
[[job]]
name = "report"
queue = "slow"
max_attempts = 3
retry_delay = 1.0
deadline = {deadline}

[arms.celery]
system = "celery"
connection = "REDIS_URL"
weight = 1
queue = "tasks"
job_names = {{ mail = "task", report = "task" }}

[arms.rq]
system = "rq"
connection = "REDIS_URL"
weight = 1
job_names = {{ mail = "rq_jobs.task", report = "rq_jobs.task" }}

[criteria]
minimum_days = 0
compare = ["first_attempt_failure"]
first_attempt_failure = {margin}

[timeouts]
enqueue = 20.0
{more}
"""


class Shop:
    """The application, its workers, and its experiment."""

    def __init__(self, folder: Path, address: str, *, deadline: float = 20.0, margin: float = 0.3, more: str = "") -> None:
        self.folder, self.address = folder, address
        self.file, self.ledger_path = folder / "shop.toml", folder / ".migrator" / "shop.ledger"
        self.file.write_text(FILE.format(deadline=deadline, margin=margin, more=more))
        self._started: list[subprocess.Popen[str]] = []
        self.sent = 0

    def write(self, text: str) -> None:
        """Change the experiment file, which a run follows and may read at any moment."""
        replace(text.encode(), self.file)

    @contextmanager
    def workers(self, *systems: str) -> Generator[dict[str, RunningWorker]]:
        """Workers of the systems, ready; both queues of RQ have the same worker."""
        env = {"REDIS_URL": self.address, "EFFECTS": str(self.folder / "effects"), "DATABASE_URL": os.environ.get("DATABASE_URL", "")}
        with ExitStack() as stack:
            running: dict[str, RunningWorker] = {}
            for system in systems or ("celery", "rq"):
                spec = python_worker(system, env)
                if system == "rq":
                    command = tuple(part for word in spec.command for part in ((word, "slow") if word == "tasks" else (word,)))
                    spec = type(spec)(command=command, ready="Listening on", env=spec.env)
                made = RunningWorker(system, spec, folder=self.folder, log=self.folder / f"{system}.log", environ=os.environ, grace=2)
                stack.callback(stop_all, [made])
                running[system] = made
            for made in running.values():
                made.wait_ready()
            yield running

    def send(self, count: int, *, job: str = "mail", rate: float = 100.0, **payload: Any) -> None:
        """So many jobs, from a process that ends with them."""
        with self.dispatcher() as shadow:
            for _ in range(count):
                self.sent += 1
                shadow.send(job, {"n": str(self.sent), "ms": 2, **payload})
                time.sleep(1 / rate)

    def dispatcher(self) -> Dispatcher:
        os.environ["REDIS_URL"] = self.address
        return Dispatcher.open(self.file)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a run; returns once it watches."""
        process = self.migrate("run", str(self.file), *arguments)
        said: list[str] = []
        assert process.stderr
        for line in process.stderr:
            said.append(line)
            if "watching" in line:
                return process
        raise AssertionError("".join(said))

    def migrate(self, *arguments: str) -> subprocess.Popen[str]:
        env = {**os.environ, "REDIS_URL": self.address, "COLUMNS": "80"}
        process = subprocess.Popen(
            [*MIGRATE, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        self._started.append(process)
        return process

    def asked(self, *arguments: str, expect: int = 0) -> str:
        """What a command that ends by itself says."""
        return self.ended(self.migrate(*arguments), expect)

    def stop(self, process: subprocess.Popen[str], expect: int = 0) -> str:
        """End a run as its user does; what it said."""
        process.send_signal(signal.SIGINT)
        return self.ended(process, expect)

    def ended(self, process: subprocess.Popen[str], expect: int) -> str:
        out, err = process.communicate(timeout=120)
        assert process.returncode == expect, f"exit status {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err, err
        return out + err

    def wait_for(self, what: Callable[[SqliteLedger], bool]) -> None:
        """Wait until something is in the ledger."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.ledger_path.exists():
                with SqliteLedger.open(self.ledger_path) as ledger:
                    if what(ledger):
                        return
            time.sleep(0.1)
        raise AssertionError("it did not come to that: " + str({arm: books.sentence() for arm, books in self.books().items()}))

    def wait_for_ends(self) -> None:
        """Wait until all that was sent has ended, and the ledger knows it."""

        def all_ended(ledger: SqliteLedger) -> bool:
            books = [ledger.conservation(arm.arm) for arm in ledger.arms()]
            return sum(b.assigned for b in books) == self.sent and all(b.holds and not b.open for b in books)

        self.wait_for(all_ended)

    def books(self) -> Mapping[str, Account]:
        with SqliteLedger.open(self.ledger_path) as ledger:
            return {arm.arm: ledger.conservation(arm.arm) for arm in ledger.arms()}

    def jobs(self) -> list[JobHistory]:
        with SqliteLedger.open(self.ledger_path) as ledger:
            return [job for arm in ledger.arms() for job in ledger.jobs(arm.arm)]

    def marks(self, kind: str) -> list[Mark]:
        with SqliteLedger.open(self.ledger_path) as ledger:
            return list(ledger.marks(kind=kind))

    def effects(self) -> list[str]:
        """What the workers noted: the job of every body that ran."""
        return sorted(n for n, _ in effects(self.folder / "effects"))

    def end(self) -> None:
        """End what a failed test has left running."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.communicate()
