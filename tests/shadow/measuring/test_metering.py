"""The corners: what a system does not show, what is not over yet, what the clocks cannot have meant. Written event by event."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from migrator.shadow.ledger import ArmRecord, Event, Mark, SqliteLedger
from migrator.shadow.measuring.metering import measure
from migrator.shadow.measuring.metrics import ArmMetrics, Share
from migrator.shadow.routing import BUCKETS

SECOND = 1_000_000_000
START = 1_790_000_000
OURS = {"assigned", "enqueue_ok", "enqueue_failed", "presumed_lost", "overdue", "found_late"}


class Notebook:
    """A ledger of one arm (or two), written in seconds after the start."""

    def __init__(self, path: Path, arms: tuple[str, ...] = ("old",)) -> None:
        self.path, self._ids = path, count()
        self._ledger = SqliteLedger.create(path)
        records = [
            ArmRecord(arm=name, system="bullmq", role="candidate" if i else "current", ranges=((0, BUCKETS // len(arms)),))
            for i, name in enumerate(arms)
        ]
        self._ledger.begin_epoch("x", "{}", "", records)

    def say(self, key: str, *story: tuple[str, float] | tuple[str, float, dict[str, Any]], arm: str = "old") -> None:
        for kind, at, *more in story:
            ours = kind in OURS
            fields: dict[str, Any] = {
                "event_id": str(next(self._ids)),
                "experiment": "x",
                "config_epoch": 1,
                "job_key": key,
                "unit_key": key,
                "job_name": "import",
                "arm": arm,
                "role": "current" if arm == "old" else "candidate",
                "kind": kind,
                "ts_ns": int((START + at) * SECOND),
                "clock": "host" if ours else "store",
                "source": "dispatcher" if ours else "store",
                "native_id": None if kind == "assigned" else key,
            }
            self._ledger.record([msgspec.convert({**fields, **(more[0] if more else {})}, Event)])

    def mark(self, kind: str, at: float, **data: int) -> None:
        self._ledger.mark(msgspec.convert({"kind": kind, "ts_ns": int((START + at) * SECOND), "arm": "old", "data": data}, Mark))

    def measured(self) -> tuple[ArmMetrics, ...]:
        self._ledger.close()
        with SqliteLedger.open(self.path) as ledger:
            arms, _ = measure(ledger)
        return arms


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path / "x.ledger")


SENT = (("assigned", 0.0), ("enqueue_ok", 0.01), ("available", 0.01))


def test_a_system_that_shows_no_starts_is_unknown_not_zero(notebook: Notebook) -> None:
    for i in range(5):
        notebook.say(f"j{i}", *SENT, ("completed", 2.0))
    (arm,) = notebook.measured()
    assert (arm.started, arm.start_unknown) == (0, 5)
    assert arm.first_attempt == Share(0, 0, 5)
    assert arm.attempts == {0: 5}
    assert (arm.wait.n, arm.wait.unknown) == (0, 5)
    assert (arm.run.n, arm.run.unknown) == (0, 5)
    assert arm.end_to_end.values.tolist() == pytest.approx([2.0] * 5)


def test_an_end_without_a_time_is_no_duration(notebook: Notebook) -> None:
    notebook.say("seen", *SENT, ("started", 1.0), ("completed", 2.0))
    # Found out afterwards: that it completed is certain, when is not.
    notebook.say("inferred", *SENT, ("started", 1.0), ("completed", 500.0, {"source": "runner", "clock": "host"}))
    (arm,) = notebook.measured()
    assert arm.account.count("completed") == 2
    assert arm.end_to_end.values.tolist() == pytest.approx([2.0])
    assert arm.end_to_end.unknown == 1
    assert arm.run.unknown == 1


def test_waiting_counts_from_when_it_was_due(notebook: Notebook) -> None:
    due = {"until_ns": (START + 60) * SECOND}
    notebook.say("later", ("assigned", 0.0), ("enqueue_ok", 0.01), ("delayed", 0.01, due), ("started", 60.5), ("completed", 61.0))
    (arm,) = notebook.measured()
    assert arm.wait.values.tolist() == pytest.approx([0.5])


def test_what_is_open_is_as_old_as_the_last_look(notebook: Notebook) -> None:
    notebook.say("waiting", *SENT)
    notebook.say("running", *SENT, ("started", 3.0))
    notebook.mark("run_ended", 10.0)
    (arm,) = notebook.measured()
    assert sorted(arm.end_to_end.values.tolist()) == pytest.approx([10.0, 10.0])
    assert not arm.end_to_end.ended.any()
    assert arm.run.values.tolist() == pytest.approx([7.0])
    assert sorted(arm.wait.values.tolist()) == pytest.approx([2.99, 9.99])
    assert arm.wait.over == 1


def test_a_cancelled_job_was_watched_and_taken_away(notebook: Notebook) -> None:
    notebook.say("gone", *SENT, ("cancelled", 4.0))
    notebook.mark("run_ended", 100.0)
    (arm,) = notebook.measured()
    assert arm.end_to_end.values.tolist() == pytest.approx([4.0])
    assert arm.wait.values.tolist() == pytest.approx([3.99])
    assert not arm.end_to_end.ended.any()
    assert not arm.wait.ended.any()


def test_a_job_cancelled_before_it_was_due_has_not_waited(notebook: Notebook) -> None:
    due = {"until_ns": (START + 60) * SECOND}
    notebook.say("early", ("assigned", 0.0), ("enqueue_ok", 0.01), ("delayed", 0.01, due), ("cancelled", 4.0))
    notebook.say("late", ("assigned", 0.0), ("enqueue_ok", 0.01), ("delayed", 0.01, due), ("cancelled", 75.0))
    (arm,) = notebook.measured()
    assert sorted(arm.wait.values.tolist()) == pytest.approx([0.0, 15.0])


def test_a_refused_job_has_no_wait(notebook: Notebook) -> None:
    notebook.say("refused", ("assigned", 0.0), ("enqueue_failed", 0.1, {"err_message": "connection refused"}))
    (arm,) = notebook.measured()
    assert arm.wait.n == arm.wait.unknown == arm.end_to_end.n == 0
    assert arm.enqueue_errors == {"connection refused": 1}


def test_only_impossible_times_are_left_out(notebook: Notebook) -> None:
    notebook.mark("clock", 0.0, offset_ns=0, rtt_ns=4_000_000)
    # Within half a round trip and the store's millisecond: zero. Beyond: cannot be.
    notebook.say("close", ("assigned", 0.0), ("enqueue_ok", 0.01), ("available", 0.01), ("started", 0.008), ("completed", 1.0))
    notebook.say("absurd", ("assigned", 0.0), ("enqueue_ok", 5.0), ("available", 5.0), ("started", 0.5), ("completed", 6.0))
    (arm,) = notebook.measured()
    assert arm.wait.values.tolist() == [0.0]
    assert (arm.rounded, arm.negative, arm.waits_below_zero) == (1, 1, 1)


def test_a_stalled_attempt_is_no_failure_of_the_job(notebook: Notebook) -> None:
    notebook.say("j", *SENT, ("started", 1.0), ("stalled", 31.0), ("started", 32.0), ("completed", 33.0))
    (arm,) = notebook.measured()
    assert arm.first_attempt.events == 0
    assert arm.extra_deliveries == 1
    assert arm.errors == {}
    assert [job.trouble for job in arm.named] == ["duplicate delivery"]
    assert arm.named[0].detail == "attempt 1 was started twice"
    assert (~arm.run.ended).sum() == 1


def test_stuck_is_overdue_or_far_longer_than_its_like(notebook: Notebook) -> None:
    for i in range(50):
        notebook.say(f"ok{i}", *SENT, ("started", 1.0), ("completed", 2.0))
    notebook.say("hangs", *SENT, ("started", 1.0))
    notebook.say("slow", *SENT, ("started", 95.0))
    notebook.say("late", *SENT, ("overdue", 90.0))
    notebook.mark("run_ended", 100.0)
    (arm,) = notebook.measured()
    stuck = {job.job_key: job.detail for job in arm.named if job.trouble == "stuck"}
    assert set(stuck) == {"hangs", "late"}
    assert stuck["hangs"] == "attempt 1 began 99.0 s before the last look and was not seen to end"
    assert stuck["late"] == "accepted, never seen to start; its system still has it"


def test_lost_before_and_after_its_start(notebook: Notebook) -> None:
    notebook.say("never", *SENT, ("presumed_lost", 60.0))
    notebook.say("halfway", *SENT, ("started", 1.0), ("presumed_lost", 60.0))
    notebook.say("back", *SENT, ("presumed_lost", 60.0), ("found_late", 70.0), ("started", 69.0), ("completed", 71.0))
    (arm,) = notebook.measured()
    told = {job.job_key: (job.trouble, job.detail) for job in arm.named}
    assert told["never"] == ("lost", "accepted, never seen to start; its system no longer knows it")
    assert told["halfway"] == ("lost", "started once, not seen to end; its system no longer knows it")
    assert told["back"] == ("found late", "was given up as lost, then turned up again: completed")
    assert arm.lost == Share(2, 3)
    assert np.isinf(arm.end_to_end.values).sum() == 2


def test_while_jobs_are_open_young_ones_do_not_count_as_successes(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "x.ledger", ("old", "new"))

    def job(key: str, at: float, seconds: float, end: str, arm: str) -> None:
        notebook.say(key, ("assigned", at), ("enqueue_ok", at), ("available", at), ("started", at), (end, at + seconds), arm=arm)

    # Failing takes 30 s, succeeding 1 s. At 200 s, what was assigned in the last 90 s may yet fail.
    for i in range(100):
        job(f"a{i}", i, 1.0, "completed", "old")
        job(f"b{i}", i, 30.0, "discarded", "new")
    for i in range(50):
        job(f"young{i}", 150.0, 1.0, "completed", "new")
    notebook.say("open", ("assigned", 199.0), ("enqueue_ok", 199.0), ("available", 199.0), ("started", 200.0), arm="new")
    old, new = notebook.measured()
    assert new.discarded == Share(100, 100)
    assert new.ended == old.ended == Share(100, 100), "what is too young to have ended is held against nobody"
    assert old.discarded == Share(0, 100)


def test_with_nothing_open_every_job_counts(notebook: Notebook) -> None:
    notebook.say("early", *SENT, ("started", 1.0), ("completed", 2.0))
    notebook.say("last", ("assigned", 50.0), ("enqueue_ok", 50.0), ("available", 50.0), ("started", 51.0), ("discarded", 52.0))
    (arm,) = notebook.measured()
    assert arm.discarded == Share(1, 2)


def test_sorts_are_told_apart_by_label(notebook: Notebook) -> None:
    quick, flaky = {"label": "quick"}, {"label": "flaky"}
    notebook.say("a", ("assigned", 0.0, quick), ("enqueue_ok", 0.0), ("available", 0.0), ("started", 1.0), ("completed", 2.0))
    notebook.say("b", ("assigned", 0.0, flaky), ("enqueue_ok", 0.0), ("available", 0.0), ("started", 1.0), ("attempt_failed", 2.0))
    notebook.say("b", ("started", 3.0), ("completed", 4.0))
    notebook.say("c", ("assigned", 0.0, flaky), ("enqueue_ok", 0.0), ("available", 0.0), ("started", 1.0), ("discarded", 6.0))
    notebook.say("d", ("assigned", 0.0), ("enqueue_failed", 0.1))
    (arm,) = notebook.measured()
    assert {name: (s.jobs, s.completed, s.discarded, s.first_attempt) for name, s in arm.sorts.items()} == {
        "quick": (1, 1, 0, Share(0, 1)),
        "flaky": (2, 1, 1, Share(2, 2)),
        "import": (1, 0, 0, Share(0, 0)),
    }
    assert sorted(arm.sorts["flaky"].end_to_end.values.tolist()) == pytest.approx([4.0, 6.0])
    assert arm.sorts["import"].end_to_end.n == 0


def test_an_empty_arm(notebook: Notebook) -> None:
    (arm,) = notebook.measured()
    assert arm.account.holds
    assert arm.account.assigned == arm.wait.n == arm.end_to_end.n == 0
    assert arm.timeline.assigned_ns.tolist() == []


@pytest.mark.parametrize("reason", ["killed: everything", "excluded: tenant acme", "job: mail", "pattern: mail.*", "failed: no unit"])
def test_jobs_that_did_not_go_by_the_shares_are_in_the_books_and_compared_with_nothing(tmp_path: Path, reason: str) -> None:
    """They stay with the current arm for what they are: slow ones would make every candidate look good."""
    book = Notebook(tmp_path / "x.ledger", arms=("old", "new"))
    for number in range(40):
        arm = "new" if number % 2 else "old"
        book.say(f"s{number}", ("assigned", number, {"reason": f"split: bucket {number}"}), ("started", number + 1), arm=arm)
        book.say(f"s{number}", ("completed", number + 2), arm=arm)
    for number in range(30):
        at = 100 + number
        book.say(f"a{number}", ("assigned", at, {"reason": reason}), ("started", at + 50), ("discarded", at + 90))
    book.say("lost", ("assigned", 10, {"reason": reason}), ("enqueue_ok", 10), ("presumed_lost", 200))
    old, new = book.measured()
    assert (old.account.assigned, old.account.count("discarded"), old.account.count("presumed_lost")) == (51, 30, 1)
    assert (old.apart, new.apart) == (31, 0)
    assert old.first_attempt == Share(0, 20, 0)
    assert float(old.end_to_end.values.max()) == 2.0
    assert len(old.timeline.assigned_ns) == len(new.timeline.assigned_ns) == 20
    assert {job.trouble for job in old.named} == {"discarded", "lost"}, "they are named nevertheless"


def test_jobs_that_follow_another_are_compared(tmp_path: Path) -> None:
    book = Notebook(tmp_path / "x.ledger")
    book.say("child", ("assigned", 1, {"reason": "inherited: bucket 1"}), ("started", 2), ("completed", 3))
    (old,) = book.measured()
    assert (old.apart, old.end_to_end.over) == (0, 1)


def test_a_job_that_ended_after_it_was_overdue_is_named(notebook: Notebook) -> None:
    notebook.say("slow", ("assigned", 0), ("available", 1), ("started", 2), ("overdue", 60), ("completed", 90))
    notebook.say("quick", ("assigned", 0), ("available", 1), ("started", 2), ("completed", 3))
    notebook.say("open", ("assigned", 0), ("available", 1), ("overdue", 60))
    (arm,) = notebook.measured()
    late = [(job.job_key, job.detail) for job in arm.named if job.trouble == "late"]
    assert late == [("slow", "was overdue when it was looked for; ended 90.0 s after it was assigned")]


@pytest.mark.parametrize("unusual", [(), ("c",), ("a", "b", "c", "d")])
def test_jobs_that_overtook_others_of_their_unit_are_named(notebook: Notebook, unusual: tuple[str, ...]) -> None:
    for key, unit, ready, started in (("a", "u", 1, 20), ("b", "u", 2, 21), ("c", "u", 3, 10), ("d", "v", 4, 5), ("e", "u", 5, 30)):
        ours = {"unit_key": unit}
        more = [("attempt_failed", started + 1), ("started", started + 2), ("stalled", started + 3), ("started", started + 4)]
        notebook.say(
            key,
            ("assigned", 0, ours),
            ("available", ready, ours),
            ("started", started, ours),
            *((kind, at, ours) for kind, at in more if key in unusual),
            ("completed", started + 9, ours),
        )
    (arm,) = notebook.measured()
    named = [job for job in arm.named if job.trouble == "out of order"]
    assert [(job.job_key, job.unit_key) for job in named] == [("c", "u")]
    assert named[0].detail == "started before a job of its unit `u` that was ready earlier"
