"""Dispatching: where jobs go, what is recorded of them, and that nothing of ours makes one fail or wait."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from migrator.errors import MigratorError
from migrator.shadow import dispatch, driver_pool
from migrator.shadow.dispatch import Dispatcher
from migrator.shadow.drivers.interface import Assignment, EnqueueRefused, StoreDown
from migrator.shadow.ledger import Event
from migrator.shadow.policy.reading import read_policy
from migrator.shadow.policy.router import Router
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.ticket import UNIT, Ticket
from migrator.shadow.transport.interface import Ended
from tests.shadow.dispatching import FILE, Options, Stores, collected

HOUR = 3600 * 10**9  #: nanoseconds


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Stores:
    made = Stores()
    monkeypatch.setattr(driver_pool, "open_driver", made.open_driver)
    monkeypatch.setattr(driver_pool, "options_of", lambda _: Options)
    monkeypatch.setenv("OLD_URL", "redis://old")
    monkeypatch.setenv("NEW_URL", "redis://new")
    return made


NOISE = """\
[arms.again]
system = "rq"
connection = "OLD_URL"
job_name = "app.mail"
weight = 1
noise = true
"""


class Bench:
    """A dispatcher, and what it recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "experiment.toml"
        self.opened: list[Dispatcher] = []

    def open(self, text: str = FILE) -> Dispatcher:
        self.file.write_text(text)
        self.opened.append(Dispatcher.open(self.file))
        return self.opened[-1]

    def events(self) -> list[Event]:
        for dispatcher in self.opened:
            dispatcher.close()
        with collected(self.folder / ".migrator" / "x.spool", self.folder / "ledger") as ledger:
            assert ledger.missing_sequences() == {}
            return list(ledger.events())

    def reasons(self) -> list[str | None]:
        return [event.reason for event in self.events() if event.kind == "assigned"]


@pytest.fixture
def bench(tmp_path: Path, stores: Stores) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    for dispatcher in made.opened:
        dispatcher.close()


def unit_for(shadow: Dispatcher, arm: str) -> str:
    """Some unit that goes to an arm."""
    return next(str(n) for n in range(1000) if shadow.router.decide("mail", str(n)).arm == arm)


def test_the_record_says_what_each_arm_is_there_for(bench: Bench) -> None:
    shadow = bench.open(FILE + NOISE)
    for arm in ("old", "new", "again"):
        shadow.send("mail", {}, unit=unit_for(shadow, arm))
    roles = {(event.arm, event.role) for event in bench.events()}
    assert roles == {("old", "current"), ("new", "candidate"), ("again", "noise")}


def test_a_job_goes_where_routing_says_and_both_steps_are_recorded(bench: Bench, stores: Stores) -> None:
    shadow = bench.open()
    unit = unit_for(shadow, "new")
    ticket = shadow.send("mail", {"to": 7}, unit=unit, key="order-7", delay=2.0, label="big")
    ((arm, job),) = stores.taken
    assert (arm, ticket.arm) == ("new", "new")
    assert ticket.key == f"{shadow.experiment_id}-mail-order-7" == job.job_key
    assert job.payload == {"to": 7, "__shadow": {"ledger": shadow.experiment_id, "key": ticket.key, "arm": "new"}}
    assert job.delay == 2.0
    (target,) = stores.opened
    assert (target.queue, target.job_name, target.address, target.ledger_id) == ("mail", "mail", "redis://new", shadow.experiment_id)
    digest = shadow.router.decider.digest
    assigned, enqueued = bench.events()
    for event in (assigned, enqueued):
        assert (event.experiment, event.job_key, event.unit_key, event.job_name) == ("x", ticket.key, unit, "mail")
        assert (event.arm, event.role, event.source, event.clock) == ("new", "candidate", "dispatcher", "host")
    assert (assigned.kind, assigned.reason, assigned.label) == ("assigned", f"split: bucket {ticket.routed.bucket}", "big")
    assert assigned.bytes == len('{"to":7}')
    assert assigned.until_ns == assigned.ts_ns + 2 * 10**9
    assert (enqueued.kind, enqueued.native_id) == ("enqueue_ok", f"native {ticket.key}")
    assert enqueued.elapsed_ns is not None
    assert enqueued.elapsed_ns >= 0
    assert len(digest) == 16


