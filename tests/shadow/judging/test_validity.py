from pathlib import Path
from typing import get_args

import pytest

from migrator.reporting.experiment_words import CHECKS
from migrator.shadow.judging import validity
from migrator.shadow.judging.check import Name
from migrator.shadow.ledger import ClockReading, Mark, SqliteLedger
from migrator.shadow.summarizing import summarize
from tests.shadow.arms import arm, durations
from tests.shadow.synthetic import ArmPlan, write_ledger

MILLISECOND = 1_000_000


def test_every_check_has_its_words_in_the_report(tmp_path: Path) -> None:
    write_ledger(tmp_path / "x.ledger", [ArmPlan(arm="a", jobs=5), ArmPlan(arm="b", jobs=5)])
    with SqliteLedger.open(tmp_path / "x.ledger") as ledger:
        checks = summarize(ledger).checks
    assert [check.name for check in checks] == [name for name in CHECKS if name not in ("fallback", "retention")]
    assert tuple(CHECKS) == get_args(Name), "those of special cases too"


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


def test_all_that_is_not_in_the_record_is_told() -> None:
    gaps = [Mark(kind="gap", ts_ns=0, arm="bullmq"), Mark(kind="gap", ts_ns=1), Mark(kind="gap", ts_ns=2, arm="bullmq")]
    found = validity.recorder(1, 10_000, gaps)
    assert found.state == "warning"
    assert found.finding.split("; ") == [
        "events of bullmq were gone from the store before they could be read, 2 times",
        "1 line that processes recorded could not be read",
        "1 event of 10,001 did not reach the ledger",
    ]


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


def test_incidents_are_told_apart_and_counted() -> None:
    died = Mark(kind="worker_died", ts_ns=0, arm="bullmq", text="killed by signal 9")
    found = validity.incidents([died, died, Mark(kind="store_down", ts_ns=0, arm="pgboss"), Mark(kind="run_started", ts_ns=0)])
    assert found.finding == "a worker of bullmq died 2 times (killed by signal 9) and the store of pgboss could not be reached"
    assert validity.incidents([]).state == "ok"


def test_what_is_dark_is_said() -> None:
    found = validity.visibility([arm("current"), arm("new", first_unknown=7, jobs=50)])
    assert found.state == "unknown"
    assert "results of first attempts of 7 jobs in new" in found.finding


def test_waits_that_nobody_saw_do_not_break_the_clocks() -> None:
    blind = arm("new", wait=durations([]))
    good = ClockReading(offset_ns=0, rtt_ns=1000)
    assert validity.clocks([arm("current"), blind], {"current": good, "new": good}).state == "ok"
