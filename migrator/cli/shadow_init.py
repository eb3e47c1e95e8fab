"""`migrate shadow init`: a first experiment file."""

from __future__ import annotations

import difflib
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from migrator.jobs import Inventory
    from migrator.shadow.drafting.draft import Draft, DraftArm, DraftJob


def init(
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="The application's code, for names of jobs, queues, variables.")
    ] = None,
    source: Annotated[str, typer.Option("--from", metavar="SYSTEM", help="The job system that does the work today.")] = "",
    target: Annotated[list[str] | None, typer.Option("--to", metavar="SYSTEM", help="A candidate. Repeatable.")] = None,
    job: Annotated[list[str] | None, typer.Option("--job", metavar="NAME", help="Only this job. Repeatable.")] = None,
    connection: Annotated[
        list[str] | None,
        typer.Option("--connection", metavar="SYSTEM=VARIABLE", help="The environment variable with its address. Repeatable."),
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the experiment. Default: the folder's.")] = "",
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")] = Path("experiment.toml"),
    force: Annotated[bool, typer.Option("--force", metavar="", help="Write over a file that is there.")] = False,
) -> None:
    """Write an experiment file, from what you say and what the code tells.

    With PATH the code is audited: jobs, their queues and attempts, and the
    variables that hold addresses are filled in, each with its place. What
    was not found stands in the file as a line that says so.

    Exit status: 0 the file loads as it is; 1 it is written, and the lines
    that are listed are to be filled in; 2 something is wrong.

    Examples:

      migrate shadow init --from celery --to dramatiq .

      migrate shadow init --from bullmq --to pg-boss --job mail.reset \\
        --connection bullmq=REDIS_URL --connection pg-boss=DATABASE_URL
    """
    from migrator.errors import MigratorError
    from migrator.reporting.output import deliver
    from migrator.shadow.drafting.writing import experiment_name, experiment_text, open_lines

    targets = target or []
    if not source or not targets:
        missing = "--from" if not source else "--to"
        raise MigratorError(f"{missing} is not said", remedy="Say both: migrate shadow init --from celery --to dramatiq.")
    _check_systems([source, *targets])
    if output.exists() and not force:
        raise MigratorError("is there already", place=str(output), remedy="Name another with --output, or write over it with --force.")
    where = path if path is not None else Path()
    title = experiment_name(name or f"{where.resolve().name}-{targets[0]}")
    text = experiment_text(_draft(title, path, source, targets, job or [], _connections(connection or [], [source, *targets])))
    output.parent.mkdir(parents=True, exist_ok=True)
    deliver(text, output)
    left = open_lines(text)
    lines = [f"Written: {output}"]
    if left:
        lines += ["", "To be filled in:", *(line for number, what in left for line in _to_fill_in(f"{output}:{number}", what))]
    else:
        from migrator.shadow.config.reading import read_experiment

        experiment = read_experiment(output).experiment
        jobs = f"{len(experiment.jobs)} job{'s' if len(experiment.jobs) > 1 else ''}"
        lines += [f"It loads: {jobs}, {' beside '.join(experiment.arms)}."]
        lines += [f"Next: migrate shadow plan {output} --jobs-per-day 50 --base-failure 5%"]
    deliver("\n".join(lines) + "\n", None)
    raise typer.Exit(1 if left else 0)


def _to_fill_in(place: str, what: str) -> list[str]:
    """A line of the file that is open, with what is said of it in lines of 80 columns below."""
    setting, _, comment = what.partition("   # ")
    indent = " " * 6
    return [f"  {place}: {setting}", *textwrap.wrap(comment, 80, initial_indent=indent, subsequent_indent=indent, break_long_words=False)]


def _draft(name: str, path: Path | None, source: str, targets: list[str], wanted: list[str], connections: dict[str, str]) -> Draft:
    import msgspec

    from migrator.shadow.drafting.draft import Draft, DraftArm, DraftJob
    from migrator.shadow.drafting.from_code import arm_of, jobs_of

    jobs: list[DraftJob] = [DraftJob(name=each) for each in dict.fromkeys(wanted)]
    unnamed: list[str] = []
    names = _arm_names(source, targets)
    arms: list[DraftArm] = [DraftArm(name=arm, system=system) for arm, system in names]
    if path is not None:
        inventory = _read(path)
        found, unnamed = jobs_of(inventory, source)
        jobs = _wanted(found, wanted, path) if wanted else found
        arms = [arm_of(inventory, system, name=arm) for arm, system in names]
    arms = [msgspec.structs.replace(arm, connection=connections.get(arm.system, arm.connection)) for arm in arms]
    return Draft(name=name, jobs=tuple(jobs), arms=tuple(arms), read=str(path) if path is not None else "", unnamed=tuple(unnamed))


def _read(path: Path) -> Inventory:
    from migrator.cli.progress import progress
    from migrator.scanners.scan import scan

    with progress() as report:
        return scan(path, progress=report)


def _arm_names(source: str, targets: list[str]) -> list[tuple[str, str]]:
    """An arm is called as its system; the same system once more gets a number."""
    names: list[tuple[str, str]] = []
    for system in (source, *targets):
        again = sum(other == system for _, other in names)
        names.append((f"{system}-{again + 1}" if again else system, system))
    return names


def _wanted(found: list[DraftJob], wanted: list[str], path: Path) -> list[DraftJob]:
    from migrator.errors import MigratorError

    by_name = {job.name: job for job in found}
    for name in wanted:
        if name not in by_name:
            close = difflib.get_close_matches(name, by_name, 3)
            remedy = f"Did you mean {', '.join(close)}?" if close else "Without --job all that were found are written down."
            raise MigratorError(f"the code has no job `{name}`", place=str(path), remedy=remedy)
    return [by_name[name] for name in dict.fromkeys(wanted)]


def _check_systems(systems: list[str]) -> None:
    from migrator.errors import MigratorError
    from migrator.shadow import drivers
    from migrator.systems.known import known_system

    for system in systems:
        known_system(system)
        if system not in drivers.systems():
            remedy = f"There are drivers for {', '.join(drivers.systems())}."
            raise MigratorError("no experiment can be run with it yet", place=system, remedy=remedy)


def _connections(said: list[str], systems: list[str]) -> dict[str, str]:
    from migrator.errors import MigratorError

    found: dict[str, str] = {}
    for each in said:
        system, equals, variable = each.partition("=")
        if not equals or not variable.isidentifier() or system not in systems:
            raise MigratorError(
                f"`{each}` does not say which system's variable it is",
                place="--connection",
                remedy=f"Write --connection {systems[0]}=REDIS_URL; the systems are {', '.join(systems)}.",
            )
        found[system] = variable
    return found