@pytest.mark.parametrize("error", [StoreDown("gone"), EnqueueRefused("no"), ZeroDivisionError("odd"), KeyboardInterrupt()])
def test_an_enqueue_that_fails_is_recorded_and_raised_as_it_came(bench: Bench, stores: Stores, error: BaseException) -> None:
    def fail(_: Assignment) -> None:
        raise error

    shadow = bench.open()
    stores.when_a_job_comes = fail
    with pytest.raises(type(error)) as caught:
        shadow.send("mail", {}, unit="1")
    assert caught.value is error
    stores.when_a_job_comes = lambda _: None
    shadow.send("mail", {}, unit="1")
    kinds = [(event.kind, event.err_type, event.err_message) for event in bench.events()]
    assert kinds[:2] == [("assigned", None, None), ("enqueue_failed", type(error).__name__, str(error))]
    assert [kind for kind, *_ in kinds[2:]] == ["assigned", "enqueue_ok"]


def test_an_application_may_enqueue_by_itself(bench: Bench) -> None:
    shadow = bench.open()
    with shadow.dispatching("mail", unit="1") as job:
        pass
    with shadow.dispatching("mail", {"to": 1}, unit="1") as other:
        other.native_id = "of its own"
    with pytest.raises(LookupError), shadow.dispatching("mail", unit="1"):
        raise LookupError("down")
    events = bench.events()
    assert [event.kind for event in events] == ["assigned", "enqueue_ok"] * 2 + ["assigned", "enqueue_failed"]
    assert [event.native_id for event in events if event.kind == "enqueue_ok"] == [None, "of its own"]
    assert [event.bytes for event in events if event.kind == "assigned"] == [None, 8, None]
    assert len({event.job_key for event in events}) == 3
    assert job.mark["__shadow"]["arm"] == job.arm


def test_the_same_key_twice_is_one_job_in_the_books(bench: Bench) -> None:
    shadow = bench.open()
    for _ in range(3):
        shadow.send("mail", {}, unit="1", key="again")
    assert [event.kind for event in bench.events()] == ["assigned", "enqueue_ok"]


def test_the_unit_is_what_the_file_says(bench: Bench) -> None:
    shadow = bench.open(FILE.replace('current = "old"', 'current = "old"\nunit = "customer"'))
    assert shadow.send("mail", {"customer": 7}).unit == "7"
    assert shadow.dispatching("mail", {"customer": 7}).routed == shadow.router.decide("mail", "7")
    assert shadow.send("mail", {"customer": 7}, unit=8).unit == "8"
    lost = shadow.send("mail", {"to": 1})
    assert (lost.arm, lost.routed.reason, lost.unit) == ("old", "failed", lost.key)
    assert "customer" in lost.routed.rule
    assert shadow.dispatching("mail").arm == "old"


def test_every_job_on_its_own_is_the_default(bench: Bench) -> None:
    shadow = bench.open()
    arms = [shadow.dispatching("mail").arm for _ in range(200)]
    assert 50 < arms.count("new") < 150


def test_a_unit_without_end_is_kept_short_and_apart_from_others(bench: Bench) -> None:
    shadow = bench.open()
    for last in "ab":
        with shadow.dispatching("mail", unit="u" * 10_000 + last):
            pass
    units = [event.unit_key for event in bench.events()]
    assert len(set(units)) == 2
    assert {len(unit) for unit in units} == {UNIT}


