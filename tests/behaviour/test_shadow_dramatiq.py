"""Dramatiq on Redis with a real worker: what its messages tell, and what they cannot."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import pytest
import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker

from migrator.errors import MigratorError
from migrator.servers import redis as redis_server
from migrator.shadow.drivers.interface import Assignment, StoreDown
from tests.behaviour.shadow_stage import LEDGER, Watcher, effects, marked, own, worker

pytestmark = pytest.mark.behaviour


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture(scope="module")
def folder(address: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """Where a worker notes what it does. Its middleware keeps results for whoever asks for them."""
    folder = tmp_path_factory.mktemp("dramatiq")
    with worker("dramatiq", folder, {"REDIS_URL": address}, EFFECTS=str(folder / "effects"), HOLD=str(folder / "hold"), RESULTS="yes"):
        yield folder


def watch(address: str, completion: str = "results", **more: object) -> Watcher:
    return Watcher("dramatiq", address, options={"completion": completion, **more})


@pytest.fixture(params=["results", "vanished"])
def watcher(request: pytest.FixtureRequest, address: str, folder: Path) -> Generator[Watcher]:
    watcher = watch(address, request.param).begin()
    yield watcher
    watcher.driver.unwatch()
    watcher.close()
    with redis.Redis.from_url(address) as client:
        client.delete("dramatiq:tasks.XQ", "dramatiq:tasks.XQ.msgs")


def test_a_job_that_works_at_once(watcher: Watcher, folder: Path) -> None:
    native = watcher.send("plain", ms=400)
    watcher.wait_for_ends("plain")
    first, last = watcher.of("plain")
    assert (first.kind, last.kind) == ("available", "completed")
    assert {first.native_id, last.native_id} == {native}
    assert (first.dated, last.dated) == (True, False), "Dramatiq writes down when it was sent, and not when it was done"
    assert last.ts_ns - first.ts_ns > 300_000_000
    assert watcher.driver.inspect(own("plain"), native).standing == "completed"
    assert ("plain", 1) in effects(folder / "effects")


def test_a_look_that_takes_long_ends_no_job_before_its_time(
    watcher: Watcher, folder: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """What is missing in an answer may have gone while the answer was waited for."""
    hold = folder / "hold"
    hold.unlink(missing_ok=True)
    watcher.send("slowly seen", hold=True)
    watcher.look()
    store = watcher.driver._store  # type: ignore[attr-defined]
    read, waited = store.read, list[int]()

    def read_late(ids: list[str]) -> object:
        hold.touch()
        with redis.Redis.from_url(address) as client:
            while not waited and client.hlen("dramatiq:tasks.msgs"):
                time.sleep(0.01)
        waited.append(time.time_ns())
        return read(ids)

    monkeypatch.setattr(store, "read", read_late)
    watcher.wait_for_ends("slowly seen")
    assert watcher.of("slowly seen")[-1].ts_ns >= waited[0]


def test_failed_attempts_are_seen_with_their_errors_but_for_the_last(watcher: Watcher, folder: Path) -> None:
    native = watcher.send("poison", poison=True)
    watcher.wait_for_ends("poison")
    seen = watcher.of("poison")
    assert [s.kind for s in seen if s.kind != "available"] == ["attempt_failed", "delayed", "attempt_failed", "delayed", "discarded"]
    failed = [s for s in seen if s.kind in ("attempt_failed", "discarded")]
    assert [(s.err_type, s.err_message) for s in failed] == [
        ("IndexError", "job poison fails on attempt 1"),
        ("IndexError", "job poison fails on attempt 2"),
        (None, None),
    ]
    waits = [(s.until_ns or 0) - s.ts_ns for s in seen if s.kind == "delayed"]
    assert all(0 < wait < 10_000_000_000 for wait in waits), "half a second to one, but for what a busy machine takes"
    record = watcher.driver.inspect(own("poison"), native)
    assert (record.standing, record.ended_ns) == ("discarded", seen[-1].ts_ns)
    assert [attempt for n, attempt in effects(folder / "effects") if n == "poison"][-3:] == [1, 2, 3]


def test_a_delayed_job(watcher: Watcher) -> None:
    watcher.send("later", delay=1.2)
    watcher.wait_for_ends("later")
    assert watcher.kinds("later") == ["delayed", "completed"]
    first, last = watcher.of("later")
    assert first.until_ns is not None
    assert 0 < first.until_ns - first.ts_ns < 12_000_000_000
    assert last.ts_ns >= first.until_ns


def test_sending_a_key_twice_is_one_job(watcher: Watcher, folder: Path) -> None:
    before = [n for n, _ in effects(folder / "effects")].count("once")
    assert watcher.send("once") == watcher.send("once")
    watcher.wait_for_ends("once")
    watcher.send("once")
    watcher.send("after-once")
    watcher.wait_for_ends("after-once")
    assert [n for n, _ in effects(folder / "effects")].count("once") == before + 1


def test_a_copy_under_another_id_is_seen_as_the_same_job(watcher: Watcher, folder: Path, address: str) -> None:
    hold = folder / "hold"
    hold.unlink(missing_ok=True)
    watcher.send("double", hold=True)
    other = watch(address)
    other.driver.enqueue(Assignment(job_key="copy-double", payload=marked("double", hold=True)))
    other.close()
    watcher.wait(lambda: len({s.native_id for s in watcher.of("double")}) == 2, "the copy")
    hold.touch()
    watcher.wait_for_ends("double", count=2)
    assert len({s.native_id for s in watcher.of("double")}) == 2


def test_many_at_once(watcher: Watcher) -> None:
    keys = [f"many-{i}" for i in range(40)]
    for key in keys:
        watcher.send(key, ms=1)
    watcher.wait_for_ends(*keys)
    assert [watcher.kinds(key)[-1] for key in keys] == ["completed"] * 40
    assert len({s.id for s in watcher.sightings}) == len(watcher.sightings)
    assert watcher.gaps == []


def test_jobs_of_others_and_of_applications_that_send_themselves(watcher: Watcher, address: str) -> None:
    """What the application sends through its own client is seen when it carries the job's key or mark; a foreign message never."""
    before = len(watcher.sightings)
    broker = RedisBroker(url=address)
    mark = {"__shadow": {"ledger": LEDGER, "key": own("in options")}}
    messages = [
        ({"n": "foreign"}, {}, "foreign"),
        ({"n": f"{LEDGER}-x"}, {}, "mentions the ledger"),
        ({"n": "in options", "ms": 300}, mark, "of its own"),
        ({"n": "by id", "ms": 300}, {"store_results": True}, own("by id")),
    ]
    watcher.driver.expect(own("by id"), own("by id"))
    for kwargs, options, id_ in messages:
        broker.enqueue(Message(queue_name="tasks", actor_name="task", args=(), kwargs=kwargs, options=options, message_id=id_))
    watcher.wait(lambda: {own("in options"), own("by id")} <= {s.job_key for s in watcher.sightings}, "our own")
    assert {s.job_key for s in watcher.sightings[before:]} == {own("in options"), own("by id")}
    watcher.wait_for_ends("by id")


