"""A plan, or a comparison of targets, as one HTML file."""

from __future__ import annotations

from migrator import __version__
from migrator.planning.plan import Comparison, Plan
from migrator.reporting import plan_words as words
from migrator.reporting.audit_page import marked
from migrator.reporting.drawing.portfolio import Mark, portfolio
from migrator.reporting.pages import page


def render_page(plan: Plan | Comparison) -> str:
    """The page."""
    if isinstance(plan, Comparison):
        return page("comparison", beneath=("plan",), plan=plan, words=words, marked=marked, version=__version__)
    marks = [
        Mark(job.difficulty.points, job.risk.points, job.way, f"{job.name}: difficulty {job.difficulty.points:g}, risk {job.risk.points:g}")
        for job in plan.jobs
    ]
    drawing = portfolio(marks, "Jobs by difficulty and risk", f"{len(marks)} jobs; the list below has the numbers") if marks else None
    return page("plan", plan=plan, words=words, marked=marked, drawing=drawing, version=__version__)
