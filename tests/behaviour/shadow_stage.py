"""A stage for experiments: real stores, real workers in Node and in Python, and the means to wait for what happens."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from migrator.servers import install, node
from migrator.shadow.config.experiment import Worker
from migrator.shadow.drivers import open_driver, options_of
from migrator.shadow.drivers.interface import MARKER, Assignment, Driver, Sighting, Target
from migrator.shadow.run.workers import RunningWorker, stop_all
from tests.fixtures.articles import installed

WORKER = Path(__file__).parent / "shadow_workers" / "worker.mjs"
LEDGER = "1ed6e4a0"
PATIENCE = 180.0
TABLE_OPTIONS: dict[str, Any] = {"table": "tasks", "type": "kind", "payload": "body", "status": "state", "now": ["touched"]}
#: what worker.mjs calls a system
NODE = {"postgres-table": "table", "pg-boss": "pg-boss", "bullmq": "bullmq", "bull": "bull"}
#: systems of which the articles application has none: the version that is taken
VERSIONS = {"bull": "4"}
#: Bull's keys are BullMQ's, and mean something else
QUEUES = {"bull": "calls"}
PYTHON = ("rq", "celery", "procrastinate")
SYSTEMS = (*NODE, *PYTHON)
ON_REDIS = ("bullmq", "bull", "rq", "celery")
#: systems that keep the error of the last attempt only
LAST_ERROR_ONLY = ("rq",)
#: systems that keep no error at all
NO_ERRORS = ("procrastinate",)
#: what is thrown, as far as a system keeps it
ERROR_TYPES = {
    "postgres-table": None,
    "pg-boss": "RangeError",
    "bullmq": "RangeError",
    "bull": "RangeError",
    **dict.fromkeys(PYTHON, "IndexError"),
    **dict.fromkeys(NO_ERRORS),
}
#: what a system calls the job, where that is not `task`
JOB_NAMES = {"rq": "rq_jobs.task"}


def folder_for_node(folder: Path, packages: Path | None = None) -> Path:
    """A folder in which worker.mjs finds its packages: the articles application's, or those of a folder."""
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to((packages or installed()) / "node_modules")
        (folder / WORKER.name).write_bytes(WORKER.read_bytes())
    return folder


