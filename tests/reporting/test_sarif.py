"""SARIF: by the official schema, with what code scanning needs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from migrator.jobs.findings import Finding
from migrator.reporting import sarif
from migrator.reporting.audit import render
from migrator.rules import check
from migrator.rules.registry import rules
from migrator.scanners import scan
from tests.reporting.findings import finding, inventory
from tests.reporting.schemas import SARIF, complaints


def run(**more: object) -> dict[str, Any]:
    log = json.loads(render(inventory(**more), "sarif"))
    assert complaints(log, SARIF) == []
    return log["runs"][0]


def test_the_schema_is_the_official_one_and_notices_what_is_wrong() -> None:
    log = json.loads(render(inventory(), "sarif"))
    log["runs"][0]["results"][0]["level"] = "critical"
    assert complaints(log, SARIF) != []


def test_findings_with_their_places() -> None:
    first, second, *_ = run()["results"]
    assert [(r["ruleId"], r["kind"], r["level"]) for r in (first, second)] == [("JOB101", "fail", "error"), ("JOB105", "fail", "warning")]
    assert first["message"]["text"] == "Wrong: 50% of it. Mend it."
    (place,) = first["locations"]
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "src/a%20b.ts", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 3}}
    (related,) = first["relatedLocations"]
    assert (related["physicalLocation"]["artifactLocation"]["uri"], related["message"]["text"]) == ("src/c.ts", "again")
    assert first["partialFingerprints"] == {"primaryLocationLineHash": "JOB101src/a b.ts3", "migrate/v1": "JOB101src/a b.ts3"}
    assert second["properties"] == {"severity": "medium", "confidence": "likely", "systems": ["bullmq"]}


@pytest.mark.parametrize(
    ("severity", "level"), [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "note"), ("info", "note")]
)
def test_levels(severity: str, level: str) -> None:
    assert run(findings=(finding(severity=severity),))["results"][0]["level"] == level


def test_what_does_not_count_is_suppressed_with_the_reason() -> None:
    suppressed = {r["suppressions"][0]["justification"]: r for r in run()["results"] if "suppressions" in r}
    assert {why: (r["suppressions"][0]["kind"], r["suppressions"][0]["status"]) for why, r in suppressed.items()} == {
        "counted elsewhere": ("inSource", "accepted"),
        "per-file-ignores of old/": ("external", "accepted"),
        "known since b.json was written": ("external", "accepted"),
    }
    where = suppressed["counted elsewhere"]["suppressions"][0]["location"]["physicalLocation"]
    assert where["region"] == {"startLine": 29}


def test_what_is_unknown_is_to_be_reviewed() -> None:
    (review,) = (r for r in run()["results"] if r["kind"] == "review")
    assert (review["ruleId"], review["level"], review["message"]["text"]) == ("JOB109", "none", "Cannot be told from the code: it depends")
    assert len(review["relatedLocations"]) == 1
    (without,) = (n for n in run()["invocations"][0]["toolExecutionNotifications"] if "associatedRule" in n)
    assert (without["associatedRule"]["id"], without["message"]["text"]) == (
        "JOB112",
        "Cannot be told: the limit is only known at run time",
    )


def test_rules_are_those_that_were_looked_at_and_results_point_at_them() -> None:
    told = run()
    described = told["tool"]["driver"]["rules"]
    assert [r["id"] for r in described] == ["JOB101", "JOB103", "JOB105", "JOB109", "JOB112", "JOB113"]
    assert all(described[r["ruleIndex"]]["id"] == r["ruleId"] for r in told["results"])
    assert described[0]["help"]["markdown"].startswith("# JOB101 retries-not-configured")


def test_every_rule_there_is() -> None:
    from migrator.jobs.findings import Check

    described = run(checks=tuple(Check(r.id, r.name, "pass") for r in rules()), findings=(), suppressed=())["tool"]["driver"]["rules"]
    assert len(described) == len(rules())
    assert all(len(r["properties"]["tags"]) <= 20 for r in described)
    scored = {r["id"] for r in described if "security-severity" in r["properties"]}
    assert scored == {r.id for r in rules() if r.id.startswith("JOB7")} != set()


def test_a_finding_of_a_running_system_stands_in_no_file() -> None:
    (result,) = run(findings=(finding("LIV01", path="redis://cache/0", line=0),), suppressed=(), checks=())["results"]
    assert result["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "redis://cache/0", "kind": "resource"}]}]


def test_an_audit_without_findings_has_results_all_the_same() -> None:
    assert run(findings=(), suppressed=(), checks=(), below=0, baseline=None)["results"] == []


def test_more_than_code_scanning_takes_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    told = run()
    assert [r["ruleId"] for r in told["results"]] == ["JOB101", "JOB105", "JOB109"]
    (warning,) = (n for n in told["invocations"][0]["toolExecutionNotifications"] if n["level"] == "warning")
    assert warning["message"]["text"] == "3 results are left out: code scanning takes 3 of a run."


APP = """from celery import shared_task

@shared_task
def send(order):
    try:
        deliver(order)
    except Exception:
        print(1)
"""


def audited(folder: Path) -> tuple[str, tuple[Finding, ...]]:
    import msgspec

    found = scan(folder)
    checked = check(found, folder)
    whole = msgspec.structs.replace(
        found, root=str(folder), findings=checked.findings, suppressed=checked.suppressed, checks=checked.checks
    )
    return render(whole, "sarif"), checked.findings


def test_of_a_real_audit(tmp_path: Path) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        (folder / "tasks.py").write_text(APP)
    one, two = (audited(tmp_path / name)[0] for name in ("one", "two"))
    assert complaints(json.loads(one), SARIF) == []
    assert one == two
    assert str(tmp_path) not in one


def test_paths_are_those_of_the_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "services/my mail").mkdir(parents=True)
    (tmp_path / "services/my mail/tasks.py").write_text(APP)
    text, findings = audited(tmp_path / "services/my mail")
    uris = {
        p["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(text)["runs"][0]["results"]
        if result["kind"] == "fail"
        for p in result["locations"]
    }
    assert findings
    assert uris == {"services/my%20mail/tasks.py"}
