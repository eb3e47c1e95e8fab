"""What is folded is gone, and nothing else: the books, the shares and the times stay what they were."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest

from migrator.reporting.experiment import FORMS, render
from migrator.reporting.experiment_console import render_text
from migrator.shadow.ledger import Ledger, SqliteLedger
from migrator.shadow.ledger.folded import DAY, HOUR
from migrator.shadow.ledger.postgres import PostgresLedger
from migrator.shadow.measuring.metering import measure
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.measuring.sketch import RELATIVE_ERROR
from migrator.shadow.retention import fold_away
from migrator.shadow.statistics.quantiles import quantile
from migrator.shadow.summarizing import summarize
from tests.shadow.conftest import VARIABLE, Kept
from tests.shadow.ledger.test_history import event
from tests.shadow.synthetic import SECOND, START_NS, ArmPlan, Truth, write_events

PLANS = [
    ArmPlan(
        arm="old", jobs=400, lost=3, enqueue_failed=4, in_flight=5, cancelled=2, duplicated=6, clock_offset=2.0, first_attempt_fails=0.3
    ),
    ArmPlan(arm="new", system="bullmq", jobs=400, attempt_fails=0.7, wait=0.01),
]
#: jobs come for 8,000 seconds: more than two hours
RATE = 0.1
LATER = START_NS + 30 * DAY


def filled(ledger: Ledger) -> dict[str, Truth]:
    return write_events(ledger, PLANS, seed=9, rate=RATE)


def rows(ledger: Ledger) -> int:
    return sum(1 for _ in ledger.events())


def test_the_numbers_stay_what_they_were(kept: Kept) -> None:
    with kept.create() as ledger:
        truth = filled(ledger)
        before, until = measure(ledger)
        events = ledger.recorded()
        ordinary = sum(len(told.completed - told.duplicated) for told in truth.values())
        assert fold_away(ledger, 7, LATER, lambda: True) == 0, "it was enough before it began"
        assert fold_away(ledger, 7, LATER) == ordinary
        assert fold_away(ledger, 7, LATER) == 0, "once"
        assert ledger.recorded() == events
        assert rows(ledger) < events / 3
        after, until_after = measure(ledger)
        assert until_after == until
        for one, other in zip(before, after, strict=True):
            same_counts(one, other)
            for what in ("wait", "run", "run_completed", "run_failed", "end_to_end", "enqueue"):
                exact, near = getattr(one, what), getattr(other, what)
                assert (near.n, near.over, near.unknown) == (exact.n, exact.over, exact.unknown), what
                told = np.isfinite(exact.values) & (exact.values > 1e-6)
                error = np.abs(near.values[told] / exact.values[told] - 1)
                assert (error <= RELATIVE_ERROR * 1.000001).all(), what
                assert quantile(near.at_least, 0.95) == pytest.approx(quantile(exact.at_least, 0.95), rel=RELATIVE_ERROR)
            assert other.folded == len(truth[one.record.arm].completed - truth[one.record.arm].duplicated)
            assert ledger.conservation(one.record.arm).holds
            assert ledger.conservation(one.record.arm).count("completed") == len(truth[one.record.arm].completed)


def same_counts(one: ArmMetrics, other: ArmMetrics) -> None:
    for name in (
        "job_names", "started", "start_unknown", "first_attempt", "discarded", "lost", "attempts", "deliveries", "extra_deliveries",
        "completed_twice", "negative", "rounded", "waits_below_zero", "wasted_seconds", "errors", "enqueue_errors", "last_end_ns", "named",
    ):  # fmt: skip
        assert getattr(one, name) == getattr(other, name), name
    assert other.account.holds
    assert other.account.assigned == one.account.assigned
    assert {o: other.account.count(o) for o in other.account.jobs} == {o: one.account.count(o) for o in one.account.jobs}
    assert {name: (s.jobs, s.completed, s.first_attempt) for name, s in one.sorts.items()} == {
        name: (s.jobs, s.completed, s.first_attempt) for name, s in other.sorts.items()
    }
    hours = [np.unique(arm.timeline.assigned_ns // HOUR, return_counts=True) for arm in (one, other)]
    assert [part.tolist() for part in hours[0]] == [part.tolist() for part in hours[1]], "as many in every hour"
    assert (one.timeline.first_failed == 1).sum() == (other.timeline.first_failed == 1).sum()


def test_what_somebody_may_want_to_look_at_stays(kept: Kept) -> None:
    with kept.create() as ledger:
        truth = filled(ledger)
        fold_away(ledger, 1, LATER)
        old = truth["old"]
        left = {job.job_key for job in ledger.jobs("old")}
        assert left == old.lost | old.enqueue_failed | old.in_flight | old.cancelled | old.duplicated | old.discarded


def test_what_is_young_stays(kept: Kept) -> None:
    with kept.create() as ledger:
        filled(ledger)
        assert fold_away(ledger, 1, START_NS + DAY) == 0
        some = fold_away(ledger, 1, START_NS + DAY + 4000 * SECOND)
        rest = fold_away(ledger, 1, LATER)
        assert 0 < some < some + rest
        (arm, _), _ = measure(ledger)
        assert arm.account.holds, "folded in two goes"
        assert arm.account.count("completed") == arm.folded + len(arm.account.jobs["completed"])


def test_numbers_of_folded_events_are_not_missing(kept: Kept) -> None:
    with kept.create() as ledger:
        filled(ledger)
        lost = [event("available", at, job="j", arm="old", boot_id="b9", seq=at) for at in (1, 2, 5)]
        ledger.record(lost)
        assert ledger.missing_sequences() == {"b9": 2}
        fold_away(ledger, 1, LATER)
        assert ledger.missing_sequences() == {"b9": 2}
        ledger.record([msgspec.structs.replace(lost[0], event_id="new", boot_id="", seq=0)])
        assert ledger.missing_sequences() == {"b9": 2}, "the recorder's own numbers go on"


def test_a_job_that_was_heard_of_since_it_was_looked_at_stays(kept: Kept) -> None:
    with kept.create() as ledger:
        filled(ledger)
        position = 1
        key = next(iter(ledger.events(arm="old"))).job_key
        events = sum(1 for e in ledger.events(arm="old") if e.job_key == key)
        assert ledger.fold_away("old", [(position, events - 1)], lambda _: pytest.fail("nothing is left to sum")) == 0
        assert sum(1 for e in ledger.events(arm="old") if e.job_key == key) == events


def test_nothing_else_can_be_taken_out_or_changed(kept: Kept) -> None:
    with kept.create() as ledger:
        filled(ledger)
        fold_away(ledger, 1, LATER)
        left = rows(ledger)
        for statement in (
            "DELETE FROM {t}event",
            "UPDATE {t}event SET kind = 'completed'",
            "DELETE FROM {t}folded",
            "UPDATE {t}folded SET sums = ''",
        ):
            with pytest.raises(Exception, match="append-only"):
                kept.raw(statement)
        assert rows(ledger) == left


def test_news_of_a_folded_job_is_no_job_of_its_own(kept: Kept) -> None:
    with kept.create() as ledger:
        truth = filled(ledger)
        key = min(truth["new"].completed)
        fold_away(ledger, 1, LATER)
        ledger.record([event("removed", LATER, job=key, arm="new"), event("completed", LATER + 1, job=key, arm="new")])
        (_, new), _ = measure(ledger)
        assert new.account.holds
        assert (new.late, new.late_completions) == ((key,), 1)
        assert ledger.conservation("new").holds
        assert fold_away(ledger, 1, LATER) == 0
        (check,) = [check for check in summarize(ledger).checks if check.name == "retention"]
        assert check.state == "warning"
        assert f"1 job heard of again since: {key}; 1 of these as completed, which may be a second time" in check.finding


def test_an_assignment_that_is_handed_over_once_more_is_no_second_job(kept: Kept) -> None:
    """A transport that had no answer gives again what the ledger has, also after it was folded."""
    with kept.create() as ledger:
        truth = filled(ledger)
        key = min(truth["new"].completed)
        (again,) = (e for e in ledger.events(arm="new", kind="assigned") if e.job_key == key)
        fold_away(ledger, 1, LATER)
        missing, (_, before) = ledger.missing_sequences(), measure(ledger)[0]
        ledger.record([again, event("completed", LATER, job=key, arm="new", native="n1")])
        (_, after), _ = measure(ledger)
        assert (after.account.holds, after.account.assigned) == (True, before.account.assigned), after.account.sentence()
        assert (after.late, after.late_completions) == ((key,), 1)
        assert ledger.missing_sequences() == missing
        assert key not in {job.job_key for job in ledger.unsettled("new")}, "it is not waited for"


def test_the_report_says_what_was_folded(kept: Kept) -> None:
    with kept.create() as ledger:
        filled(ledger)
        assert not [check for check in summarize(ledger).checks if check.name == "retention"]
        fold_away(ledger, 1, LATER)
        summary = summarize(ledger)
        (check,) = [check for check in summary.checks if check.name == "retention"]
        assert check.state == "ok"
        assert "of 400 jobs of old" in check.finding
        assert "0.54 %" in check.finding
    for form in FORMS:
        assert "jobs of old and " in render(summary, form), form
    assert "Kept as sums" in render(summary, "html")
    assert (
        render_text(msgspec.structs.replace(summary, checks=(msgspec.structs.replace(check, state="warning"),))).count("Kept as sums") == 1
    )


def test_of_two_hosts_that_fold_at_once_each_job_is_folded_once(ledger_server: str, on_postgres: str) -> None:
    def fold(_: int) -> int:
        with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger:
            return fold_away(ledger, 1, LATER)

    with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger:
        truth = filled(ledger)
        with ThreadPoolExecutor(3) as pool:
            assert sum(pool.map(fold, range(3))) == sum(len(told.completed - told.duplicated) for told in truth.values())
        assert all(ledger.conservation(arm).holds for arm in ("old", "new"))
        assert ledger.missing_sequences() == {}


def test_in_mode_fallback_every_job_is_kept(tmp_path: Path) -> None:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        filled(ledger)
        ledger.begin_epoch("x", '{"experiment": {"mode": "fallback"}}', "2", ledger.arms())
        assert fold_away(ledger, 1, LATER) == 0


def test_an_empty_ledger(tmp_path: Path) -> None:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        assert fold_away(ledger, 1, LATER) == 0
