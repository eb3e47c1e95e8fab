"""The Jinja environment of every report, and HTML reports as one file that asks nothing of the network, nor of the disk it lies on."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup


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


def page(name: str, *, beneath: tuple[str, ...] = (), **values: object) -> str:
    """The page `name`: its template with its style sheet (on top of that of all pages, and of the pages `beneath`) and its script in it.

    Its content security policy lets in these two by their hashes, and nothing else.
    """
    style = "\n".join(_source(f"{sheet}.css") for sheet in ("base", *beneath, name))
    script = _source(f"{name}.js")
    return (
        environment()
        .get_template(f"{name}.html.jinja")
        .render(
            style=Markup(style),  # noqa: S704 - a file of ours
            script=Markup(script),  # noqa: S704 - a file of ours
            policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'",
            **values,
        )
    )


def _source(name: str) -> str:
    """A style sheet or script; empty for a page that has none of its own."""
    file = files("migrator.reporting") / "templates" / name
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