def test_a_message_that_is_taken_out_is_missed_and_not_called_done(address: str, folder: Path) -> None:
    watcher = watch(address).begin()
    native = watcher.send("taken", delay=600)
    watcher.wait(lambda: watcher.kinds("taken") == ["delayed"], "the enqueue")
    assert watcher.driver.inspect(own("taken"), native).standing == "waiting"
    assert watcher.driver.inspect(own("taken"), None).standing == "waiting", "also by its key alone"
    with redis.Redis.from_url(address) as client:
        client.delete("dramatiq:tasks.DQ.msgs")
    watcher.look()
    watcher.look()
    assert watcher.kinds("taken") == ["delayed"]
    assert watcher.driver.inspect(own("taken"), native).standing == "absent"
    assert watcher.driver.inspect(own("never sent"), None).standing == "absent"
    watcher.close()


def test_a_message_that_nobody_can_reach_is_as_good_as_gone(address: str) -> None:
    """Out of a queue that nobody reads: its id is taken from the list, the message stays."""
    watcher = Watcher("dramatiq", address, options={"completion": "hook"}, queue="nobody").begin()
    native = watcher.send("unreachable")
    assert watcher.driver.inspect(own("unreachable"), native).standing == "waiting"
    assert watcher.driver.counts()["waiting"] == 1
    with redis.Redis.from_url(address) as client:
        client.delete("dramatiq:nobody")
    assert watcher.driver.inspect(own("unreachable"), native).standing == "absent"
    watcher.close()


