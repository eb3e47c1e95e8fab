"""A plan from what was asked for to what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from migrator.cli.configuration import configuration
from migrator.cli.progress import progress
from migrator.errors import Exit, MigratorError
from migrator.planning.assumptions import parse
from migrator.planning.plan import Plan
from migrator.planning.planner import compare, known_target, make_plan
from migrator.reporting.output import deliver
from migrator.reporting.plan import render
from migrator.rules import check
from migrator.rules.evidence import Evidence
from migrator.rules.suppression import PerFile
from migrator.scanners.scan import read
from migrator.systems import SYSTEMS

_FORMS = {".json": "json", ".md": "markdown", ".html": "html"}


@dataclass(frozen=True)
class Asked:
    """The options of the command line."""

    words: Sequence[str]  #: what stands on the command line without an option
    target: str
    compare: Sequence[str]
    sources: Sequence[str]
    assume: Sequence[str]
    exclude: Sequence[str] | None
    form: str
    output: Path | None


def run(asked: Asked) -> Exit:
    """Plan and print; the exit status tells whether a job is blocked.

    Raises:
        MigratorError: an option means nothing; the folder cannot be read.
    """
    targets, path = _targets(asked)
    assumptions = parse(asked.assume)
    evidence = _evidence(path, asked.exclude)
    if asked.compare:
        made = compare(evidence, targets, sources=asked.sources, assumptions=assumptions)
    else:
        made = make_plan(evidence, targets[0], sources=asked.sources, assumptions=assumptions)
    deliver(render(made, _form(asked)), asked.output)
    totals = [made.totals] if isinstance(made, Plan) else [row.totals for row in made.rows]
    # Of a comparison one target without blocked jobs is enough.
    return Exit.NO if min(total.ways["blocked"] for total in totals) else Exit.YES


def _targets(asked: Asked) -> tuple[list[str], Path]:
    """The systems to move to, and the folder: `--compare A B C PATH` gives all but the first as plain words.

    Raises:
        MigratorError: no target, two ways of saying it, or too many folders.
    """
    if bool(asked.target) == bool(asked.compare):
        said = "--to and --compare ask for different things" if asked.target else "say where to"
        raise MigratorError(said, place="migrate plan", remedy="Give either --to SYSTEM or --compare SYSTEM SYSTEM ….")
    words = [*asked.words]
    targets = [*asked.compare] if asked.compare else [asked.target]
    if asked.compare:
        # A folder that has the name of a system is meant where it stands last and is written as one: ./bullmq
        while words and (words[0] in SYSTEMS or (len(words) > 1 and not Path(words[0]).exists())):
            targets.append(words.pop(0))
        if words and not Path(words[0]).exists():
            known_target(words[0])
    if len(words) > 1:
        raise MigratorError(
            "only one folder can be planned for at a time", place=" ".join(words), remedy="Give the folder that holds them."
        )
    for target in targets:
        known_target(target)
    return targets, Path(words[0]) if words else Path()


def _evidence(path: Path, exclude: Sequence[str] | None) -> Evidence:
    """The application, with the findings on which the risk rests."""
    configured = configuration(path)
    excluded = tuple(configured.audit.exclude if exclude is None else exclude)
    with progress() as report:
        found, workspace = read(path, exclude=excluded, progress=report)
        inventory = msgspec.structs.replace(found, scope=msgspec.structs.replace(found.scope, exclude=excluded))
        checked = check(inventory, path, per_file=PerFile(configured.audit.per_file_ignores, configured.file), workspace=workspace)
    return Evidence(msgspec.structs.replace(inventory, findings=checked.findings, checks=checked.checks), path, workspace)


def _form(asked: Asked) -> str:
    """As asked for; a file's ending says it where nothing else does."""
    if asked.output is not None and asked.form == "text":
        return _FORMS.get(asked.output.suffix, "text")
    return asked.form
