"""The order in which to mend: every finding in exactly one phase, sums that are sums, and what leans on another after it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.jobs.findings import SEVERITIES, Finding, Spot
from migrator.reporting.report.roadmap import AFTER, PHASES, roadmap
from migrator.rules.registry import rules
from migrator.systems import SYSTEMS

IDS = [rule.id for rule in rules()]
findings = st.lists(
    st.builds(
        lambda rule, severity, line: Finding(rule, "name", severity, "certain", "a.py", line, "", systems=("bullmq",)),
        st.sampled_from(IDS),
        st.sampled_from(SEVERITIES),
        st.integers(1, 9),
    ),
    max_size=40,
)


@given(findings, st.sampled_from(["", "bullmq", "inngest", "dramatiq"]))
def test_every_finding_is_in_one_phase_and_sums_are_sums(found: list[Finding], target: str) -> None:
    plan = roadmap(found, target)
    tasks = [task for phase in plan.phases for task in phase.tasks]
    assert sum(task.findings for task in tasks) == len(found)
    assert {(t.rule, t.severity) for t in tasks} == {(f.id, f.severity) for f in found}
    assert len({(t.rule, t.severity) for t in tasks}) == len(tasks)
    for phase in plan.phases:
        counted = [t for t in phase.tasks if not t.moot]
        assert (phase.low, phase.high) == (sum(t.low for t in counted), sum(t.high for t in counted))
    assert (plan.low, plan.high) == (sum(p.low for p in plan.phases), sum(p.high for p in plan.phases))
    assert all(t.low <= t.high for t in tasks)
    assert [p.name for p in plan.phases] == [name for name in PHASES if name in {p.name for p in plan.phases}]


@given(findings)
def test_within_a_phase_what_leans_on_another_comes_after_it(found: list[Finding]) -> None:
    for phase in roadmap(found).phases:
        order = [task.rule for task in phase.tasks]
        for rule, before in AFTER.items():
            for other in before:
                if rule in order and other in order:
                    assert max(i for i, r in enumerate(order) if r == other) < order.index(rule)


@given(findings)
def test_what_is_mended_once_is_counted_once(found: list[Finding]) -> None:
    once = {rule.id: rule.effort.high for rule in rules() if rule.effort.per == "project"}
    tasks = [task for phase in roadmap(found).phases for task in phase.tasks if task.rule in once]
    for rule in {task.rule for task in tasks}:
        assert sum(t.high for t in tasks if t.rule == rule) == once[rule]


def test_a_place_that_two_findings_share_is_one_place() -> None:
    place = next(rule for rule in rules() if rule.effort.per == "place")
    twice = [Finding(place.id, "n", "high", "certain", "a.py", 3, message) for message in ("one", "two")]
    (phase,) = roadmap(twice).phases
    (task,) = phase.tasks
    assert (task.findings, task.places, task.low, task.high) == (2, 1, place.effort.low, 2 * place.effort.high)


def test_places_of_a_finding_may_be_further_ones_or_only_show_it() -> None:
    place = next(rule for rule in rules() if rule.effort.per == "place")
    one = Finding(place.id, "n", "high", "certain", "a.py", 3, "", others=(Spot("b.py", 1), Spot("c.py", 1)))
    ((task,),) = (phase.tasks for phase in roadmap([one]).phases)
    assert (task.low, task.high) == (place.effort.low, 3 * place.effort.high)
    assert task.formula.startswith("1 to 3 × ")


@pytest.mark.parametrize(
    ("rule", "target", "moot"),
    [
        ("JOB805", "", False),
        ("JOB805", "inngest", True),
        ("JOB805", "celery", False),
        ("JOB209", "bullmq", True),
        # It is not looked for there, and is there all the same: Procrastinate deletes nothing, pg-boss hands out what takes too long.
        ("JOB805", "procrastinate", False),
        ("JOB112", "pg-boss", False),
        ("JOB112", "bullmq", True),
        # Dramatiq has no schedules of its own: APScheduler ticks for it.
        ("JOB305", "dramatiq", False),
        ("JOB305", "bullmq", True),
        # What a rewrite hands over as it was, or a person has to mend before there can be one.
        ("JOB003", "bullmq", False),
        ("JOB004", "bullmq", False),
        ("JOB007", "bullmq", False),
        ("JOB008", "dramatiq", False),
        # The order is kept, and so is the way in which pickle is unpacked.
        ("JOB211", "pg-boss", False),
        ("JOB703", "rq", False),
    ],
)
def test_only_what_the_move_itself_ends_is_not_counted(rule: str, target: str, moot: bool) -> None:
    ((task,),) = (phase.tasks for phase in roadmap([Finding(rule, "n", "high", "certain", "a.py", 3, "")], target).phases)
    assert task.moot is moot


def test_what_no_rule_knows_has_no_time() -> None:
    assert roadmap([Finding("LIV01", "queue-depth", "high", "certain", "redis://here", 0, "")]).phases == ()


def test_where_something_stays_is_known_of_systems_that_there_are() -> None:
    for rule in rules():
        assert not rule.stays_on or rule.left_behind, rule.id
        assert set(rule.stays_on) <= set(SYSTEMS) - set(rule.systems), rule.id
