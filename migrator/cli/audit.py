"""`migrate audit`: what jobs there are, where, and how they are configured."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from migrator.jobs import Inventory, Scope


class Format(StrEnum):
    """How the inventory is written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    html = "html"
    csv = "csv"


def audit(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder that holds the application's code.")] = Path(),
    form: Annotated[
        Format,
        typer.Option("--format", "-f", metavar="FORM", help="text, markdown or html (for people), json or csv (for tools)."),
    ] = Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of standard output.")
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="GLOB", help="Show only what stands in these files. The others are still read, for links."),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Do not read these files at all.")] = None,
    system: Annotated[list[str] | None, typer.Option("--system", metavar="NAME", help="Show only this job system.")] = None,
    since: Annotated[str, typer.Option("--since", metavar="REV", help="Show only files that changed since this git revision.")] = "",
    candidates: Annotated[bool, typer.Option("--candidates", help="Also look for request handlers that do what a job could do.")] = False,
    prefilter: Annotated[
        bool, typer.Option("--prefilter/--no-prefilter", metavar="", help="Skip files that mention no job system.")
    ] = True,
) -> None:
    """List every job definition, enqueue, schedule, worker, client, endpoint, dependency and setting.

    The code is read, never run. What cannot be tied down is listed under "not tied down".

    --include, --exclude and --system may be given more than once; patterns are those of .gitignore.
    What a project wants always goes into its migrate.toml, or [tool.migrator] in pyproject.toml.

    Exit status: 0 the code was read, 2 it could not be (the message says why).

    Examples:

      migrate audit

      migrate audit services/billing --format json > audit.json

      migrate audit . --format html --output jobs.html

      migrate audit --system celery --exclude legacy/ --since main

      migrate audit --candidates
    """
    from migrator.cli.configuration import configuration
    from migrator.jobs import Scope
    from migrator.reporting.audit import render
    from migrator.reporting.output import deliver

    defaults = configuration(path).audit
    scope = Scope(
        include=tuple(defaults.include if include is None else include),
        exclude=tuple(defaults.exclude if exclude is None else exclude),
        systems=tuple(_known(name) for name in (defaults.system if system is None else system)),
        since=since,
    )
    deliver(render(_narrowed(path, scope, prefilter=prefilter, candidates=candidates), form.value), output)


def _narrowed(path: Path, scope: Scope, *, prefilter: bool, candidates: bool) -> Inventory:
    import msgspec

    from migrator.cli.progress import progress
    from migrator.scanners import scan
    from migrator.scanners.changed import changed_since
    from migrator.scanners.files import matching

    # Asked first: a revision that does not exist is told before the work.
    changed = changed_since(path, scope.since) if scope.since else None
    with progress() as report:
        inventory = scan(path, exclude=scope.exclude, progress=report, prefilter=prefilter)
        if candidates:
            from migrator.scanners.candidates import find_candidates

            known = msgspec.structs.replace(inventory, scope=scope)
            inventory = msgspec.structs.replace(inventory, candidates=find_candidates(path, known, progress=report))
    included = matching(path, scope.include) if scope.include else None
    wanted = [paths for paths in (changed, included) if paths is not None]
    return inventory.narrowed(scope, wanted=lambda file: all(file in paths for paths in wanted))


def _known(system: str) -> str:
    """The system's name.

    Raises:
        MigratorError: there is none of that name.
    """
    import difflib

    from migrator.errors import MigratorError
    from migrator.systems import SYSTEMS

    if system in SYSTEMS:
        return system
    close = difflib.get_close_matches(system.lower(), SYSTEMS, 1)
    remedy = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(SYSTEMS))}."
    raise MigratorError("is no job system that we know", place=system, remedy=remedy)
