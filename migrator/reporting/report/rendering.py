"""The report as one HTML file, and as Markdown."""

from __future__ import annotations

from migrator.reporting import audit_words as words
from migrator.reporting import plan_words
from migrator.reporting.audit_page import marked
from migrator.reporting.drawing.day import hours as hours_of_day
from migrator.reporting.gates import MARKS, headline_of
from migrator.reporting.pages import environment, page
from migrator.reporting.report.assembly import Report
from migrator.reporting.report.groups import group_of
from migrator.reporting.report.metrics import STATE_WORDS
from migrator.reporting.report.roadmap import AFTER, hours
from migrator.reporting.report.verdict import ENOUGH


def render_report(report: Report, form: str) -> str:
    """The report as `html` or `markdown`."""
    values: dict[str, object] = {
        "report": report,
        "words": words,
        "plan_words": plan_words,
        "hours": hours,
        "state_words": STATE_WORDS,
        "group_of": group_of,
        "after": AFTER,
        "enough": f"{ENOUGH:.0%}",
        "gate_marks": MARKS,
        "gates_said": headline_of(report.gates),
    }
    if form == "markdown":
        return environment().get_template("report.md.jinja").render(cell=_cell, plain=_plain, **values)
    return page("report", beneath=("audit",), marked=marked, hours_of_day=hours_of_day(), **values)


def _plain(text: object) -> str:
    """A sentence of ours as Markdown in one line: its backticks stay, what could be markup in names that it quotes does not act."""
    return str(text).replace("\n", " ").replace("<", "&lt;").replace("|", "\\|")


def _cell(text: object) -> str:
    """Names and code of the application in a cell of a table."""
    written = str(text).replace("\n", " ").replace("`", "'").replace("|", "\\|")
    return f"`{written}`" if written else ""
