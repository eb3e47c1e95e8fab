"""What a project says once for every run: `migrate.toml`, or `[tool.migrator]` in its `pyproject.toml`. Options on the command line win."""

from __future__ import annotations

from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.toml.reading import read_tables

OWN, SHARED = "migrate.toml", "pyproject.toml"
_TABLE = ("tool", "migrator")


class AuditDefaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[audit]`: what `migrate audit` reads and shows unless told otherwise."""

    include: tuple[str, ...] = ()  #: show only what stands in these files
    exclude: tuple[str, ...] = ()  #: do not read these files
    system: tuple[str, ...] = ()  #: show only these systems


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Patterns are those of `.gitignore`, relative to the folder that holds it."""

    audit: AuditDefaults = AuditDefaults()


def configuration(root: Path) -> Configuration:
    """What the project in the folder `root` has set; nothing if it has no such file.

    Raises:
        MigratorError: the file cannot be read or says what is not known; both files say something.
    """
    own, shared = _settings(root / OWN, ()), _settings(root / SHARED, _TABLE)
    if own is not None and shared is not None:
        remedy = f"Keep one of the two: {SHARED} has a [tool.migrator] table."
        raise MigratorError(f"{SHARED} beside it has settings for migrate, too", place=str(root / OWN), remedy=remedy)
    return own or shared or Configuration()


def _settings(file: Path, path: tuple[str, ...]) -> Configuration | None:
    """What the table at `path` of a file says; None without such a table."""
    # A `pyproject.toml` of the application may be odd in ways that are not ours to judge: it is read only when it names us.
    if not file.is_file() or (path and b"migrator" not in file.read_bytes()):
        return None
    source, table = read_tables(file, "settings file")
    for step in path:
        table = table.get(step)
        if not isinstance(table, dict):
            return None
    try:
        return msgspec.convert(table, Configuration)
    except msgspec.ValidationError as error:
        raise source.refusal(error, path, Configuration) from error
