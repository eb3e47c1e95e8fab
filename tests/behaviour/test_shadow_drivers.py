"""Every driver against the real system with a real worker: what is sent runs, and what happens is seen, attempt by attempt."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from migrator.errors import MigratorError
from migrator.servers import Servers, servers
from migrator.shadow.drivers.interface import EnqueueRefused, Remover, StoreDown
from tests.behaviour.shadow_stage import (
    ERROR_TYPES,
    LAST_ERROR_ONLY,
    LEDGER,
    NO_ERRORS,
    ON_REDIS,
    PYTHON,
    SYSTEMS,
    Watcher,
    effects,
    marked,
    own,
    worker,
)

pytestmark = pytest.mark.behaviour
TERMINAL = ("completed", "discarded", "cancelled")


class Stage:
    """One system with its worker, watched."""

    def __init__(self, system: str, address: str, folder: Path) -> None:
        self.system, self.address, self.folder = system, address, folder
        self.watcher = Watcher(system, address).begin()

    def effects(self) -> list[tuple[str, int]]:
        return effects(self.folder / "effects")

    def put_copy(self, key: str, **payload: Any) -> None:
        """The same job once more, under another id, as a producer does that tries again."""
        data = json.dumps(marked(key, **payload))
        if self.system in ON_REDIS:
            # Celery's events show a mark among the arguments only.
            other = Watcher(self.system, self.address, options={"arguments": "payload"} if self.system == "celery" else None)
            other.driver.enqueue(_renamed(other, key, payload))
            other.close()
            return
        with psycopg.connect(self.address, autocommit=True) as connection:
            if self.system == "pg-boss":
                connection.execute("INSERT INTO pgboss.job (name, data, policy) VALUES ('tasks', %s, 'standard')", (data,))
            elif self.system == "procrastinate":
                # Its task takes any argument, and so the mark as one.
                connection.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('tasks', 'task', %s)", (data,))
            else:
                connection.execute("INSERT INTO tasks (id, kind, body, touched) VALUES (%s, 'task', %s, now())", (f"copy-{key}", data))

    def delete(self, native_id: str) -> None:
        """The job's record vanishes, as after a restore or a hasty clean-up."""
        if self.system in ("bullmq", "bull"):
            queue = self.watcher.driver._target.queue
            with redis.Redis.from_url(self.address) as client:
                client.delete(f"bull:{queue}:{native_id}")
                client.zrem(f"bull:{queue}:delayed", native_id)
            return
        if self.system == "rq":
            with redis.Redis.from_url(self.address) as client:
                client.delete(f"rq:job:{native_id}")
                client.zrem("rq:scheduled:tasks", native_id)
            return
        with psycopg.connect(self.address, autocommit=True) as connection:
            table = {"pg-boss": "pgboss.job", "procrastinate": "procrastinate_jobs"}.get(self.system, "tasks")
            connection.execute(f"DELETE FROM {table} WHERE id::text = %s", (native_id,))  # noqa: S608

    def put_foreign(self) -> None:
        """A job of the application's own, from before or beside the experiment."""
        if self.system in ON_REDIS:
            other = Watcher(self.system, self.address)
            other.driver.enqueue(_renamed(other, "foreign", {}, marker=False))
            other.close()
            return
        with psycopg.connect(self.address, autocommit=True) as connection:
            if self.system == "pg-boss":
                connection.execute("""INSERT INTO pgboss.job (name, data, policy) VALUES ('tasks', '{"n": "foreign"}', 'standard')""")
            elif self.system == "procrastinate":
                connection.execute(
                    """INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('tasks', 'task', '{"n": "foreign"}')"""
                )
            else:
                connection.execute("""INSERT INTO tasks (id, kind, body, touched) VALUES ('foreign', 'task', '{"n": "foreign"}', now())""")


def _renamed(other: Watcher, key: str, payload: dict[str, Any], *, marker: bool = True):
    from migrator.shadow.drivers.interface import Assignment

    return Assignment(job_key=f"copy-{key}", payload=marked(key, **payload) if marker else {"n": key})


@pytest.fixture(scope="module")
def stores() -> Generator[Servers]:
    with servers() as running:
        yield running


