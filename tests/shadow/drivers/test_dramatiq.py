"""Dramatiq's driver beside a long queue, on a real Redis; without workers, which are in tests/behaviour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker

from migrator.servers import redis as redis_server
from migrator.shadow.drivers import dramatiq, open_driver
from migrator.shadow.drivers.dramatiq import Dramatiq, Options
from migrator.shadow.drivers.interface import MARKER, Assignment, Target

#: more than one look goes into a queue
MANY = 620


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def store(address: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(address) as client:
        client.flushdb()
        yield client


def opened(address: str, completion: Literal["hook", "results", "vanished"] = "vanished") -> Dramatiq:
    target = Target(arm="new", ledger_id="l", address=address, name="URL", queue="q", job_name="job", timeout=30)
    driver = open_driver("dramatiq", target, Options(completion=completion))
    assert isinstance(driver, Dramatiq)
    driver.watch("")
    return driver


def send(driver: Dramatiq, numbers: range) -> None:
    for n in numbers:
        driver.enqueue(Assignment(job_key=f"l-{n}", payload={MARKER: {"ledger": "l", "key": f"l-{n}"}}))


def looks(driver: Dramatiq, times: int = 5) -> Counter[str]:
    return Counter(s.kind for _ in range(times) for s in driver.observe("{}").sightings)


def test_no_job_is_done_because_others_are_in_front_of_it(address: str, store: redis.Redis) -> None:
    driver = opened(address)
    send(driver, range(MANY))
    assert looks(driver) == {"available": MANY}
    driver.close()


def test_a_retry_behind_many_others_is_found(address: str, store: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dramatiq, "SEARCH", 0.0)
    driver = opened(address)
    send(driver, range(1))
    assert looks(driver) == {"available": 1}
    (raw,) = store.hvals("dramatiq:q.msgs")
    store.delete("dramatiq:q", "dramatiq:q.msgs")
    broker = RedisBroker(client=store, middleware=[])
    again = Message.decode(raw)
    broker.enqueue(again.copy(options={"retries": 1, "requeue_timestamp": again.message_timestamp + 5, "traceback": "no title"}))
    for _ in range(MANY):
        broker.enqueue(Message(queue_name="q", actor_name="other", args=(), kwargs={}, options={}))
    assert looks(driver) == {"attempt_failed": 1}
    driver.close()


@pytest.mark.parametrize("completion", ["vanished", "results"])
def test_what_is_gone_from_a_long_queue_is_told_after_a_search(
    address: str, store: redis.Redis, monkeypatch: pytest.MonkeyPatch, completion: Any
) -> None:
    driver = opened(address, completion)
    send(driver, range(MANY))
    looks(driver, 2)
    for redis_id in store.lrange("dramatiq:q", 0, 2):
        store.lrem("dramatiq:q", 1, redis_id)
        store.hdel("dramatiq:q.msgs", redis_id)
    monkeypatch.setattr(dramatiq, "SEARCH", 1e9)
    assert looks(driver) == {}
    monkeypatch.setattr(dramatiq, "SEARCH", 0.0)
    assert looks(driver) == ({"completed": 3} if completion == "vanished" else {})
    driver.close()


def test_jobs_that_never_come_are_not_looked_out_for_without_end(address: str, store: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dramatiq, "FOREIGN", 10)
    driver = opened(address)
    send(driver, range(30))
    for n in range(100, 150):
        driver.expect(f"l-{n}", None)
    assert looks(driver) == {"available": 30}
    assert len(driver._open) == 40
    store.delete("dramatiq:q", "dramatiq:q.msgs")
    assert looks(driver) == {"completed": 30}
    driver.close()
