"""Texts of others in a report: whatever a job, an error or a store is called, no form grows with it, and no terminal obeys it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from migrator.reporting.experiment import Form, render
from migrator.reporting.experiment_console import render_text
from migrator.reporting.experiment_jobs import render_jobs
from migrator.reporting.experiment_page import BUDGET
from migrator.reporting.experiment_shown import LONGEST, shown
from migrator.shadow.ledger import Mark, SqliteLedger
from migrator.shadow.measuring.named_jobs import NamedJob
from migrator.shadow.summarizing import summarize_by_name
from migrator.shadow.summary import ExperimentSummary
from tests.shadow.ledger.test_history import event
from tests.shadow.synthetic import START_NS, ArmPlan, write_ledger

EVIL = "\x1b[31mX\x1b]0;t\x07</script><img src=x onerror=alert(1)>|`*=1+1\u202e\x9b\n## h"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExperimentSummary, tuple[NamedJob, ...]]:
    """Jobs whose names, ids and errors are all as bad as can be, every error another, and a page long."""
    path = tmp_path_factory.mktemp("ledger") / "x.ledger"
    write_ledger(path, [ArmPlan(arm="a", jobs=80), ArmPlan(arm="b", jobs=80)], rate=100.0)
    with SqliteLedger.create(path) as ledger:
        for number in range(120):
            key = f"{EVIL}{number}"
            error = {"err_type": key, "err_message": f"{number}{EVIL * 200}"}
            names: dict[str, Any] = {
                "arm": "b",
                "job": key,
                "native": key,
                "job_name": EVIL,
                "unit_key": EVIL,
                "label": f"{EVIL}{number % 3}",
            }
            steps = [event("assigned", START_NS + number, **names), event("started", START_NS + number + 1, **names)]
            steps += [event(kind, START_NS + number + 2, **names, **error) for kind in ("attempt_failed", "discarded")]
            refused: dict[str, Any] = names | {"job": f"refused {key}", "native": None}
            steps += [event("assigned", START_NS + number, **refused), event("enqueue_failed", START_NS + number + 1, **refused, **error)]
            ledger.record([msgspec.structs.replace(step, event_id=f"b{step.event_id}") for step in steps])
        for kind in ("store_down", "gap", "switched"):
            ledger.mark(Mark(kind=kind, ts_ns=START_NS + 9, arm="b", text=EVIL * 500))
    with SqliteLedger.open(path) as ledger:
        return summarize_by_name(ledger)


@pytest.mark.parametrize(("form", "most"), [("html", BUDGET), ("md", 150_000), ("junit", 50_000)])
def test_no_form_grows_with_what_others_wrote(told: tuple[ExperimentSummary, tuple[NamedJob, ...]], form: Form, most: int) -> None:
    written = render(told[0], form)
    assert len(written.encode()) <= most
    assert CONTROLS.findall(written) == []
    outside_code = re.sub(r"`[^`\n]*`", "", written) if form == "md" else written
    assert re.search(r"(?<!\\)<img src=x", outside_code) is None


def test_no_terminal_and_no_spreadsheet_obeys_it(told: tuple[ExperimentSummary, tuple[NamedJob, ...]]) -> None:
    text, table = render_text(told[0]), render_jobs(told[1])
    assert len(text) < 10_000
    assert CONTROLS.findall(text) == []
    assert CONTROLS.findall(table) == []


def test_errors_with_a_number_in_each_are_told_by_how_many_there_are(told: tuple[ExperimentSummary, tuple[NamedJob, ...]]) -> None:
    errors = told[0].arms[1].enqueue_errors
    assert len(errors) == 51
    assert errors["(70 other kinds)"] == 70
    assert sum(errors.values()) == 120


def test_names_that_are_cut_alike_stay_apart(told: tuple[ExperimentSummary, tuple[NamedJob, ...]]) -> None:
    (first, *others) = told[0].arms
    alike = {"x" * LONGEST + tail: 1 for tail in "abc"}
    summary = shown(msgspec.structs.replace(told[0], arms=(msgspec.structs.replace(first, errors=alike), *others)))
    assert len(summary.arms[0].errors) == 3
    assert summary.arms[0].attempts == first.attempts, "numbers stay numbers"
    assert summary.arms[1].assigned == told[0].arms[1].assigned
