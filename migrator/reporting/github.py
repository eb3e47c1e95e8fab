"""Findings as annotations of a GitHub Actions run: workflow commands on standard output, the worst first.

GitHub shows ten errors, ten warnings and ten notices of a step; the log has all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from migrator.jobs import Inventory
from migrator.jobs.findings import Finding, Severity
from migrator.reporting.audit_words import checked, places, said, untold
from migrator.reporting.repository import prefix
from migrator.reporting.set_aside import said_where, set_aside

_COMMANDS: dict[Severity, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "notice", "info": "notice"}


def render_github(inventory: Inventory) -> str:
    """A workflow command for each finding; then, as plain lines, what does not count, what cannot be told, and the sum."""
    before = prefix(Path(inventory.root))
    lines = [*(_command(finding, before) for finding in inventory.findings), *map(_data, _rest(inventory))]
    return "\n".join(lines) + "\n"


def _rest(inventory: Inventory) -> Iterator[str]:
    for one in inventory.suppressed:
        finding = one.finding
        yield f"not counted: {finding.severity} {finding.id} {finding.name} {places(finding)}: {said_where(one)}"
    for check in untold(inventory):
        yield f"unknown: {check.id} {check.name}{' elsewhere' * (check.state == 'fail')}: {check.reason}"
    yield from set_aside(inventory)
    if inventory.checks:
        yield f"{checked(inventory)}."


def _command(finding: Finding, before: str) -> str:
    """
    >>> _command(Finding("JOB101", "x", "medium", "certain", "a,b.py", 3, "50% of it\\nis: lost"), "")
    '::warning file=a%2Cb.py,line=3,title=JOB101 x::50%25 of it%0Ais: lost'
    """
    message = "\n".join(part for part in (said(finding), finding.fix, _also(finding)) if part)
    # What only a running system knows stands in no file.
    where = f"file={_property(before + finding.path)},line={finding.line}," if finding.line else ""
    return f"::{_COMMANDS[finding.severity]} {where}title={_property(f'{finding.id} {finding.name}')}::{_data(message)}"


def _also(finding: Finding) -> str:
    if finding.others:
        return f"All places: {places(finding, 10)}"
    return "" if finding.line else f"At {places(finding)}"


def _data(text: str) -> str:
    """Text as the toolkit of GitHub Actions escapes it: a line of it can begin no command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
