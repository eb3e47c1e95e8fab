"""Findings as JUnit's XML, for whatever shows test results: a rule is a test case."""

from __future__ import annotations

from collections import defaultdict

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from migrator.jobs import Inventory
from migrator.jobs.findings import Check, Finding, Suppressed
from migrator.regex import regex
from migrator.reporting.audit_words import places, said
from migrator.reporting.set_aside import said_where, set_aside

#: what XML has no room for
_FORBIDDEN = regex("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(inventory: Inventory) -> str:
    """Rules that find something fail, those that cannot tell are skipped with the reason; those that nothing is there for are left out."""
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in inventory.findings:
        findings[finding.id].append(finding)
    suppressed: dict[str, list[Suppressed]] = defaultdict(list)
    for one in inventory.suppressed:
        suppressed[one.finding.id].append(one)
    suite = TestSuite("migrate audit")
    for check in inventory.checks:
        if check.state != "not-applicable":
            suite.add_testcase(_case(check, findings.pop(check.id, []), suppressed.get(check.id, [])))
    for rest in findings.values():
        # What running systems showed is no rule of the code.
        suite.add_testcase(_case(Check(rest[0].id, rest[0].name, "fail"), rest, []))
    for number, line in enumerate(set_aside(inventory), start=1):
        suite.add_property(f"note {number}", clean(line))
    report = JUnitXml()
    report.add_testsuite(suite)
    report.update_statistics()
    return report.tostring().decode() + "\n"


def _case(check: Check, findings: list[Finding], suppressed: list[Suppressed]) -> TestCase:
    case = TestCase(f"{check.id} {check.name}", classname=check.id[:4])
    if findings:
        failure = Failure(clean(_in_short(findings)), findings[0].severity)
        failure.text = clean("\n\n".join(map(_told, findings)))
        case.result = [failure]
    elif check.state == "unknown":
        whence = "" if check.id.startswith("LIV") else " from the code"
        case.result = [Skipped(clean(f"cannot be told{whence}: {check.reason}"))]
    if suppressed:
        case.system_out = clean(
            "\n".join(f"not counted: {one.finding.severity} {places(one.finding)}: {said_where(one)}" for one in suppressed)
        )
    return case


def _in_short(findings: list[Finding]) -> str:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{findings[0].severity}: {said(findings[0])}{more}"


def _told(finding: Finding) -> str:
    return f"{finding.severity} {places(finding, 10)}\n{said(finding)}\n{finding.fix}".strip()


def clean(text: str) -> str:
    """Text of others, without what XML has no room for."""
    return _FORBIDDEN.sub("\ufffd", text)
