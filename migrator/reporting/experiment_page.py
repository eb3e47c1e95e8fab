"""An experiment as one HTML file."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from migrator.reporting import experiment_words as words
from migrator.reporting.experiment_charts import draw
from migrator.reporting.experiment_method import methods
from migrator.reporting.pages import page
from migrator.shadow import wording
from migrator.shadow.summary import ExperimentSummary

ROWS = 200  #: of jobs by name, over all sorts of trouble: the page stays small, the JSON report has more


def render_page(summary: ExperimentSummary) -> str:
    """The page."""
    return page(
        "experiment",
        summary=summary,
        charts=draw(summary),
        methods=methods(summary),
        words=words,
        wording=wording,
        worst_first=sorted(summary.checks, key=lambda check: ("invalid", "warning", "unknown", "ok").index(check.state)),
        claimed=summary.criteria.alpha / max(1, len(summary.verdicts)),
        rows=ROWS // max(1, len(summary.named)),
        data=_data(summary),
    )


def _data(summary: ExperimentSummary) -> Markup:
    """All numbers to six figures, for whoever saves the page; the jobs by name are in the page's own tables already."""
    written = msgspec.json.encode(_rounded(msgspec.to_builtins(msgspec.structs.replace(summary, named=())))).decode()
    # Within a script element only "<" could end it or begin a comment.
    return Markup(written.replace("<", "\\u003c"))  # noqa: S704 - no "<" is left


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
