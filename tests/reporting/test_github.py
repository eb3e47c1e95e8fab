"""Workflow commands, read back as GitHub's runner reads them."""

from __future__ import annotations

import re

import pytest

from migrator.jobs.findings import Check
from migrator.reporting.audit import render
from tests.reporting.findings import finding, inventory

# As the runner does it: a command is a line that begins with two colons.
COMMAND = re.compile(r"^\s*::(?P<name>[a-z-]+)(?: (?P<properties>.*?))?::(?P<data>.*)$")


def unescaped(text: str, *, value: bool) -> str:
    for code, char in ((("%3A", ":"), ("%2C", ",")) if value else ()) + (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    found = [m for line in text.splitlines() if (m := COMMAND.match(line))]
    pairs = [dict(pair.split("=", 1) for pair in m["properties"].split(",")) for m in found]
    return [
        (m["name"], {key: unescaped(v, value=True) for key, v in p.items()}, unescaped(m["data"], value=False))
        for m, p in zip(found, pairs, strict=True)
    ]


def test_findings() -> None:
    first, second = commands(render(inventory(), "github"))
    assert first == (
        "error",
        {"file": "src/a b.ts", "line": "3", "title": "JOB101 retries-not-configured"},
        "Wrong: 50% of it.\nMend it.\nAll places: src/a b.ts:3, src/c.ts:9",
    )
    assert (second[0], second[2]) == ("warning", "Wrong: 50% of it. (likely)\nMend it.")


@pytest.mark.parametrize(
    ("severity", "name"), [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "notice"), ("info", "notice")]
)
def test_levels(severity: str, name: str) -> None:
    assert [c[0] for c in commands(render(inventory(findings=(finding(severity=severity),)), "github"))] == [name]


def test_names_of_files_and_messages_come_back_as_they_were() -> None:
    odd = finding(path="a,b:c%2C\n::error::x.py", message="one\r\n::stop-commands::x\n50%0A")
    ((_, properties, data),) = commands(render(inventory(findings=(odd,), suppressed=()), "github"))
    assert properties["file"] == odd.path
    assert data == f"{odd.message}\n{odd.fix}"


def test_what_is_no_finding_is_no_command() -> None:
    check = Check("JOB109", "x", "unknown", "\n::error::injected")
    text = render(inventory(findings=(), checks=(check,)), "github")
    assert commands(text) == []
    assert "not counted: high JOB105 swallowed-exception src/a b.ts:30: counted elsewhere (comment at src/a b.ts:29)\n" in text
    assert "unknown: JOB109 x: %0A::error::injected\n" in text
    assert "2 findings are below --severity low: not shown, not counted.\n" in text
    assert "--prune-baseline takes it out.\n" in text


def test_one_of_a_running_system_stands_in_no_file() -> None:
    ((_, properties, _),) = commands(render(inventory(findings=(finding("LIV01", path="redis://x", line=0),)), "github"))
    assert properties == {"title": "LIV01 liv01"}
