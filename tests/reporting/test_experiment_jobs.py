from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from migrator.reporting.experiment_jobs import COLUMNS, render_jobs
from migrator.reporting.spreadsheet import cell
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.measuring.named_jobs import NamedJob
from migrator.shadow.summarizing import NAMED_AT_MOST, summarize_by_name
from tests.shadow.synthetic import ArmPlan, write_ledger


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def job(**what: object) -> NamedJob:
    fields = {
        "trouble": "lost",
        "arm": "new",
        "job_key": "k",
        "job_name": "n",
        "unit_key": "u",
        "label": None,
        "native_ids": ("1", "2"),
        "since_ns": 1_790_000_000_250_000_000,
        "detail": "d",
    }
    return NamedJob(**{**fields, **what})  # type: ignore[arg-type]


def test_every_one_is_in_it(tmp_path: Path) -> None:
    write_ledger(tmp_path / "x.ledger", [ArmPlan(arm="old", jobs=10), ArmPlan(arm="new", jobs=400, lost=NAMED_AT_MOST + 30)])
    with SqliteLedger.open(tmp_path / "x.ledger") as ledger:
        summary, jobs = summarize_by_name(ledger)
    (lost,) = (group for group in summary.named if group.trouble == "lost")
    assert (lost.total, len(lost.jobs)) == (NAMED_AT_MOST + 30, NAMED_AT_MOST)
    assert sum(row["trouble"] == "lost" for row in rows(render_jobs(jobs))) == NAMED_AT_MOST + 30


def test_what_a_row_says() -> None:
    (row,) = rows(render_jobs([job()]))
    assert tuple(row) == COLUMNS
    assert row["assigned"] == "2026-09-21T14:13:20.250000Z"
    assert (row["native_ids"], row["label"]) == ("1 2", "")
    assert rows(render_jobs([job(since_ns=None)]))[0]["assigned"] == ""


def test_the_worst_come_first() -> None:
    found = rows(render_jobs([job(trouble="discarded"), job(trouble="stuck"), job(), job(trouble="found late")]))
    assert [row["trouble"] for row in found] == ["lost", "stuck", "found late", "discarded"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_no_cell_is_a_formula(text: str) -> None:
    row = rows(render_jobs([job(arm=text, job_key=text, job_name=text, unit_key=text, label=text, native_ids=(text,), detail=text)]))[0]
    for name in ("arm", "job_key", "job_name", "unit_key", "label", "native_ids", "detail"):
        assert row[name] == "'" + text.replace("\r", "\n")


@pytest.mark.parametrize("text", ["article-7", "a=b", "1 + 1", "", "’s", "ünïcode-键", 'a "quoted", b\nc'])
def test_other_text_is_as_it_was(text: str) -> None:
    assert cell(text) == text
    assert rows(render_jobs([job(detail=text)]))[0]["detail"] == text