def test_a_ticket_that_is_not_used_is_no_job(bench: Bench) -> None:
    shadow = bench.open()
    shadow.dispatching("mail", unit="7")
    with shadow.dispatching("mail", unit="8"):
        pass
    assert [(event.kind, event.unit_key) for event in bench.events()] == [("assigned", "8"), ("enqueue_ok", "8")]


def test_what_a_job_brings_forth_stays_in_its_arm(bench: Bench) -> None:
    shadow = bench.open()
    unit = unit_for(shadow, "old")
    parent = shadow.dispatching("mail", unit=unit_for(shadow, "new"))
    parents: list[Ticket | Mapping[str, Any] | str] = [parent, {"to": 1, **parent.mark}, "new"]
    assert [shadow.dispatching("mail", unit=unit, parent=p).arm for p in parents] == ["new"] * 3
    assert shadow.dispatching("mail", unit=unit, parent=parent).routed.reason == "inherited"
    strangers: list[Mapping[str, Any] | str] = [{}, {"__shadow": {"arm": "gone"}}, "gone", ""]
    assert [shadow.dispatching("mail", unit=unit, parent=p).arm for p in strangers] == ["old"] * 4


def test_a_job_that_the_experiment_is_not_about_stays_and_is_not_recorded(bench: Bench) -> None:
    shadow = bench.open()
    units = [str(n) for n in range(20)]
    tickets = [shadow.dispatching("other", unit=unit) for unit in units]
    assert {(t.arm, t.recorded, t.routed.reason) for t in tickets} == {("old", False, "excluded")}
    with tickets[0]:
        pass
    with pytest.raises(MigratorError, match=r"no job `other`\s+Write \[\[job\]\]"):
        shadow.send("other", {})
    assert bench.events() == []


