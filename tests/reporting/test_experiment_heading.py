"""What stands above a report."""

from __future__ import annotations

from msgspec.structs import replace

from migrator.reporting.experiment_heading import standfirst
from tests.reporting.experiments import experiment
from tests.shadow.synthetic import ArmPlan


def test_shares_are_what_was_asked_for_or_where_that_changed_what_it_came_to() -> None:
    summary = experiment([ArmPlan(arm="old", jobs=75), ArmPlan(arm="new", jobs=25)])
    assert "went to old (Postgres job table, 50 %) and new (Postgres job table, 50 %);" in standfirst(summary)
    ramped = {arm: (*shares[:-1], 0.75 if arm == "old" else 0.25) for arm, shares in summary.drift.target.items()}
    changed = replace(summary, drift=replace(summary.drift, target=ramped))
    assert "went to old (Postgres job table, 75 %, now 50 %) and new (Postgres job table, 25 %, now 50 %);" in standfirst(changed)
