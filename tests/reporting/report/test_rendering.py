"""The document: all its sections, the same for the same code, and nothing in it that a hostile name could do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from migrator.jobs import Inventory
from migrator.planning.planner import make_plan
from migrator.reporting.plan_words import way
from migrator.reporting.report.assembly import assemble
from migrator.reporting.report.rendering import render_report
from migrator.rules import check
from migrator.rules.evidence import Evidence
from migrator.scanners import scan

FIXTURES = Path(__file__).parents[3] / "fixtures"
SECTIONS = (
    *("In short", "What works", "What is broken or missing", "Critical issues", "Blind spots", "Jobs"),
    *("Schedules", "Who starts what", "Monitoring", "Roadmap", "Appendix"),
)


def audit(root: Path) -> Inventory:
    """The audit of a folder with the stable rules, without its time."""
    found = scan(root)
    checked = check(found, root)
    return replace(found, root=root.name, findings=checked.findings, checks=checked.checks)


@pytest.fixture(scope="module")
def deadlines() -> Inventory:
    """The application with eighteen defects."""
    return audit(FIXTURES / "deadlines")


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_every_section_is_there_and_the_same_code_gives_the_same_bytes(deadlines: Inventory, form: str) -> None:
    text = render_report(assemble(deadlines, FIXTURES / "deadlines"), form)
    headings = re.findall(r"<h2>(.*?)</h2>", text) if form == "html" else re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert [h for h in headings if h in SECTIONS] == list(SECTIONS)
    assert text == render_report(assemble(audit(FIXTURES / "deadlines"), FIXTURES / "deadlines"), form)


def test_every_finding_is_in_the_document(deadlines: Inventory) -> None:
    text = render_report(assemble(deadlines, FIXTURES / "deadlines"), "markdown")
    assert [f.message for f in deadlines.findings if f.message.replace("|", "\\|").replace("<", "&lt;") not in text] == []
    assert {f.id for f in deadlines.findings} <= set(re.findall(r"JOB\d{3}", text))


def test_a_mended_application_has_nothing_to_mend() -> None:
    report = assemble(audit(FIXTURES / "deadlines-mended"), FIXTURES / "deadlines-mended")
    assert report.judgement.verdict == "READY"
    assert "There is nothing to mend." in render_report(report, "markdown")


def test_an_application_without_jobs_has_a_report(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print(1)\n")
    for form in ("html", "markdown"):
        assert "0 jobs" in render_report(assemble(audit(tmp_path), tmp_path), form) or form == "markdown"


def test_names_of_the_application_cannot_write_the_document(tmp_path: Path) -> None:
    hostile = "</td><script>alert(1)</script> | `x` <!--"
    (tmp_path / "app.py").write_text(f"from celery import Celery\napp = Celery()\n@app.task(name={hostile!r})\ndef f(): ...\nf.delay()\n")
    report = assemble(audit(tmp_path), tmp_path)
    html = render_report(report, "html")
    assert "<script>alert" not in html
    assert html.count("<script>") == 1
    row = next(line for line in render_report(report, "markdown").splitlines() if "app.py:3" in line and line.startswith("| `"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 9


def test_a_task_that_the_target_makes_needless_is_struck_out(deadlines: Inventory) -> None:
    plan = make_plan(Evidence(deadlines, FIXTURES / "deadlines"), "inngest")
    moved = assemble(deadlines, FIXTURES / "deadlines", plan=plan)
    moot = {task.rule for phase in moved.roadmap.phases for task in phase.tasks if task.moot}
    # Who retries and who hears of failures is to be said there as well; only what Redis keeps is left behind.
    assert moot == {"JOB805"}
    text = render_report(moved, "markdown")
    assert "~~" in text
    assert "## Moving to Inngest" in text
    assert all(f"| `{job.name}` | {way(job)} |" in text for job in plan.jobs)
    assert moved.roadmap.high < assemble(deadlines, FIXTURES / "deadlines").roadmap.high


def test_what_jobs_cannot_be_told_of_is_not_said_to_be_tied_down(tmp_path: Path) -> None:
    (tmp_path / "mail.ts").write_text(
        'import { Queue, Worker } from "bullmq";\nexport const mails = new Queue(process.env.Q!);\n'
        'export const put = (name: string) => mails.add(name, {});\nnew Worker("mail", async (job) => job.id);\n'
    )
    inventory = audit(tmp_path)
    (blind,) = [f for f in inventory.findings if f.id == "JOB906"]
    report = assemble(inventory, tmp_path)
    assert report.judgement.verdict == "INCOMPLETE"
    assert (report.covered.tied, report.covered.enqueues, report.covered.loose) == (0, 1, len(blind.places))
    page = render_report(report, "html")
    assert "Everything that was found could be tied down" not in page
    assert "1 place could not be tied down" in page
    assert "1 place could not be tied down" in render_report(report, "markdown")