@pytest.mark.parametrize("completion", ["results", "vanished"])
def test_what_was_taken_back_is_not_run_and_what_was_not_is(address: str, folder: Path, completion: str) -> None:
    """A race with the worker: sometimes we are first, sometimes it is. What was taken back is never called done."""
    watcher = watch(address, completion).begin()
    keys = [f"race-{completion}-{n}" for n in range(60)]
    answers = {key: watcher.driver.remove(own(key), watcher.send(key, ms=1)) for key in keys}  # pyright: ignore[reportAttributeAccessIssue]
    assert set(answers.values()) <= {"removed", "taken", "unknown"}, "unknown: it was done already"
    left = [key for key, answer in answers.items() if answer != "removed"]
    watcher.wait_for_ends(*left)
    for _ in range(5):
        watcher.look()
    ran = {n for n, _ in effects(folder / "effects")} & set(keys)
    assert ran == set(left), "each of them either taken back or run"
    assert {s.job_key for s in watcher.sightings if s.kind == "completed"} == {own(key) for key in left}
    for key in set(keys) - set(left):
        assert watcher.driver.inspect(own(key), own(key)).standing == "absent"
    watcher.driver.unwatch()
    watcher.close()


def test_a_message_is_taken_back_out_of_a_queue_that_nobody_reads(address: str) -> None:
    watcher = Watcher("dramatiq", address, options={"completion": "vanished"}, queue="unread").begin()
    for key, delay in (("now", 0.0), ("later", 600.0)):
        native = watcher.send(key, delay=delay)
        assert watcher.driver.remove(own(key), native) == "removed"  # pyright: ignore[reportAttributeAccessIssue]
        assert watcher.driver.inspect(own(key), native).standing == "absent"
    assert watcher.driver.remove(own("never sent"), None) == "unknown"  # pyright: ignore[reportAttributeAccessIssue]
    assert watcher.driver.counts() == {"waiting": 0, "taken": 0, "delayed": 0, "dead": 0}
    watcher.close()


def test_with_the_hook_nothing_is_concluded_from_what_is_gone(address: str, folder: Path) -> None:
    """Redis says that it is sent and that it fails; that it was done, the hook says elsewhere."""
    watcher = watch(address, "hook").begin()
    watcher.send("silent", fail=1)
    watcher.wait(lambda: ("silent", 2) in effects(folder / "effects"), "the second attempt")
    for _ in range(5):
        watcher.look()
        time.sleep(0.05)
    assert [kind for kind in watcher.kinds("silent") if kind != "available"] == ["attempt_failed", "delayed"]
    assert watcher.driver.inspect(own("silent"), own("silent")).standing == "absent"
    watcher.close()


def test_a_redis_that_forgot_everything_has_not_done_everything(address: str, tmp_path: Path) -> None:
    with redis_server() as own_address:
        watcher = watch(own_address, "vanished").begin()
        native = watcher.send("forgotten", delay=600)
        watcher.wait(lambda: watcher.kinds("forgotten") == ["delayed"], "the enqueue")
        with redis.Redis.from_url(own_address) as client:
            client.flushall()
        for _ in range(4):
            watcher.look()
        assert watcher.kinds("forgotten") == ["delayed"]
        assert watcher.gaps == ["Redis lost what it held: from here on nothing that vanishes is taken for done"]
        assert watcher.driver.inspect(own("forgotten"), native).standing == "absent"
        again = watch(own_address, "vanished")
        again.cursor = again.driver.watch(watcher.cursor)
        again.look()
        assert len(again.gaps) == 1, "whoever goes on is told, too"
        again.close()
        watcher.close()


