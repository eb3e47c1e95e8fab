"""Findings as SARIF 2.1.0, for code scanning: the same tree gives the same bytes, and no path leads out of the repository."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from migrator import __version__
from migrator.jobs import Inventory
from migrator.jobs.findings import Check, Finding, Severity, Spot, Suppressed
from migrator.live.check import LiveCheck, checks
from migrator.reporting.audit_words import title, untold
from migrator.reporting.repository import prefix
from migrator.reporting.rule_pages import live_page, rule_page
from migrator.reporting.sarif_model import (
    Artifact,
    Configuration,
    Descriptor,
    Driver,
    Invocation,
    Level,
    Log,
    Logical,
    Notification,
    Physical,
    Place,
    Reference,
    Region,
    Result,
    Run,
    Suppression,
    Text,
    Tool,
)
from migrator.reporting.set_aside import set_aside
from migrator.rules.registry import rules
from migrator.rules.rule import Rule

#: GitHub takes no more of one run, and 20 tags of a rule (its documentation, "SARIF results exceed one or more limits", November 2026)
MOST_RESULTS, MOST_TAGS = 25_000, 20
_BASE = "%SRCROOT%"
_LEVELS: dict[Severity, Level] = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_PROBLEMS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "recommendation"}
#: GitHub sorts security findings by a CVSS score: one from the middle of each of its bands
_SCORES: dict[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.0"}
_SECURITY = "JOB7"


def render_sarif(inventory: Inventory) -> str:
    """The findings of an audit, those that do not count as suppressed, and what cannot be told as something to review."""
    return msgspec.json.format(msgspec.json.encode(Log(runs=(_Writer(inventory).run(),))), indent=1).decode()


class _Writer:
    """Writes one audit: `_before` leads to its folder, and rules have numbers."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._before = prefix(Path(inventory.root))
        looked_at = {check.id for check in inventory.checks}
        self._rules = tuple(rule for rule in (*rules(), *checks()) if rule.id in looked_at)
        self._numbers = {rule.id: number for number, rule in enumerate(self._rules)}

    def run(self) -> Run:
        unknown = untold(self._inventory)
        results = [
            *(self._finding(finding) for finding in self._inventory.findings),
            *(self._review(check) for check in unknown if check.untold),
            *(self._suppressed(one) for one in self._inventory.suppressed),
        ]
        notes = [Notification(level="note", message=Text(text=line)) for line in set_aside(self._inventory)]
        for check in unknown:
            if not check.untold:
                about = Reference(id=check.id, index=self._numbers.get(check.id, -1))
                notes.append(Notification(level="note", message=Text(text=f"Cannot be told: {check.reason}"), associated_rule=about))
        if len(results) > MOST_RESULTS:
            left_out = f"{len(results) - MOST_RESULTS} results are left out: code scanning takes {MOST_RESULTS:,} of a run."
            notes.append(Notification(level="warning", message=Text(text=left_out)))
        return Run(
            tool=Tool(
                driver=Driver(
                    name="migrator",
                    version=__version__,
                    rules=tuple(_live_descriptor(r) if isinstance(r, LiveCheck) else _descriptor(r) for r in self._rules),
                )
            ),
            invocations=(Invocation(execution_successful=True, tool_execution_notifications=tuple(notes)),),
            original_uri_base_ids={_BASE: Artifact(description=Text(text="The top of the repository, or else the audited folder."))},
            column_kind="utf16CodeUnits",
            results=tuple(results[:MOST_RESULTS]),
        )

    def _finding(self, finding: Finding, suppressions: Sequence[Suppression] = ()) -> Result:
        return Result(
            rule_id=finding.id,
            rule_index=self._numbers.get(finding.id, -1),
            kind="fail",
            level=_LEVELS[finding.severity],
            message=Text(text=f"{finding.message} {finding.fix}".strip()),
            locations=(self._place(Spot(finding.path, finding.line)),),
            related_locations=tuple(map(self._place, finding.others)),
            partial_fingerprints={"primaryLocationLineHash": finding.fingerprint, "migrate/v1": finding.fingerprint},
            suppressions=tuple(suppressions),
            properties={"severity": finding.severity, "confidence": finding.confidence, "systems": list(finding.systems)},
        )

    def _suppressed(self, one: Suppressed) -> Result:
        at = self._place(Spot(one.path, one.line)) if one.line else None
        kind = "inSource" if one.by == "comment" else "external"
        return self._finding(one.finding, [Suppression(kind=kind, status="accepted", justification=one.reason, location=at)])

    def _review(self, check: Check) -> Result:
        first, *others = check.untold
        return Result(
            rule_id=check.id,
            rule_index=self._numbers.get(check.id, -1),
            kind="review",
            level="none",
            message=Text(text=f"Cannot be told{'' if check.id.startswith('LIV') else ' from the code'}: {check.reason}"),
            locations=(self._place(first),),
            related_locations=tuple(map(self._place, others)),
        )

    def _place(self, spot: Spot) -> Place:
        message = Text(text=spot.what) if spot.what else None
        if not spot.line:
            # A running system's.
            return Place(logical_locations=(Logical(fully_qualified_name=spot.path, kind="resource"),), message=message)
        path = self._before + ("" if spot.path == "." else spot.path)
        where = Artifact(uri=quote(path) or "./", uri_base_id=_BASE)
        return Place(physical_location=Physical(artifact_location=where, region=Region(start_line=spot.line)), message=message)


def _descriptor(rule: Rule) -> Descriptor:
    level = _LEVELS[rule.severity]
    tags = ["background-jobs", *sorted(rule.systems)]
    properties = {
        "problem.severity": _PROBLEMS[level],
        "precision": "high" if rule.tier == "stable" else "medium",
        "effortMinutes": {"low": rule.effort.low, "high": rule.effort.high},
    }
    if rule.id.startswith(_SECURITY):
        tags.insert(0, "security")
        properties["security-severity"] = _SCORES[rule.severity]
    about = ", ".join(map(title, rule.systems)) or "every system"
    return Descriptor(
        id=rule.id,
        name=rule.name,
        short_description=Text(text=rule.title),
        full_description=Text(text=f"{rule.what} ({about})"),
        help=Text(text=f"{rule.what}\n\n{rule.why}\n\n{rule.hint}", markdown=rule_page(rule)),
        default_configuration=Configuration(level=level),
        properties={**properties, "tags": tags[:MOST_TAGS]},
    )


def _live_descriptor(check: LiveCheck) -> Descriptor:
    level = _LEVELS[check.severity]
    return Descriptor(
        id=check.id,
        name=check.name,
        short_description=Text(text=check.title),
        full_description=Text(text=f"{check.what} (at running servers)"),
        help=Text(text=f"{check.what}\n\n{check.why}\n\n{check.hint}", markdown=live_page(check)),
        default_configuration=Configuration(level=level),
        properties={"problem.severity": _PROBLEMS[level], "precision": "high", "tags": ["background-jobs", "live"]},
    )
