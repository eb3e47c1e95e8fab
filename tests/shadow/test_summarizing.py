from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from migrator.errors import MigratorError
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.summarizing import CURVE_POINTS, NAMED_AT_MOST, summarize
from migrator.shadow.summary import ExperimentSummary
from tests.shadow.synthetic import ArmPlan, write_ledger

PLANS = [
    ArmPlan(arm="jobtable", jobs=140),
    ArmPlan(arm="bullmq", system="bullmq", jobs=140, wait=0.01, lost=120, cancelled=3, in_flight=2),
]


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> ExperimentSummary:
    path = tmp_path_factory.mktemp("ledger") / "x.ledger"
    write_ledger(path, PLANS, seed=5)
    with SqliteLedger.open(path) as ledger:
        return summarize(ledger)


def test_it_says_who_and_when(summary: ExperimentSummary) -> None:
    assert summary.experiment == "synthetic"
    assert [arm.arm for arm in summary.arms] == ["jobtable", "bullmq"]
    assert summary.current.title == "Postgres job table"
    assert "polling interval" in summary.current.latency_floor
    assert summary.job_names == ("import_article",)
    assert summary.started == "2026-09-21T14:13:20Z"
    assert summary.assigned == 280


def test_classes_add_up_to_assigned(summary: ExperimentSummary) -> None:
    for arm in summary.arms:
        assert sum(arm.classes.values()) == arm.assigned == 140
        assert arm.holds


def test_durations_add_up(summary: ExperimentSummary) -> None:
    for arm in summary.arms:
        for found in arm.durations.values():
            assert found.n == found.over + found.open + found.never
    ends = summary.arms[1].durations["end_to_end"]
    assert (ends.never, ends.open) == (120, 5)
    assert ends.quantiles[1].value is None


def test_a_tail_is_only_quoted_with_enough_jobs(summary: ExperimentSummary) -> None:
    (_, p95, p99) = summary.current.durations["wait"].quantiles
    assert (p95.needs, p95.enough) == (72, True)
    assert (p99.needs, p99.enough) == (368, False)


def test_curves_are_thin_climb_and_stay_in_their_band(summary: ExperimentSummary) -> None:
    for arm in summary.arms:
        curve = arm.durations["wait"].curve
        assert 0 < len(curve.seconds) <= CURVE_POINTS
        assert list(curve.seconds) == sorted(curve.seconds)
        assert list(curve.share) == sorted(curve.share)
        assert all(low <= share <= high for low, share, high in zip(curve.low, curve.share, curve.high, strict=True))
    assert summary.current.durations["wait"].curve.share[-1] == 1.0
    assert summary.arms[1].durations["wait"].curve.share[-1] < 0.2


def test_many_named_jobs_are_counted_and_the_first_are_named(summary: ExperimentSummary) -> None:
    lost = next(group for group in summary.named if group.trouble == "lost")
    assert (lost.total, len(lost.jobs)) == (120, NAMED_AT_MOST)


def test_series_and_split_count_every_job(summary: ExperimentSummary) -> None:
    for arm in summary.arms:
        points = summary.series.arms[arm.arm]
        assert sum(point.jobs for point in points) == arm.assigned
        assert len(points) <= 30
    assert summary.drift.jobs[-1] == 280
    assert summary.drift.share["bullmq"][-1] == pytest.approx(0.5)
    assert summary.drift.target["bullmq"][-1] == pytest.approx(0.5, abs=1e-3)


def test_json_is_the_same_again_and_has_no_infinity(summary: ExperimentSummary) -> None:
    written = msgspec.json.encode(summary)
    plain = json.loads(written, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert plain["schema"] == "migrator.experiment/1"
    assert plain["exit_status"] == 1
    assert plain["arms"][1]["durations"]["end_to_end"]["quantiles"][1]["interval"]["high"] is None


def criteria_from(path: Path, config: str) -> ExperimentSummary:
    write_ledger(path, [ArmPlan(arm="a", jobs=5), ArmPlan(arm="b", jobs=5)])
    with SqliteLedger.create(path) as ledger:
        ledger.begin_epoch("renamed", config, "2", ledger.arms())
        return summarize(ledger)


def test_criteria_are_those_of_the_newest_configuration(tmp_path: Path) -> None:
    declared = Criteria(first_attempt_failure=0.04, minimum_days=0)
    config = msgspec.json.encode({"criteria": declared, "job": {"name": "x"}}).decode()
    summary = criteria_from(tmp_path / "x.ledger", config)
    assert summary.criteria == declared
    assert summary.experiment == "renamed"
    assert summary.configurations == 2
    assert summary.moments[0].text == "the configuration changed"


def test_criteria_of_another_version_are_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(
        MigratorError, match=r"x\.ledger: the experiment's criteria cannot be read: .*\n  The ledger was written by another"
    ):
        criteria_from(tmp_path / "x.ledger", '{"criteria": {"first_attempt_failures": 1}}')


def test_a_ledger_without_an_experiment(tmp_path: Path) -> None:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger, pytest.raises(MigratorError, match="no experiment yet"):
        summarize(ledger)


def test_an_experiment_before_its_first_job(tmp_path: Path) -> None:
    write_ledger(tmp_path / "x.ledger", [ArmPlan(arm="a", jobs=0), ArmPlan(arm="b", jobs=0)])
    with SqliteLedger.open(tmp_path / "x.ledger") as ledger:
        summary = summarize(ledger)
    assert summary.answer == "inconclusive"
    assert summary.started is None
    assert summary.seconds == 0
    names = "First-attempt failures, jobs failed for good, end-to-end time (p95) and queue wait (p95)"
    assert summary.verdicts[0].reason == f"{names} cannot be compared: no job of a can be counted yet."
