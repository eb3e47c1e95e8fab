"""What a project says once for every run: `migrate.toml`, or `[tool.migrator]` in its `pyproject.toml`. Options on the command line win."""

from __future__ import annotations

from pathlib import Path
from typing import Literal as OneOf

import msgspec

from migrator.errors import MigratorError
from migrator.jobs import Confidence
from migrator.jobs.findings import Severity
from migrator.live.limits import LiveSettings
from migrator.toml.reading import read_tables

OWN, SHARED = "migrate.toml", "pyproject.toml"
_TABLE = ("tool", "migrator")


class AuditDefaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[audit]`: what `migrate audit` reads, looks for and shows unless told otherwise."""

    include: tuple[str, ...] = ()  #: show only what stands in these files
    exclude: tuple[str, ...] = ()  #: do not read these files
    system: tuple[str, ...] = ()  #: show only these systems
    select: tuple[str, ...] = ()  #: look for these defects alone
    ignore: tuple[str, ...] = ()  #: do not look for these defects
    preview: bool = False  #: look for the defects of preview rules, too
    severity: Severity | None = None  #: show only findings that are as bad, or worse
    confidence: Confidence | None = None  #: show only findings that are as sure, or surer
    fail_on: Severity | OneOf["never"] = "never"  #: end with 1 for a finding that is as bad, or worse
    baseline: str = ""  #: file with the findings that were there before; relative to the folder
    per_file_ignores: dict[str, tuple[str, ...]] = {}  #: pattern of files -> rules that do not count there


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Patterns are those of `.gitignore`, relative to the folder that holds it."""

    audit: AuditDefaults = AuditDefaults()
    live: LiveSettings = LiveSettings()


class Configured(msgspec.Struct, frozen=True):
    """What a project has set, and the name of the file in which."""

    file: str
    audit: AuditDefaults
    live: LiveSettings


def configuration(root: Path) -> Configured:
    """What the project in the folder `root` has set; nothing if it has no such file.

    Raises:
        MigratorError: the file cannot be read or says what is not known; both files say something.
    """
    own, shared = _settings(root / OWN, ()), _settings(root / SHARED, _TABLE)
    if own is not None and shared is not None:
        remedy = f"Keep one of the two: {SHARED} has a [tool.migrator] table."
        raise MigratorError(f"{SHARED} beside it has settings for migrate, too", place=str(root / OWN), remedy=remedy)
    said = own or shared or Configuration()
    return Configured(OWN if shared is None else SHARED, said.audit, said.live)


def _settings(file: Path, path: tuple[str, ...]) -> Configuration | None:
    """What the table at `path` of a file says; None without such a table."""
    # A `pyproject.toml` of the application may be odd in ways that are not ours to judge: it is read only when it names us.
    if not file.exists() or (path and (not file.is_file() or b"migrator" not in file.read_bytes())):
        return None
    source, table = read_tables(file, "settings file")
    for step in path:
        table = table.get(step)
        if not isinstance(table, dict):
            return None
    try:
        said = msgspec.convert(table, Configuration)
    except msgspec.ValidationError as error:
        raise source.refusal(error, path, Configuration) from error
    named = {("select",): said.audit.select, ("ignore",): said.audit.ignore}
    named |= {("per-file-ignores", pattern): words for pattern, words in said.audit.per_file_ignores.items()}
    for key, words in named.items():
        if words:
            from migrator.live.selection import means_live
            from migrator.rules.selection import known

            # A live check stands in no file, which is why none can be left out for some.
            rules = [word for word in words if len(key) > 1 or not means_live(word)]
            known(rules, source.place((*path, "audit", *key)))
    return said
