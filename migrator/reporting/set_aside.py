"""Findings that do not count, in words: accepted in comments and settings, known from a baseline, below a threshold. None goes unsaid."""

from __future__ import annotations

from itertools import groupby

from migrator.jobs import Inventory
from migrator.jobs.findings import Finding, Suppressed


def accepted(inventory: Inventory) -> list[Suppressed]:
    """What people accepted, by comments and settings."""
    return [s for s in inventory.suppressed if s.by != "baseline"]


def known(inventory: Inventory) -> list[tuple[Finding, ...]]:
    """What a baseline lists, rule by rule, the worst first."""
    found = [s.finding for s in inventory.suppressed if s.by == "baseline"]
    return [tuple(group) for _, group in groupby(found, key=lambda f: (f.severity, f.id))]


def said_where(suppressed: Suppressed) -> str:
    """Why a finding is accepted, and where that is said."""
    if suppressed.by == "comment":
        return f"{suppressed.reason} (comment at {suppressed.path}:{suppressed.line})"
    return f"{suppressed.reason} ({suppressed.path})"


def set_aside(inventory: Inventory) -> list[str]:
    """What of the findings does not count, each kind in a sentence; empty if all count."""
    lines: list[str] = []
    if inventory.suppressed:
        for by, words in (("comment", "accepted in comments"), ("settings", "accepted in the settings"), ("baseline", "known before")):
            if those := [s.finding for s in inventory.suppressed if s.by == by]:
                lines.append(f"{_findings(those)} {words}: not counted.")
    if inventory.below:
        asked = (("--severity", inventory.scope.severity), ("--confidence", inventory.scope.confidence))
        levels = [f"{option} {level}" for option, level in asked if level is not None]
        one = "finding is" if inventory.below == 1 else "findings are"
        lines.append(f"{inventory.below} {one} below {' or '.join(levels)}: not shown, not counted.")
    if inventory.baseline is not None and inventory.baseline.mended:
        number = sum(m.number for m in inventory.baseline.mended)
        gone, them = ("place in {} is", "it") if number == 1 else ("places in {} are", "them")
        lines.append(f"{number} {gone.format(inventory.baseline.path)} mended: --prune-baseline takes {them} out.")
    return lines


def _findings(those: list[Finding]) -> str:
    """
    >>> _findings([Finding("JOB101", "x", "critical", "certain", "a", 1, "")])
    '1 finding (1 critical)'
    """
    critical = sum(f.severity == "critical" for f in those)
    number = f"{len(those)} finding{'s' * (len(those) > 1)}"
    return f"{number} ({critical} critical)" if critical else number
