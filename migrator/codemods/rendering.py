"""Files that a rewrite adds: Jinja templates of `templates/`, filled in strictly (a name that is not given is an error)."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def _environment() -> Environment:
    # Code is written, not HTML: nothing may be escaped.
    return Environment(
        loader=PackageLoader("migrator.codemods"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )


def render(template: str, **values: object) -> str:
    """The text of `templates/<template>.j2`."""
    return _environment().get_template(f"{template}.j2").render(values)
