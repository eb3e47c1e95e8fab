"""An audit from what was asked for to the inventory that is shown."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from migrator.cli.configuration import configuration
from migrator.cli.progress import progress
from migrator.errors import MigratorError
from migrator.jobs import Inventory, Scope
from migrator.rules import check
from migrator.rules.selection import selected
from migrator.scanners import scan
from migrator.scanners.changed import changed_since
from migrator.scanners.files import matching
from migrator.systems import SYSTEMS


@dataclass(frozen=True)
class Wanted:
    """The options of the command line; None where the project's settings count."""

    include: Sequence[str] | None
    exclude: Sequence[str] | None
    system: Sequence[str] | None
    since: str
    select: Sequence[str]
    ignore: Sequence[str]
    runtime: Sequence[str]
    candidates: bool
    prefilter: bool


def run(path: Path, wanted: Wanted) -> Inventory:
    """The audit of the folder `path`, with findings, narrowed to what is to be shown.

    Raises:
        MigratorError: the folder cannot be read; an option or a setting means nothing.
    """
    defaults = configuration(path).audit
    scope = Scope(
        include=tuple(defaults.include if wanted.include is None else wanted.include),
        exclude=tuple(defaults.exclude if wanted.exclude is None else wanted.exclude),
        systems=tuple(known_system(name) for name in (defaults.system if wanted.system is None else wanted.system)),
        since=wanted.since,
    )
    # Asked before the work: what means nothing is told at once.
    selected(wanted.select, wanted.ignore)
    changed = changed_since(path, scope.since) if scope.since else None
    with progress() as report:
        read = scan(path, exclude=scope.exclude, progress=report, prefilter=wanted.prefilter)
        inventory = msgspec.structs.replace(read, scope=scope)
        checked = check(inventory, path, select=wanted.select, ignore=wanted.ignore)
        inventory = msgspec.structs.replace(inventory, findings=checked.findings, checks=checked.checks)
        if wanted.candidates:
            from migrator.scanners.candidates import find_candidates

            inventory = msgspec.structs.replace(inventory, candidates=find_candidates(path, inventory, progress=report))
    if wanted.runtime:
        from migrator.scanners.runtime import ask

        inventory = ask(wanted.runtime, inventory)
    included = matching(path, scope.include) if scope.include else None
    shown = [paths for paths in (changed, included) if paths is not None]
    return inventory.narrowed(scope, wanted=lambda file: all(file in paths for paths in shown))


def known_system(system: str) -> str:
    """The system's name.

    Raises:
        MigratorError: there is none of that name.
    """
    if system in SYSTEMS:
        return system
    close = difflib.get_close_matches(system.lower(), SYSTEMS, 1)
    remedy = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(SYSTEMS))}."
    raise MigratorError("is no job system that we know", place=system, remedy=remedy)
