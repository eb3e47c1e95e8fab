"""`migrate systems`: what is known about job systems, and what this toolkit can do with them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How the facts are written."""

    text = "text"
    json = "json"
    markdown = "markdown"


def systems(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="A system, or with --compare several; none: all.")] = None,
    compare: Annotated[bool, typer.Option("--compare", "-c", help="Put the named systems side by side.")] = False,
    form: Annotated[
        Format, typer.Option("--format", "-f", metavar="FORM", help="text, json (for tools) or markdown (for a document).")
    ] = Format.text,
) -> None:
    """Say what a job system can do, its numbers, and what can be done with it.

    Exit status: 0, or 2 for a system that is not known.

    Examples:

      migrate systems

      migrate systems bullmq

      migrate systems --compare inngest bullmq pg-boss

      migrate systems --compare celery dramatiq --format markdown
    """
    from migrator.errors import MigratorError
    from migrator.reporting import system_console as console
    from migrator.reporting import system_formats as formats
    from migrator.reporting.output import deliver
    from migrator.reporting.system_comparison import compare as side_by_side
    from migrator.reporting.system_words import compared, known

    asked = names or []
    if compare:
        found = side_by_side(compared(asked))
        text = {"text": console.render_comparison, "json": formats.comparison_json, "markdown": formats.comparison_markdown}[form](found)
    elif len(asked) > 1:
        raise MigratorError("one system at a time", place=" ".join(asked), remedy="Add --compare to put them side by side.")
    elif asked:
        system = known(asked[0])
        text = {"text": console.render_system, "json": formats.system_json, "markdown": formats.system_markdown}[form](system)
    else:
        text = {"text": console.render_list, "json": formats.list_json, "markdown": formats.list_markdown}[form]()
    deliver(text, None)
