"""RQ's driver and a queue in which many jobs wait, on a real Redis; with workers it is in tests/behaviour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from migrator.servers import redis as redis_server
from migrator.shadow.drivers import open_driver, rq
from migrator.shadow.drivers.interface import MARKER, Assignment, Target
from migrator.shadow.drivers.rq import RQ, Options

QUEUE = "rq:queue:q"


class Counting(RQ):
    """Says which jobs it looked at."""

    looked: list[str]

    def _look(self, natives: list[str]) -> dict[str, rq.Look | None]:
        self.looked = natives
        return super()._look(natives)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    monkeypatch.setattr(rq, "FEW", 3)
    monkeypatch.setattr(rq, "RQ", Counting)
    with redis_server() as url, redis.Redis.from_url(url) as client:
        yield client


def opened(store: redis.Redis, *, cursor: str = "") -> Counting:
    options = store.get_connection_kwargs()
    address = f"redis://:{options['password']}@{options['host']}:{options['port']}/0"
    driver = open_driver(
        "rq",
        Target(arm="new", ledger_id="l", address=address, name="URL", queue="q", job_name="app.job", timeout=30, max_attempts=3),
        Options(),
    )
    assert isinstance(driver, Counting)
    driver.watch(cursor)
    return driver


def test_of_many_jobs_that_wait_only_those_that_moved_are_looked_at(store: redis.Redis) -> None:
    driver = opened(store)

    def send(n: int) -> None:
        driver.enqueue(Assignment(job_key=f"l-{n}", payload={MARKER: {"ledger": "l", "key": f"l-{n}"}}))

    def look() -> list[tuple[str, str]]:
        return [(s.native_id, s.kind) for s in driver.observe("{}").sightings]

    def note(n: int, **fields: str) -> None:
        store.hset(f"rq:job:l-{n}", mapping=fields)

    for n in range(6):
        send(n)
    assert look() == [(f"l-{n}", "available") for n in range(6)]
    look()
    assert look() == []
    assert driver.looked == []
    # A worker takes the first; another job comes in.
    store.lpop(QUEUE)
    note(0, status="started", started_at="2100-01-01T00:00:02.000000Z")
    send(6)
    assert look() == [("l-0", "started"), ("l-6", "available")]
    assert driver.looked == ["l-0", "l-6"]
    look()
    # It fails and comes in at the end; the next one, too, all between two looks.
    note(0, status="queued", enqueued_at="2100-01-01T00:00:04.000000Z", ended_at="2100-01-01T00:00:03.000000Z", retries_left="1")
    store.rpush(QUEUE, "l-0")
    assert look() == [("l-0", "attempt_failed"), ("l-0", "available")]
    store.lpop(QUEUE)
    times = {"started_at": "2100-01-01T00:00:05.000000Z", "ended_at": "2100-01-01T00:00:06.000000Z"}
    note(1, status="queued", enqueued_at="2100-01-01T00:00:07.000000Z", retries_left="1", **times)
    store.rpush(QUEUE, "l-1")
    assert look() == [("l-1", "started"), ("l-1", "attempt_failed"), ("l-1", "available")]
    assert driver.looked == ["l-1"]
    # Somebody takes one out of the middle: what lies behind it is looked at again, once.
    store.lrem(QUEUE, 1, "l-4")
    note(4, status="canceled")
    look()
    assert "l-4" in driver.looked
    assert "l-2" not in driver.looked
    look()
    assert "l-5" not in driver.looked
    driver.close()


def test_jobs_that_never_come_are_looked_for_seldom(store: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("migrator.shadow.absentees.time.monotonic", lambda: now[0])
    driver = opened(store)
    for n in range(50):
        driver.expect(f"l-{n}", None)
    driver.observe("{}")
    assert len(driver.looked) == 50
    now[0] = 300.0
    driver.observe("{}")
    driver.observe("{}")
    assert driver.looked == [], "an enqueue that failed leaves nothing to look at ten times a second"
    driver.expect("l-3", "l-3")
    driver.observe("{}")
    assert driver.looked == ["l-3"], "its enqueue has just succeeded"
    driver.enqueue(Assignment(job_key="l-7", payload={}))
    now[0] = 330.0
    assert [(s.native_id, s.kind) for s in driver.observe("{}").sightings] == [("l-7", "available")], "it came after all"
    driver.observe("{}")
    assert driver.looked == ["l-7"]
    driver.close()


def test_a_job_that_is_over_is_told_once_by_every_run(store: redis.Redis) -> None:
    times = {"created_at": 1, "enqueued_at": 4, "started_at": 5, "ended_at": 6}
    fields = {"origin": "q", **{name: f"2100-01-01T00:00:0{second}.000000Z" for name, second in times.items()}}
    store.hset("rq:job:l-1", mapping={**fields, "status": "finished", "retries_left": "0"})
    first = opened(store)
    first.expect("l-1", None)
    seen = first.observe("{}")
    assert [s.kind for s in seen.sightings] == ["attempt_failed", "attempt_failed", "available", "started", "completed"]
    assert "2 attempts" in seen.gap
    first.expect("l-1", "l-1")
    again = first.observe(seen.cursor)
    assert (again.sightings, again.gap, first.looked) == ((), "", [])
    second = opened(store, cursor=seen.cursor)
    left = second.observe(seen.cursor)
    assert ([s.id for s in left.sightings], left.gap) == ([s.id for s in seen.sightings[2:]], "")
    third = opened(store, cursor="{}")
    third.observe("{}")
    third.expect("l-1", "l-1")
    late = third.observe("{}")
    assert ([s.id for s in late.sightings], late.gap) == ([s.id for s in seen.sightings], seen.gap), "nobody had told of it after all"
    for driver in (first, second, third):
        driver.close()
