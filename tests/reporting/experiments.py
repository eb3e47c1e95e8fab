"""Experiments for the reports' tests: made up, the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.summarizing import summarize
from migrator.shadow.summary import ExperimentSummary
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