def test_a_candidate_that_cannot_be_reached_by_what_the_file_says_leaves_its_jobs_with_the_current_arm(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEW_URL")
    shadow = bench.open()
    for n in range(20):
        shadow.send("mail", {}, unit=n)
    assert {arm for arm, _ in stores.taken} == {"old"}
    assert len(stores.taken) == 20
    reasons = bench.reasons()
    assert len(reasons) == 20
    assert {reason for reason in reasons if reason and reason.startswith("failed")} == {
        "failed: new: the environment variable NEW_URL is not set"
    }


def test_a_current_arm_that_cannot_be_reached_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLD_URL")
    shadow = bench.open()
    with pytest.raises(MigratorError, match="OLD_URL is not set"):
        shadow.send("mail", {}, unit=unit_for(shadow, "old"))
    assert bench.events() == []


def test_jobs_excluded_by_size_stay_where_nothing_says_how_large_they_are(bench: Bench) -> None:
    shadow = bench.open(FILE + "[routing.exclude]\npayload_bytes = 100\n")
    unit = unit_for(shadow, "new")
    assert shadow.dispatching("mail", {"to": 1}, unit=unit).arm == "new"
    assert shadow.dispatching("mail", {"to": "x" * 100}, unit=unit).routed.reason == "excluded"
    assert shadow.dispatching("mail", unit=unit, payload_bytes=99).arm == "new"
    unknown = [shadow.dispatching("mail", unit=unit), shadow.dispatching("mail", {"to": object()}, unit=unit)]
    assert [(ticket.arm, ticket.routed.reason) for ticket in unknown] == [("old", "failed")] * 2


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def test_a_clock_that_is_put_back_takes_no_time_from_an_enqueue(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = bench.open()
    clocks = SimpleNamespace(time_ns=itertools.count(50 * HOUR, -HOUR).__next__, monotonic_ns=itertools.count(7 * HOUR, HOUR).__next__)
    monkeypatch.setattr("migrator.shadow.ticket.time", clocks)
    with shadow.dispatching("mail"):
        pass
    monkeypatch.undo()
    assigned, enqueued = bench.events()
    assert (assigned.ts_ns, enqueued.ts_ns, enqueued.elapsed_ns) == (50 * HOUR, 51 * HOUR, HOUR)


def test_names_without_end_do_not_fill_the_memory(bench: Bench) -> None:
    shadow = bench.open()
    for n in range(3 * dispatch.MANY):
        assert not shadow.dispatching(f"name {n}").recorded
    assert shadow.dispatching("mail").recorded
    assert len(shadow._terms) <= dispatch.MANY


def test_a_changed_file_is_followed_and_what_was_known_can_still_be_sent(bench: Bench, stores: Stores) -> None:
    shadow = bench.open()
    shadow.send("mail", {}, unit="1")
    bench.file.write_text(FILE.replace('name = "mail"', 'name = "letter"\nqueue = "post"').replace('job_name = "app.mail"\n', ""))
    until(lambda: shadow.dispatching("letter").recorded)
    shadow.send("letter", {}, unit="1")
    assert stores.opened[-1].queue == "post"
    left = shadow.send("mail", {}, unit=unit_for(shadow, "new"))
    assert (left.arm, left.recorded) == ("old", False)
    assert stores.taken[-1][0] == "old"


# -- nothing of ours makes a job fail or wait ---------------------------------------------------------------------------------------------


class Odd:
    """A value that cannot be written, compared or looked into."""

    def __str__(self) -> str:
        raise ZeroDivisionError

    __repr__ = __str__


class OddPayload(dict[str, Any]):
    """Whatever is asked of it fails, but for what a driver asks."""

    def __contains__(self, key: object) -> bool:
        raise ZeroDivisionError


class Silent:
    """An outlet whose store never answers."""

    place = "nowhere"

    def __init__(self, forever: threading.Event) -> None:
        self._forever = forever

    def send(self, lines: Sequence[bytes], ended: Sequence[Ended] = ()) -> None:  # noqa: ARG002
        self._forever.wait()

    def close(self) -> None:
        self._forever.wait()


class Down(Silent):
    """An outlet whose store is not there."""

    def send(self, lines: Sequence[bytes], ended: Sequence[Ended] = ()) -> None:  # noqa: ARG002
        raise ConnectionError("refused")


def broken_file(bench: Bench) -> None:
    bench.file.write_text("[experiment\n")


def missing_file(bench: Bench) -> None:
    bench.file.unlink()


def faulty(fault: str, bench: Bench, monkeypatch: pytest.MonkeyPatch, forever: threading.Event) -> Dispatcher:
    """A dispatcher with something wrong behind it."""
    bench.file.write_text(FILE)
    spool, full = bench.folder / ".migrator" / "x.spool", fault in ("no folder", "no folder, store silent")
    if full:
        spool.parent.mkdir()
        spool.write_text("a file where the folder should be")
    outlet = {"store down": Down, "store silent": Silent, "no folder, store silent": Silent}.get(fault)
    make = None if outlet is None else lambda: outlet(forever)
    recorder = Recorder(spool, outlet=make, limit=10, alarm=_raise if fault == "logger" else lambda _: None)
    shadow = Dispatcher(Router.open(bench.file), recorder)
    seen = shadow.router._stamp
    match fault:
        case "recorder":
            monkeypatch.setattr(Recorder, "_start", _raise)
        case "router":
            monkeypatch.setattr(shadow.router, "decide", _raise)
            monkeypatch.setattr("migrator.shadow.policy.policy.bucket", _raise)
        case "file broken":
            broken_file(bench)
            until(lambda: shadow.router._stamp != seen)
        case "file gone":
            missing_file(bench)
            until(lambda: shadow.router._stamp != seen)
        case _:
            pass
    return shadow


def _raise(*_: object, **__: object) -> Any:
    raise ZeroDivisionError("a fault of ours")


FAULTS = (
    "none",
    "no folder",
    "store down",
    "store silent",
    "no folder, store silent",
    "recorder",
    "router",
    "logger",
    "file broken",
    "file gone",
)
JOBS = 30


def said_of(number: int) -> dict[str, Any]:
    """What is said of a job: from the ordinary to the odd."""
    return ({"unit": str(number)}, {"unit": Odd()}, {"unit": "\ud800"}, {"delay": "soon"}, {"parent": 7}, {"label": Odd()})[number % 6]


def in_this_thread(shadow: Dispatcher, done: Callable[[], None]) -> None:
    for number in range(JOBS):
        with shadow.dispatching("mail", OddPayload(to=number), **said_of(number)):
            done()


def in_threads(shadow: Dispatcher, done: Callable[[], None]) -> None:
    def work(numbers: range) -> None:
        for number in numbers:
            with shadow.dispatching("mail", **said_of(number)):
                done()

    threads = [threading.Thread(target=work, args=(range(start, JOBS, 5),)) for start in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_a_loop(shadow: Dispatcher, done: Callable[[], None]) -> None:
    async def one(number: int) -> None:
        async with shadow.dispatching("mail", **said_of(number)):
            await asyncio.sleep(0)
            done()

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(JOBS)))

    asyncio.run(all_of_them())


def in_a_fork(shadow: Dispatcher, done: Callable[[], None]) -> None:
    for _ in range(3):
        with shadow.dispatching("mail"):
            pass
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            in_this_thread(shadow, lambda: bool(os.write(write, b"!")))
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read, "rb") as file:
        for _ in file.read():
            done()


