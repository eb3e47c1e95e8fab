"""An experiment as one HTML file."""

from __future__ import annotations

from typing import Any

import msgspec
from markupsafe import Markup

from migrator.reporting import experiment_heading as heading
from migrator.reporting import experiment_words as words
from migrator.reporting.experiment_charts import draw
from migrator.reporting.experiment_method import methods
from migrator.reporting.pages import page
from migrator.shadow import wording
from migrator.shadow.summary import ExperimentSummary

BUDGET = 300 * 1024  #: bytes: a page that can be sent by mail and opens at once
ROWS = (200, 100, 50, 20)  #: of jobs by name, over all sorts of trouble: as many as fit; all are in the CSV


def render_page(summary: ExperimentSummary) -> str:
    """The page, with as many jobs by name as its budget has room for."""
    pages = (_page(summary, rows) for rows in ROWS)
    return next((page for page in pages if len(page.encode()) <= BUDGET), "") or _page(summary, 0)


def _page(summary: ExperimentSummary, rows: int) -> str:
    return page(
        "experiment",
        summary=summary,
        charts=draw(summary),
        methods=methods(summary),
        heading=heading,
        words=words,
        wording=wording,
        worst_first=sorted(summary.checks, key=lambda check: ("invalid", "warning", "unknown", "ok").index(check.state)),
        claimed=summary.criteria.alpha / max(1, len(summary.verdicts)),
        rows=rows // max(1, len(summary.named)),
        data=_data(summary),
    )


def _data(summary: ExperimentSummary) -> Markup:
    """All numbers to six figures, for whoever saves the page. What its drawings and tables hold already is left to the JSON report: the
    jobs by name, the edges of the bands, the curves of single sorts and of the enqueue."""
    numbers: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(summary, named=()))
    for arm in numbers["arms"]:
        for curve in (found["curve"] for found in (*arm["durations"].values(), *arm["sorts"].values())):
            curve["low"] = curve["high"] = ()
        for found in (arm["durations"]["enqueue"], *arm["sorts"].values()):
            found["curve"]["seconds"] = found["curve"]["share"] = ()
    written = msgspec.json.encode(_rounded(numbers)).decode()
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
