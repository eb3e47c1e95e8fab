"""What the observer concludes about open jobs, with a store that says what the test wants. The real stores are in tests/behaviour."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from migrator.shadow.drivers.interface import Assignment, Health, Observation, Record, Sighting, SightingKind, StoreDown
from migrator.shadow.ledger import ClockReading, SqliteLedger
from migrator.shadow.routing import Decision
from migrator.shadow.run.board import ArmBoard, patience
from migrator.shadow.run.chronicle import Chronicle
from migrator.shadow.run.lane import Handed, Lane
from migrator.shadow.run.observer import Observer
from migrator.shadow.workload import PlannedJob

PATIENCE = 60.0


class Store:
    """A driver whose store is a few lists."""

    transactional = False
    sees_every_queue = False

    def __init__(self) -> None:
        self.news: deque[Observation] = deque()
        self.records: dict[str, Record] = {}
        self.before_answer: Callable[[str], None] = lambda _: None
        self.down = False
        self.refuse: Exception | None = None
        self.acknowledged: list[str] = []
        self._numbers = 0

    def tell(self, key: str, *kinds: SightingKind, native: str = "", gap: str = "") -> None:
        found: list[Sighting] = []
        for kind in kinds:
            self._numbers += 1
            found.append(Sighting(id=f"{self._numbers:04d}", job_key=key, native_id=native or key, kind=kind, ts_ns=time.time_ns()))
        self.news.append(Observation(sightings=tuple(found), cursor=str(self._numbers), gap=gap))

    def watch(self, cursor: str) -> str:
        return cursor

    def enqueue(self, job: Assignment) -> str:
        if self.refuse:
            raise self.refuse
        return job.job_key

    def expect(self, job_key: str, native_id: str | None) -> None: ...

    def observe(self, cursor: str) -> Observation:
        if self.down:
            raise StoreDown("gone")
        return self.news.popleft() if self.news else Observation(sightings=(), cursor=cursor)

    def acknowledge(self, cursor: str) -> None:
        self.acknowledged.append(cursor)

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        if self.down:
            raise StoreDown("gone")
        record = self.records.get(native_id or job_key, Record(standing="absent"))
        self.before_answer(job_key)
        return record

    def counts(self) -> dict[str, int]:
        return {}

    def health(self) -> Health:
        return Health(clock=ClockReading(0, 1), server="made up")

    def unwatch(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    """An arm without its workers."""

    def __init__(self, path: Path) -> None:
        self.store, self.board = Store(), ArmBoard("arm", answer_within=0.3)
        self.ledger = SqliteLedger.create(path)
        self.chronicle = Chronicle(self.ledger, self.board, experiment="x", epoch=1, role="candidate")
        self.failures: list[Exception] = []
        self.observer: Observer | None = None

    def send(self, key: str, *, deadline: float = 0.05) -> None:
        job = PlannedJob(number=1, unit_key="u", payload={})
        self.chronicle.assigned(job, key, Decision("arm", 1, "split"), job_name="task", deadline=deadline)
        self.chronicle.enqueued(key, key, 1)

    def observe(self) -> None:
        self.observer = Observer(self.store, self.chronicle, cursor="", on_failure=self.failures.append)
        self.observer.start()

    def end(self, *, look_for_all: bool = True) -> None:
        assert self.observer
        assert self.observer.finish(PATIENCE, look_for_all=look_for_all)

    def kinds(self, key: str) -> list[str]:
        return [event.kind for event in self.ledger.events() if event.job_key == key]

    def wait(self, kind: str, key: str) -> None:
        until = time.monotonic() + PATIENCE
        while kind not in self.kinds(key):
            assert time.monotonic() < until, self.kinds(key)
            time.sleep(0.02)

    def outcome(self, key: str) -> str:
        job = self.ledger.job("arm", key)
        assert job
        return job.outcome


@pytest.fixture
def bench(tmp_path: Path) -> Generator[Bench]:
    bench = Bench(tmp_path / "x.ledger")
    yield bench
    bench.ledger.close()
    assert bench.failures == []


def test_a_job_that_the_store_does_not_know_is_lost_once_it_is_overdue(bench: Bench) -> None:
    bench.send("j1")
    bench.observe()
    bench.wait("presumed_lost", "j1")
    assert bench.outcome("j1") == "presumed_lost"
    bench.store.tell("j1", "started", "completed")
    bench.wait("completed", "j1")
    assert bench.kinds("j1") == ["assigned", "enqueue_ok", "presumed_lost", "found_late", "started", "completed"]
    assert bench.outcome("j1") == "completed"
    bench.end()


def test_a_job_that_is_not_overdue_is_not_looked_for(bench: Bench) -> None:
    bench.send("j1", deadline=60)
    bench.observe()
    time.sleep(0.4)
    assert bench.kinds("j1") == ["assigned", "enqueue_ok"]
    bench.end(look_for_all=False)
    assert bench.kinds("j1") == ["assigned", "enqueue_ok"], "an interrupted run leaves it to the next"


def test_a_slow_arm_is_given_more_time_than_the_deadline(bench: Bench) -> None:
    bench.send("slow", deadline=60)
    bench.board.state("slow").since -= 100  # type: ignore[union-attr]
    bench.board.note("slow", "completed", "slow")
    assert patience(1.0, bench.board.slow()) == pytest.approx(300, abs=1)
    assert patience(1000.0, bench.board.slow()) == 1000.0


def test_a_job_that_still_waits_is_overdue_and_in_flight(bench: Bench) -> None:
    bench.store.records["j1"] = Record(standing="waiting")
    bench.send("j1")
    bench.observe()
    bench.wait("overdue", "j1")
    time.sleep(0.3)
    bench.end()
    assert bench.kinds("j1") == ["assigned", "enqueue_ok", "overdue"], "said once"
    assert bench.outcome("j1") == "in_flight"


def test_an_end_that_was_not_seen_is_found(bench: Bench) -> None:
    bench.store.records["j1"] = Record(standing="completed", ended_ns=1_700_000_000_000_000_000)
    bench.store.records["j2"] = Record(standing="discarded", err_message="why")
    for key in ("j1", "j2"):
        bench.send(key)
    bench.observe()
    bench.wait("completed", "j1")
    bench.wait("discarded", "j2")
    bench.end()
    job = bench.ledger.job("arm", "j1")
    assert job
    assert job.terminal_ns == 1_700_000_000_000_000_000
    undated = bench.ledger.job("arm", "j2")
    assert undated
    assert (undated.outcome, undated.terminal_ns) == ("discarded", None)


def test_what_nobody_can_tell_is_neither_lost_nor_ended(bench: Bench) -> None:
    bench.store.records["j1"] = Record(standing="unknown")
    bench.send("j1")
    bench.observe()
    bench.wait("overdue", "j1")
    bench.end()
    assert bench.kinds("j1") == ["assigned", "enqueue_ok", "overdue"]
    assert bench.outcome("j1") == "in_flight"


def test_an_end_that_was_found_without_its_time_dates_nothing(bench: Bench) -> None:
    bench.send("j1", deadline=60)
    bench.store.tell("j1", "started")
    at = time.time_ns()
    bench.store.news.append(
        Observation(sightings=(Sighting(id="9", job_key="j1", native_id="j1", kind="discarded", ts_ns=at, dated=False),), cursor="9")
    )
    bench.observe()
    bench.wait("discarded", "j1")
    bench.end()
    job = bench.ledger.job("arm", "j1")
    assert job
    assert (job.outcome, job.terminal_ns, job.attempts[0].result, job.attempts[0].run_ns) == ("discarded", None, "failed", None)


def test_news_that_come_while_the_store_is_asked_win(bench: Bench) -> None:
    """The job ends, and its record goes, between the last reading and the question: it is not lost."""
    bench.store.before_answer = lambda key: bench.store.tell(key, "started", "completed") if "completed" not in bench.kinds(key) else None
    bench.send("j1")
    bench.observe()
    bench.wait("completed", "j1")
    bench.end()
    assert bench.kinds("j1") == ["assigned", "enqueue_ok", "started", "completed"]


def test_a_gap_in_the_news_has_every_open_job_looked_for(bench: Bench) -> None:
    bench.store.records["j1"] = Record(standing="completed", ended_ns=5)
    bench.send("j1", deadline=60)
    bench.observe()
    bench.store.tell("j2", gap="events were trimmed")
    bench.wait("completed", "j1")
    bench.end()
    assert [mark.text for mark in bench.ledger.marks(kind="gap")] == ["events were trimmed"]


def test_a_store_that_is_down_loses_no_job(bench: Bench) -> None:
    bench.send("j1")
    bench.store.down = True
    bench.observe()
    until = time.monotonic() + PATIENCE
    while not bench.ledger.marks(kind="store_down") and time.monotonic() < until:
        time.sleep(0.02)
    assert bench.board.silent_for() > 0
    assert bench.kinds("j1") == ["assigned", "enqueue_ok"]
    bench.store.down = False
    bench.store.records["j1"] = Record(standing="waiting")
    bench.wait("overdue", "j1")
    assert [mark.kind for mark in bench.ledger.marks()] == ["store_down", "store_back"]
    assert bench.board.silent_for() == 0
    bench.end()


def test_a_second_copy_is_named_and_waited_for(bench: Bench) -> None:
    bench.store.records["copy"] = Record(standing="active")
    bench.send("j1", deadline=60)
    bench.observe()
    bench.store.tell("j1", "available", "started", "completed")
    bench.store.tell("j1", "available", "started", native="copy")
    bench.wait("duplicate", "j1")
    assert [state.job_key for state in bench.board.open_jobs()] == ["j1"]
    bench.store.tell("j1", "completed", native="copy")
    until = time.monotonic() + PATIENCE
    while bench.board.open_jobs() and time.monotonic() < until:
        time.sleep(0.02)
    bench.end()
    job = bench.ledger.job("arm", "j1")
    assert job
    assert (job.outcome, job.duplicate_effects, bench.kinds("j1").count("duplicate")) == ("completed", 1, 1)


def test_a_copy_that_vanishes_does_not_make_the_job_lost(bench: Bench) -> None:
    bench.send("j1")
    bench.store.tell("j1", "available", "started", "completed")
    bench.store.tell("j1", "available", native="copy")
    bench.observe()
    until = time.monotonic() + PATIENCE
    while ("duplicate" not in bench.kinds("j1") or bench.board.open_jobs()) and time.monotonic() < until:
        time.sleep(0.02)
    bench.end()
    assert "presumed_lost" not in bench.kinds("j1")
    assert bench.outcome("j1") == "completed"


def test_nothing_is_acknowledged_before_it_is_written_down(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    record, acknowledge = bench.ledger.record, bench.store.acknowledge
    monkeypatch.setattr(bench.ledger, "record", lambda events, **more: (order.append("written"), record(events, **more))[1])
    monkeypatch.setattr(bench.store, "acknowledge", lambda cursor: (order.append(f"acknowledged {cursor}"), acknowledge(cursor))[1])
    bench.store.tell("stranger", "started")
    bench.observe()
    bench.wait("started", "stranger")
    bench.end()
    assert order.index("written") < order.index("acknowledged 1")
    assert not bench.ledger.conservation("arm").holds, "a job that nobody assigned is not let pass"


def test_a_job_whose_turn_has_not_come_is_not_looked_for(bench: Bench) -> None:
    job = PlannedJob(number=1, unit_key="u", payload={})
    bench.chronicle.assigned(job, "j1", Decision("arm", 1, "split"), job_name="task", deadline=0.01)
    bench.observe()
    time.sleep(0.3)
    bench.end(look_for_all=False)
    assert bench.kinds("j1") == ["assigned"]


def test_a_job_of_an_earlier_run_is_looked_for(bench: Bench) -> None:
    bench.send("j1", deadline=60)
    earlier = bench.ledger.job("arm", "j1")
    assert earlier is not None
    bench.board = bench.chronicle.board = ArmBoard("arm", answer_within=0.3)
    bench.board.adopt(earlier, deadline=0.05)
    bench.observe()
    bench.wait("presumed_lost", "j1")
    bench.end()


def lane(bench: Bench) -> Lane:
    return Lane(bench.store, bench.chronicle, ledger_id="led", on_failure=bench.failures.append)


def assign(bench: Bench, key: str) -> Handed:
    job = PlannedJob(number=1, unit_key="u", payload={"a": 1})
    bench.chronicle.assigned(job, key, Decision("arm", 1, "split"), job_name="task", deadline=60)
    return Handed(job, key)


@pytest.mark.parametrize("error", [StoreDown("refused"), ValueError("no such thing"), TimeoutError()])
def test_whatever_a_client_raises_is_on_the_books_of_that_job_alone(bench: Bench, error: Exception) -> None:
    sender = lane(bench)
    bench.store.refuse = error
    sender.put(assign(bench, "j1"))
    sender.start()
    bench.wait("enqueue_failed", "j1")
    bench.store.refuse = None
    sender.put(assign(bench, "j2"))
    bench.wait("enqueue_ok", "j2")
    sender.finish(PATIENCE, final=True)
    (failed,) = bench.ledger.events(kind="enqueue_failed")
    assert (failed.job_key, failed.err_type) == ("j1", type(error).__name__)
    assert bench.outcome("j1") == "enqueue_failed"


def test_what_was_not_sent_by_the_end_is_written_down_as_such(bench: Bench) -> None:
    sender = lane(bench)
    blocked, release = threading.Event(), threading.Event()

    def hang(job: Assignment) -> str:
        blocked.set()
        release.wait(PATIENCE)
        return job.job_key

    bench.store.enqueue = hang  # type: ignore[method-assign]
    for key in ("j1", "j2", "j3"):
        sender.put(assign(bench, key))
    sender.start()
    assert blocked.wait(PATIENCE)
    sender.finish(0.1, final=True)
    assert [event.err_type for event in bench.ledger.events(kind="enqueue_failed")] == ["NotSent", "NotSent"]
    assert bench.outcome("j1") == "in_flight", "what became of this one nobody knows"
    release.set()
    bench.wait("enqueue_ok", "j1")
    assert bench.ledger.conservation("arm").holds


def test_a_job_that_may_have_been_sent_is_not_sent_again(bench: Bench) -> None:
    bench.store.records["j1"] = Record(standing="waiting")
    bench.store.refuse = AssertionError("it is there already")
    sender = lane(bench)
    first, second = assign(bench, "j1"), assign(bench, "j2")
    sender.put(Handed(first.job, "j1", again=True))
    sender.start()
    bench.wait("enqueue_ok", "j1")
    bench.store.refuse = None
    sender.put(Handed(second.job, "j2", again=True))
    bench.wait("enqueue_ok", "j2")
    sender.finish(PATIENCE, final=False)
    assert [event.native_id for event in bench.ledger.events(kind="enqueue_ok")] == [None, "j2"]


def test_a_job_of_which_nobody_can_tell_whether_it_was_sent_is_not_sent(bench: Bench) -> None:
    bench.store.records["j1"] = Record(standing="unknown")
    bench.store.refuse = AssertionError("that might be a second one")
    sender = lane(bench)
    sender.put(Handed(assign(bench, "j1").job, "j1", again=True))
    sender.start()
    bench.wait("enqueue_failed", "j1")
    sender.finish(PATIENCE, final=False)
    (failed,) = bench.ledger.events(kind="enqueue_failed")
    assert (failed.err_type, failed.err_message) == (
        "NotSent",
        "an earlier run may have sent it, and the system cannot tell: it was not sent again",
    )


def test_times_that_are_still_to_come_are_told_of_and_no_others(bench: Bench) -> None:
    bench.send("early")
    bench.store.tell("early", "available", "started")
    bench.observe()
    bench.wait("started", "early")
    assert bench.ledger.marks(kind="clock_ahead") == ()
    for place in range(5):
        later = Sighting(id=f"later-{place}", job_key="early", native_id="early", kind="started", ts_ns=time.time_ns() + 2 * 10**9)
        bench.store.news.append(Observation(sightings=(later,), cursor=f"later-{place}", gap=""))
    bench.store.tell("early", "completed")
    bench.wait("completed", "early")
    marks = bench.ledger.marks(kind="clock_ahead")
    assert [mark.data["events"] for mark in marks] == [1, 2, 4], "not each of them"
    assert all(0 < int(mark.data["lead_ns"] or 0) <= 2 * 10**9 for mark in marks)
