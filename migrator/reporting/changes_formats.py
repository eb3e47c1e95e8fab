"""What a rewrite does, in the forms that are written to files."""

from __future__ import annotations

import msgspec

from migrator.reporting import changes_words
from migrator.reporting.changes import ChangesReport


def render(found: ChangesReport, form: str) -> str:
    """The report in one of the forms `json`, `markdown`."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(found), indent=1).decode()
    from migrator.reporting.pages import environment

    return environment().get_template("changes.md.jinja").render(report=found, words=changes_words)
