"""The Inngest driver against the double of the server, which runs functions on the real SDKs in a process of their own."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import EnqueueRefused, StoreDown
from migrator.shadow.hosted.inngest import Refused, Service
from tests.behaviour.inngest_live_stage import application
from tests.behaviour.qstash_stage import free_port
from tests.behaviour.shadow_stage import Watcher, effects, marked, own
from tests.doubles.inngest.live import LiveInngest

pytestmark = pytest.mark.behaviour
ERROR = {"python": "IndexError", "node": "RangeError"}


def watcher(server: LiveInngest, *, options: dict[str, Any] | None = None, **target: Any) -> Watcher:
    settings = {"poll": 0.05, **(options or {})}
    return Watcher("inngest", server.url, options=settings, **{"job_name": "app/task", **target})


class Stage:
    def __init__(self, server: LiveInngest, folder: Path, language: str) -> None:
        self.server, self.folder, self.language = server, folder, language
        self.watcher = watcher(server).begin()
        self.natives = self.watcher.tell_the_usual_story(delay=1.5)
        server.send({"name": "app/task", "data": marked("double")})
        self.watcher.wait_for_ends(*self.natives)
        self.watcher.wait_for_ends("double", count=2)

    def effects(self, key: str) -> list[int]:
        return [attempt for n, attempt in effects(self.folder / "effects") if n == key]


@contextmanager
def on_stage(folder: Path, language: str) -> Generator[Stage]:
    with LiveInngest(retry_interval=0.3) as server, application(server, folder, language=language):
        stage = Stage(server, folder, language)
        yield stage
        stage.watcher.driver.unwatch()
        stage.watcher.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    with on_stage(tmp_path_factory.mktemp("python"), "python") as ready:
        yield ready


@pytest.fixture(scope="module", params=["python", "node"])
def either(request: pytest.FixtureRequest, stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """Where it depends on the SDK what is to be seen."""
    if request.param == "python":
        yield stage
        return
    with on_stage(tmp_path_factory.mktemp("node"), "node") as ready:
        yield ready


def test_a_job_that_works_at_once(either: Stage) -> None:
    event = either.natives["plain"]
    seen = either.watcher.of("plain")
    assert [s.kind for s in seen] == ["available", "started", "completed"]
    (run,) = {s.native_id for s in seen}
    assert seen[2].ts_ns - seen[1].ts_ns >= 59_000_000
    record = either.watcher.driver.inspect(own("plain"), run)
    assert (record.standing, record.ended_ns) == ("completed", seen[2].ts_ns)
    assert either.watcher.driver.inspect(own("plain"), event) == record, "also by its event"
    assert either.watcher.driver.inspect(own("plain"), None) == record, "and by its key alone"
    assert either.effects("plain") == [1]


def test_every_attempt_that_failed_is_seen_with_its_own_error(either: Stage) -> None:
    seen = either.watcher.of("twice")
    assert [s.kind for s in seen] == ["available", "started", "attempt_failed", "started", "attempt_failed", "started", "completed"]
    assert [(s.err_type, s.err_message) for s in seen if s.kind == "attempt_failed"] == [
        (ERROR[either.language], "job twice fails on attempt 1"),
        (ERROR[either.language], "job twice fails on attempt 2"),
    ]
    assert seen[3].ts_ns - seen[2].ts_ns >= 290_000_000
    assert either.effects("twice") == [1, 2, 3]


def test_a_job_that_fails_for_good(either: Stage) -> None:
    seen = either.watcher.of("poison")
    assert [s.kind for s in seen] == ["available", *["started", "attempt_failed"] * 3, "discarded"]
    assert (seen[-1].err_type, seen[-1].err_message) == (ERROR[either.language], "job poison fails on attempt 3")
    record = either.watcher.driver.inspect(own("poison"), seen[0].native_id)
    assert (record.standing, record.err_message, record.ended_ns) == ("discarded", "job poison fails on attempt 3", seen[-1].ts_ns)


def test_a_function_of_several_steps_is_called_often_and_attempted_once(either: Stage) -> None:
    watched = watcher(either.server, job_name="app/steps").begin()
    watched.send("smooth", nap=1)
    watched.send("rough", nap=1, fail=1)
    watched.wait_for_ends("smooth", "rough")
    assert watched.kinds("smooth") == ["available", "started", "completed"]
    assert watched.kinds("rough") == ["available", "started", "attempt_failed", "started", "completed"]
    (run,) = (run for run in either.server.runs if run.event.key == own("smooth"))
    assert run.calls >= 3, "the function was called for every step"
    began, ended = watched.of("smooth")[1:]
    assert ended.ts_ns - began.ts_ns >= 1_000_000_000, "the sleep is part of the attempt"
    assert either.effects("rough") == [1, 2]
    watched.close()


def test_a_delayed_job_starts_when_it_is_due(stage: Stage) -> None:
    seen = stage.watcher.of("later")
    assert [s.kind for s in seen] == ["delayed", "started", "completed"]
    assert seen[0].until_ns is not None
    assert 0 < seen[0].until_ns - seen[0].ts_ns < 15_000_000_000
    assert seen[1].ts_ns >= seen[0].until_ns - 1_000_000


def test_sending_a_key_twice_is_one_job(stage: Stage) -> None:
    stage.watcher.send("once")
    stage.watcher.send("once")
    stage.watcher.wait_for_ends("once")
    stage.watcher.send("once")
    stage.watcher.send("after-once")
    stage.watcher.wait_for_ends("after-once")
    assert stage.watcher.kinds("once") == ["available", "started", "completed"]
    assert stage.effects("once") == [1]
    assert stage.watcher.driver.inspect(own("once"), None).standing == "completed", "though two events started nothing"


def test_a_copy_under_another_id_is_seen_as_the_same_job(stage: Stage) -> None:
    assert len({s.native_id for s in stage.watcher.of("double")}) == 2
    assert stage.effects("double") == [1, 1]


def test_other_events_are_left_out(stage: Stage) -> None:
    before = len(stage.watcher.sightings)
    stage.server.send({"name": "app/task", "data": {"n": "foreign"}})
    stage.server.send({"name": "app/task", "data": {**marked("other"), "__shadow": {"ledger": "0ther000", "key": "0ther000-1"}}})
    stage.server.send({"name": "app/task", "data": {"n": "text", "__shadow": "text"}})
    until = time.monotonic() + 60
    while not all(map(stage.effects, ("foreign", "other", "text"))) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.2)
    stage.watcher.look()
    assert len(stage.watcher.sightings) == before


def test_many_at_once_lose_nothing(stage: Stage) -> None:
    keys = [f"many-{i}" for i in range(120)]  # more than a page
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
    time.sleep(0.3)
    second = watcher(stage.server)
    assert second.driver.watch(cursor) == cursor
    second.cursor = cursor
    second.wait_for_ends("again")
    stage.watcher.wait_for_ends("again")
    assert second.of("again") == stage.watcher.of("again"), "under the same ids"
    assert {s.id for s in second.sightings} <= {s.id for s in stage.watcher.sightings}
    assert second.driver.inspect(own("again"), None).standing == "completed"
    second.close()


def test_an_event_that_vanishes_and_one_that_starts_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = stage.watcher.send("vanishes", delay=600)
    steps = watcher(stage.server, job_name="app/steps").begin()
    slow = steps.send("slow", nap=600)
    steps.wait(lambda: "started" in steps.kinds("slow"), "the start")
    (run,) = {s.native_id for s in steps.of("slow")}
    asked = ((stage.watcher, "vanishes", lost, "waiting"), (steps, "slow", run, "active"), (steps, "slow", slow, "active"))
    for watched, key, native, standing in asked:
        assert watched.driver.inspect(own(key), native).standing == standing
        assert watched.driver.inspect(own(key), None).standing == standing, "also by its key alone"
    stage.server.drop(lost)
    stage.server.drop(slow)
    for watched, key, native, _ in asked:
        assert watched.driver.inspect(own(key), native).standing == "absent"
        assert watched.driver.inspect(own(key), None).standing == "absent"
    steps.close()
    assert stage.watcher.driver.inspect(own("never sent"), None).standing == "absent"
    deaf = watcher(stage.server, job_name="app/nobody").begin()
    event = deaf.send("deaf")
    assert deaf.driver.inspect(own("deaf"), event).standing == "waiting", "it may be about to start something"
    monkeypatch.setattr("migrator.shadow.drivers.inngest.STARTS", 0.0)
    assert deaf.driver.inspect(own("deaf"), event).standing == "absent"
    deaf.close()


def test_what_was_read_before_a_question_failed_is_not_lost(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watcher(stage.server).begin()
    watched.send("first")
    watched.send("second")
    until = time.monotonic() + 60
    while not (stage.effects("first") and stage.effects("second")) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)
    ours = {run.id for run in stage.server.runs if run.event.key in (own("first"), own("second"))}
    asked: list[str] = []
    trace = Service.trace

    def once(service: Service, run: str) -> Any:
        asked.extend({run} & ours)
        if len(asked) == 2 and run in ours:
            raise Refused(503, "in the middle of a look")
        return trace(service, run)

    monkeypatch.setattr(Service, "trace", once)
    with pytest.raises(StoreDown):
        watched.look()
    watched.wait_for_ends("first", "second")
    assert watched.kinds("first") == watched.kinds("second") == ["available", "started", "completed"]
    watched.close()


def test_counts_and_health(stage: Stage) -> None:
    counts = stage.watcher.driver.counts()
    assert counts.keys() == {"queued", "running", "completed", "failed"}
    assert counts["completed"] >= 1
    health = stage.watcher.driver.health()
    assert (health.server, health.clock.offset_ns) == ("Inngest", 0)
    assert 0 < health.clock.rtt_ns < 60_000_000_000


def test_limits_and_outages(stage: Stage) -> None:
    stage.server.limited = 1
    with pytest.raises(EnqueueRefused, match="HTTP 429"):
        stage.watcher.send("limited")
    stage.server.limited = 1
    with pytest.raises(StoreDown, match="HTTP 429"):
        stage.watcher.driver.inspect(own("limited"), None)
    watched = watcher(stage.server, timeout=20.0).begin()
    watched.send("through", delay=1)
    stage.server.stop()
    try:
        for call in (watched.driver.health, watched.driver.counts, lambda: watched.send("x"), lambda: watched.driver.inspect("k", "n")):
            with pytest.raises(StoreDown):
                call()
        time.sleep(0.1)
        with pytest.raises(StoreDown):
            watched.driver.observe(watched.cursor)
        with pytest.raises(StoreDown):
            watcher(stage.server, timeout=20.0).begin()
    finally:
        stage.server.start()
    watched.send("limited")
    watched.wait_for_ends("limited", "through")
    watched.close()


def test_an_application_that_dies_with_a_job(tmp_path: Path) -> None:
    port = free_port()
    with LiveInngest(retry_interval=2.0) as server:
        watched = watcher(server).begin()
        with application(server, tmp_path, port=port) as running:
            watched.send("dies", die=True)
            watched.wait(lambda: running.ended() is not None, "the death of the application")
            server.pause()
        with application(server, tmp_path, port=port, IMMORTAL="1"):
            server.go_on()
            watched.wait_for_ends("dies")
        assert watched.kinds("dies") == ["available", "started", "attempt_failed", "started", "completed"]
        watched.close()


def test_an_event_that_starts_two_functions_wants_to_know_which(tmp_path: Path) -> None:
    with LiveInngest() as server, application(server, tmp_path):
        watched = watcher(server, job_name="app/both").begin()
        watched.send("two")
        with pytest.raises(MigratorError, match=r"starts 2 functions: id-of-jobs-also, id-of-jobs-both\n.*options = { function"):
            watched.wait_for_ends("two")
        watched.close()
        named = watcher(server, job_name="app/both", options={"function": "jobs-both"}).begin()
        named.send("named")
        named.wait_for_ends("named")
        assert named.kinds("named") == ["available", "started", "completed"]
        assert {run.function_id for run in server.runs if run.id in {s.native_id for s in named.of("named")}} == {"jobs-both"}
        named.close()


def test_the_cloud_shows_no_attempts_and_none_are_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LiveInngest(retry_interval=0.3, keys=("event-key", "signkey-test-1")) as server, application(server, tmp_path):
        stranger = watcher(server)
        with pytest.raises(MigratorError, match=r"STORE_URL: Inngest does not let us in: HTTP 401.*\n.*INNGEST_SIGNING_KEY"):
            stranger.driver.health()
        with pytest.raises(EnqueueRefused, match="Event key not found"):
            stranger.send("x")
        stranger.close()
        monkeypatch.setenv("INNGEST_EVENT_KEY", "event-key")
        monkeypatch.setenv("INNGEST_SIGNING_KEY", "signkey-test-1")
        watched = watcher(server).begin()
        watched.send("fine")
        watched.send("twice", fail=2, ms=150)
        watched.send("poison", poison=True)
        watched.wait_for_ends("fine", "twice", "poison")
        assert watched.kinds("fine") == watched.kinds("twice") == ["available", "completed"]
        assert watched.kinds("poison") == ["available", "discarded"]
        last = watched.of("poison")[-1]
        assert (last.err_type, last.err_message) == ("IndexError", "job poison fails on attempt 3")
        ended = {run.event.key: run.ended_at for run in server.runs}
        assert ended[own("twice")] is not None
        assert abs(watched.of("twice")[-1].ts_ns - ended[own("twice")].timestamp() * 1e9) < 2_000_000, "not after its first attempt"
        assert watched.driver.counts() == {}
        assert server.stale == 0, "no answer is one of fifteen seconds ago"
        watched.close()


def test_addresses_and_keys_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INNGEST_EVENT_KEY", "INNGEST_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MigratorError, match=r"STORE_URL: this is no address of an Inngest server\n.*8288"):
        Watcher("inngest", "redis://127.0.0.1/0", job_name="app/task")
    with pytest.raises(MigratorError, match="INNGEST_EVENT_KEY is not set"):
        Watcher("inngest", "https://api.inngest.com", job_name="app/task")
    monkeypatch.setenv("INNGEST_EVENT_KEY", "x")
    with pytest.raises(MigratorError, match="INNGEST_SIGNING_KEY is not set"):
        Watcher("inngest", "https://api.inngest.com/", job_name="app/task")
