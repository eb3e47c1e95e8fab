"""What a command is given is what typer would give it, and what typer refuses stays refused in its words."""

from __future__ import annotations

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from migrator.cli.plain_values import Command


class Form(StrEnum):
    """A choice."""

    text = "text"
    json = "json"


def command(
    path: Annotated[Path, typer.Argument()] = Path(),
    more: Annotated[list[str] | None, typer.Argument()] = None,
    form: Annotated[Form, typer.Option()] = Form.text,
    forms: Annotated[list[Form] | None, typer.Option()] = None,
    to: Annotated[Path | None, typer.Option()] = None,
    since: Annotated[str, typer.Option()] = "",
    window: Annotated[float | None, typer.Option(min=0.1)] = None,
    runs: Annotated[int, typer.Option(max=9)] = 3,
    name: Annotated[list[str] | None, typer.Option()] = None,
    flag: Annotated[bool, typer.Option("--flag/--no-flag")] = True,
) -> None:
    """Say what was given, and of which types."""
    given = (path, more, form, forms, to, since, window, runs, name, flag)
    typer.echo(repr([(type(value), value) for value in given]))


def needing(first: str, rest: list[Path]) -> None:
    """Both must be given."""
    typer.echo(repr((first, rest)))


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["src"], ["src", "a", "b"], ["", "--since", ""], ["--form", "json", "--to", "x/y", "--since", "main", "--no-flag"]),
        *(["--form", "yaml"], ["--form", "JSON"], ["--forms", "json", "--forms", "text"], ["--forms", "json", "--forms", "x"]),
        *(["--name", "a", "--name", "b"], ["--window", "2"], ["--window", "0"], ["--window", "x"], ["--runs", "4"], ["--runs", "12"]),
        *(["--unknown"], ["--to"], ["--help"]),
    ],
)
def test_a_command_is_given_what_typer_would_give(arguments: list[str]) -> None:
    assert _said(command, Command, arguments) == _said(command, None, arguments)


@pytest.mark.parametrize("arguments", [[], ["a"], ["a", "b"], ["a", "b", "c"], ["--help"]])
def test_what_must_be_given_is_asked_for_in_the_same_words(arguments: list[str]) -> None:
    assert _said(needing, Command, arguments) == _said(needing, None, arguments)


AUDIT = ["audit", ".", "--format", "json", "--output", "o", "--system", "rq"]


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["systems"], AUDIT])
def test_no_command_loads_pydantic(arguments: list[str], tmp_path: Path) -> None:
    told = "import atexit, sys; atexit.register(lambda: print('pydantic' in sys.modules, file=sys.stderr))"
    code = f"{told}; import migrator.cli; migrator.cli.main()"
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "False"


def _said(function: object, kind: type[Command] | None, arguments: list[str]) -> tuple[int, str, str]:
    app = typer.Typer(add_completion=False)
    app.command(cls=kind)(function)  # pyright: ignore[reportArgumentType]
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stdout, done.stderr
