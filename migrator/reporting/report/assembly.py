"""All that the report says, as values; the templates only set it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import msgspec
from markupsafe import Markup

from migrator import __version__
from migrator.cutover.gate import Result
from migrator.jobs import Inventory
from migrator.jobs.findings import Check, Finding
from migrator.planning.plan import Plan
from migrator.planning.starts import starts
from migrator.reporting import audit_words as words
from migrator.reporting.audit_page import Strip, drawings, strips
from migrator.reporting.excerpts import Excerpt, Excerpts
from migrator.reporting.report.groups import GROUPS, group_of
from migrator.reporting.report.jobs import JobRow, job_rows
from migrator.reporting.report.mermaid import flowchart
from migrator.reporting.report.metrics import Metric, metrics
from migrator.reporting.report.monitoring import Gap, monitoring
from migrator.reporting.report.roadmap import Roadmap, Task, roadmap
from migrator.reporting.report.verdict import Coverage, Judgement, coverage, judge
from migrator.rules.registry import rules
from migrator.rules.rule import Rule

#: drawings of the graph that are shown
_DRAWINGS = 6


class Issue(msgspec.Struct, frozen=True):
    """All findings of one rule with one severity. `rule` is None for what only a running server shows."""

    findings: tuple[Finding, ...]
    rule: Rule | None
    excerpt: Excerpt | None
    task: Task | None


class Report(msgspec.Struct, frozen=True):
    """The sections in their order. `gates` are empty where no migration was begun; `plan` is there where a target was asked about."""

    root: str
    commit: str
    version: str
    versions: dict[str, str]
    target: str
    plan: Plan | None
    covered: Coverage
    judgement: Judgement
    metrics: tuple[Metric, ...]
    works: tuple[Check, ...]
    broken: tuple[tuple[str, tuple[Finding, ...]], ...]
    critical: tuple[Issue, ...]
    others: tuple[tuple[str, tuple[Issue, ...]], ...]
    untold: tuple[Check, ...]
    jobs: tuple[JobRow, ...]
    dead: tuple[JobRow, ...]
    strips: tuple[Strip, ...]
    drawings: tuple[Markup, ...]
    flowchart: str
    monitoring: tuple[Gap, ...]
    live: tuple[Finding, ...]
    roadmap: Roadmap
    gates: tuple[Result, ...]
    looked: tuple[Check, ...]
    previews: tuple[str, ...]


def assemble(inventory: Inventory, root: Path, *, commit: str = "", plan: Plan | None = None, gates: tuple[Result, ...] = ()) -> Report:
    """The report on an audit. `root` is the folder that was read, for lines of code; `plan` of a move that is thought of."""
    target = plan.target if plan is not None else ""
    order = roadmap(inventory.findings, target)
    issues = _issues(inventory, order, Excerpts(root))
    rows = job_rows(inventory)
    looked = {check.id for check in inventory.checks}
    severities = groupby((i for i in issues if i.findings[0].severity != "critical"), key=lambda i: i.findings[0].severity)
    return Report(
        root=inventory.root,
        commit=commit,
        version=__version__,
        versions=inventory.versions,
        target=target,
        plan=plan,
        covered=coverage(inventory),
        judgement=judge(inventory),
        metrics=tuple(metrics(inventory)),
        works=tuple(c for c in inventory.checks if c.state == "pass" and c.evidence),
        broken=_by_group(inventory.findings),
        critical=tuple(i for i in issues if i.findings[0].severity == "critical"),
        others=tuple((severity, tuple(those)) for severity, those in severities),
        untold=tuple(words.untold(inventory)),
        jobs=tuple(row for row in rows if row.live is not False),
        dead=tuple(row for row in rows if row.live is False),
        strips=tuple(strips(inventory)),
        drawings=tuple(drawings(inventory)[:_DRAWINGS]),
        flowchart=flowchart(starts(inventory)),
        monitoring=tuple(monitoring(inventory)),
        live=tuple(f for f in inventory.findings if f.id.startswith("LIV")),
        roadmap=order,
        gates=gates,
        looked=inventory.checks,
        previews=tuple(f"{r.id} {r.name}" for r in rules() if r.tier == "preview" and r.id not in looked),
    )


def _issues(inventory: Inventory, order: Roadmap, excerpts: Excerpts) -> list[Issue]:
    """Findings rule by rule, the worst first."""
    known = {rule.id: rule for rule in rules()}
    tasks = {(task.rule, task.severity): task for phase in order.phases for task in phase.tasks}
    found: list[Issue] = []
    for (severity, rule), group in groupby(inventory.findings, key=lambda f: (f.severity, f.id)):
        those = tuple(group)
        excerpt = excerpts.around(those[0].path, those[0].line) if severity == "critical" else None
        found.append(Issue(those, known.get(rule), excerpt, tasks.get((rule, severity))))
    return found


def _by_group(findings: tuple[Finding, ...]) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    grouped = {title: tuple(f for f in findings if group_of(f.id) == title) for title in GROUPS.values()}
    return tuple((title, those) for title, those in grouped.items() if those)
