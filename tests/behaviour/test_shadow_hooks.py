"""Hooks in real workers: each attempt with its times, beside what the store tells, and nothing that fails or waits because of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from celery import Celery

from migrator.servers import Servers, servers
from migrator.shadow.ledger import Event, fold
from migrator.shadow.transport.folder import FolderInlet
from migrator.shadow.transport.line import Line
from tests.behaviour.shadow_stage import LEDGER, PATIENCE, Watcher, effects, own, worker

pytestmark = pytest.mark.behaviour
HOOKED = ("celery", "rq", "dramatiq", "procrastinate")
EXPERIMENT = """
[experiment]
name = "hooked"
current = "old"
[[job]]
name = "a task"
max_attempts = 3
[arms.old]
system = "bullmq"
connection = "NOWHERE"
weight = 1
[arms.new]
system = "{system}"
connection = "NOWHERE"
weight = 1
queue = "tasks"
job_name = "{job_name}"
"""


class Stage:
    """One system with a hooked worker, its driver, and what both told."""

    def __init__(self, system: str, address: str, folder: Path) -> None:
        self.system, self.folder = system, folder
        options = {"completion": "results"} if system == "dramatiq" else {}
        self.watcher = Watcher(system, address, arm="new", options=options).begin()
        self.inlet = FolderInlet(folder / ".migrator" / "hooked.spool")
        self.lines: list[Line] = []

    def collect(self) -> None:
        batch = self.inlet.read()
        self.lines += batch.lines
        assert batch.unreadable == ()
        self.inlet.done(batch)

    def wait_for_lines(self, key: str, *kinds: str) -> list[Line]:
        until = time.monotonic() + PATIENCE
        while True:
            self.collect()
            found = sorted((line for line in self.lines if line.job_key == own(key)), key=lambda line: (line.ts_ns, line.seq))
            if [line.kind for line in found] == list(kinds):
                return found
            assert time.monotonic() < until, f"{kinds} of {key} did not come; there are {[(line.kind, line.attempt) for line in found]}"
            time.sleep(0.05)


def write(folder: Path, system: str, more: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "experiment.toml"
    file.write_text(EXPERIMENT.format(system=system, job_name="rq_jobs.task" if system == "rq" else "task") + more)
    return file


def addresses(stores: Servers) -> dict[str, str]:
    return {"DATABASE_URL": stores.postgres, "REDIS_URL": stores.redis, "RESULTS": "yes", "SHADOW_LEDGER": LEDGER}


def address_of(system: str, stores: Servers) -> str:
    return stores.postgres if system == "procrastinate" else stores.redis


@pytest.fixture(scope="module")
def stores() -> Generator[Servers]:
    with servers() as running:
        yield running


@pytest.mark.parametrize("system", HOOKED)
def test_a_worker_that_is_stopped_hands_over_what_it_has(system: str, stores: Servers, tmp_path: Path) -> None:
    """Celery's pool is forked, RQ forks for each job: each of these processes hands over its own before it ends."""
    file = write(tmp_path, system)
    keys = [f"last-{number}" for number in range(6)]
    with worker(system, tmp_path, addresses(stores), SHADOW_EXPERIMENT=str(file), EFFECTS=str(tmp_path / "effects")) as running:
        watcher = Watcher(system, address_of(system, stores), options={"completion": "results"} if system == "dramatiq" else {}).begin()
        for key in keys:
            watcher.send(key, ms=1)
        watcher.wait_for_ends(*keys)
        watcher.driver.unwatch()
        watcher.close()
        if system == "celery":
            # Its own way to stop. To end its processes all at once, as a run does, is to kill them.
            Celery(broker=stores.redis).control.shutdown()
            until = time.monotonic() + PATIENCE
            while running.ended() is None:
                assert time.monotonic() < until
                time.sleep(0.05)
    batch = FolderInlet(tmp_path / ".migrator" / "hooked.spool").read()
    assert Counter((line.job_key, line.kind) for line in batch.lines) == {
        (own(key), kind): 1 for key in keys for kind in ("started", "completed")
    }
    recorded = Counter(line.boot_id for line in batch.lines)
    assert {each.boot_id: each.numbered for each in batch.ended if each.numbered} == recorded, "nothing that was numbered is missing"
    assert len(recorded) == 6 if system == "rq" else len(recorded) >= 1


# Before the tests whose workers stay: on the same queues, those would take these jobs.
@pytest.mark.parametrize(
    ("system", "broken"), [("celery", "store down"), ("rq", "store down"), ("dramatiq", "no file"), ("procrastinate", "no file")]
)
def test_jobs_run_whatever_becomes_of_the_recording(system: str, broken: str, stores: Servers, tmp_path: Path) -> None:
    file = tmp_path / "nowhere.toml" if broken == "no file" else write(tmp_path, system, '[recorder]\ntransport = "DOWN"\n')
    more = {"EFFECTS": str(tmp_path / "effects"), "SHADOW_EXPERIMENT": str(file), "DOWN": "redis://127.0.0.1:1/0"}
    with worker(system, tmp_path, addresses(stores), **more):
        watcher = Watcher(system, address_of(system, stores), options={"completion": "results"} if system == "dramatiq" else {}).begin()
        keys = [f"{broken.replace(' ', '-')}-{number}" for number in range(4)]
        for key in keys:
            watcher.send(key, ms=1)
        watcher.wait_for_ends(*keys)
        assert [watcher.kinds(key)[-1] for key in keys] == ["completed"] * 4
        assert sorted(n for n, _ in effects(tmp_path / "effects")) == sorted(keys)
        watcher.driver.unwatch()
        watcher.close()


