"""What runs copies in RQ and Dramatiq, with their own workers: as many attempts as the job had, and the mark where each keeps it."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import dramatiq
import pytest
import redis as redis_client
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import CurrentMessage, Retries
from rq import Queue, Retry, SimpleWorker

from migrator.servers import redis
from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.modes.copies import dramatiq as in_dramatiq
from migrator.shadow.modes.copies import running
from migrator.shadow.modes.copies.copy import NAME, NAMES, Copy, Replayed, encoded
from migrator.shadow.modes.delivery import Delivery, delivered

MARK = {"ledger": "9ce71829", "key": "9ce71829-7", "arm": "new", "holder": "new:1"}
TWICE = Copy(
    level="replay",
    job="mail",
    arm="new",
    attempts=(Replayed(seconds=0.5, failed=True, error="ValueError"), Replayed(seconds=0.25)),
    max_attempts=3,
)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Attempts as they are replayed: how long each takes, and which delivery it is."""
    noted: list[Any] = []
    replay = running.replay

    def noting(copy: Copy, attempt: int) -> None:
        replay(copy, attempt, lambda seconds: noted.append((attempt, seconds, delivered())))

    monkeypatch.setattr(running, "replay", noting)
    return noted


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    with redis() as url:
        yield url


def test_rq_replays_attempt_by_attempt(address: str, seen: list[Any]) -> None:
    connection = redis_client.Redis.from_url(address)
    queue = Queue("copies", connection=connection)
    job = queue.enqueue(NAMES["rq"], kwargs=encoded(TWICE), meta={MARKER: MARK}, retry=Retry(max=2), job_id="9ce71829-7")
    SimpleWorker([queue], connection=connection).work(burst=True, logging_level="ERROR")
    assert [(attempt, seconds) for attempt, seconds, _ in seen] == [(1, 0.5), (2, 0.25)]
    assert {delivery for _, _, delivery in seen} == {Delivery("9ce71829", "9ce71829-7", "new", "new:1")}
    assert job.get_status() == "finished"


def test_dramatiq_replays_attempt_by_attempt(seen: list[Any]) -> None:
    broker = StubBroker(middleware=[CurrentMessage(), Retries()])
    broker.emit_after("process_boot")
    in_dramatiq.register(queue="copies", broker=broker)
    worker = dramatiq.Worker(broker, worker_timeout=50, worker_threads=1)
    worker.start()
    options = {MARKER: MARK, "max_retries": 2, "min_backoff": 10, "max_backoff": 10}
    broker.enqueue(dramatiq.Message(queue_name="copies", actor_name=NAME, args=(), kwargs=encoded(TWICE), options=options))
    until = time.monotonic() + 60
    while len(seen) < 2:
        assert time.monotonic() < until, seen
        time.sleep(0.01)
    broker.join("copies")
    worker.stop()
    assert [(attempt, seconds) for attempt, seconds, _ in seen] == [(1, 0.5), (2, 0.25)]
    assert {delivery for _, _, delivery in seen} == {Delivery("9ce71829", "9ce71829-7", "new", "new:1")}
