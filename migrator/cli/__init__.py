"""The `migrate` command. Each command imports what it needs when it runs, so that `--help` and `--version` answer at once."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from migrator import __version__
from migrator.cli.attest import attest
from migrator.cli.audit import audit
from migrator.cli.codemod import codemod
from migrator.cli.explain import explain
from migrator.cli.freeze import freeze
from migrator.cli.plain_values import Command, Group
from migrator.cli.plan import plan
from migrator.cli.report import report
from migrator.cli.shadow import app as shadow
from migrator.cli.systems import systems
from migrator.cli.verify import verify
from migrator.errors import Exit, MigratorError

app = typer.Typer(
    name="migrate",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"migrate {__version__}")  # noqa: T201 - this is the command's output
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)] = False,
) -> None:
    """Move an application's background jobs from one job system to another, and prove each step.

    Begin with [bold]migrate audit[/]: it says what jobs there are. [bold]migrate plan[/] says what
    another system would make of them. Then [bold]migrate codemod[/] rewrites the code, and
    [bold]migrate shadow[/] compares old and new on the same traffic.
    """


app.command(cls=Command, no_args_is_help=False)(audit)
app.command(cls=Command)(report)
app.command(cls=Command)(explain)
app.command(cls=Command)(systems)
app.command(cls=Command)(plan)
app.command(cls=Command)(codemod)
app.add_typer(shadow, name="shadow")
app.command(cls=Command)(freeze)
app.command(cls=Command)(verify)
app.command(cls=Command)(attest)


def main() -> None:
    """Run the command line; errors that a user can mend are printed without a traceback."""
    try:
        try:
            app()
        finally:
            # Here, and not when Python ends: only here can an error still be told in words.
            sys.stdout.flush()
    except MigratorError as error:
        print(f"migrate: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit)
    except KeyboardInterrupt:
        _say_interrupted()
        sys.exit(Exit.INTERRUPTED)
    except SystemExit as ended:
        # The library that commands are written with makes an exit of an interrupt, without a word.
        if isinstance(ended.__context__ and ended.__context__.__cause__, KeyboardInterrupt):
            _say_interrupted()
        raise
    except BrokenPipeError:
        # The reader of our output (`| head`) has gone; there is nobody left to tell.
        _drop_output()
        sys.exit(Exit.YES)
    except OSError as error:
        # A full disk, a right that is missing: what no command expected.
        print(f"migrate: {error.filename or 'standard output'}: {error.strerror or error}", file=sys.stderr)  # noqa: T201
        _drop_output()
        sys.exit(Exit.USAGE)


def _say_interrupted() -> None:
    print("migrate: interrupted", file=sys.stderr)  # noqa: T201


def _drop_output() -> None:
    """What is still to be written to standard output goes nowhere, so that Python does not try once more as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