@pytest.fixture(scope="module", params=SYSTEMS)
def stage(request: pytest.FixtureRequest, stores: Servers, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    system: str = request.param
    folder = tmp_path_factory.mktemp(system)
    address = stores.redis if system in ON_REDIS else stores.postgres
    with worker(
        system, folder, {"DATABASE_URL": stores.postgres, "REDIS_URL": stores.redis}, EFFECTS=str(folder / "effects"), CONCURRENCY="10"
    ):
        stage = Stage(system, address, folder)
        yield stage
        stage.watcher.driver.unwatch()
        stage.watcher.close()


def test_a_job_that_works_at_once(stage: Stage) -> None:
    native = stage.watcher.send("plain", ms=60)
    stage.watcher.wait_for_ends("plain")
    seen = stage.watcher.of("plain")
    assert [s.kind for s in seen] == ["available", "started", "completed"]
    assert {s.native_id for s in seen} == {native}
    assert [s.ts_ns for s in seen] == sorted(s.ts_ns for s in seen)
    # The store's millisecond may cut the run short by one.
    assert seen[2].ts_ns - seen[1].ts_ns >= 59_000_000
    assert abs(seen[0].ts_ns - time.time_ns()) < 60_000_000_000
    record = stage.watcher.driver.inspect(own("plain"), native)
    assert record.standing == "completed"
    assert ("plain", 1) in stage.effects()


def test_every_failed_attempt_is_seen_with_its_own_error(stage: Stage) -> None:
    stage.watcher.send("twice", fail=2)
    stage.watcher.wait_for_ends("twice")
    seen = stage.watcher.of("twice")
    # Celery puts the next attempt into the queue before it says that the last one failed.
    aside = ("available", "delayed") if stage.system == "celery" else ("available",)
    waits = [] if stage.system == "celery" else ["delayed"]
    expected = ["started", "attempt_failed", *waits, "started", "attempt_failed", *waits, "started", "completed"]
    assert [s.kind for s in seen if s.kind not in aside] == expected
    assert [s.kind for s in seen].count("delayed") == 2
    failures = [s for s in seen if s.kind == "attempt_failed"]
    if stage.system in (*LAST_ERROR_ONLY, *NO_ERRORS):
        assert [(f.err_type, f.err_message) for f in failures] == [(None, None)] * 2, "what is not kept is not made up"
    else:
        assert [f.err_message for f in failures] == ["job twice fails on attempt 1", "job twice fails on attempt 2"]
        assert {f.err_type for f in failures} == {ERROR_TYPES[stage.system]}, "a table keeps the message only"
    delays = [s for s in seen if s.kind == "delayed"]
    assert all(s.until_ns is not None and s.until_ns > s.ts_ns for s in delays)
    assert [attempt for n, attempt in stage.effects() if n == "twice"] == [1, 2, 3]


def test_a_job_that_fails_for_good(stage: Stage) -> None:
    native = stage.watcher.send("poison", poison=True)
    stage.watcher.wait_for_ends("poison")
    assert stage.watcher.kinds("poison").count("started") == 3
    last = stage.watcher.of("poison")[-1]
    message = None if stage.system in NO_ERRORS else "job poison fails on attempt 3"
    assert (last.kind, last.err_type, last.err_message) == ("discarded", ERROR_TYPES[stage.system], message)
    record = stage.watcher.driver.inspect(own("poison"), native)
    assert (record.standing, record.err_message) == ("discarded", message)


def test_a_delayed_job_starts_when_it_is_due(stage: Stage) -> None:
    stage.watcher.send("later", delay=1.5)
    stage.watcher.wait_for_ends("later")
    seen = stage.watcher.of("later")
    assert seen[0].kind == "delayed"
    assert seen[0].until_ns is not None
    # On a busy machine a moment passes between the two; RQ cuts the moment off to the second.
    assert 0 < seen[0].until_ns - seen[0].ts_ns < 15_000_000_000
    started = next(s for s in seen if s.kind == "started")
    assert started.ts_ns >= seen[0].until_ns - 1_000_000


def test_sending_a_key_twice_is_one_job(stage: Stage) -> None:
    assert stage.watcher.send("once") == stage.watcher.send("once")
    stage.watcher.wait_for_ends("once")
    stage.watcher.send("once")
    stage.watcher.send("after-once")
    stage.watcher.wait_for_ends("after-once")
    assert stage.watcher.kinds("once") == ["available", "started", "completed"]
    assert [n for n, _ in stage.effects()].count("once") == 1


def test_a_copy_under_another_id_is_seen_as_the_same_job(stage: Stage) -> None:
    stage.watcher.send("double")
    stage.put_copy("double")
    stage.watcher.wait_for_ends("double", count=2)
    seen = stage.watcher.of("double")
    assert len({s.native_id for s in seen}) == 2
    assert [s.kind for s in seen].count("completed") == 2
    assert [n for n, _ in stage.effects()].count("double") == 2


def test_a_celery_task_that_vanishes(stores: Servers) -> None:
    """Out of a queue that nobody reads: what a worker holds back until its time, Redis does not have to itself."""
    watcher = Watcher("celery", stores.redis, queue="nobody").begin()
    native = watcher.send("vanishes")
    watcher.wait(lambda: watcher.kinds("vanishes") == ["available"], "the enqueue")
    assert watcher.driver.inspect(own("vanishes"), native).standing == "waiting"
    assert watcher.driver.counts() == {"waiting": 1, "unacked": watcher.driver.counts()["unacked"]}
    with redis.Redis.from_url(stores.redis) as client:
        client.delete("nobody")
    time.sleep(2.1)  # a survey answers for two seconds
    assert watcher.driver.inspect(own("vanishes"), native).standing == "absent"
    assert watcher.driver.inspect(own("never sent"), None).standing == "absent"
    watcher.close()


def test_a_job_that_vanishes(stage: Stage) -> None:
    if stage.system == "celery":
        return
    native = stage.watcher.send("vanishes", delay=600)
    stage.watcher.wait(lambda: "delayed" in stage.watcher.kinds("vanishes"), "the enqueue")
    assert stage.watcher.driver.inspect(own("vanishes"), native).standing == "waiting"
    assert stage.watcher.driver.inspect(own("vanishes"), None).standing == "waiting", "also by its key alone"
    stage.delete(native)
    assert stage.watcher.driver.inspect(own("vanishes"), native).standing == "absent"
    assert stage.watcher.driver.inspect(own("never sent"), None).standing == "absent"
    stage.watcher.look()
    # Redis tells nobody of a key that somebody deletes; a trigger sees every row go.
    assert stage.watcher.kinds("vanishes") == ["delayed"] + ([] if stage.system in ON_REDIS else ["removed"])


def test_other_jobs_of_the_queue_are_left_out(stage: Stage) -> None:
    before = len(stage.watcher.sightings)
    stage.put_foreign()
    until = time.monotonic() + 60
    while "foreign" not in [n for n, _ in stage.effects()] and time.monotonic() < until:
        time.sleep(0.05)
    assert "foreign" in [n for n, _ in stage.effects()]
    stage.watcher.look()
    assert len(stage.watcher.sightings) == before


def test_many_at_once_lose_nothing(stage: Stage) -> None:
    keys = [f"many-{i}" for i in range(60)]
    for key in keys:
        stage.watcher.send(key, ms=1)
    stage.watcher.wait_for_ends(*keys)
    assert {tuple(stage.watcher.kinds(key)) for key in keys} == {("available", "started", "completed")}
    assert len({s.id for s in stage.watcher.sightings}) == len(stage.watcher.sightings)


def test_an_observer_that_begins_again_misses_nothing(stage: Stage) -> None:
    """As after a kill: what was observed but not acknowledged comes again, under the same ids."""
    stage.watcher.look()
    stage.watcher.send("again", ms=1)
    until = time.monotonic() + 60
    while stage.watcher.driver.inspect(own("again"), None).standing != "completed" and time.monotonic() < until:
        time.sleep(0.05)
    first = stage.watcher.driver.observe(stage.watcher.cursor)
    second = Watcher(stage.system, stage.address)
    if stage.system == "celery":  # events are sent once: who was not there is told so, and asks for each job
        second.cursor = second.driver.watch(stage.watcher.cursor)
        second.look()
        assert (second.sightings, [gap.split(" between")[0] for gap in second.gaps]) == ([], ["nobody listened to events"])
        assert second.driver.inspect(own("again"), None).standing == "completed"
        second.close()
        return
    cursor = second.driver.watch(stage.watcher.cursor)
    assert cursor == stage.watcher.cursor
    repeated = second.driver.observe(cursor)
    # A driver that looks at jobs, having no stream to read, sees those again that ended before: under ids that the ledger has.
    again = [s for s in repeated.sightings if s.job_key == own("again")] if stage.system in ("rq", "bull") else repeated.sightings
    assert [s.id for s in again] == [s.id for s in first.sightings]
    assert [s.kind for s in again] == ["available", "started", "completed"]
    assert stage.system != "bull" or "nobody listened" in repeated.gap
    assert {s.id for s in repeated.sightings} - {s.id for s in (*stage.watcher.sightings, *first.sightings)} == set()
    second.close()
    stage.watcher.look()


def test_counts_and_health(stage: Stage) -> None:
    counts = stage.watcher.driver.counts()
    done = {"postgres-table": "COMPLETED", "rq": "finished", "celery": "waiting", "procrastinate": "succeeded"}
    assert counts[done.get(stage.system, "completed")] >= (stage.system != "celery")
    health = stage.watcher.driver.health()
    assert health.server.split()[0] == ("Redis" if stage.system in ON_REDIS else "Postgres")
    assert health.clock.rtt_ns > 0
    if stage.system in ("rq", "celery", "bull"):
        assert health.clock.offset_ns is None, "the workers' machines tell the times: there is nothing to compare"
    else:
        assert health.clock.offset_ns is not None
        assert abs(health.clock.offset_ns) <= health.clock.rtt_ns + 1_000_000, "it is this machine's own clock"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_store_that_is_not_there(system: str) -> None:
    address = "redis://127.0.0.1:1/0" if system in ON_REDIS else "postgresql://x@127.0.0.1:1/x"
    watcher = Watcher(system, address, timeout=1.0)
    cursor = "1-1" if system == "bullmq" else "{}"
    calls: list[Callable[[], object]] = [
        watcher.driver.health,
        watcher.begin,
        lambda: watcher.driver.observe(cursor),
        watcher.driver.counts,
    ]
    for call in (*calls, lambda: watcher.driver.inspect("k", "n"), lambda: watcher.send("x")):
        with pytest.raises(StoreDown):
            call()
    watcher.close()


@pytest.mark.parametrize(
    ("system", "address"),
    [
        *((system, "http://127.0.0.1") for system in ON_REDIS if system != "celery"),
        ("celery", "redis:nowhere"),
        ("postgres-table", "not an address"),
        ("pg-boss", "also=not"),
        ("procrastinate", "no"),
    ],
)
def test_an_address_that_is_none(system: str, address: str) -> None:
    with pytest.raises(MigratorError, match=r"STORE_URL: this is not a (Redis|Postgres) address"):
        Watcher(system, address).driver.health()


def test_a_table_that_is_not_as_the_options_say(stores: Servers) -> None:
    with pytest.raises(MigratorError, match=r'STORE_URL: there is no table "public"\."nowhere" in this database'):
        Watcher("postgres-table", stores.postgres, options={"table": "nowhere"}).begin()
    with psycopg.connect(stores.postgres, autocommit=True) as connection:
        connection.execute(
            'CREATE TABLE odd (id uuid, type text, payload jsonb, "State" text, run_at timestamptz, max_attempts int, last_error text)'
        )
    with pytest.raises(MigratorError, match=r'has no column "status" \(`status`\)\n  Its columns are State, id,'):
        Watcher("postgres-table", stores.postgres, options={"table": "odd"}).begin()
    with pytest.raises(MigratorError, match=r'no column "due" \(`run_at`\)\n.* which it is, or run_at = "" for none\.'):
        Watcher("postgres-table", stores.postgres, options={"table": "odd", "status": "State", "run_at": "due"}).begin()
    with pytest.raises(EnqueueRefused, match="no column for the time before which a job is not to run"):
        Watcher("postgres-table", stores.postgres, options={"table": "odd", "status": "State", "run_at": ""}).send("later", delay=5)


def test_pg_boss_that_is_not_set_up(stores: Servers) -> None:
    with pytest.raises(MigratorError, match="there is no pg-boss in schema elsewhere"):
        Watcher("pg-boss", stores.postgres, options={"schema": "elsewhere"}).begin()
    with pytest.raises(MigratorError, match=r"waits whole seconds before a retry, not 0\.2"):
        Watcher("pg-boss", stores.postgres, retry_delay=0.2)


def test_the_ledger_s_mark_is_all_that_the_payload_gains(stage: Stage) -> None:
    native = stage.watcher.send("payload", deep={"a": [1, None, "ü"]}, ms=1)
    stage.watcher.wait_for_ends("payload")
    expected = {"n": "payload", "deep": {"a": [1, None, "ü"]}, "ms": 1, "__shadow": {"ledger": LEDGER, "key": own("payload")}}
    if stage.system in ("bullmq", "bull"):
        with redis.Redis.from_url(stage.address, decode_responses=True) as client:
            assert json.loads(client.hget(f"bull:{stage.watcher.driver._target.queue}:{native}", "data") or "") == expected
        return
    if stage.system in PYTHON:  # a function gets the fields by name: none that it does not know
        called = [json.loads(line) for line in (stage.folder / "effects").read_text().splitlines()]
        assert [one["payload"] for one in called if one["n"] == "payload"] == [{k: v for k, v in expected.items() if k != "__shadow"}]
        return
    with psycopg.connect(stage.address) as connection:
        column, table = ("data", "pgboss.job") if stage.system == "pg-boss" else ("body", "tasks")
        assert connection.execute(f"SELECT {column} FROM {table} WHERE id::text = %s", (native,)).fetchone() == (expected,)  # noqa: S608


def test_refusals_are_told_from_outages(stores: Servers) -> None:
    with psycopg.connect(stores.postgres, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE strict (id text PRIMARY KEY, type text, payload jsonb CHECK (payload ? 'n'), status text DEFAULT 'PENDING')"
        )
    options = {"table": "strict", "run_at": "", "max_attempts": "", "error": ""}
    watcher = Watcher("postgres-table", stores.postgres, options=options).begin()
    watcher.send("fine")
    from migrator.shadow.drivers.interface import Assignment

    with pytest.raises(EnqueueRefused, match="violates check constraint"):
        watcher.driver.enqueue(Assignment(job_key=own("bad"), payload={}))
    watcher.driver.unwatch()
    watcher.close()


#: systems whose jobs can be taken back, and what they say of one that is delayed: Celery's workers take those at once
REMOVERS = {
    "bullmq": "removed",
    "bull": "removed",
    "pg-boss": "removed",
    "postgres-table": "removed",
    "rq": "removed",
    "procrastinate": "removed",
    "celery": "taken",
}


def test_a_job_can_be_taken_back_until_a_worker_has_it(stage: Stage) -> None:
    driver = stage.watcher.driver
    assert isinstance(driver, Remover) == (stage.system in REMOVERS)
    if not isinstance(driver, Remover):
        return
    assert driver.remove(own("never sent"), None) == "unknown"
    later = stage.watcher.send("much-later", delay=20.0)
    stage.watcher.wait(lambda: bool(stage.watcher.kinds("much-later")), "that it is there")
    assert driver.remove(own("much-later"), later) == REMOVERS[stage.system]
    if REMOVERS[stage.system] == "removed":
        assert driver.inspect(own("much-later"), later).standing == (
            "cancelled" if stage.system in ("pg-boss", "procrastinate") else "absent"
        )
    busy = stage.watcher.send("busy", ms=800)
    stage.watcher.wait(lambda: "started" in stage.watcher.kinds("busy"), "the start of busy")
    assert driver.remove(own("busy"), busy) == "taken"
    stage.watcher.wait_for_ends("busy")
    assert driver.remove(own("busy"), busy) == "taken", "and it is there still"
    assert driver.inspect(own("busy"), busy).standing == "completed"


def test_what_was_taken_back_is_not_run_and_what_was_not_is(stage: Stage) -> None:
    driver = stage.watcher.driver
    if not isinstance(driver, Remover):
        assert stage.system not in REMOVERS
        return
    # A race with the worker, many times over: sometimes we are first, sometimes it is.
    # Celery is asked where a task is, which takes its workers up to a second.
    answers = {
        f"race-{n}": driver.remove(own(f"race-{n}"), stage.watcher.send(f"race-{n}", ms=1))
        for n in range(10 if stage.system == "celery" else 60)
    }
    keys = [key for key, answer in answers.items() if answer != "removed"]
    stage.watcher.wait(lambda: {key for key, _ in stage.effects()} >= set(keys), "that the others run")
    last = stage.watcher.send("after-the-race")
    stage.watcher.wait_for_ends("after-the-race")
    assert last
    ran = {key for key, _ in stage.effects() if key in answers}
    assert ran == set(keys), "each of them either taken back or run, none both and none neither"
