"""An experiment as Markdown, for a pull request or an issue."""

from __future__ import annotations

import re

from migrator.reporting import experiment_heading as heading
from migrator.reporting import experiment_words as words
from migrator.reporting.pages import environment
from migrator.shadow import wording
from migrator.shadow.summary import ExperimentSummary

NAMED_AT_MOST = 20  #: of each trouble; all are in the JSON


def render_markdown(summary: ExperimentSummary) -> str:
    """GitHub's dialect: tables, and no HTML of ours."""
    return (
        environment()
        .get_template("experiment.md.jinja")
        .render(
            summary=summary,
            heading=heading,
            words=words,
            wording=wording,
            cell=cell,
            code=code,
            named_at_most=NAMED_AT_MOST,
            claimed=summary.criteria.alpha / max(1, len(summary.verdicts)),
        )
    )


def code(text: str) -> str:
    """Text of others as it is written, on one line.

    >>> code("a`b")
    "`a'b`"
    """
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def cell(text: str) -> str:
    """Text of others inside a line or a table: one line, nothing in it is taken for markup.

    >>> print(cell("a|b <img> *x*"))
    a\\|b \\<img\\> \\*x\\*
    """
    return re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", " ".join(text.split()))
