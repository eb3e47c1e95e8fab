"""Column by column or one by one: the same numbers, whatever happened."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.shadow.ledger import ArmRecord, Event, Ledger, Mark, SqliteLedger
from migrator.shadow.ledger import sifting as sifting_module
from migrator.shadow.ledger import stories as stories_module
from migrator.shadow.ledger.scan import ASSIGNED, OTHER, Numbers, Scan
from migrator.shadow.ledger.sifting import sift
from migrator.shadow.measuring.durations import Durations
from migrator.shadow.measuring.metering import measure
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.measuring.pairs import PairJobs
from migrator.shadow.measuring.units import UnitJobs
from migrator.shadow.routing import BUCKETS
from tests.shadow.conftest import Kept
from tests.shadow.ledger.test_history import STORE_KINDS
from tests.shadow.synthetic import ArmPlan, write_events

PLANS = [
    ArmPlan(arm="old", jobs=150, lost=3, enqueue_failed=4, in_flight=5, cancelled=2, duplicated=6, clock_offset=2.0),
    ArmPlan(arm="new", system="bullmq", jobs=120, first_attempt_fails=0.5, attempt_fails=0.6, wait=0.001, run=0.001),
]


class Unusual:
    """A scan in which no job looks ordinary: each is folded from its events, as it was before there were columns."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scan, name)

    def chunks(self) -> Iterator[Numbers]:
        for chunk in self._scan.chunks():
            kind = (chunk[:, 2] >> 2) & 7
            chunk[:, 2] |= np.where(kind == ASSIGNED, 0, OTHER << 2)
            yield chunk


