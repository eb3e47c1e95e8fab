"""Everything that `migrate audit` and `migrate report` can write about an application, as one user after the other would ask for it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from typer.testing import CliRunner

from migrator.cli import app as command

FORMS = (
    *(("audit", form) for form in ("text", "json", "html", "markdown", "sarif", "github", "junit", "csv")),
    *(("report", form) for form in ("html", "markdown")),
)


def written(folder: Path, *form: str) -> str:
    """What `migrate` writes about the application in a folder: the file, standard output and standard error."""
    name, wanted = form
    more = ("--preview",) if name == "report" else ("--preview", "--candidates") if wanted == "text" else ("--preview",)
    target = folder.parent / f"{name}.out"
    with contextlib.chdir(folder):
        shown = CliRunner().invoke(command, [name, "--format", wanted, *more])
        done = CliRunner().invoke(command, [name, "--format", wanted, *more, "--output", str(target)])
    for run in (shown, done):
        assert run.exit_code == 0, (run.output, run.exception)
    return shown.output + done.output + target.read_text()
