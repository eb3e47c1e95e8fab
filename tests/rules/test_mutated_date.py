"""JOB001: dates that are changed in place, and those of which nobody needs what they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_JOB = 'import { Worker } from "bullmq";\nMORE\nnew Worker("report", async (job) => {\nBODY\n});\n'

CASES = {
    "a date of its own": ("pass", "const d = new Date(job.data.day);\nd.setHours(0, 0, 0, 0);\nawait rows(d);", ""),
    "a date without a name": ("pass", "await rows(new Date(new Date().setHours(0, 0, 0, 0)));", ""),
    "a date that is a parameter": ("fail", "begin(new Date());", "function begin(d: Date) {\n  d.setHours(0);\n  return d;\n}"),
    "a parameter that is no date": ("not-applicable", "begin(job.data.clock);", "function begin(d: Clock) {\n  d.setHours(0);\n}"),
    "a date of the whole file": ("fail", "day.setDate(day.getDate() + 1);", "const day = new Date();"),
    "a second name": ("fail", "const a = new Date();\nconst b = a;\nb.setHours(0);\nawait rows(a, b);", ""),
    "a second name that replaces the first": ("pass", "const a = new Date();\nconst b = a;\nb.setHours(0);\nawait rows(b);", ""),
    "a copy": ("pass", "const a = new Date();\nconst b = new Date(a);\nb.setHours(0);\nawait rows(a, b);", ""),
    "a date that drifts in a loop": (
        "fail",
        "const d = new Date();\nfor (const n of job.data.days) {\nd.setDate(n);\nawait rows(d);\n}",
        "",
    ),
    "a date that a loop counts on": (
        "pass",
        "const d = new Date();\nfor (const n of job.data.days) {\nd.setDate(d.getDate() + 1);\nawait rows(d);\n}",
        "",
    ),
    "a date of one round": ("pass", "for (const n of job.data.days) {\nconst d = new Date();\nd.setDate(n);\nawait rows(d);\n}", ""),
    "a date that was put into an object": (
        "fail",
        "const d = new Date();\nconst span = { from: d };\nd.setHours(23);\nawait rows(span, d);",
        "",
    ),
    "a date that was handed over and waited for": (
        "pass",
        "const d = new Date();\nawait rows({ from: d });\nd.setHours(23);\nawait rows({ from: d });",
        "",
    ),
    "a picker": ("not-applicable", "picker().setDate(5);", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    state, body, more = CASES[case]
    assert became(tmp_path, "JOB001", {"a.ts": _JOB.replace("BODY", body).replace("MORE", more)}).state == state
