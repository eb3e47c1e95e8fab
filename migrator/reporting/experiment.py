"""The report of an experiment, in every form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from typing import Literal as OneOf

import msgspec

from migrator.errors import MigratorError
from migrator.reporting.output import deliver
from migrator.shadow.summary import ExperimentSummary

Form = OneOf["html", "md", "json", "junit"]
FORMS: tuple[Form, ...] = ("html", "md", "json", "junit")
#: what a report is called in a folder
SUFFIXES: dict[Form, str] = {"html": "html", "md": "md", "json": "json", "junit": "junit.xml"}


def render(summary: ExperimentSummary, form: Form) -> str:
    """The whole report as one text. JSON has every text as it was written; in the others they are as people may be shown them."""
    if form != "json":
        from migrator.reporting.experiment_shown import shown

        summary = shown(summary)
    if form == "html":
        from migrator.reporting.experiment_page import render_page

        return render_page(summary)
    if form == "md":
        from migrator.reporting.experiment_markdown import render_markdown

        return render_markdown(summary)
    if form == "junit":
        from migrator.reporting.experiment_junit import render_junit

        return render_junit(summary)
    return msgspec.json.format(msgspec.json.encode(summary), indent=1).decode() + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the report in JSON, as `docs/experiment.schema.json` publishes it."""
    found = msgspec.json.schema(ExperimentSummary)
    # JSON has no infinity: a side that the data cannot bound is null.
    for bound in found["$defs"]["Interval"]["properties"].values():
        bound["type"] = ["number", "null"]
    return found


def write(summary: ExperimentSummary, folder: Path, forms: Sequence[Form] = FORMS, name: str = "shadow") -> list[Path]:
    """Write `folder/name.SUFFIX` for every form, each whole or not at all; the folder is made. Returns the files in the order of `forms`.

    Raises:
        MigratorError: the folder cannot be made or a file not be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "Name a folder that can be made."
        raise MigratorError(f"cannot hold reports: {error.strerror}", place=str(folder), remedy=remedy) from error
    written: list[Path] = []
    for form in forms:
        file = folder / f"{name}.{SUFFIXES[form]}"
        deliver(render(summary, form), file)
        written.append(file)
    return written
