from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from msgspec.structs import replace

from migrator.reporting.experiment_words import CHECKS
from migrator.shadow.judging import validity
from migrator.shadow.judging.check import Name
from migrator.shadow.ledger import ClockReading, Epoch, Mark, SqliteLedger
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.retention import DAY, fold_away
from migrator.shadow.summarizing import summarize
from tests.shadow.arms import arm, durations
from tests.shadow.synthetic import START_NS, ArmPlan, write_events, write_ledger

MILLISECOND = 1_000_000


def epoch(arms: list[ArmMetrics], number: int = 1) -> Epoch:
    return Epoch(config_epoch=number, experiment="x", config_hash="", config="{}", started_ns=0, arms=tuple(a.record for a in arms))


def split_of(counts: list[int], *, seed: int = 3) -> validity.Check:
    """Arms with these many jobs, in random order of assignment, a third each asked for."""
    order = np.random.default_rng(seed).permutation(sum(counts))
    edges = np.cumsum([0, *counts])
    arms = [
        arm(name, jobs=n, first_failed=0, share=1 / 3, assigned_at=order[a:b].tolist())
        for name, n, a, b in zip(["current", "b", "c"], counts, edges[:-1], edges[1:], strict=True)
    ]
    return validity.split([epoch(arms)], arms)


def test_every_check_has_its_words_in_the_report(tmp_path: Path) -> None:
    write_ledger(tmp_path / "x.ledger", [ArmPlan(arm="a", jobs=5), ArmPlan(arm="b", jobs=5)])
    with SqliteLedger.open(tmp_path / "x.ledger") as ledger:
        checks = summarize(ledger).checks
    assert [check.name for check in checks] == [name for name in CHECKS if name not in ("fallback", "retention")]
    assert tuple(CHECKS) == get_args(Name), "those of special cases too"


def test_an_even_split_is_fine_and_a_bent_one_is_not() -> None:
    assert split_of([340, 325, 335]).state == "ok"
    bent = split_of([480, 260, 260])
    assert bent.state == "invalid"
    assert "48 %" in bent.finding


@pytest.mark.parametrize(("strays", "state"), [(0, "ok"), (3, "warning"), (40, "invalid")])
def test_jobs_of_an_arm_that_was_to_get_none(strays: int, state: str) -> None:
    moments = np.arange(1000 + strays).tolist()
    arms = [
        arm("current", jobs=500, share=0.5, assigned_at=moments[0:1000:2]),
        arm("b", jobs=500, share=0.5, assigned_at=moments[1:1000:2]),
        arm("c", jobs=strays, share=0.0, assigned_at=moments[1000:], first_failed=0, discarded=0),
    ]
    found = validity.split([epoch(arms)], arms)
    assert found.state == state
    assert (f"{strays} jobs came to an arm that was to get none" in found.finding) == (strays > 0)


def test_the_split_is_judged_within_each_configuration() -> None:
    generator = np.random.default_rng(6)
    moments = [np.concatenate([generator.uniform(0, 1000, a), generator.uniform(2000, 3000, b)]) for a, b in ((800, 100), (100, 400))]
    first = arm("current", jobs=900, first_failed=0, assigned_at=moments[0].tolist())
    second = arm("new", jobs=500, first_failed=0, assigned_at=moments[1].tolist())
    later = [arm("current", share=0.5), arm("new", share=0.5)]
    # 800 : 100 at 90/10, then 100 : 400 at 20/80: each as asked for, the sum like neither.
    epochs = [epoch([arm("current", share=0.9), arm("new", share=0.1)]), epoch([arm("current", share=0.2), arm("new", share=0.8)], 2)]
    lines = [np.array([1] * 800 + [2] * 100), np.array([1] * 100 + [2] * 400)]
    arms = [replace(a, timeline=replace(a.timeline, epoch=line)) for a, line in zip([first, second], lines, strict=True)]
    assert validity.split(epochs, arms).state == "ok"
    assert validity.split([epoch(later), epoch(later, 2)], arms).state == "invalid"


