"""The stage of every fault: an application, workers of real systems and a run, each in processes of their own, and what became of each job.

The truth is what the application said, and what workers noted: `effects` (a line as a body begins) and `done` (as it ends).
"""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from migrator.servers import node
from migrator.shadow.config.experiment import Worker
from migrator.shadow.config.reading import read_experiment
from migrator.shadow.ledger import Account, JobHistory, Kind, Ledger, MarkKind
from migrator.shadow.ledger.choosing import open_ledger
from migrator.shadow.run.workers import RunningWorker, stop_all
from migrator.whole_file import replace
from tests.behaviour.shadow_run import MIGRATE
from tests.behaviour.shadow_stage import NODE, PATIENCE, folder_for_node, python_worker

ROOT = Path(__file__).parents[3]
HEAD = """\
[experiment]
name = "chaos"
current = "{current}"
unit = "n"

[job]
name = "task"
queue = "tasks"
max_attempts = 3
retry_delay = 1.0
deadline = {deadline}

[criteria]
minimum_days = 0
compare = ["first_attempt_failure"]
first_attempt_failure = 0.3

[timeouts]
enqueue = 20.0
assignment = 10.0
"""
ARM = """
[arms.{name}]
system = "{system}"
connection = "{variable}"
weight = {weight}
{more}
"""
#: what an arm of a system says beside its address
MORE = {
    "rq": 'job_name = "rq_jobs.task"\noptions = { job_timeout = 3600 }',
    "postgres-table": 'options = { table = "tasks", type = "kind", payload = "body", status = "state", now = ["touched"] }',
}
#: what happened to jobs that nothing was done to
UNHARMED = "completed"


