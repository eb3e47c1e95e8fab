"""An inventory in each of its forms."""

from __future__ import annotations

from pathlib import Path

import msgspec

from migrator.jobs import Inventory
from migrator.jobs.contract import audit_report


def render(inventory: Inventory, form: str) -> str:
    """The inventory in one of the forms `text`, `json`, `markdown`, `html`, `csv`, `sarif`, `github`, `junit`."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(audit_report(inventory)), indent=1).decode()
    if form == "markdown":
        from migrator.reporting.pages import environment

        return environment().get_template("audit.md.jinja").render(inventory=inventory, **_words())
    if form == "html":
        from migrator.reporting.audit_page import render_page

        return render_page(inventory, Path(inventory.root))
    if form == "csv":
        from migrator.reporting.audit_csv import render_csv

        return render_csv(inventory)
    if form == "sarif":
        from migrator.reporting.sarif import render_sarif

        return render_sarif(inventory)
    if form == "github":
        from migrator.reporting.github import render_github

        return render_github(inventory)
    if form == "junit":
        from migrator.reporting.junit import render_junit

        return render_junit(inventory)
    from migrator.reporting.audit_console import render_text

    return render_text(inventory)


def _words() -> dict[str, object]:
    from migrator.reporting import audit_words, set_aside

    return {name: value for module in (audit_words, set_aside) for name, value in vars(module).items() if not name.startswith("_")}