def test_broken_books_spoil_everything() -> None:
    assert validity.conservation([arm("current"), arm("new")]).state == "ok"
    broken = validity.conservation([arm("current"), arm("new", unassigned=("ghost-1",))])
    assert broken.state == "invalid"
    assert "new: 200 assigned ≠" in broken.finding


@pytest.mark.parametrize(("missing", "state"), [(0, "ok"), (1, "warning"), (11, "invalid")])
def test_lost_events(missing: int, state: str) -> None:
    found = validity.recorder(missing, 10_000, [])
    assert found.state == state
    assert missing == 0 or str(missing) in found.finding


def test_events_that_were_gone_before_they_could_be_read() -> None:
    found = validity.recorder(0, 100, [Mark(kind="gap", ts_ns=0, arm="bullmq")])
    assert found.state == "warning"
    assert "bullmq" in found.finding


def test_clocks() -> None:
    good = ClockReading(offset_ns=3_600_000 * MILLISECOND, rtt_ns=MILLISECOND)
    arms = [arm("current"), arm("new")]
    assert validity.clocks(arms, {"current": good, "new": good}).state == "ok"
    assert validity.clocks(arms, {"current": good}).state == "unknown"
    vague = ClockReading(offset_ns=0, rtt_ns=100 * MILLISECOND)
    found = validity.clocks(arms, {"current": good, "new": vague})
    assert found.state == "warning"
    assert "± 50 ms" in found.finding


def test_clocks_that_nobody_compared_are_not_said_to_agree() -> None:
    found = validity.clocks(
        [arm("current"), arm("new")], {"current": ClockReading(offset_ns=0, rtt_ns=1000), "new": ClockReading(offset_ns=None, rtt_ns=1000)}
    )
    assert found.state == "unknown"
    assert "current 0 ms ±" in found.finding
    assert "new: its workers' machines tell the times, and their clocks were not compared with ours" in found.finding


@pytest.mark.parametrize(("negative", "state"), [(1, "warning"), (50, "invalid")])
def test_impossible_durations_are_counted_not_clamped(negative: int, state: str) -> None:
    good = ClockReading(offset_ns=0, rtt_ns=1000)
    found = validity.clocks([arm("current"), arm("new", negative=negative)], {"current": good, "new": good})
    assert found.state == state
    assert f"{negative} duration" in found.finding


@pytest.mark.parametrize(("events", "state"), [(1, "warning"), (50, "invalid")])
def test_times_that_are_still_to_come_tell_of_a_clock_that_is_ahead(events: int, state: str) -> None:
    good = ClockReading(offset_ns=0, rtt_ns=1000)
    leads = [Mark(kind="clock_ahead", ts_ns=0, arm="new", data={"lead_ns": lead * 10**9, "events": n}) for lead, n in ((2, 1), (1, events))]
    found = validity.clocks([arm("current"), arm("new")], {"current": good, "new": good}, leads)
    assert found.state == state
    assert "new told times that lay up to 2 s in the future" in found.finding
    assert "current told" not in found.finding


def test_unequal_workers_spoil_waits() -> None:
    assert validity.capacity([arm("current"), arm("new")]).spoils == ()
    found = validity.capacity([arm("current", slots=4), arm("new", slots=1)])
    assert found.state == "warning"
    assert found.spoils == ("queue_wait_p95", "end_to_end_p95")
    assert validity.capacity([arm("current", slots=9, share=0.9), arm("new", slots=1, share=0.1)]).state == "ok"
    assert validity.capacity([arm("current", slots=None), arm("new")]).state == "unknown"