@pytest.mark.parametrize("system", HOOKED)
def test_a_worker_that_is_killed_has_told_of_its_start(system: str, stores: Servers, tmp_path: Path) -> None:
    file = write(tmp_path, system, '[recorder]\ndurability = "wal"\n')
    stage = None
    with worker(system, tmp_path, addresses(stores), SHADOW_EXPERIMENT=str(file), KILL="worker") as running:
        stage = Stage(system, address_of(system, stores), tmp_path)
        stage.watcher.send("deadly", die=True)
        until = time.monotonic() + PATIENCE
        while running.ended() is None:
            assert time.monotonic() < until
            time.sleep(0.05)
    (began,) = stage.wait_for_lines("deadly", "started")
    assert began.attempt == 1
    stage.watcher.driver.unwatch()
    stage.watcher.close()


@pytest.fixture(scope="module", params=HOOKED)
def stage(request: pytest.FixtureRequest, stores: Servers, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    folder = tmp_path_factory.mktemp(request.param)
    env = {"EFFECTS": str(folder / "effects"), "SHADOW_EXPERIMENT": str(write(folder, request.param))}
    with worker(request.param, folder, addresses(stores), **env):
        stage = Stage(request.param, address_of(request.param, stores), folder)
        yield stage
        stage.watcher.driver.unwatch()
        stage.watcher.close()


def told(lines: list[Line]) -> list[tuple[str, int | None]]:
    return [(line.kind, line.attempt) for line in lines]


def test_an_attempt_that_works(stage: Stage) -> None:
    native = stage.watcher.send("plain", ms=120)
    began, ended = stage.wait_for_lines("plain", "started", "completed")
    assert told([began, ended]) == [("started", 1), ("completed", 1)]
    assert began.mono_ns is not None
    assert ended.mono_ns is not None
    assert ended.elapsed_ns == ended.mono_ns - began.mono_ns
    assert 120_000_000 <= ended.elapsed_ns < 60_000_000_000
    about = {(line.arm, line.role, line.job_name, line.native_id, line.source, line.experiment, line.boot_id) for line in (began, ended)}
    assert about == {("new", "candidate", "a task", native, "worker", "hooked", began.boot_id)}
    assert abs(began.ts_ns - time.time_ns()) < 60_000_000_000


def test_every_attempt_with_its_number_and_its_error(stage: Stage) -> None:
    stage.watcher.send("twice", fail=2)
    lines = stage.wait_for_lines("twice", "started", "attempt_failed", "started", "attempt_failed", "started", "completed")
    assert told(lines)[::2] == [("started", 1), ("started", 2), ("started", 3)]
    assert [(line.err_type, line.err_message) for line in lines if line.kind == "attempt_failed"] == [
        ("IndexError", "job twice fails on attempt 1"),
        ("IndexError", "job twice fails on attempt 2"),
    ]


def test_what_fails_for_good(stage: Stage) -> None:
    stage.watcher.send("poison", poison=True)
    lines = stage.wait_for_lines("poison", "started", "attempt_failed", "started", "attempt_failed", "started", "discarded")
    assert told(lines)[-1] == ("discarded", 3)
    assert lines[-1].err_message == "job poison fails on attempt 3"


def test_store_and_worker_together_count_each_attempt_once(stage: Stage) -> None:
    stage.watcher.send("both", fail=1, ms=50)
    lines = stage.wait_for_lines("both", "started", "attempt_failed", "started", "completed")
    stage.watcher.wait_for_ends("both")
    job = fold([*map(_seen, stage.watcher.of("both")), *lines])
    assert (job.outcome, job.completions, job.attempts_made, job.duplicate_deliveries) == ("completed", 1, 2, 0)
    assert [(a.number, a.result) for a in job.attempts] == [(1, "failed"), (2, "completed")]
    assert [a.run_ns for a in job.attempts] == [line.elapsed_ns for line in lines if line.elapsed_ns is not None]
    assert job.terminal_ns is not None, "also where the store does not say when"


def test_jobs_of_others_are_none_of_ours(stage: Stage) -> None:
    from migrator.shadow.drivers.interface import Assignment

    count = len(stage.lines)
    options = {"completion": "results"} if stage.system == "dramatiq" else {}
    other = Watcher(stage.system, stage.watcher.driver._target.address, options=options)  # pyright: ignore[reportAttributeAccessIssue]
    other.driver.enqueue(Assignment(job_key="another", payload={"n": "another"}))
    other.close()
    until = time.monotonic() + PATIENCE
    while ("another", 1) not in effects(stage.folder / "effects"):
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(0.6)
    stage.collect()
    assert len(stage.lines) == count


def test_no_event_is_missing(stage: Stage) -> None:
    """Every process numbered its events, and all that it numbered are there."""
    stage.collect()
    boots: dict[str, list[int]] = {}
    for line in stage.lines:
        boots.setdefault(line.boot_id, []).append(line.seq)
    assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in boots.values())
    if stage.system == "rq":
        assert len(boots) >= 6, "RQ runs each attempt in a process of its own"


def _seen(sighting: object) -> Event:
    import msgspec

    from migrator.shadow.drivers.interface import Sighting

    assert isinstance(sighting, Sighting)
    fields = {name: getattr(sighting, name) for name in ("job_key", "native_id", "kind", "ts_ns", "until_ns", "err_type", "err_message")}
    common = {"experiment": "hooked", "config_epoch": 1, "unit_key": "", "job_name": "a task", "arm": "new", "role": "candidate"}
    source = "store" if sighting.dated else "runner"
    return msgspec.convert({**common, **fields, "event_id": f"new:{sighting.id}", "clock": "store", "source": source}, Event)
