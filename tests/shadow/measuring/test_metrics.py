"""What `measure` reads from a ledger is what was put in: counts by name, durations to the microsecond."""

from pathlib import Path

import numpy as np
import pytest

from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.measuring.metering import measure
from migrator.shadow.measuring.metrics import ArmMetrics, Share
from tests.shadow.synthetic import ArmPlan, Truth, write_ledger

PLANS = [
    ArmPlan(arm="jobtable", jobs=120, first_attempt_fails=0.2, attempt_fails=0.5),
    ArmPlan(
        arm="bullmq",
        system="bullmq",
        jobs=130,
        wait=0.01,
        lost=3,
        enqueue_failed=4,
        in_flight=5,
        cancelled=6,
        duplicated=2,
        clock_offset=1.5,
    ),
]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[ArmMetrics, Truth]]:
    path: Path = tmp_path_factory.mktemp("ledger") / "run.ledger"
    truth = write_ledger(path, PLANS, seed=7)
    with SqliteLedger.open(path) as ledger:
        arms, _ = measure(ledger)
    return {arm.record.arm: (arm, truth[arm.record.arm]) for arm in arms}


def test_the_current_arm_comes_first(measured: dict[str, tuple[ArmMetrics, Truth]]) -> None:
    assert list(measured) == ["jobtable", "bullmq"]


@pytest.mark.parametrize("arm", ["jobtable", "bullmq"])
def test_every_job_is_counted_once(measured: dict[str, tuple[ArmMetrics, Truth]], arm: str) -> None:
    metrics, truth = measured[arm]
    books = metrics.account
    assert books.holds
    assert books.assigned == next(plan.jobs for plan in PLANS if plan.arm == arm)
    named = {outcome: set(keys) for outcome, keys in books.jobs.items()}
    assert books.count("completed") == len(truth.completed)
    assert named["completed"] == truth.duplicated, "what is ordinary has no name here"
    assert named["discarded"] == truth.discarded
    assert named["cancelled"] == truth.cancelled
    assert named["enqueue_failed"] == truth.enqueue_failed
    assert named["in_flight"] == truth.in_flight
    assert named["presumed_lost"] == truth.lost


@pytest.mark.parametrize("arm", ["jobtable", "bullmq"])
def test_durations_are_the_true_ones(measured: dict[str, tuple[ArmMetrics, Truth]], arm: str) -> None:
    metrics, truth = measured[arm]
    for gathered, expected in (
        (metrics.wait, list(truth.waits.values())),
        (metrics.end_to_end, list(truth.end_to_end.values())),
    ):
        seen = np.sort(gathered.values[gathered.ended])
        assert seen == pytest.approx(np.sort(expected), abs=2e-6)
    copies = [1.0] * len(truth.duplicated)
    stopped = [truth.runs[key][-1] for key in truth.cancelled]
    runs = [run for runs in truth.runs.values() for run in runs] + copies
    everything = np.sort(np.concatenate([metrics.run.values[metrics.run.ended], stopped]))
    assert everything == pytest.approx(np.sort(runs), abs=2e-6)


def test_jobs_without_an_end_stay_in_every_distribution(measured: dict[str, tuple[ArmMetrics, Truth]]) -> None:
    metrics, truth = measured["bullmq"]
    ends = metrics.end_to_end
    assert ends.n == 130 - len(truth.enqueue_failed)
    assert (~ends.ended).sum() == len(truth.in_flight) + len(truth.cancelled) + len(truth.lost)
    assert np.isinf(ends.values).sum() == len(truth.lost)
    waits = metrics.wait
    never_started = len(truth.in_flight) - sum(key in truth.waits for key in truth.in_flight)
    assert (~waits.ended).sum() == never_started + len(truth.lost)


def test_attempts_and_first_failures(measured: dict[str, tuple[ArmMetrics, Truth]]) -> None:
    metrics, truth = measured["jobtable"]
    counted: dict[int, int] = {}
    for key in truth.completed | truth.discarded:
        counted[truth.attempts[key]] = counted.get(truth.attempts[key], 0) + 1
    assert metrics.attempts == dict(sorted(counted.items()))
    assert metrics.first_attempt == Share(len(truth.first_attempt_failed), 120)
    assert metrics.discarded == Share(len(truth.discarded), 120)
    assert metrics.errors == {
        "TimeoutError": sum(truth.attempts[k] for k in truth.discarded) + sum(truth.attempts[k] - 1 for k in truth.completed)
    }
    assert metrics.run_failed.n == metrics.errors["TimeoutError"]
    assert metrics.wasted_seconds == pytest.approx(float(metrics.run_failed.values.sum()))


def test_duplicates(measured: dict[str, tuple[ArmMetrics, Truth]]) -> None:
    metrics, truth = measured["bullmq"]
    assert metrics.completed_twice == len(truth.duplicated) == 2
    assert metrics.extra_deliveries == 2
    assert {job.job_key for job in metrics.named if job.trouble == "duplicate effect"} == truth.duplicated


def test_lost_and_never_enqueued_are_named(measured: dict[str, tuple[ArmMetrics, Truth]]) -> None:
    metrics, truth = measured["bullmq"]
    assert {job.job_key for job in metrics.named if job.trouble == "lost"} == truth.lost
    assert {job.job_key for job in metrics.named if job.trouble == "never enqueued"} == truth.enqueue_failed
    assert metrics.enqueue_errors == {"refused": 4}
    assert metrics.lost == Share(3, 126)


def test_the_clock_s_offset_is_taken_out(measured: dict[str, tuple[ArmMetrics, Truth]]) -> None:
    metrics, _ = measured["bullmq"]
    assert metrics.negative == 0
    assert float(np.median(metrics.wait.values[metrics.wait.ended])) < 0.05


def test_timeline_is_in_order_of_assignment(measured: dict[str, tuple[ArmMetrics, Truth]]) -> None:
    metrics, truth = measured["jobtable"]
    line = metrics.timeline
    assert (np.diff(line.assigned_ns) >= 0).all()
    assert (line.first_failed == 1).sum() == len(truth.first_attempt_failed)
    assert np.nansum(line.end_to_end) == pytest.approx(sum(truth.end_to_end.values()), abs=1e-3)