class Stage:
    """`arms`: name -> system; `stores`: name -> the address of its store."""

    def __init__(
        self,
        folder: Path,
        arms: Mapping[str, str],
        stores: Mapping[str, str],
        *,
        deadline: float = 4.0,
        weights: Mapping[str, int] | None = None,
        more: str = '[recorder]\ndurability = "wal"\n',
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self.arms, self.stores = folder_for_node(folder), dict(arms), dict(stores)
        self.file, self.hold = folder / "chaos.toml", folder / "hold"
        self.environ = {**os.environ, **{_variable(arm): url for arm, url in stores.items()}, **(env or {}), "COLUMNS": "80"}
        self.said: list[dict[str, Any]] = []
        #: jobs that an application was about to send when it was killed: only the store of their arm can say whether it has them
        self.cut_short: set[str] = set()
        self._processes: list[subprocess.Popen[str]] = []
        self.workers: dict[str, RunningWorker] = {}
        text = HEAD.format(current=next(iter(arms)), deadline=deadline)
        for name, system in arms.items():
            weight = (weights or {}).get(name, 1)
            text += ARM.format(name=name, system=system, variable=_variable(name), weight=weight, more=MORE.get(system, ""))
        self.file.write_text(text + more)
        # Read once: a test may break the file.
        os.environ.update({name: self.environ[name] for name in self.environ if name.startswith("CHAOS_")})
        self._loaded = read_experiment(self.file)

    # -- processes ------------------------------------------------------------------------------------------------------------

    def work(self, arm: str, *, called: str = "", **env: str) -> RunningWorker:
        """A worker of an arm, ready."""
        system, name = self.arms[arm], called or arm
        url = self.stores[arm]
        variable = "DATABASE_URL" if url.startswith("postgres") else "REDIS_URL"
        notes = {"EFFECTS": str(self.folder / "effects"), "DONE": str(self.folder / "done"), "HOLD": str(self.hold)}
        # RQ gives jobs to other workers that nobody has heard of for a minute and a half, and a busy machine may be at it for longer.
        notes["MONITORING"] = "3600"
        given = {variable: url, **notes, **env}
        if system in NODE:
            spec, environ = Worker(command=("node", "worker.mjs", NODE[system]), ready="up", env=given), node().environment()
        else:
            spec, environ = python_worker(system, {**given, "NAME": f"{name}@chaos"}), os.environ
        running = RunningWorker(name, spec, folder=self.folder, log=self.folder / f"{name}.log", environ=environ, grace=2)
        self.workers[name] = running
        running.wait_ready()
        return running

    def signal(self, worker: str, number: signal.Signals) -> None:
        """To all processes of a worker, but not to the leash that would end them."""
        leash = psutil.Process(self.workers[worker].pid)
        for process in leash.children(recursive=True):
            process.send_signal(number)
        if number == signal.SIGKILL:
            leash.wait(PATIENCE)

    def retire(self, worker: str) -> None:
        """Have a worker end what it is at, and go."""
        stop_all([self.workers.pop(worker)])

    def run(self, **elsewhere: str) -> subprocess.Popen[str]:
        """Start a run; returns once it watches. `elsewhere`: arm -> the address by which the run reaches its store."""
        process = self.migrate("run", str(self.file), **{_variable(arm): url for arm, url in elsewhere.items()})
        said: list[str] = []
        assert process.stderr
        for line in process.stderr:
            said.append(line)
            if "watching" in line:
                return process
        raise AssertionError("".join(said))

    def migrate(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """Start a command."""
        command, environ = [*MIGRATE, *arguments], {**self.environ, **env}
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._processes.append(process)
        return process

    def application(self) -> Application:
        """An application, ready to send."""
        made = Application(self)
        self._processes.append(made.process)
        return made

    def end(self) -> None:
        """End what is running, be it stopped in the middle."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.communicate()
        for name, worker in self.workers.items():
            if worker.ended() is None:
                self.signal(name, signal.SIGCONT)
        stop_all(list(self.workers.values()))

    def write(self, text: str) -> None:
        """Change the experiment file, which a run follows and may read at any moment."""
        replace(text.encode(), self.file)

    # -- what became of it -----------------------------------------------------------------------------------------------------

    @contextmanager
    def ledger(self) -> Generator[Ledger]:
        with open_ledger(self._loaded) as ledger:
            yield ledger

    def jobs(self) -> dict[str, JobHistory]:
        """By number."""
        with self.ledger() as ledger:
            return {number(job.job_key): job for arm in self.arms for job in ledger.jobs(arm)}

    def books(self) -> list[Account]:
        """Of every arm."""
        with self.ledger() as ledger:
            return [ledger.conservation(arm) for arm in self.arms]

    def marks(self, kind: MarkKind) -> list[str]:
        """What was said of the run as a whole."""
        with self.ledger() as ledger:
            return [mark.text for mark in ledger.marks(kind=kind)]

    def missing(self) -> int:
        """Events that the ledger knows to have been lost."""
        with self.ledger() as ledger:
            return sum(ledger.missing_sequences().values())

    def kept(self, kind: Kind | None = None) -> int:
        """Events of applications that the ledger has, of a kind or all."""
        with self.ledger() as ledger:
            return sum(event.source == "dispatcher" and kind in (None, event.kind) for event in ledger.events())

    def wait_for(
        self,
        what: Callable[[dict[str, JobHistory]], bool],
        why: Callable[[dict[str, JobHistory]], object] = len,
        patience: float = PATIENCE,
    ) -> None:
        """Wait until the ledger says something of the jobs."""
        until = time.monotonic() + patience
        while not what(jobs := self.jobs()):
            assert time.monotonic() < until, f"waited in vain: {why(jobs)}"
            time.sleep(0.2)

    def wait_for_ends(self, **others: Iterable[str]) -> None:
        """Wait until every job that was sent is in its class: completed, but for `others` by class, or `stuck`.

        Whether a store has a job whose sending failed or was cut short, its workers tell: what they have begun is to be completed.
        """
        expected = {n: outcome for outcome, numbers in others.items() for n in numbers}

        def differing(jobs: Mapping[str, JobHistory]) -> dict[str, str]:
            begun = {n for n, _ in self.begun()}
            right = dict.fromkeys(self.sent(), UNHARMED) | expected
            right |= {n: UNHARMED if n in begun else "enqueue_failed" for n in self.failed()}
            right |= {n: UNHARMED if n in begun else "enqueue_failed" if n in jobs else "unknown" for n in self.cut_short}
            found = {n: _class(jobs[n]) if n in jobs else "unknown" for n in right}
            return {n: outcome for n, outcome in found.items() if outcome != right[n]}

        self.wait_for(lambda jobs: not differing(jobs), differing)

    def stop(self, run: subprocess.Popen[str]) -> str:
        """End a run as its user does; what it said since it began to watch. Jobs may be lost, but its data can be trusted."""
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=PATIENCE)
        assert run.returncode in (0, 1), f"exit status {run.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        return out + err

    def named(self) -> dict[str, set[str]]:
        """The jobs that the report names, by what is wrong with them, as its user reads it."""
        found: dict[str, set[str]] = {}
        for row in csv.DictReader(io.StringIO(self.reported("csv"))):
            found.setdefault(row["trouble"], set()).add(number(row["job_key"]))
        return found

    def checks(self) -> dict[str, tuple[str, str]]:
        """What the report says of whether its numbers can be trusted: by name of the check, the state and the finding."""
        return {check["name"]: (check["state"], check["finding"]) for check in json.loads(self.reported("json"))["checks"]}

    def reported(self, form: str) -> str:
        """The report in one of its forms."""
        process = self.migrate("report", str(self.file), "--format", form)
        out, err = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in err, err
        return out

    def sent(self) -> dict[str, dict[str, Any]]:
        """What the application said last of each job, by number."""
        return {note["n"]: note for note in list(self.said)}

    def failed(self) -> set[str]:
        """Jobs whose sending raised."""
        return {n for n, note in self.sent().items() if "failed" in note}

    def waiting_events(self) -> list[str]:
        """What applications have written and no run has taken over yet; none of what those wrote that have ended, once this is empty."""
        return sorted(path.name for path in (self.folder / ".migrator" / "chaos.spool").iterdir())

    def begun(self) -> Counter[tuple[str, int]]:
        """How often workers began each attempt of each job."""
        return Counter((note["n"], note["attempt"]) for note in _notes(self.folder / "effects"))

    def done(self) -> Counter[str]:
        """How often the body of each job came to its end."""
        return Counter(note["n"] for note in _notes(self.folder / "done"))

    def check(
        self, *, lost: Iterable[str] = (), stuck: Iterable[str] = (), refused: Iterable[str] = (), missing: int = 0
    ) -> dict[str, set[str]]:
        """Hold what the ledger and the report say against what application and workers noted, job by job; what the report names.

        `lost` and `stuck`: what was done to jobs; what was delivered or done twice, and what was never enqueued, the notes tell. `refused`:
        jobs that were done once more than their system let be written down. `missing`: events that the recorders lost.
        """
        sent, begun, done, jobs = self.sent(), self.begun(), self.done() - Counter(refused), self.jobs()
        keys = {n for n, _ in begun}
        assert [books.sentence() for books in self.books() if not books.holds] == [], "the law of conservation"
        assert self.missing() == missing, "events that the recorders lost"
        assert jobs.keys() | (self.cut_short - keys) == sent.keys()
        assert {n: job.arm for n, job in jobs.items()} == {n: sent[n].get("arm") or job.arm for n, job in jobs.items()}
        assert {n: job.completions for n, job in jobs.items() if job.completions} == dict(done), "bodies that came to their end"
        expected = {
            "lost": set(lost),
            "stuck": set(stuck),
            "never enqueued": (self.failed() | self.cut_short & jobs.keys()) - keys,
            "duplicate effect": {n for n, times in done.items() if times > 1},
            "duplicate delivery": {n for (n, _), times in begun.items() if times > 1 and done[n] <= 1},
        }
        named = self.named()
        wrong = {trouble: named.get(trouble, set()) ^ jobs for trouble, jobs in expected.items() if named.get(trouble, set()) != jobs}
        assert not wrong, f"named and not so, or so and not named: {wrong}"
        return named


class Application:
    """The process that dispatches."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("application.py")), str(stage.file)],
            env={**stage.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(stage.folder / "application.log").open("ab"),
            text=True,
        )
        self._idle = threading.Semaphore(0)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.wait()

    def send(self, numbers: Iterable[int], arm: str = "", **payload: Any) -> list[str]:
        """Send jobs, to an arm or to where routing says; returns once all are sent."""
        sent = self.tell(numbers, arm, **payload)
        self.wait()
        return sent

    def tell(self, numbers: Iterable[int], arm: str = "", **payload: Any) -> list[str]:
        """Have jobs sent, without waiting for it."""
        orders = [{"n": str(n), "arm": arm or None, "payload": {"ms": 2, **payload}} for n in numbers]
        assert self.process.stdin
        self.process.stdin.write(json.dumps(orders) + "\n")
        self.process.stdin.flush()
        return [str(n) for n in numbers]

    def close(self) -> None:
        """It has nothing more to send, and ends."""
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0

    def kill(self) -> None:
        """In the middle of whatever it does."""
        self.process.kill()
        self.process.wait()
        self._listener.join()
        self._stage.cut_short |= {n for n, note in self._stage.sent().items() if not note.keys() & {"sent", "failed"}}

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if note := json.loads(line):
                self._stage.said.append(note)
            else:
                self._idle.release()

    def wait(self) -> None:
        """Returns once it has sent what it was told to."""
        assert self._idle.acquire(timeout=2 * PATIENCE), "the application waits, or has ended; see application.log"


def number(job_key: str) -> str:
    """The number of a job, which is the application's own key, after the id of the experiment and the name `task`."""
    return job_key.split("-", 2)[2]


def _class(job: JobHistory) -> str:
    return "stuck" if job.outcome == "in_flight" and job.overdue else job.outcome


def _variable(arm: str) -> str:
    return f"CHAOS_{arm.upper()}_URL"


def _notes(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
