"""JUnit's XML, read by a parser that is not the one that wrote it."""

from __future__ import annotations

from xml.etree import ElementTree

from migrator.reporting.audit import render
from tests.reporting.findings import finding, inventory


def suite(**more: object) -> ElementTree.Element:
    root = ElementTree.fromstring(render(inventory(**more), "junit"))
    (found,) = root.findall("testsuite")
    assert {k: root.get(k) for k in ("tests", "failures", "skipped")} == {k: found.get(k) for k in ("tests", "failures", "skipped")}
    return found


def test_a_rule_is_a_test_case() -> None:
    cases = {case.get("name"): case for case in suite()}
    outcomes = {name: [part.tag for part in case] for name, case in cases.items() if name}
    assert outcomes == {
        "JOB101 retries-not-configured": ["failure", "system-out"],
        "JOB103 no-dead-letter-path": [],
        "JOB105 swallowed-exception": ["failure", "system-out"],
        "JOB109 enqueue-in-open-transaction": ["skipped"],
        "JOB112 timeout-exceeds-lease": ["skipped"],
    }
    assert (suite().get("tests"), suite().get("failures"), suite().get("skipped")) == ("5", "2", "2")


def test_what_they_say() -> None:
    by_name = {case.get("classname", "") + case.get("name", "")[:6]: case for case in suite() if case.tag == "testcase"}
    failure = by_name["JOB1JOB101"].find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("critical", "critical: Wrong: 50% of it.")
    assert failure.text == "critical src/a b.ts:3, src/c.ts:9\nWrong: 50% of it.\nMend it."
    skipped = by_name["JOB1JOB112"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "cannot be told from the code: the limit is only known at run time"
    assert by_name["JOB1JOB105"].findtext("system-out", "").splitlines() == [
        "not counted: high src/a b.ts:30: counted elsewhere (comment at src/a b.ts:29)",
        "not counted: low old/x.ts:3: per-file-ignores of old/ (migrate.toml)",
    ]


def test_what_does_not_count_is_said_of_the_whole() -> None:
    notes = [p.get("value", "") for p in suite().iter("property")]
    assert any(note.startswith("1 finding (1 critical) known before") for note in notes)
    assert any("--prune-baseline" in note for note in notes)


def test_a_rule_of_which_all_is_accepted_passes() -> None:
    cases = {case.get("name", "")[:6]: [part.tag for part in case] for case in suite(findings=()) if case.tag == "testcase"}
    assert cases["JOB105"] == ["system-out"]


def test_what_xml_has_no_room_for_is_replaced() -> None:
    (failure,) = suite(findings=(finding(message="a\x00b\x1b[31m<&>\ud800"),)).iter("failure")
    assert failure.get("message") == "critical: a\ufffdb\ufffd[31m<&>\ufffd"


def test_what_a_running_system_showed_is_a_case_too() -> None:
    names = [case.get("name") for case in suite(findings=(finding("LIV01", path="redis://x", line=0),)) if case.tag == "testcase"]
    assert names[-1] == "LIV01 liv01"
