"""Mode `fallback` with real workers on both sides, and the candidate's broker killed in the middle: every job is done, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis
from rq import Worker

from migrator.servers import postgres
from migrator.shadow.config.reading import read_experiment
from migrator.shadow.dispatch import Dispatcher
from migrator.shadow.ledger import Event
from migrator.shadow.ledger.sqlite import SqliteLedger
from migrator.shadow.modes.fallback import FallbackWay
from migrator.shadow.modes.journal import read
from migrator.shadow.modes.outcome import OUTCOMES
from migrator.shadow.transport.folder import FolderInlet
from tests.behaviour.killable_redis import KillableRedis
from tests.behaviour.shadow_run import MIGRATE
from tests.behaviour.shadow_stage import WORKER

pytestmark = pytest.mark.behaviour
PATIENCE = 90.0
FILE = """
[experiment]
name = "moving"
current = "table"
mode = "fallback"

[job]
name = "mail"
max_attempts = 1

[fallback]
claims = "DATABASE_URL"
pickup_timeout = {pickup}
pause = 1.0
health_every = 0.2

[arms.table]
system = "postgres-table"
connection = "DATABASE_URL"
percent = 0
options = {{ table = "jobs", max_attempts = "", error = "" }}

[arms.rq]
system = "rq"
connection = "REDIS_URL"
percent = 100
job_name = "fenced_jobs.mail"
options = {{ arguments = "payload" }}
"""


class Stage:
    """An experiment whose every job goes to RQ, with a job table to fall back on."""

    def __init__(self, folder: Path, database: str, *, pickup: float) -> None:
        self.folder, self.database = folder, database
        self.redis = KillableRedis(folder)
        self.file = folder / "moving.toml"
        self.file.write_text(FILE.format(pickup=pickup))
        with psycopg.connect(database, autocommit=True) as connection:
            for table, columns in {
                "jobs": "id text PRIMARY KEY, type text, payload jsonb, status text DEFAULT 'PENDING', run_at timestamptz DEFAULT now()",
                "effects": "n integer, worker text",
            }.items():
                connection.execute(f"DROP TABLE IF EXISTS {table}, migrator_claim")
                connection.execute(f"CREATE TABLE {table} ({columns})")
        self.workers: list[subprocess.Popen[bytes]] = []

    @contextmanager
    def worker(self, kind: str, count: int = 1) -> Generator[None]:
        """Workers, which are started again when they end, as whoever looks after them in production does."""
        command = [sys.executable, str(WORKER.parent / "fenced_jobs.py"), kind]
        again = 'while true; do "$@"; sleep 0.2; done'
        env = {**os.environ, "EXPERIMENT": str(self.file), "WORKER": kind}
        log = (self.folder / f"{kind}.log").open("wb")
        started = [
            subprocess.Popen(["sh", "-c", again, "sh", *command], env=env, stdout=log, stderr=log, start_new_session=True)
            for _ in range(count)
        ]
        try:
            yield
        finally:
            for process in started:
                os.killpg(process.pid, 9)
                process.wait()
            log.close()

    def effects(self) -> Counter[int]:
        with psycopg.connect(self.database) as connection:
            return Counter(n for (n,) in connection.execute("SELECT n FROM effects"))

    def rq_workers(self) -> int:
        with redis.Redis.from_url(self.redis.url) as client:
            return Worker.count(connection=client)

    def by_worker(self) -> Counter[str]:
        with psycopg.connect(self.database) as connection:
            return Counter(worker for (worker,) in connection.execute("SELECT worker FROM effects"))

    def events(self) -> list[Event]:
        return list(FolderInlet(self.folder / ".migrator" / "moving.spool").read(1_000_000).lines)

    def labels(self) -> dict[str, list[str | None]]:
        """Of every job that was assigned to the candidate, in that order, how often which way was recorded."""
        events = self.events()
        found: dict[str, list[str | None]] = {e.job_key: [] for e in events if e.kind == "assigned" and e.arm == "rq"}
        for event in events:
            if event.kind == "fallback":
                found[event.job_key].append(event.reason)
        return found


@pytest.fixture(scope="module")
def database() -> Generator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def open_stage(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[float], Stage]]:
    made: list[Stage] = []

    def make(pickup: float) -> Stage:
        stage = Stage(tmp_path, database, pickup=pickup)
        made.append(stage)
        stage.redis.start()
        monkeypatch.setenv("DATABASE_URL", database)
        monkeypatch.setenv("REDIS_URL", stage.redis.url)
        return stage

    yield make
    for stage in made:
        stage.redis.kill()


def wait(done: Callable[[], bool], what: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until, f"waited in vain: {what()}"
        time.sleep(0.1)


def way(shadow: Dispatcher) -> FallbackWay:
    assert isinstance(shadow.way, FallbackWay)
    return shadow.way


def test_a_broker_killed_in_the_middle_costs_no_job_and_doubles_none(open_stage: Callable[[float], Stage]) -> None:
    jobs, stage = 520, open_stage(1.5)
    with stage.worker("rq", 2), stage.worker("table"), Dispatcher.open(stage.file) as shadow:
        wait(lambda: stage.rq_workers() == 2, stage.rq_workers)
        for n in range(jobs):
            if n == 150:
                stage.redis.kill()
            if n == 330:
                stage.redis.start()  # what it had written down is there again, and is handed out late
            shadow.send("mail", {"n": n, "ms": 5}, unit=str(n))
            time.sleep(0.012)
        wait(lambda: way(shadow).waiting() == 0, lambda: f"{way(shadow).waiting()} jobs are pending")
        wait(lambda: len(stage.effects()) == jobs, lambda: sorted(set(range(jobs)) - set(stage.effects())))
        time.sleep(1.0)  # a second effect would come about now
    assert stage.effects() == Counter(range(jobs)), "none lost, none twice"
    labels = stage.labels()
    assert len(labels) == jobs
    assert [found for found in labels.values() if len(found) != 1] == [], "each exactly one"
    ways = Counter(found[0] for found in labels.values())
    assert set(ways) <= set(OUTCOMES)
    assert ways["primary"] >= 1
    assert ways["fallback_removed"] >= 1, "while it was known to be down, it was sent nothing"
    assert ways["fallback_fenced"] >= 1, "and before that was known, nobody could tell"
    assert ways["failed_both"] == 0
    ran = stage.by_worker()
    assert ran["rq"] >= ways["primary"]
    assert ran["table"] >= ways["fallback_removed"]
    won = Counter(e.job_key for e in stage.events() if e.kind == "claim_won")
    assert len(won) == jobs
    assert set(won.values()) == {1}


def test_a_broker_that_hangs_and_does_what_it_was_told_later(open_stage: Callable[[float], Stage]) -> None:
    stage = open_stage(1.0)
    with stage.worker("rq"), stage.worker("table"), Dispatcher.open(stage.file) as shadow:
        wait(lambda: stage.rq_workers() == 1, stage.rq_workers)
        shadow.send("mail", {"n": 0, "ms": 1}, unit="0")
        wait(lambda: stage.effects() == Counter([0]), stage.effects)
        stage.redis.freeze()
        for n in range(1, 6):
            shadow.send("mail", {"n": n, "ms": 1}, unit=str(n))
        wait(lambda: len(stage.effects()) == 6, stage.effects)
        stage.redis.freeze(thaw=True)
        wait(lambda: not way(shadow).troubles(), way(shadow).troubles)
        shadow.send("mail", {"n": 6, "ms": 1}, unit="6")
        wait(lambda: len(stage.effects()) == 7, stage.effects)
        wait(lambda: way(shadow).waiting() == 0, way(shadow).waiting)
        time.sleep(0.5)  # what it was told before it froze would have an effect now
    assert stage.effects() == Counter(range(7))
    _, *hung, _ = (found for (found,) in stage.labels().values())
    assert hung[0] == "fallback_fenced", "of the first nobody can tell whether it is there"
    assert len(hung) == 5
    assert "primary" not in hung


def killed_with_jobs_pending(stage: Stage) -> None:
    """Twenty jobs, and no worker of RQ: nothing is ever taken up. The process that sent them is gone before it could see that."""
    code = (
        "import os, sys\nfrom migrator.shadow.dispatch import Dispatcher\nshadow = Dispatcher.open(sys.argv[1])\n"
        "shadow.way._health._ask_for_workers = False\n"
        "for n in range(20): shadow.send('mail', {'n': n, 'ms': 1}, unit=str(n))\n"
        "shadow.recorder.flush()\nos.kill(os.getpid(), 9)\n"
    )
    died = subprocess.run([sys.executable, "-c", code, str(stage.file)], check=False, capture_output=True, text=True)
    assert died.returncode == -9, died.stderr
    assert stage.effects() == Counter()


@contextmanager
def run_from_the_command_line(stage: Stage) -> Generator[None]:
    command = [*MIGRATE, "run", str(stage.file)]
    with (stage.folder / "run.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def test_what_a_killed_process_left_pending_finds_its_way_through_a_run(open_stage: Callable[[float], Stage]) -> None:
    stage = open_stage(1.0)
    killed_with_jobs_pending(stage)
    pending = stage.folder / ".migrator" / "moving.pending"
    with stage.worker("table"), run_from_the_command_line(stage):
        wait(lambda: len(stage.effects()) == 20, (stage.folder / "run.log").read_text)
        wait(lambda: not any(read(file) for file in pending.iterdir()), lambda: list(pending.iterdir()))
    assert stage.effects() == Counter(range(20)), "nobody dispatches any more, and each is done once"
    assert list(pending.iterdir()) == [], "nothing is left over"
    with SqliteLedger.open(read_experiment(stage.file).ledger) as ledger:
        jobs = list(ledger.jobs("rq"))
        assert (len(jobs), {job.way for job in jobs}) == (20, {"fallback_removed"})


def test_what_a_killed_process_left_pending_finds_its_way_through_another(open_stage: Callable[[float], Stage]) -> None:
    stage = open_stage(1.0)
    killed_with_jobs_pending(stage)
    with stage.worker("table"), Dispatcher.open(stage.file) as shadow:
        way(shadow).start()
        wait(lambda: len(stage.effects()) == 20, stage.effects)
        wait(lambda: way(shadow).waiting() == 0, way(shadow).waiting)
    assert stage.effects() == Counter(range(20))
    assert {tuple(found) for found in stage.labels().values()} == {("fallback_removed",)}, "RQ had them, and gave them back"
    cancelled = {e.job_key for e in stage.events() if e.kind == "cancelled" and e.arm == "rq"}
    assert cancelled == set(stage.labels()), "the books of the candidate close"
    assert list((stage.folder / ".migrator" / "moving.pending").iterdir()) == [], "nothing is left over"


def test_a_candidate_without_workers_is_sent_nothing(open_stage: Callable[[float], Stage]) -> None:
    stage = open_stage(30.0)
    with stage.worker("table"), Dispatcher.open(stage.file) as shadow:
        way(shadow).start()
        wait(lambda: bool(way(shadow).troubles()), way(shadow).troubles)
        assert way(shadow).troubles() == {"rq": "it has no workers"}
        shadow.send("mail", {"n": 1, "ms": 1}, unit="1")
        wait(lambda: stage.effects() == Counter([1]), stage.effects)
    assert list(stage.labels().values()) == [["fallback_removed"]]
    assert [e.err_message for e in stage.events() if e.kind == "enqueue_failed"] == ["it has no workers"]


def test_both_down_is_what_the_caller_hears_of(open_stage: Callable[[float], Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    stage = open_stage(30.0)
    stage.redis.kill()
    with psycopg.connect(stage.database, autocommit=True) as connection:
        connection.execute("ALTER TABLE jobs RENAME TO elsewhere")
    try:
        with Dispatcher.open(stage.file) as shadow, pytest.raises(Exception, match="jobs"):
            shadow.send("mail", {"n": 1, "ms": 1}, unit="1")
    finally:
        with psycopg.connect(stage.database, autocommit=True) as connection:
            connection.execute("DROP TABLE elsewhere")
    assert list(stage.labels().values()) == [["failed_both"]]


def test_what_the_application_enqueues_itself_stays_where_it_was(open_stage: Callable[[float], Stage]) -> None:
    stage = open_stage(30.0)
    with Dispatcher.open(stage.file) as shadow, shadow.dispatching("mail", {"n": 1}, unit="1") as job:
        assert job.arm == "table"
    assert stage.labels() == {}