@pytest.mark.parametrize("where", [in_this_thread, in_threads, in_a_loop, in_a_fork])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_job_fails_or_waits_because_of_us(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, fault: str, where: Callable[[Dispatcher, Callable[[], None]], None]
) -> None:
    """A store that is silent stays so: were it waited for, this test would not end."""
    forever, counted = threading.Event(), list[None]()
    shadow = faulty(fault, bench, monkeypatch, forever)
    try:
        where(shadow, lambda: counted.append(None))
        assert len(counted) == JOBS
    finally:
        forever.set()
        monkeypatch.undo()
        shadow.close()


def test_jobs_go_to_the_current_arm_where_routing_fails(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = bench.open()
    monkeypatch.setattr("migrator.shadow.policy.policy.bucket", _raise)
    assert {shadow.send("mail", {}, unit=n, label=label).arm for n in range(20) for label in (None, "big")} == {"old"}
    assert set(bench.reasons()) == {"failed: a fault of ours"}


# -- threads, loops and forks -------------------------------------------------------------------------------------------------------------


def test_threads_do_not_share_a_driver(bench: Bench, stores: Stores) -> None:
    shadow, together = bench.open(), threading.Barrier(4, timeout=60)
    stores.when_a_job_comes = lambda _: bool(together.wait()) or None
    threads = [threading.Thread(target=lambda: shadow.send("mail", {}, parent="new")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores.taken) == 4
    assert len(stores.opened) == 4
    stores.when_a_job_comes = lambda _: None
    for _ in range(5):
        shadow.send("mail", {}, parent="new")
    assert len(stores.opened) == 4


def test_a_driver_is_replaced_before_it_has_remembered_too_much(bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_pool, "USES", 10)
    shadow = bench.open()
    for _ in range(35):
        shadow.send("mail", {}, parent="new")
    assert (len(stores.opened), stores.closed) == (4, 3)


def test_a_driver_that_broke_is_not_used_again_and_one_whose_store_was_down_is(bench: Bench, stores: Stores) -> None:
    shadow = bench.open()
    for error, opened in ((StoreDown(), 1), (EnqueueRefused(), 1), (ZeroDivisionError(), 1), (StoreDown(), 2)):

        def fail(_: Assignment, error: Exception = error) -> None:
            raise error

        stores.when_a_job_comes = fail
        with pytest.raises(type(error)):
            shadow.send("mail", {}, parent="new")
        assert len(stores.opened) == opened


def test_the_loop_goes_on_while_a_job_is_sent(bench: Bench, stores: Stores) -> None:
    shadow, sent = bench.open(), threading.Event()
    stores.when_a_job_comes = lambda _: bool(sent.wait(60)) or None

    async def both() -> None:
        job = asyncio.create_task(shadow.asend("mail", {}, unit="1"))
        await asyncio.sleep(0)
        sent.set()
        assert (await job).native_id

    asyncio.run(both())
    assert [event.kind for event in bench.events()] == ["assigned", "enqueue_ok"]


def test_a_driver_with_a_loop_of_its_own_can_be_sent_to_from_inside_of_a_loop(bench: Bench, stores: Stores) -> None:
    async def nothing() -> None:
        pass

    shadow = bench.open()
    stores.when_a_job_comes = lambda _: asyncio.run(nothing())

    async def application() -> None:
        shadow.send("mail", {}, unit="1")

    asyncio.run(application())
    assert len(stores.taken) == 1


def test_a_fork_uses_no_connection_and_no_key_of_its_parent(bench: Bench, stores: Stores) -> None:
    shadow = bench.open()
    shadow.send("mail", {}, parent="new")
    child = os.fork()
    if not child:
        shadow.send("mail", {}, parent="new")
        shadow.recorder.close()
        os._exit(len(stores.opened))
    shadow.send("mail", {}, parent="new")
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 2
    assigned = [event for event in bench.events() if event.kind == "assigned"]
    assert len({event.pid for event in assigned}) == 2
    assert len({event.job_key for event in assigned}) == len(assigned) == 3


def test_dispatching_brings_none_of_the_heavy_packages(tmp_path: Path) -> None:
    (tmp_path / "experiment.toml").write_text(FILE)
    code = (
        "import sys\nfrom migrator.shadow.dispatch import Dispatcher\n"
        "shadow = Dispatcher.open(sys.argv[1])\n"
        "with shadow.dispatching('mail'): pass\nshadow.close()\n"
        "heavy = ('numpy', 'scipy', 'rich', 'typer', 'tree_sitter', 'jinja2', 'celery', 'rq', 'bullmq', 'redis', 'psycopg')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "experiment.toml")], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_none_is_nothing_said(bench: Bench, stores: Stores) -> None:
    shadow = bench.open()
    tickets = [
        shadow.send("mail", {}, unit="7", key=None, delay=None, tenant=None, label=None, deadline=None, parent=None) for _ in range(2)
    ]
    assert len({ticket.key for ticket in tickets}) == 2, "no key is not the same key: one of them would be no job"
    assert [job.delay for _, job in stores.taken] == [0.0, 0.0]
    assert {ticket.routed.reason for ticket in tickets} == {"split"}


@pytest.mark.parametrize("native", [7, b"7", "7"])
def test_what_is_said_in_another_type_is_in_the_ledger_all_the_same(bench: Bench, native: int | bytes | str) -> None:
    odd: dict[str, Any] = {"label": 5, "payload_bytes": "12"}
    with bench.open().dispatching("mail", unit="7", **odd) as job:
        job.native_id = native
    assigned, enqueued = bench.events()
    assert (assigned.label, assigned.bytes, enqueued.native_id) == ("5", 12, "7")


def test_what_means_nothing_here_is_said_aloud(bench: Bench, stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    other: dict[str, Any] = {"unit": "7", "countdown": 60}
    bench.open().send("mail", {}, **other)
    assert len(stores.taken) == 1
    assert "is said what means nothing here: countdown" in caplog.text


def test_a_candidate_that_goes_out_of_the_file_at_this_moment_costs_no_job(bench: Bench, stores: Stores) -> None:
    shadow = bench.open()
    unit, decider = unit_for(shadow, "new"), shadow.router.decider
    loaded = read_policy(bench.file)
    assert loaded.arms.pop("new")
    shadow.router.loaded = loaded
    assert shadow.router.decider is decider, "as between the two assignments of `Router.refresh`"
    shadow.send("mail", {}, unit=unit)
    assert [arm for arm, _ in stores.taken] == ["old"]
