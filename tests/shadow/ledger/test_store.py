"""What every ledger promises, wherever it is kept: append-only, all or nothing, each event once, nothing missing unseen."""

from __future__ import annotations

import random

import msgspec
import pytest

from migrator.shadow.ledger import ArmRecord, ClockReading, LedgerError, Mark
from migrator.shadow.ledger.store import LONGEST
from tests.shadow.conftest import Kept
from tests.shadow.ledger.test_history import event
from tests.shadow.synthetic import ArmPlan, write_events

ARM = ArmRecord(arm="a", system="bullmq", role="candidate", ranges=((0, 2**32),), max_attempts=3, slots=None, transactional=True)


def test_what_is_recorded_is_read_back(kept: Kept) -> None:
    written = [event("assigned", 1, label="quick", bytes=12), event("attempt_failed", 2, err_type="E", err_message="täglich")]
    with kept.create() as ledger:
        epoch = ledger.begin_epoch("x", '{"a": 1}', "hash", [ARM])
        assert ledger.record(written, cursor=("a", "17-3")) == 2
        ledger.record([], cursor=("a", "17-4"))
        ledger.mark(Mark(kind="clock", ts_ns=5, arm="a", data={"offset_ns": -7, "rtt_ns": 40}))
        ledger.mark(Mark(kind="clock", ts_ns=6, arm="a", data={"offset_ns": 900, "rtt_ns": 4000}))
        ledger.mark(Mark(kind="clock", ts_ns=7, arm="c", data={"offset_ns": None, "rtt_ns": 40}))
        boot, identity = ledger.boot_id, ledger.ledger_id
    with kept.create() as again:
        assert again.ledger_id == identity, "opened to write once more, it is the same ledger"
    with kept.open() as ledger:
        read = list(ledger.events())
        assert [(e.kind, e.seq, e.boot_id) for e in read] == [("assigned", 1, boot), ("attempt_failed", 2, boot)]
        same = [msgspec.structs.replace(e, boot_id="", seq=0, host="", pid=None) for e in read]
        assert same == written
        assert ledger.epochs() == (epoch,)
        assert ledger.arms() == (ARM,)
        assert (ledger.cursor("a"), ledger.cursor("b")) == ("17-4", "")
        assert ledger.clocks()["a"].offset_ns == -7, "the reading with the shorter round trip"
        assert ledger.clocks()["c"] == ClockReading(offset_ns=None, rtt_ns=40), "nothing was compared"
        assert [mark.ts_ns for mark in ledger.marks(kind="clock", arm="a")] == [5, 6]
        assert ledger.marks(arm="b") == ()


def test_recording_twice_changes_nothing(kept: Kept) -> None:
    with kept.create() as ledger:
        events = [event("assigned", 1), event("enqueue_ok", 2)]
        assert ledger.record(events) == 2
        assert ledger.record([*events, event("started", 3), event("started", 3)]) == 1
        assert [e.seq for e in ledger.events()] == [1, 2, 3], "no gap where nothing was written"
        assert ledger.missing_sequences() == {}


def test_an_event_keeps_the_stamp_of_whoever_recorded_it(kept: Kept) -> None:
    """Processes of many hosts number their own events; they arrive in any order, and once more."""
    theirs = {at: event("assigned", at, job=f"j{at}", boot_id="boot-b", seq=at, host="web-1", pid=7) for at in (1, 2, 4)}
    with kept.create() as ledger:
        assert ledger.record([event("started", 9), theirs[4], theirs[1]]) == 3
        assert ledger.missing_sequences() == {"boot-b": 2}
        assert ledger.record([theirs[1], theirs[2], event("completed", 10)]) == 2
        assert ledger.missing_sequences() == {"boot-b": 1}
        stamps = [(e.boot_id, e.seq, e.host, e.pid) for e in ledger.events()]
        ours = stamps[0][2:]
    assert stamps[1:4] == [("boot-b", 4, "web-1", 7), ("boot-b", 1, "web-1", 7), ("boot-b", 2, "web-1", 7)]
    assert (stamps[0], stamps[4]) == ((ledger.boot_id, 1, *ours), (ledger.boot_id, 2, *ours))


def test_what_two_recorders_report_is_missing_from_neither(kept: Kept) -> None:
    """Two collectors see the same thing in the store: one event, but both have numbered it."""
    first = [event("started", at, boot_id="b1", seq=at) for at in (1, 2, 3)]
    second = [msgspec.structs.replace(seen, boot_id="b2", seq=number) for number, seen in enumerate(first, 1)]
    with kept.create() as ledger:
        assert ledger.record(first) == 3
        assert ledger.record(second[1:]) == 0
        assert ledger.missing_sequences() == {"b2": 1}, "its first is still on its way"
        assert ledger.record(second) == 0
        assert ledger.record(second) == 0
        assert ledger.missing_sequences() == {}


