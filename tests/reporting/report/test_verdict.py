"""The verdict follows the rule that the report states."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Location, Span
from migrator.jobs.findings import Finding
from migrator.jobs.model import Confidence
from migrator.reporting.report.verdict import judge


def inventory(tied: int, loose: int, *findings: Finding) -> Inventory:
    """An inventory with so many enqueues of known and of unknown names."""
    where = Location("a.py", 1, 0, 1, Span(0, 1))
    names = ["mail"] * tied + [""] * loose
    return Inventory("app", tuple(Enqueue(system="rq", language="python", name=n, location=where) for n in names), findings=findings)


def critical(confidence: Confidence) -> Finding:
    """A critical finding that is as sure as that."""
    return Finding("JOB101", "x", "critical", confidence, "a.py", 1, "")


@pytest.mark.parametrize(
    ("found", "verdict", "risk"),
    [
        (inventory(9, 1), "READY", ""),
        (inventory(8, 2), "INCOMPLETE", ""),
        (inventory(0, 0), "INCOMPLETE", ""),
        (inventory(9, 1, critical("likely")), "INCOMPLETE", "critical"),
        (inventory(9, 1, critical("certain")), "NOT READY", "critical"),
        (inventory(0, 5, critical("certain")), "NOT READY", "critical"),
        (inventory(9, 1, Finding("JOB301", "x", "high", "certain", "a.py", 1, "")), "READY", "high"),
    ],
)
def test_the_verdict(found: Inventory, verdict: str, risk: str) -> None:
    judged = judge(found)
    assert (judged.verdict, judged.risk) == (verdict, risk)
    assert judged.because
