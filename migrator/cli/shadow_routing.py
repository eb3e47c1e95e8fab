"""`migrate shadow kill | resume | ramp | hold | route`: what routing does, while it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.errors import MigratorError

if TYPE_CHECKING:
    from migrator.shadow.policy.changing import Change

File = Annotated[Path, typer.Argument(metavar="FILE", help="The experiment, a TOML file.")]
Arms = Annotated[list[str] | None, typer.Option("--arm", metavar="ARM", help="Only this arm. Repeatable.")]
Jobs = Annotated[list[str] | None, typer.Option("--job", metavar="NAME", help="Only this job, or pattern: mail.*. Repeatable.")]
Said = Annotated[str, typer.Option("--note", metavar="TEXT", help="Who and why; kept with the change.")]


def kill(file: File, arm: Arms = None, job: Jobs = None, note: Said = "") -> None:
    """Send nothing to the candidates any more; what they have they end.

    Every process that routes hears of it within a second or two (`poll` in \\[routing]).

    Exit status: 0 it holds, 2 it could not be written (the message says why).

    Examples:

      migrate shadow kill experiment.toml

      migrate shadow kill experiment.toml --arm bullmq --note "Ada: Redis is full"

      migrate shadow kill experiment.toml --job "payments.*"
    """
    from migrator.shadow.policy import changing

    _changed(file, changing.kill(tuple(arm or ()), tuple(job or ())), note, job or [], anew=not (arm or job))


def resume(file: File, arm: Arms = None, job: Jobs = None, note: Said = "") -> None:
    """Take back what was switched off: an arm, a job, or everything.

    Exit status: 0 it holds, 2 it could not be written (the message says why).

    Examples:

      migrate shadow resume experiment.toml

      migrate shadow resume experiment.toml --arm bullmq
    """
    from migrator.shadow.policy import changing

    _changed(file, changing.resume(tuple(arm or ()), tuple(job or ())), note, job or [], anew=not (arm or job))


def ramp(
    file: File,
    to: Annotated[int | None, typer.Option("--to", metavar="STEP", help="Go to this step, from 1.")] = None,
    back: Annotated[bool, typer.Option("--back", metavar="", help="Go one step back.")] = False,
    note: Said = "",
) -> None:
    """Take candidates one step further on their ramp, or back.

    Whoever goes to a candidate already stays there on the way up.

    Exit status: 0 it holds, 2 it could not be written (the message says why).

    Examples:

      migrate shadow ramp experiment.toml

      migrate shadow ramp experiment.toml --back --note "Ada: errors at 5 %"

      migrate shadow ramp experiment.toml --to 3
    """
    from migrator.shadow.policy import changing

    if to is not None and back:
        raise MigratorError("--to and --back are two ways to say where to go", remedy="Say one of them.")
    _changed(file, changing.step(None if to is None else to - 1, -1 if back else 1), note)


def hold(file: File, go_on: Annotated[bool, typer.Option("--go-on", metavar="", help="Let it go on.")] = False, note: Said = "") -> None:
    """Keep the ramp where it is, whatever the verdicts say.

    Exit status: 0 it holds, 2 it could not be written (the message says why).

    Examples:

      migrate shadow hold experiment.toml --note "Ada: month end"

      migrate shadow hold experiment.toml --go-on
    """
    from migrator.shadow.policy import changing

    _changed(file, changing.hold(not go_on), note)


def route(
    file: File,
    job: Annotated[str, typer.Argument(metavar="JOB", help="Name of the job.")],
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="What is hashed: the job's key, or its tenant's.")],
    tenant: Annotated[str, typer.Option("--tenant", metavar="NAME", help="Whose job it is.")] = "",
    size: Annotated[int, typer.Option("--bytes", metavar="NUMBER", help="Size of its payload.")] = 0,
    deadline: Annotated[float | None, typer.Option("--deadline", metavar="SECONDS", help="Time in which it is to be done.")] = None,
) -> None:
    """Say where a job would go now, and why.

    Exit status: 0, or 2 where file or store cannot be read (the message says why).

    Examples:

      migrate shadow route experiment.toml import_article article-1
    """
    from migrator.reporting.routing_words import routed_text, stranger_text
    from migrator.shadow.policy.changing import current
    from migrator.shadow.policy.policy import Decider

    loaded, state, _ = current(file)
    found = Decider(loaded.policy, state).decide(job, unit, tenant=tenant, payload_bytes=size, deadline=deadline)
    print(routed_text(found), end="")  # noqa: T201 - this is the command's output
    sys.stderr.write(stranger_text(job, [known.name for known in loaded.jobs], loaded.policy.current))


class Language(StrEnum):
    """In which the router is written."""

    typescript = "typescript"
    sql = "sql"


def router(
    file: File,
    language: Annotated[Language, typer.Option("--language", "-l", metavar="NAME", help="typescript or sql.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of standard output.")
    ] = None,
    dispatch: Annotated[
        bool, typer.Option("--dispatch", metavar="", help="Also what sends and records jobs, and tells of attempts in workers. TypeScript.")
    ] = False,
) -> None:
    """Write the router in TypeScript, or for Postgres; it decides as Python does.

    With --dispatch the module in TypeScript sends jobs as well, records
    what becomes of them, and tells of each attempt in workers of BullMQ
    and pg-boss. It needs no package: the application hands in its own
    queues and clients.

    Exit status: 0 it is written, 2 it could not be (the message says why).

    Examples:

      migrate shadow router experiment.toml -l typescript -o src/router.ts

      migrate shadow router experiment.toml -l typescript --dispatch \\
        -o src/shadow.ts

      migrate shadow router experiment.toml -l sql | psql
    """
    from migrator.reporting.output import deliver
    from migrator.shadow.policy.generating import sql, typescript
    from migrator.shadow.policy.reading import read_policy

    if dispatch and language is not Language.typescript:
        raise MigratorError(
            "only TypeScript is written with what dispatches", remedy="Leave out --dispatch, or write --language typescript."
        )
    loaded = read_policy(file)
    deliver(typescript(loaded, dispatch=dispatch) if language is Language.typescript else sql(loaded), output)


def _changed(file: Path, how: Change, note: str, named: Sequence[str] = (), *, anew: bool = False) -> None:
    """`named`: jobs that the change is about. One that the file does not have is said: a name with a typing error switches nothing off.

    `anew`: the change is of everything, and whatever lies where the state should is written over.
    """
    from migrator.reporting.routing_words import state_text, stranger_text
    from migrator.shadow.policy.changing import change

    loaded, state, store = change(file, how, note, anew=anew)
    print(state_text(loaded.policy, state, store.place), end="")  # noqa: T201 - this is the command's output
    for job in named:
        sys.stderr.write(stranger_text(job, [known.name for known in loaded.jobs], loaded.policy.current))


COMMANDS = (kill, resume, ramp, hold, route, router)
