"""From a TOML file to its tables; what cannot be read is said with the line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from migrator.errors import MigratorError
from migrator.toml.places import syntax_error_line
from migrator.toml.source import Source


def read_tables(file: Path, what: str) -> tuple[Source, dict[str, Any]]:
    """The file's text, which can point into itself, and its tables. `what` is the file's role in messages: `experiment file`.

    Raises:
        MigratorError: there is no such file, it cannot be read, or it is not TOML.
    """
    source = Source(str(file), _text(file, what))
    try:
        return source, tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        line = syntax_error_line(error)
        raise MigratorError(f"this is not TOML: {error}", place=f"{file}:{line}" if line else str(file)) from error


def _text(file: Path, what: str) -> str:
    try:
        # Some editors begin a file with a byte order mark, which is no part of TOML.
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise MigratorError(f"there is no such {what}", place=str(file), remedy="Name an existing TOML file.") from error
    except UnicodeDecodeError as error:
        raise MigratorError("this is not a text file in UTF-8", place=str(file)) from error
    except OSError as error:
        raise MigratorError(f"the {what} cannot be read: {error.strerror}", place=str(file)) from error
