"""Celery on a real RabbitMQ: attempts as its workers tell of them, and no more said of a queue than AMQP tells."""

from __future__ import annotations

import socket
from collections.abc import Generator
from pathlib import Path

import pytest
from kombu.connection import Connection

from migrator.errors import MigratorError
from migrator.servers import redis
from migrator.shadow.drivers import celery
from migrator.shadow.drivers.interface import EnqueueRefused, Remover, StoreDown
from tests.behaviour.shadow_stage import Watcher, effects, own, worker
from tests.rabbitmq import rabbitmq

pytestmark = pytest.mark.behaviour


@pytest.fixture(scope="module")
def stores() -> Generator[dict[str, str]]:
    with rabbitmq() as broker, redis() as results:
        yield {"AMQP_URL": broker, "REDIS_URL": results}


@pytest.fixture(scope="module")
def working(stores: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """The folder of a worker that sends no events of its own accord."""
    folder = tmp_path_factory.mktemp("celery")
    with worker("celery", folder, stores, EFFECTS=str(folder / "effects"), EVENTS="off"):
        yield folder


@pytest.fixture
def results(stores: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESULTS_URL", stores["REDIS_URL"])
    # Every question is asked anew: otherwise a survey answers for two seconds.
    monkeypatch.setattr(celery, "FRESH", 0.0)


def watcher_of(stores: dict[str, str], **target: object) -> Watcher:
    return Watcher("celery", stores["AMQP_URL"], options={"results_connection": "RESULTS_URL"}, **target)


def test_a_course_of_tasks(stores: dict[str, str], working: Path, results: None) -> None:
    watcher = watcher_of(stores).begin()
    natives = {
        "plain": watcher.send("plain", ms=60),
        "twice": watcher.send("twice", fail=2),
        "poison": watcher.send("poison", poison=True),
        "later": watcher.send("later", delay=1.5),
        **{f"many-{n}": watcher.send(f"many-{n}", ms=1) for n in range(20)},
    }
    assert watcher.send("plain", ms=60) == natives["plain"]
    watcher.wait_for_ends(*natives)
    assert watcher.gaps == []
    assert watcher.kinds("plain") == ["available", "started", "completed"]
    assert [kind for kind in watcher.kinds("twice") if kind not in ("available", "delayed")] == [
        *("started", "attempt_failed", "started", "attempt_failed", "started", "completed")
    ]
    assert [(s.err_type, s.err_message) for s in watcher.of("twice") if s.kind == "attempt_failed"] == [
        ("IndexError", "job twice fails on attempt 1"),
        ("IndexError", "job twice fails on attempt 2"),
    ]
    assert watcher.of("poison")[-1].kind == "discarded"
    later = watcher.of("later")
    assert later[0].until_ns is not None
    assert next(s for s in later if s.kind == "started").ts_ns >= later[0].until_ns - 1_000_000
    assert {tuple(watcher.kinds(f"many-{n}")) for n in range(20)} == {("available", "started", "completed")}
    assert [attempt for n, attempt in effects(working / "effects") if n == "twice"] == [1, 2, 3]
    assert watcher.driver.inspect(own("plain"), None).standing == "completed", "by its result"
    assert watcher.driver.inspect(own("never sent"), None).standing == "absent", "no message waits, and the only worker does not have it"
    assert watcher.driver.counts() == {"waiting": 0, "consumers": 1}
    # RabbitMQ closes a connection whose heartbeats stop: only the one that is always read may promise any.
    driver = watcher.driver
    idle = (driver._sender.connection, driver._broker._connection.connection)
    assert ([each.heartbeat for each in idle], driver._ear.connection.heartbeat) == ([0, 0], 60)
    health = watcher.driver.health()
    assert health.server.startswith("RabbitMQ 3.")
    assert health.clock.offset_ns is None, "the workers' machines tell the times"
    assert health.clock.rtt_ns > 0
    watcher.driver.unwatch()
    watcher.close()


def test_a_lost_connection_is_a_gap_and_is_told_once(stores: dict[str, str], working: Path, results: None) -> None:
    watcher = watcher_of(stores).begin()
    watcher.driver._ear.connection.transport.sock.shutdown(socket.SHUT_RDWR)
    with pytest.raises(StoreDown):
        watcher.wait(lambda: False, "the loss of the connection")
    watcher.wait(lambda: bool(watcher.gaps), "the gap")
    watcher.send("heard")
    watcher.wait_for_ends("heard")
    assert len(watcher.gaps) == 1
    watcher.close()


def test_what_waits_in_the_queue_is_counted_and_not_told_apart(stores: dict[str, str], results: None) -> None:
    watcher = watcher_of(stores, queue="nobody").begin()
    with pytest.raises(EnqueueRefused, match="there is no queue nobody: what is sent to it would be dropped"):
        watcher.send("dropped")
    with Connection(stores["AMQP_URL"]) as connection, connection.channel() as channel:
        # With arguments that nobody here knows: to declare it otherwise would be refused.
        channel.queue_declare("nobody", durable=True, auto_delete=False, arguments={"x-max-priority": 5})
        native = watcher.send("waits")
        watcher.wait(lambda: watcher.kinds("waits") == ["available"], "the enqueue")
        assert watcher.driver.counts() == {"waiting": 1, "consumers": 0}
        assert watcher.driver.inspect(own("waits"), native).standing == "unknown"
        with Connection(stores["AMQP_URL"]) as busy, busy.channel() as taken:
            # One that takes it and does not answer to Celery: as a worker that hangs, or whose death nobody has noticed.
            taken.basic_consume("nobody", callback=lambda _: None)
            busy.drain_events(timeout=60)
            assert watcher.driver.counts() == {"waiting": 0, "consumers": 1}
            assert watcher.driver.inspect(own("waits"), native).standing == "unknown"
        assert channel.basic_get("nobody", no_ack=True).properties["correlation_id"] == native
    assert watcher.driver.inspect(own("waits"), native).standing == "absent"
    assert not isinstance(watcher.driver, Remover), "AMQP takes no message back"
    watcher.close()


def test_what_rabbitmq_holds_and_does_not_show_is_not_taken_for_lost(stores: dict[str, str], results: None, tmp_path: Path) -> None:
    """A task that a dead worker has not acknowledged, and one that waits for its retry in an exchange for delays (quorum queues)."""
    watcher = watcher_of(stores, queue="solid").begin()
    hold = tmp_path / "hold"
    settings = {"HOLD": str(hold), "QUEUE": "solid", "QUEUE_TYPE": "quorum", "ACKS_LATE": "1", "RETRY_DELAY": "4"}
    with worker("celery", tmp_path, stores, NAME="first@host", **settings) as first:
        native = watcher.send("deadly", hold=True, die=True)
        watcher.wait(lambda: "started" in watcher.kinds("deadly"), "the start")
        assert watcher.driver.inspect(own("deadly"), native).standing == "active"
        hold.touch()
        watcher.wait(lambda: first.ended() is not None, "the worker's death")
    watcher.look()
    assert watcher.driver.inspect(own("deadly"), native).standing == "unknown"
    with worker("celery", tmp_path, stores, NAME="second@host", IMMORTAL="1", **settings):
        watcher.wait_for_ends("deadly")
        assert watcher.kinds("deadly").count("started") == 2
        watcher.send("again", fail=1)
        watcher.wait(lambda: "attempt_failed" in watcher.kinds("again"), "the failure")
        assert watcher.driver.inspect(own("again"), None).standing == "unknown"
        watcher.wait_for_ends("again")
    assert watcher.kinds("again").count("started") == 2
    watcher.close()


def test_a_broker_that_is_not_there() -> None:
    watcher = Watcher("celery", "amqp://x:y@127.0.0.1:1//", timeout=1.0)
    for call in (watcher.driver.health, watcher.begin, watcher.driver.counts, lambda: watcher.send("x")):
        with pytest.raises(StoreDown):
            call()
    watcher.close()


def test_a_broker_that_is_not_known() -> None:
    with pytest.raises(MigratorError, match=r"(?s)sqs:// is not an address of a broker that is known here.*amqp://user@host:5672//"):
        Watcher("celery", "sqs://key:secret@")
    with pytest.raises(MigratorError, match="the environment variable NOT_SET_ANYWHERE is not set"):
        Watcher("celery", "amqp://x@127.0.0.1:1//", options={"results_connection": "NOT_SET_ANYWHERE"})
