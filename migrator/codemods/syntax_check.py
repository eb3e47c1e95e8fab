"""The last look before a change may leave the house: no file may read worse than before."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from migrator.codemods.files import FileChange
from migrator.codemods.textform import narrow
from migrator.errors import MigratorError
from migrator.jobs import Location
from migrator.syntax.source import SUFFIXES, parse


def check_syntax(files: Iterable[FileChange]) -> None:
    """Raise MigratorError for a source file with more syntax errors after the change than before.

    Counted, not forbidden: the grammars cannot read some valid code, and code that was broken before may stay so.
    """
    for file in files:
        if file.after is None or PurePosixPath(file.path).suffix not in SUFFIXES:
            continue
        after = _gaps(file.path, file.after)
        if after and len(after) > len(_gaps(file.path, file.before or b"")):
            raise MigratorError(
                "the rewrite of this file does not parse",
                place=f"{file.path}:{after[0].line}",
                remedy="This is a fault of the rewrite, not of your code, and nothing was changed. Please report it.",
            )


def _gaps(path: str, data: bytes) -> tuple[Location, ...]:
    return parse(path, narrow(data, path)[0]).gaps