def versions_installed() -> Path:
    """A folder with the packages of every version of a system that has several: `pg-boss9`, and so on."""
    folder = WORKER.parent / "versions"
    with (folder / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(folder)
    return folder


def application_with(package: str, version: str) -> Path:
    """A folder in which a package is found in that version under its own name, as in an application that depends on it."""
    modules = versions_installed() / "node_modules"
    application = modules / ".applications" / f"{package}{version}"
    (application / "node_modules").mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (application / "node_modules" / package).symlink_to(modules / f"{package}{version}")
    return application


@contextmanager
def worker(system: str, folder: Path, addresses: Mapping[str, str], *, version: str = "", **env: str) -> Generator[RunningWorker]:
    """A worker of a system, of some version of it, ready; stopped afterwards."""
    log = folder / f"{system}.log"
    version = version or VERSIONS.get(system, "")
    if system in (*PYTHON, "dramatiq") or version == "python":
        running = RunningWorker(system, python_worker(system, {**addresses, **env}), folder=folder, log=log, environ=os.environ, grace=2)
    else:
        command = ("node", WORKER.name, NODE[system], *((version,) if version else ()))
        spec = Worker(command=command, ready="up", env={"QUEUE": QUEUES.get(system, "tasks"), **addresses, **env})
        packages = versions_installed() if version else None
        running = RunningWorker(system, spec, folder=folder_for_node(folder, packages), log=log, environ=node().environment(), grace=2)
    try:
        running.wait_ready()
        yield running
    finally:
        stop_all([running])


def python_worker(system: str, env: Mapping[str, str]) -> Worker:
    """How the worker of a system in Python is started, as its users start it."""
    events = (*(() if env.get("EVENTS") == "off" else ("-E",)), *(("-n", env["NAME"]) if "NAME" in env else ()))
    monitored = ("--job-monitoring-interval", env["MONITORING"]) if "MONITORING" in env else ()
    hooked = ("--worker-class", "migrator.shadow.hooks.rq.AttemptWorker") if env.get("SHADOW_EXPERIMENT") else ()
    command, ready = {
        "celery": (
            ("celery", "-A", "celery_jobs", "worker", "-Q", env.get("QUEUE", "tasks"), "-c", "4", "-l", "INFO", *events),
            " ready.",
        ),
        "bullmq": (("bullmq_jobs",), "up"),
        "rq": (
            ("rq.cli", "worker", "tasks", "--with-scheduler", "--url", env.get("REDIS_URL", ""), *hooked, *monitored),
            "Listening on tasks",
        ),
        "dramatiq": (("dramatiq", "dramatiq_jobs", "-p", "1", "-t", "10", "-Q", "tasks"), "Worker process is ready"),
        "procrastinate": (
            ("procrastinate", "-v", "--app", "procrastinate_jobs.app", "worker", "-q", "tasks", "-c", "10", "-p", "0.2"),
            "Starting worker on",
        ),
    }[system]
    return Worker(
        command=(sys.executable, "-m", *command),
        ready=ready,
        env={**env, "PYTHONPATH": os.pathsep.join((str(WORKER.parent), str(WORKER.parents[3])))},
    )


class Watcher:
    """A driver, and everything that it has seen."""

    def __init__(self, system: str, address: str, *, arm: str = "arm", options: Mapping[str, Any] | None = None, **target: Any) -> None:
        fields: dict[str, Any] = {
            "queue": QUEUES.get(system, "tasks"),
            "job_name": JOB_NAMES.get(system, "task"),
            "timeout": 20.0,
            "max_attempts": 3,
            "retry_delay": 1.0,
            **target,
        }
        settings = TABLE_OPTIONS if options is None and system == "postgres-table" else options or {}
        if system == "bull":
            settings = {"folder": str(application_with("bull", VERSIONS["bull"])), **settings}
        kind = options_of(system)
        self.driver: Driver = open_driver(
            system,
            Target(arm=arm, ledger_id=LEDGER, address=address, name="STORE_URL", **fields),
            kind(**{**settings, **_tuples(settings)}),
        )
        self.sightings: list[Sighting] = []
        self.gaps: list[str] = []
        self.cursor = ""

    def begin(self) -> Watcher:
        self.cursor = self.driver.watch("")
        return self

    def send(self, key: str, *, delay: float = 0.0, **payload: Any) -> str:
        return self.driver.enqueue(Assignment(job_key=own(key), payload=marked(key, **payload), delay=delay))

    def tell_the_usual_story(self, *, delay: float) -> dict[str, str]:
        """Send a job of each fate, side by side; the ids that they got. Of `double` the copy is still to be made."""
        return {
            "plain": self.send("plain", ms=60),
            "twice": self.send("twice", fail=2),
            "poison": self.send("poison", poison=True),
            "later": self.send("later", delay=delay),
            "double": self.send("double"),
        }

    def look(self) -> None:
        observation = self.driver.observe(self.cursor)
        self.sightings += observation.sightings
        self.gaps += [observation.gap] if observation.gap else []
        self.cursor = observation.cursor
        self.driver.acknowledge(self.cursor)

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Look until something holds."""
        until = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < until, f"{what} did not happen; seen: {self.sightings}"
            self.look()
            time.sleep(0.02)

    def wait_for_ends(self, *keys: str, count: int = 1) -> None:
        """Look until each job has ended (in `count` copies)."""
        for key in keys:
            self.wait(lambda key=key: sum(s.kind in ("completed", "discarded") for s in self.of(key)) >= count, f"the end of {key}")

    def of(self, key: str) -> list[Sighting]:
        return sorted((s for s in self.sightings if s.job_key == own(key)), key=lambda s: s.id)

    def kinds(self, key: str) -> list[str]:
        return [s.kind for s in self.of(key)]

    def close(self) -> None:
        self.driver.close()


def own(key: str) -> str:
    """The ledger's key of a test's job."""
    return f"{LEDGER}-{key}"


def marked(key: str, **payload: Any) -> dict[str, Any]:
    """A payload as the run would send it."""
    return {"n": key, **payload, MARKER: {"ledger": LEDGER, "key": own(key)}}


def effects(path: Path) -> list[tuple[str, int]]:
    """What the workers noted: job and attempt."""
    import json

    return [(e["n"], e["attempt"]) for e in map(json.loads, path.read_text().splitlines())] if path.exists() else []


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, **more}


def _tuples(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) for name, value in settings.items() if isinstance(value, list)}