class OneByOne:
    """A ledger that is read so."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    @contextmanager
    def scan(self, arms: Sequence[str]) -> Iterator[Unusual]:
        with self._ledger.scan(arms) as scan:
            yield Unusual(scan)


def comparable(arm: ArmMetrics) -> dict[str, Any]:
    """Its numbers, in an order that does not depend on how they were gathered."""

    def plain(value: Any) -> Any:
        if isinstance(value, Durations):
            return [*sorted(zip(value.values.tolist(), value.ended.tolist(), strict=True)), value.unknown]
        if isinstance(value, dict):
            return {key: plain(part) for key, part in sorted(value.items())}
        if isinstance(value, UnitJobs | PairJobs):
            columns = [np.nan_to_num(getattr(value, name), nan=-1.0).tolist() for name in value.__struct_fields__]
            return sorted(zip(*columns, strict=True))
        if isinstance(value, msgspec.Struct):
            return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        return value

    found = {name: plain(getattr(arm, name)) for name in arm.__struct_fields__ if name not in ("account", "timeline")}
    line = arm.timeline
    found["timeline"] = sorted(zip(*(column.tolist() for column in (line.assigned_ns, line.epoch, line.first_failed)), strict=True))
    found["took"] = sorted(np.nan_to_num(line.end_to_end, nan=-1).tolist())
    books = arm.account
    found["books"] = (books.assigned, {o: books.count(o) for o in books.jobs}, books.unassigned, books.assigned_twice, books.holds)
    return found


def assert_the_same(ledger: Ledger) -> None:
    (quick, until), (slow, slow_until) = measure(ledger), measure(OneByOne(ledger))  # pyright: ignore
    assert until == slow_until
    for one, other in zip(quick, slow, strict=True):
        assert comparable(one) == comparable(other)


def test_a_made_up_ledger(kept: Kept) -> None:
    with kept.create() as ledger:
        truth = write_events(ledger, PLANS, seed=11)
        assert_the_same(ledger)
        with ledger.scan(["old", "new"]) as scan:
            (_, old), (_, new) = sift(scan, [2_000_000_000, 0])
            # All that completed once, and nothing else, goes the quick way.
            assert len(old.ordinary.assigned) == len(truth["old"].completed - truth["old"].duplicated)
            assert len(new.ordinary.assigned) == len(truth["new"].completed)
            assert scan.assigned() == {"old": 150, "new": 120}
            assert {job.job_key for _, job in old.unusual} | truth["old"].completed == {f"old-{n:06d}" for n in range(150)}
        for arm in ("old", "new"):
            books = ledger.conservation(arm)
            assert books.holds
            assert books.count("completed") == len(truth[arm].completed)


def test_a_large_ledger_is_sifted_in_parts(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept.create() as ledger:
        truth = write_events(ledger, PLANS, seed=11)
        monkeypatch.setattr(sifting_module, "PART", 40)
        assert_the_same(ledger)
        with ledger.scan(["old", "new"]) as scan:
            parts = [(arm, len(sifted.ordinary.assigned)) for arm, sifted in sift(scan, [2_000_000_000, 0])]
        assert len(parts) > 4
        assert sum(jobs for arm, jobs in parts if arm == 1) == len(truth["new"].completed)


def test_what_is_written_meanwhile_is_not_seen(kept: Kept) -> None:
    with kept.create() as ledger:
        write_events(ledger, PLANS, seed=12)
        with kept.open() as reader, reader.scan(["old"]) as scan:
            ((_, old),) = sift(scan, [2_000_000_000])
            before = scan.assigned()
            first = next(iter(ledger.events(arm="old", kind="assigned")))
            ledger.record([msgspec.structs.replace(first, event_id="late", job_key="late", boot_id="", seq=0)])
            assert scan.assigned() == before
            assert "late" not in {job.job_key for _, job in old.unusual}
        assert ledger.conservation("old").assigned == 151


#: how a story may go: what happens, in milliseconds since the last, by which copy, of which attempt, and with what in it
step = st.tuples(
    st.sampled_from((*STORE_KINDS, "started", "completed", "attempt_failed", "available", "found_late", "delayed")),
    st.sampled_from((0, 0, 1, 5)),
    st.sampled_from(("n1", "n1", "n1", "n2", None)),
    st.sampled_from((None, None, 1, 2)),
    st.sampled_from(("store", "store", "store", "runner", "worker", "other worker")),
)
steps = st.lists(step, max_size=9)
ordinary = st.integers(1, 3).map(
    lambda tries: [
        ("available", 1, "n1", None, "store"),
        *[part for n in range(1, tries) for part in (("started", 1, "n1", n, "store"), ("attempt_failed", 0, "n1", None, "store"))],
        ("started", 0, "n1", tries, "store"),
        ("completed", 0, "n1", None, "store"),
    ]
)
#: one of whose only attempt a worker told as well, and one whose start only a worker saw
twice_told = st.builds(
    lambda number, shown, early: [
        ("available", 1, "n1", None, "store"),
        *([("started", 1, "n1", number, "store")] if shown else []),
        ("started", 0 if early else 1, "n1", number, "worker"),
        ("completed", 2, "n1", number, "worker"),
        ("completed", 0 if early else 1, "n1", None, "store"),
    ],
    st.sampled_from((None, 1, 1, 1)),
    st.booleans(),
    st.booleans(),
)
either = st.one_of(ordinary, twice_told)
#: an ordinary story with one thing in it that does not belong there: what a quick look would pass over
nearly = st.builds(lambda told, odd, where: [*told[:where], odd, *told[where:]], either, step, st.integers(0, 8))
#: and one in which something is missing
lacking = st.builds(lambda told, where: [part for i, part in enumerate(told) if i != where], either, st.integers(0, 5))
stories = st.lists(
    st.tuples(
        st.one_of(either, nearly, nearly, lacking, steps),
        st.sampled_from((1, 1, 1, 1, 1, 1, 0, 2)),  # how often it was assigned
        st.sampled_from(("enqueue_ok", "enqueue_ok", "enqueue_ok", "enqueue_failed", "presumed_lost", "overdue", None)),
    ),
    max_size=12,
)


MIRROR = '{"experiment": {"mode": "mirror"}}'  # the one mode in which every job is looked at beside its copy


def written(ledger: Ledger, told: Sequence[tuple[Any, int, str | None]], dice: random.Random) -> None:
    ledger.begin_epoch("x", MIRROR, "", [ArmRecord(arm="a", system="bullmq", role="current", ranges=((0, BUCKETS),))])
    ledger.mark(Mark(kind="clock", ts_ns=1, arm="a", data={"offset_ns": 3_000_000, "rtt_ns": 2_000_000}))
    events: list[Event] = []
    for number, (story, assignments, ours) in enumerate(told):
        base = {
            "experiment": "x",
            "config_epoch": 1,
            "job_key": f"j{number}",
            "unit_key": (f"u{number % 3}", f"u{number % 2}", "", f"j{number}")[number % 4],
            "arm": "a",
            "role": "current",
        }
        base |= {"job_name": f"name{number % 2}", "label": (None, "quick", "")[number % 3]}
        start = 1_000_000_000 * (number + 1)

        def say(kind: str, at: int, base: dict[str, Any] = base, **more: Any) -> None:
            # Ids whose order is not that of writing, but the same in both readings.
            fields = {
                "event_id": f"{dice.random():.12f}",
                "kind": kind,
                "ts_ns": at,
                "clock": "host",
                "source": "dispatcher",
                **base,
                **more,
            }
            events.append(msgspec.convert(fields, Event))

        for _ in range(assignments):
            say("assigned", start)
        if ours:
            say(ours, start + 1_000_000, elapsed_ns=dice.choice((None, 5)), source="dispatcher" if ours.startswith("enq") else "runner")
        at = start
        for kind, after, native, attempt, source in story:
            at += after * 1_000_000
            until = at + 2_000_000 if kind == "delayed" or dice.random() < 0.02 else None
            by_store, by_worker = source == "store", source in ("worker", "other worker")
            more = {
                "native_id": native,
                "attempt": attempt if kind == "started" or by_worker else None,
                "until_ns": until,
                "source": source,
            }
            if by_worker:
                more |= {"source": "worker", "boot_id": source, "seq": len(events) + 1, "elapsed_ns": dice.choice((None, 700_000, 900_000))}
            more |= {"err_type": dice.choice((None, "E", "F"))} if kind == "attempt_failed" else {}
            say(kind, at + (3_000_000 if by_store else 0), clock="store" if by_store else "host", **more)
    dice.shuffle(events)
    ledger.record(events)


@settings(max_examples=100, deadline=None)
@given(stories, st.randoms(use_true_random=False))
def test_whatever_happens_both_ways_say_the_same(told: list[tuple[Any, int, str | None]], dice: random.Random) -> None:
    with TemporaryDirectory() as folder, SqliteLedger.create(Path(folder) / "x.ledger") as ledger:
        written(ledger, told, dice)
        assert_the_same(ledger)


def test_a_job_that_is_first_seen_in_the_store_when_it_comes_back(tmp_path: Path) -> None:
    story = [
        ("started", 10, "n", None, "store"),
        ("delayed", 20, "n", None, "store"),
        ("attempt_failed", 5, "n", None, "store"),
        ("started", 20, "n", None, "store"),
        ("completed", 20, "n", None, "store"),
    ]
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        written(ledger, [(story, 1, "enqueue_ok")], random.Random(1))
        assert_the_same(ledger)
        assert measure(ledger)[0][0].waits_below_zero == 0


USUAL = [("available", 1, "n1", None, "store"), ("started", 1, "n1", 1, "store"), ("completed", 1, "n1", None, "store")]
RETRIED = [*USUAL[:2], ("attempt_failed", 1, "n1", None, "store"), ("started", 1, "n1", 2, "store"), USUAL[2]]


def told(*kinds: str, by: tuple[str, str] = ("worker", "worker"), native: str | None = "n1", number: int | None = 1) -> list[Any]:
    """What workers said, a millisecond after each other."""
    return [(kind, 1, native, number, source) for kind, source in zip(kinds, by, strict=True)]


@pytest.mark.parametrize(
    ("story", "assignments"),
    [
        ([*USUAL, ("available", 5, "n1", None, "store")], 1),
        ([*USUAL, ("started", 5, "n1", 2, "store")], 1),
        ([*USUAL, ("available", 5, "n2", None, "store")], 1),
        ([USUAL[0], ("delayed", 0, "n1", None, "store"), *USUAL[1:]], 1),
        ([*USUAL, *USUAL], 1),
        (USUAL, 2),
        ([*USUAL[:2], *told("completed", "started"), USUAL[2]], 1),
        ([*USUAL[:2], *told("started", "started"), USUAL[2]], 1),
        ([*USUAL[:2], *told("completed", "completed"), USUAL[2]], 1),
        ([*USUAL[:2], *told("started", "completed", by=("worker", "other worker")), USUAL[2]], 1),
        ([*USUAL[:2], *told("started", "completed", native=None)[:1], *told("started", "completed")[1:], USUAL[2]], 1),
        ([*USUAL[:2], *told("started", "completed")[:1], *told("started", "completed", native=None)[1:], USUAL[2]], 1),
        ([*USUAL[:2], *told("started", "completed", number=2), USUAL[2]], 1),
        ([*USUAL[:2], *told("started", "completed"), *told("started", "completed"), USUAL[2]], 1),
        ([*USUAL[:2], *told("started", "completed"), *told("started", "completed")[1:], USUAL[2]], 1),
        ([*RETRIED[:4], *told("started", "completed", number=None), RETRIED[4]], 1),
        (told("started", "completed"), 1),
    ],
)
def test_stories_that_a_quick_look_would_take_for_ordinary(tmp_path: Path, story: list[Any], assignments: int) -> None:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        # Several, for what is drawn by lot: the order in which they are written, and whether a worker says how long it took.
        written(ledger, [*[(story, assignments, "enqueue_ok")] * 6, (USUAL, 1, "enqueue_ok")], random.Random(3))
        assert_the_same(ledger)


@pytest.mark.parametrize("number", [1, None])
@pytest.mark.parametrize("shown", [True, False])
def test_jobs_of_which_a_worker_told_once_are_ordinary(kept: Kept, number: int | None, shown: bool) -> None:
    story = [*USUAL[: 2 if shown else 1], *told("started", "completed", number=number), USUAL[2]]
    with kept.create() as ledger:
        written(ledger, [(story, 1, "enqueue_ok")] * 6, random.Random(5))
        assert_the_same(ledger)
        with ledger.scan(["a"]) as scan:
            ((_, arm),) = sift(scan, [3_000_000])
            assert len(arm.ordinary.assigned) == len(arm.attempts.run) == 6
            # As the worker says; where it does not, by the times of whoever saw the start.
            assert set(arm.attempts.run.tolist()) == {700_000, 900_000, 3_000_000 if shown else 1_000_000}
            assert set(arm.ordinary.events.tolist()) == {2 + len(story)}


def test_many_instants_shared_by_several_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with a coarse clock: who was first is told by the events' ids, however many are asked for at once."""
    monkeypatch.setattr(stories_module, "AT_ONCE", 7)
    story = [("available", 0, "n1", None, "store"), ("started", 0, "n1", 1, "store"), ("completed", 0, "n1", None, "store")]
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        written(ledger, [(story, 1, "enqueue_ok")] * 60, random.Random(4))
        assert_the_same(ledger)
        with ledger.scan(["a"]) as scan:
            ((_, arm),) = sift(scan, [3_000_000])
            assert 0 < len(arm.ordinary.assigned) < 60, "ids that put the end before the start make a job unusual"


def test_an_arm_without_events(kept: Kept) -> None:
    with kept.create() as ledger:
        written(ledger, [], random.Random(1))
        assert_the_same(ledger)
        (arm,), _ = measure(ledger)
        assert (arm.account.assigned, arm.wait.n, arm.unit_jobs.units) == (0, 0, 0)


def test_jobs_that_were_never_assigned(kept: Kept) -> None:
    story = [("available", 1, "n1", None, "store"), ("started", 1, "n1", 1, "store"), ("completed", 1, "n1", None, "store")]
    with kept.create() as ledger:
        written(ledger, [(story, 0, None), (story, 0, "enqueue_ok")], random.Random(1))
        assert_the_same(ledger)
        books = ledger.conservation("a")
        assert not books.holds
        assert books.unassigned == ("j0", "j1")
