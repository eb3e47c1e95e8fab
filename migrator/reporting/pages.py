"""The Jinja environment of every report."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


@cache
def environment() -> Environment:
    """HTML templates escape what they print; Markdown ones escape nothing, their data is code and names."""
    return Environment(
        loader=PackageLoader("migrator.reporting"),
        autoescape=select_autoescape(("html", "html.jinja")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