def test_workers_that_did_not_match_while_jobs_came_spoil_waits() -> None:
    """At the last step of a ramp four beside four are alike; nine in ten jobs came while one arm had a hundredth of them."""
    ramp = [
        epoch([arm("current", share=0.99), arm("new", share=0.01)]),
        epoch([arm("current"), arm("new")], 2),
    ]
    lines = [np.array([1] * 180 + [2] * 20), np.array([2] * 200)]
    arms = [replace(a, timeline=replace(a.timeline, epoch=line)) for a, line in zip([arm("current"), arm("new")], lines, strict=True)]
    found = validity.capacity(arms, ramp)
    assert (found.state, found.spoils) == ("warning", ("queue_wait_p95", "end_to_end_p95"))
    assert "when 180 of 400 jobs were assigned" in found.finding
    later = [replace(a, timeline=replace(a.timeline, epoch=np.full(200, 2))) for a in arms]
    assert validity.capacity(later, ramp).spoils == (), "nobody's wait is of that configuration"


@pytest.mark.parametrize("folds", [False, True])
def test_jobs_of_an_arm_that_is_no_more_are_told_of(tmp_path: Path, folds: bool) -> None:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        write_events(ledger, [ArmPlan(arm="a", jobs=5), ArmPlan(arm="b", jobs=7)])
        if folds:
            assert fold_away(ledger, 1, START_NS + 30 * DAY) > 0
        epochs = ledger.epochs()
        named = replace(epochs[0].arms[1], arm="b2")
        ledger.begin_epoch("synthetic", '{"criteria": {"alpha": 0.1}}', "renamed", [epochs[0].arms[0], named])
        (check,) = [check for check in summarize(ledger).checks if check.name == "configuration"]
    assert check.state == "warning"
    assert "7 jobs of b, which is no longer an arm, are in the ledger and not in them" in check.finding
    assert "what counts as not worse was declared anew after jobs had come" in check.finding


def test_unequal_retries_spoil_final_failures() -> None:
    assert validity.retries([arm("current"), arm("new")]).spoils == ()
    found = validity.retries([arm("current", max_attempts=3), arm("new", max_attempts=5)])
    assert (found.state, found.spoils) == ("warning", ("discarded",))


def test_transactions() -> None:
    assert validity.transactions([arm("current"), arm("new")]).state == "ok"
    found = validity.transactions([arm("current", transactional=True), arm("new")])
    assert "current, not in new" in found.finding


def test_attrition() -> None:
    assert validity.attrition([arm("current"), arm("new")]).state == "ok"
    assert validity.attrition([arm("current", lost=120), arm("new")]).state == "warning"


def test_incidents_are_told_apart_and_counted() -> None:
    died = Mark(kind="worker_died", ts_ns=0, arm="bullmq", text="killed by signal 9")
    found = validity.incidents([died, died, Mark(kind="store_down", ts_ns=0, arm="pgboss"), Mark(kind="run_started", ts_ns=0)])
    assert found.finding == "a worker of bullmq died 2 times (killed by signal 9) and the store of pgboss could not be reached"
    assert validity.incidents([]).state == "ok"


def test_what_is_dark_is_said() -> None:
    found = validity.visibility([arm("current"), arm("new", first_unknown=7, jobs=50)])
    assert found.state == "unknown"
    assert "results of first attempts of 7 jobs in new" in found.finding


def test_a_changed_question_is_said() -> None:
    arms = [arm("current"), arm("new")]
    assert validity.configuration([epoch(arms)]).state == "ok"
    assert "changed 1 time" in validity.configuration([epoch(arms), epoch(arms, 2)]).finding


def test_waits_that_nobody_saw_do_not_break_the_clocks() -> None:
    blind = arm("new", wait=durations([]))
    good = ClockReading(offset_ns=0, rtt_ns=1000)
    assert validity.clocks([arm("current"), blind], {"current": good, "new": good}).state == "ok"


def test_more_attempts_than_allowed_are_said() -> None:
    within, beyond = {1: 985, 3: 15}, {1: 985, 4: 15}
    assert validity.retries([replace(arm("current"), attempts=within)]).state == "ok"
    found = validity.retries([arm("current"), replace(arm("new"), attempts=beyond)])
    assert (found.state, found.spoils) == ("warning", ("discarded",))
    assert "more than one in a hundred jobs of new took more" in found.finding
