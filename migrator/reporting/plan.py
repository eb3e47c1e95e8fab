"""A plan, or a comparison of targets, in each of its forms."""

from __future__ import annotations

import msgspec

from migrator.jobs.redaction import redact_text
from migrator.planning.plan import Comparison, Plan


def render(plan: Plan | Comparison, form: str) -> str:
    """In one of the forms `text`, `json`, `markdown`, `html`."""
    if form == "json":
        # What stands in code may be a secret, wherever it is said.
        return redact_text(msgspec.json.format(msgspec.json.encode(plan), indent=1).decode())
    if form == "text":
        from migrator.reporting.plan_console import render_comparison, render_plan

        return render_plan(plan) if isinstance(plan, Plan) else render_comparison(plan)
    if form == "html":
        from migrator.reporting.plan_page import render_page

        return render_page(plan)
    from migrator.reporting import plan_words
    from migrator.reporting.changes_words import code
    from migrator.reporting.pages import environment

    name = "plan" if isinstance(plan, Plan) else "comparison"
    return environment().get_template(f"{name}.md.jinja").render(plan=plan, words=plan_words, code=code)
