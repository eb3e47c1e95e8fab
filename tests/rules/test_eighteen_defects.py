"""An application with the eighteen defects of an audit that was made by hand, and the same without them: each is named, and none is."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.jobs.findings import Finding
from migrator.rules import check
from migrator.rules.selection import ALL
from migrator.scanners import scan

FIXTURES = Path(__file__).parents[2] / "fixtures"

#: defect, as it was written down by hand -> (rules of which each must find it, and where)
DEFECTS = {
    "no dead letters": (("JOB103",), "src/jobs/compliance.ts"),
    "no retries": (("JOB101",), "src/jobs/expiry.ts"),
    "no way to manage jobs": (("JOB406",), ""),
    "mails for documents x periods x users": (("JOB202",), "src/jobs/expiry.ts"),
    "no structured logs": (("JOB401",), "src/jobs/compliance.ts"),
    "a connection for each job": (("JOB205",), "src/database.ts"),
    "one job at a time": (("JOB204",), "src/jobs/email.ts"),
    "an id that is nothing but the clock": (("JOB601",), "src/jobs/expiry.ts"),
    "the same notification twice": (("JOB605",), "src/jobs/expiry.ts"),
    "no rate limit": (("JOB207",), "src/jobs/email.ts"),
    "no time zone": (("JOB302",), "src/schedules.ts"),
    "two changes without a transaction": (("JOB110",), "src/jobs/compliance.ts"),
    "two jobs at eight": (("JOB301",), "src/schedules.ts"),
    "password resets behind newsletters": (("JOB210",), "src/server.ts"),
    "a date that is changed in place": (("JOB001",), "src/jobs/expiry.ts"),
    "a query for each customer and period": (("JOB203",), "src/jobs/compliance.ts"),
    "one mail at a time into the queue": (("JOB201",), "src/jobs/expiry.ts"),
    "jobs that start each other": (("JOB116",), "src/jobs/reports.ts"),
    "what is not watched": (("JOB402", "JOB403", "JOB404", "JOB405"), ""),
}


def findings(app: str) -> tuple[Finding, ...]:
    """What every rule finds, previews as well."""
    root = FIXTURES / app
    return check(scan(root), root, select=[ALL]).findings


@pytest.fixture(scope="module")
def found() -> tuple[Finding, ...]:
    """Of the application as it is."""
    return findings("deadlines")


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_named_where_it_stands(found: tuple[Finding, ...], defect: str) -> None:
    rules, path = DEFECTS[defect]
    for rule in rules:
        places = [spot.path for finding in found if finding.id == rule for spot in finding.places]
        assert places, f"{rule} finds nothing"
        assert not path or path in places


def test_there_are_eighteen_and_what_is_not_watched() -> None:
    assert len(DEFECTS) == 18 + 1


def test_without_them_nothing_is_found() -> None:
    assert findings("deadlines-mended") == ()
