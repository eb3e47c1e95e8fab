"""The Jinja environment of every report."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """HTML templates escape what they print; Markdown ones escape nothing, their data is code and names."""
    return Environment(
        loader=PackageLoader("migrator.reporting"),
        autoescape=lambda name: bool(name) and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