def test_missing_numbers_whatever_the_order(kept: Kept) -> None:
    """Batches of several recorders, shuffled and delivered more than once: what never came is missing, nothing else is."""
    dice = random.Random(7)
    sent = {boot: [event("assigned", at, job=f"{boot}-{at}", boot_id=boot, seq=at) for at in range(1, 61)] for boot in ("b1", "b2", "b3")}
    lost = {"b1": {5, 17}, "b2": {1}, "b3": set[int]()}
    arriving = [e for boot, events in sent.items() for e in events if e.seq not in lost[boot]]
    batches = [arriving[start : start + 7] for start in range(0, len(arriving), 7)]
    batches += dice.sample(batches, 8)
    dice.shuffle(batches)
    with kept.create() as ledger:
        assert sum(ledger.record(dice.sample(batch, len(batch))) for batch in batches) == len(arriving)
        assert ledger.missing_sequences() == {"b1": 2, "b2": 1}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE {t}event SET kind = 'completed'", "DELETE FROM {t}event", "DELETE FROM {t}mark", "UPDATE {t}mark SET text = ''"],
)
def test_nothing_can_be_changed_or_taken_out(kept: Kept, statement: str) -> None:
    with kept.create() as ledger:
        ledger.record([event("assigned", 1)])
        ledger.mark(Mark(kind="run_started", ts_ns=1))
        with pytest.raises(Exception, match="append-only"):
            kept.raw(statement)
        assert len(list(ledger.events())) == len(ledger.marks()) == 1


def test_all_of_a_batch_or_none(kept: Kept) -> None:
    """An event that cannot be written takes its whole batch, and the cursor, with it; numbers go on without a gap."""
    impossible = msgspec.structs.replace(event("started", 2), ts_ns=2**70)
    with kept.create() as ledger:
        with pytest.raises((LedgerError, OverflowError)):
            ledger.record([event("assigned", 1), impossible], cursor=("a", "far"))
        assert list(ledger.events()) == []
        assert ledger.cursor("a") == ""
        ledger.record([event("assigned", 1)])
        assert [e.seq for e in ledger.events()] == [1]
        assert ledger.missing_sequences() == {}


def test_the_text_of_an_error_may_be_anything(kept: Kept) -> None:
    told = "no such file: caf\udce9 \N{SNOWMAN}"
    with kept.create() as ledger:
        assert ledger.record([event("attempt_failed", 1, err_message=told)]) == 1
        assert [e.err_message for e in ledger.events()] == ["no such file: caf\\udce9 \N{SNOWMAN}"]


def test_the_books_of_an_arm(kept: Kept) -> None:
    with kept.create() as ledger:
        ledger.record([event(kind, at, job=f"j{n}") for n in range(5) for at, kind in enumerate(("assigned", "available", "started"))])
        ledger.record([event("completed", 9, job=f"j{n}") for n in range(3)])
        books = ledger.conservation("a")
        assert books.holds
        assert (books.count("completed"), books.count("in_flight")) == (3, 2)
        assert books.jobs["in_flight"] == ("j3", "j4")
        job = ledger.job("a", "j1")
        assert job is not None
        assert job.outcome == "completed"
        assert ledger.job("a", "nobody") is None


def test_jobs_that_are_not_settled(kept: Kept) -> None:
    """The same as looking at what became of every job, of which there may be millions."""
    plans = [ArmPlan(arm="a", jobs=300, lost=9, enqueue_failed=8, in_flight=7, cancelled=6, duplicated=5), ArmPlan(arm="b", jobs=40)]
    with kept.create() as ledger:
        write_events(ledger, plans, seed=3)
        ledger.record([event("started", 5, job="stranger"), event("completed", 6, job="stranger"), event("overdue", 6, job="known")])
        found = list(ledger.unsettled("a"))
        every = [job for job in ledger.jobs("a") if job.outcome in ("in_flight", "presumed_lost") or job.assigned_ns is None]
        assert found == every
        assert len(found) >= 9 + 7 + 2
        assert {"stranger", "known"} < {job.job_key for job in found}
        assert list(ledger.unsettled("nobody")) == []


def test_assignments_that_were_made_up_for(kept: Kept) -> None:
    with kept.create() as ledger:
        ledger.record([event("assigned", 1), event("assigned", 2, job="j2", source="runner"), event("overdue", 3, job="j2")])
        assert ledger.made_up() == 1


def test_no_ledger(kept: Kept) -> None:
    for _ in range(2):
        with pytest.raises(LedgerError, match="there is no ledger here"):
            kept.open()


def test_a_reader_does_not_write(kept: Kept) -> None:
    with kept.create() as writer:
        writer.record([event("assigned", 1)])
        with kept.open() as reader, pytest.raises(LedgerError, match="cannot be written"):
            reader.record([event("assigned", 2)])


def test_of_an_error_as_long_as_a_page_the_beginning_is_kept(kept: Kept) -> None:
    with kept.create() as ledger:
        ledger.record([event("attempt_failed", 1, err_message="täglich " * 100_000)])
        (found,) = (e.err_message for e in ledger.events())
    assert found is not None
    assert found.startswith("täglich täglich")
    assert found.endswith("… (800,000 characters)")
    assert len(found) < LONGEST + 50
