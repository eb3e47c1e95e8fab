"""Experiments for the reports' tests: made up, the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from migrator.shadow.judging.noise import Noise
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.measuring.pairs import Disagreement, PairedTimes, Pairing
from migrator.shadow.statistics.interval import Interval
from migrator.shadow.summarizing import summarize
from migrator.shadow.summary import ExperimentSummary
from migrator.shadow.symptoms.poison import Poison
from tests.shadow.synthetic import ArmPlan, write_ledger

THREE = (
    ArmPlan(arm="jobtable", jobs=100),
    ArmPlan(arm="pgboss", system="pg-boss", jobs=98, wait=1.0, lost=2, enqueue_failed=1, duplicated=1, in_flight=1, cancelled=1),
    ArmPlan(arm="bullmq", system="bullmq", jobs=102, wait=0.01),
)


def experiment(plans: Sequence[ArmPlan] = THREE, *, seed: int = 3) -> ExperimentSummary:
    """The summary of a made-up ledger, with the program's version taken out."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.ledger"
        write_ledger(path, list(plans), seed=seed)
        with SqliteLedger.open(path) as ledger:
            return replace(summarize(ledger), migrator="0.0.0")


def several_sorts(summary: ExperimentSummary) -> ExperimentSummary:
    """The same with the jobs told apart by sort."""
    names = ("quick", "slow", "fails once", "never works")
    return replace(summary, arms=tuple(replace(arm, sorts=dict.fromkeys(names, arm.sorts["import_article"])) for arm in summary.arms))


def hostile(summary: ExperimentSummary, text: str) -> ExperimentSummary:
    """The same with `text` wherever an application's own words can get to."""
    arms = tuple(
        replace(
            arm, errors={text: 3}, latency_floor=text, title=text, sorts=dict.fromkeys((text, f"{text}2"), next(iter(arm.sorts.values())))
        )
        for arm in summary.arms
    )
    named = tuple(
        replace(group, jobs=tuple(replace(job, job_key=text, job_name=text, label=text, detail=text) for job in group.jobs))
        for group in summary.named
    )
    checks = tuple(replace(check, finding=text) for check in summary.checks)
    verdicts = tuple(replace(verdict, reason=text) for verdict in summary.verdicts)
    return replace(summary, experiment=text, job_names=(text,), arms=arms, named=named, checks=checks, verdicts=verdicts)


def everything(summary: ExperimentSummary) -> ExperimentSummary:
    """The same with every part that not all experiments have: noise, mirrored pairs, poison jobs and earlier reports."""
    noise = replace(summary.arms[-1], arm="again", role="noise", system=summary.current.system, title=summary.current.title)
    series = replace(summary.series, arms={**summary.series.arms, "again": summary.series.arms[summary.arms[-1].arm]})
    drift = replace(
        summary.drift,
        **{
            part: {**getattr(summary.drift, part), "again": summary.drift.share[summary.arms[-1].arm]}
            for part in ("share", "target", "reach")
        },
    )
    times, none = (
        PairedTimes(pairs=97, ratio=1.31, interval=Interval(1.22, 1.4), p_value=0.003),
        PairedTimes(pairs=3, ratio=None, interval=None, p_value=None),
    )
    failed = Disagreement(98, 7, 1, 6)
    pairs = tuple(
        Pairing(
            arm=verdict.arm, jobs=100, copied=98, first_attempts=failed, first_attempts_p=failed.p_value,
            discarded=Disagreement(0, 0, 0, 0), discarded_p=1.0, wait=times, end_to_end=none,
        )
        for verdict in summary.verdicts
    )  # fmt: skip
    poisoned = Poison(job_name="import_article", key="article-7", whole_unit=True, arms=("jobtable", "bullmq"), deaths=4, detail="no title")
    earlier = tuple(replace(summary.history[0], at=f"2026-09-{day}T00:00:00Z", assigned=10 * day) for day in (18, 19, 20))
    return replace(
        summary,
        arms=(*summary.arms, noise),
        noise=(Noise(arm="again", comparisons=summary.verdicts[-1].comparisons),),
        series=series,
        drift=drift,
        pairs=pairs,
        poison=(poisoned,),
        history=(*earlier, *summary.history),
    )