def test_a_worker_that_is_killed_gives_back_what_it_had(address: str, tmp_path: Path) -> None:
    """When another one's maintenance comes to it; until then the message counts as with its worker."""
    with redis_server() as own_address:
        watcher = watch(own_address).begin()
        environment = {"REDIS_URL": own_address}
        more = {"RESULTS": "yes", "HEARTBEAT": "1000", "MAINTENANCE": "1000000", "EFFECTS": str(tmp_path / "effects")}
        with worker("dramatiq", tmp_path, environment, **more) as running:
            native = watcher.send("deadly", die=True)
            watcher.wait(lambda: running.ended() is not None, "the end of the worker")
        assert watcher.driver.inspect(own("deadly"), native).standing == "active"
        with worker("dramatiq", tmp_path, environment, IMMORTAL="yes", **more):
            watcher.wait_for_ends("deadly")
        assert watcher.kinds("deadly") == ["available", "completed"]
        assert effects(tmp_path / "effects") == [("deadly", 1), ("deadly", 1)]
        watcher.close()


def test_an_observer_that_begins_again(address: str, folder: Path) -> None:
    """What is there is seen again under the same ids; what ended meanwhile is asked for."""
    watcher = watch(address).begin()
    for key, more in (("ends", {"ms": 1}), ("stays", {"fail": 3})):
        watcher.send(key, **more)
    watcher.wait(lambda: "attempt_failed" in watcher.kinds("stays"), "a failure")
    watcher.close()
    second = watch(address)
    second.cursor = second.driver.watch(watcher.cursor)
    second.wait(lambda: second.kinds("stays")[-1:] == ["discarded"], "the end")
    assert second.gaps == []
    assert "ends" not in {s.job_key for s in second.sightings}
    assert second.driver.inspect(own("ends"), own("ends")).standing == "completed"
    seen = {s.id: s for s in (*watcher.of("stays"), *second.of("stays"))}
    kinds = [seen[id_].kind for id_ in sorted(seen) if seen[id_].kind != "available"]
    assert kinds == ["attempt_failed", "delayed", "attempt_failed", "delayed", "discarded"]
    second.close()


def test_a_connection_that_is_cut_is_made_anew(address: str) -> None:
    watcher = Watcher("dramatiq", address, options={"completion": "results"}, queue="nobody-either").begin()
    watcher.send("before", delay=600)
    watcher.wait(lambda: watcher.kinds("before") == ["delayed"], "the enqueue")
    with redis.Redis.from_url(address) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    watcher.send("after", delay=600)
    watcher.look()
    assert (watcher.kinds("before"), watcher.kinds("after"), watcher.gaps) == (["delayed"], ["delayed"], [])
    watcher.close()


def test_what_cannot_be(address: str) -> None:
    with pytest.raises(MigratorError, match=r"arm arm: Dramatiq deletes what it has done: say what tells.*\n.*hook.*results.*vanished"):
        Watcher("dramatiq", address)
    with pytest.raises(MigratorError, match="STORE_URL: this is not a Redis address"):
        watch("http://127.0.0.1")
    watcher = watch(address)
    health = watcher.driver.health()
    assert health.server.startswith("Redis ")
    assert health.clock.offset_ns is None, "the workers' machines tell the times"
    watcher.close()


def test_a_store_that_is_not_there() -> None:
    watcher = Watcher("dramatiq", "redis://127.0.0.1:1/0", options={"completion": "results"}, timeout=1.0)
    for call in (
        watcher.driver.health,
        lambda: watcher.driver.watch("{}"),
        lambda: watcher.driver.observe("{}"),
        watcher.driver.counts,
        lambda: watcher.driver.inspect("k", "n"),
        lambda: watcher.send("x"),
    ):
        with pytest.raises(StoreDown):
            call()
    watcher.close()


def test_a_delay_that_dramatiq_takes_is_no_reason_to_refuse_a_job(address: str) -> None:
    """Its documentation speaks of seven days; its broker for Redis holds messages back for as long as they say."""
    watcher = Watcher("dramatiq", address, options={"completion": "vanished"}, queue="unread").begin()
    native = watcher.send("in-eight-days", delay=8 * 86_400)
    watcher.wait(lambda: bool(watcher.of("in-eight-days")), "it is held back")
    (delayed,) = watcher.of("in-eight-days")
    assert (delayed.kind, (delayed.until_ns or 0) - delayed.ts_ns) == ("delayed", pytest.approx(8 * 86_400 * 10**9, rel=0.01))
    assert watcher.driver.remove(own("in-eight-days"), native) == "removed"  # pyright: ignore[reportAttributeAccessIssue]
    watcher.close()
