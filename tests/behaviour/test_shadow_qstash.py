"""The QStash driver against the double of the service, which delivers to an endpoint in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from qstash import QStash

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import EnqueueRefused, StoreDown
from tests.behaviour.qstash_stage import endpoint, free_port
from tests.behaviour.shadow_stage import LEDGER, Watcher, effects, marked, own
from tests.doubles.qstash import QStashDouble

pytestmark = pytest.mark.behaviour
ORDER = ["available", "started", "attempt_failed", "delayed", "started", "attempt_failed", "delayed", "started"]


@pytest.fixture(scope="module")
def service() -> Generator[QStashDouble]:
    with QStashDouble() as double, pytest.MonkeyPatch.context() as patch:
        patch.setenv("QSTASH_URL", double.url)
        yield double


def watcher(service: QStashDouble, port: int, *, address: str = "", options: dict[str, Any] | None = None, **target: Any) -> Watcher:
    settings = {"destination": f"http://127.0.0.1:{port}/jobs/{{job}}", "poll": 0.05, **(options or {})}
    return Watcher("qstash", address or service.token, options=settings, **{"retry_delay": 0.2, **target})


class Stage:
    def __init__(self, service: QStashDouble, port: int, folder: Path) -> None:
        self.service, self.port, self.folder = service, port, folder
        self.watcher = watcher(service, port).begin()
        self.natives = self.watcher.tell_the_usual_story(delay=0.5)
        # Somebody else's code, with no label: the mark is in the body.
        QStash(service.token, base_url=service.url).message.publish_json(url=f"http://127.0.0.1:{port}/jobs/task", body=marked("double"))
        self.watcher.wait_for_ends(*self.natives)
        self.watcher.wait_for_ends("double", count=2)

    def effects(self, key: str) -> list[int]:
        return [attempt for n, attempt in effects(self.folder / "effects") if n == key]


@pytest.fixture(scope="module")
def stage(service: QStashDouble, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    folder, port = tmp_path_factory.mktemp("qstash"), free_port()
    with endpoint(service, port, folder):
        stage = Stage(service, port, folder)
        yield stage
        stage.watcher.driver.unwatch()
        stage.watcher.close()


def test_a_message_that_is_handled_at_once(stage: Stage) -> None:
    native = stage.natives["plain"]
    seen = stage.watcher.of("plain")
    assert [s.kind for s in seen] == ["available", "started", "completed"]
    assert {s.native_id for s in seen} == {native}
    assert seen[2].ts_ns - seen[1].ts_ns >= 59_000_000
    record = stage.watcher.driver.inspect(own("plain"), native)
    assert (record.standing, record.ended_ns) == ("completed", seen[2].ts_ns)
    assert stage.watcher.driver.inspect(own("plain"), None) == record, "also by its key alone"
    assert stage.effects("plain") == [1]


def test_every_delivery_that_failed_is_seen_with_what_was_answered(stage: Stage) -> None:
    seen = stage.watcher.of("twice")
    assert [s.kind for s in seen] == [*ORDER, "completed"]
    assert [(s.err_type, s.err_message) for s in seen if s.kind == "attempt_failed"] == [
        ("HTTP 500", "job twice fails on attempt 1"),
        ("HTTP 500", "job twice fails on attempt 2"),
    ]
    waits = [s for s in seen if s.kind == "delayed"]
    # 0.2 seconds, as retry_delay says; on a busy machine a moment passes between the two.
    assert all(s.until_ns is not None and abs(s.until_ns - s.ts_ns - 200_000_000) < 10_000_000_000 for s in waits)
    assert stage.effects("twice") == [1, 2, 3]


def test_a_message_that_fails_for_good(stage: Stage) -> None:
    native = stage.natives["poison"]
    seen = stage.watcher.of("poison")
    assert [s.kind for s in seen] == [*ORDER, "attempt_failed", "discarded"]
    assert (seen[-1].err_type, seen[-1].err_message) == ("HTTP 500", "job poison fails on attempt 3")
    record = stage.watcher.driver.inspect(own("poison"), native)
    assert (record.standing, record.err_message, record.ended_ns) == ("discarded", "job poison fails on attempt 3", seen[-1].ts_ns)
    assert stage.watcher.driver.counts()["dead"] >= 1


def test_a_delayed_message_starts_when_it_is_due(stage: Stage) -> None:
    seen = stage.watcher.of("later")
    assert [s.kind for s in seen] == ["delayed", "started", "completed"]
    assert seen[0].until_ns is not None
    assert seen[0].until_ns - seen[0].ts_ns == pytest.approx(1_000_000_000, abs=5_000_000), "whole seconds, never too early"
    assert seen[1].ts_ns >= seen[0].until_ns - 1_000_000


def test_sending_a_key_twice_is_one_job_also_for_another_process(stage: Stage) -> None:
    first = stage.watcher.send("once")
    other = watcher(stage.service, stage.port)
    assert other.send("once") == first
    other.close()
    stage.watcher.wait_for_ends("once")
    stage.watcher.send("after-once")
    stage.watcher.wait_for_ends("after-once")
    assert stage.watcher.kinds("once") == ["available", "started", "completed"]
    assert stage.effects("once") == [1]


def test_a_copy_under_another_id_is_seen_as_the_same_job(stage: Stage) -> None:
    assert len({s.native_id for s in stage.watcher.of("double")}) == 2
    assert stage.effects("double") == [1, 1]


def test_other_messages_are_left_out(stage: Stage) -> None:
    before = len(stage.watcher.sightings)
    client = QStash(stage.service.token, base_url=stage.service.url)
    url = f"http://127.0.0.1:{stage.port}/jobs/task"
    client.message.publish_json(url=url, body={"n": "foreign"}, label="somebody's")
    client.message.publish_json(url=url, body={**marked("other"), "__shadow": {"ledger": "0ther000", "key": "0ther000-1"}})
    until = time.monotonic() + 60
    while not (stage.effects("foreign") and stage.effects("other")) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.1)
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
    stage.watcher.look()
    cursor = stage.watcher.cursor
    stage.watcher.send("again", fail=1)
    until = time.monotonic() + 60
    while stage.effects("again") != [1, 2] and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.1)
    second = watcher(stage.service, stage.port)
    assert second.driver.watch(cursor) == cursor
    second.cursor = cursor
    second.wait_for_ends("again")
    stage.watcher.wait_for_ends("again")
    assert second.of("again") == stage.watcher.of("again"), "under the same ids"
    known = {s.id for s in stage.watcher.sightings}
    assert {s.id for s in second.sightings} <= known, "what was read before comes again as what it was"
    second.close()


def test_an_endpoint_that_dies_with_a_message(service: QStashDouble, tmp_path: Path) -> None:
    port = free_port()
    watched = watcher(service, port, retry_delay=1.5).begin()
    with endpoint(service, port, tmp_path) as running:
        watched.send("dies", die=True)
        watched.wait(lambda: running.ended() is not None, "the death of the endpoint")
        service.courier.paused = True
    with endpoint(service, port, tmp_path, IMMORTAL="1"):
        service.courier.paused = False
        watched.wait_for_ends("dies")
    seen = watched.of("dies")
    assert [s.kind for s in seen] == ["available", "started", "attempt_failed", "delayed", "started", "completed"]
    assert seen[2].err_type is None, "nobody answered"
    assert "could not be reached" in (seen[2].err_message or "")
    watched.close()


def test_a_message_that_is_cancelled_and_one_that_vanishes(stage: Stage) -> None:
    cancelled, lost = stage.watcher.send("cancelled", delay=1), stage.watcher.send("vanishes", delay=600)
    QStash(stage.service.token, base_url=stage.service.url).message.cancel(cancelled)
    stage.watcher.wait(lambda: "cancelled" in stage.watcher.kinds("cancelled"), "the cancellation")
    assert stage.watcher.kinds("cancelled") == ["delayed", "cancelled"]
    assert stage.watcher.driver.inspect(own("cancelled"), cancelled).standing == "cancelled"
    assert stage.watcher.driver.inspect(own("vanishes"), lost).standing == "waiting"
    assert stage.watcher.driver.inspect(own("vanishes"), None).standing == "waiting", "also by its key alone"
    stage.service.drop(lost)
    assert stage.watcher.driver.inspect(own("vanishes"), lost).standing == "absent"
    assert stage.watcher.driver.inspect(own("never sent"), None).standing == "absent"


def test_a_log_that_forgets_is_a_gap_and_takes_no_job_for_lost(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watcher(stage.service, stage.port).begin()
    assert watched.driver.inspect(own("forgotten"), "msg_forgotten").standing == "absent"
    monkeypatch.setattr("migrator.shadow.drivers.qstash.LOG_ENTRIES", 3)
    watched.send("talks")
    watched.wait_for_ends("talks")
    watched.wait(lambda: bool(watched.gaps), "the gap")
    assert watched.gaps[0] == "the log keeps 3 entries, and had as many since the last look"
    assert watched.driver.inspect(own("forgotten"), "msg_forgotten").standing == "unknown"
    assert watched.driver.inspect(own("talks"), None).standing == "completed", "what the log still has it says"
    watched.close()


def test_queues_deliver_one_after_the_other(stage: Stage) -> None:
    watched = watcher(stage.service, stage.port, options={"through_queue": True}, queue="ordered").begin()
    assert watched.driver.counts()["waiting"] == 0
    for number in range(4):
        watched.send(f"q{number}", ms=30)
    assert watched.driver.counts()["waiting"] > 0
    watched.wait_for_ends("q0", "q1", "q2", "q3")
    with pytest.raises(EnqueueRefused, match="takes no delay"):
        watched.send("later", delay=1)
    spans = [(s.ts_ns, s.kind) for number in range(4) for s in watched.of(f"q{number}") if s.kind in ("started", "completed")]
    assert [at for at, _ in spans] == sorted(at for at, _ in spans)
    watched.close()


def test_what_the_application_gets(stage: Stage) -> None:
    """The body as the application writes it where the mark is the label alone; headers; how often and how long."""
    options = {"mark": "label", "headers": {"X-Tenant": "acme"}, "delivery_timeout": 7}
    watched = watcher(stage.service, stage.port, options=options).begin()
    native = watched.send("clean", deep={"a": [1, None, "ü"]}, delay=60)
    message = stage.service.courier.pending[native]
    assert message.body.decode() == '{"n":"clean","deep":{"a":[1,null,"ü"]}}'
    assert (message.label, message.retries, message.retry_delay, message.timeout) == (own("clean"), 2, "200", 7)
    assert message.headers["x-tenant"] == "acme"
    plain = watcher(stage.service, stage.port, max_attempts=None, retry_delay=None)
    message = stage.service.courier.pending[plain.send("marked", delay=60)]
    assert f'"__shadow":{{"ledger":"{LEDGER}","key":"{own("marked")}"}}' in message.body.decode()
    assert (message.retries, message.retry_delay) == (3, ""), "as the service sets it"
    watched.close()
    plain.close()


def test_limits_are_told_from_outages(stage: Stage) -> None:
    for daily, text in ((True, "daily message limit"), (False, "burst rate limit")):
        stage.service.limit(daily=daily)
        with pytest.raises(EnqueueRefused, match=text):
            stage.watcher.send("limited")
    stage.service.limit()
    with pytest.raises(StoreDown, match="burst rate limit"):
        stage.watcher.driver.inspect(own("limited"), None)
    stage.watcher.send("limited")
    stage.watcher.wait_for_ends("limited")
    bad = watcher(stage.service, stage.port, options={"destination": "http://x"})
    bad.driver._options = type(bad.driver._options)(destination="ftp://x")  # type: ignore[attr-defined]
    with pytest.raises(EnqueueRefused, match=r"400.*invalid destination url"):
        bad.send("x")
    bad.close()


def test_a_token_that_is_none_and_a_service_that_is_none(service: QStashDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MigratorError, match=r"STORE_URL: this is no token of QStash\n.*QSTASH_URL"):
        watcher(service, 1, address="https://qstash.upstash.io")
    for call in ("health", "begin"):
        stranger = watcher(service, 1, address="wrong")
        with pytest.raises(MigratorError, match=r"STORE_URL: QStash does not take the token: .*401.*\n.*region"):
            stranger.driver.health() if call == "health" else stranger.begin()
        stranger.close()
    monkeypatch.setenv("QSTASH_URL", "qstash.upstash.io")
    with pytest.raises(MigratorError, match="QSTASH_URL: this is no address of QStash"):
        watcher(service, 1).driver.health()


def test_health_says_how_well_the_clock_is_known(stage: Stage) -> None:
    health = stage.watcher.driver.health()
    assert (health.server, health.clock.offset_ns) == ("Upstash QStash", 0)
    assert 0 < health.clock.rtt_ns < 60_000_000_000


def test_a_service_that_goes_and_comes_back(stage: Stage) -> None:
    watched = watcher(stage.service, stage.port, timeout=20.0).begin()
    native = watched.send("through", delay=1)
    stage.service.stop()
    time.sleep(0.1)
    try:
        for call in (watched.driver.health, watched.driver.counts, lambda: watched.send("x"), lambda: watched.driver.inspect("k", "n")):
            with pytest.raises(StoreDown):
                call()
        with pytest.raises(StoreDown):
            watched.driver.observe(watched.cursor)
        with pytest.raises(StoreDown):
            watcher(stage.service, stage.port, timeout=20.0).begin()
    finally:
        stage.service.start()
    watched.send("x")
    watched.wait_for_ends("x", "through")
    assert {s.native_id for s in watched.of("through")} == {native}
    watched.close()
