"""`inventory.lock.json`: the jobs of the source system as they were when the migration began, so that none can be forgotten on the way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal as OneOf
from typing import TypeVar

import msgspec

from migrator.cutover.payloads import handed
from migrator.errors import MigratorError
from migrator.jobs import Endpoint, Job, Retry, Schedule, Value
from migrator.jobs.redaction import redact_text
from migrator.jobs.values import Expression, Literal
from migrator.planning.application import Application

NAME = "inventory.lock.json"

V = TypeVar("V", bound=Value | None)


class LockedRetry(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often a job was run in all, whether it waited between attempts (`backoff`: the kind), and what ended it at once."""

    max_attempts: Value
    backoff: str = "none"
    automatic: bool = True
    never_on: tuple[str, ...] = ()


class LockedJob(msgspec.Struct, frozen=True, omit_defaults=True):
    """A job as it was. `enqueued`: places that put it on its way; `payload`: names of what they hand over; `untold`: those that do not
    spell out all of it."""

    name: str
    module: str
    symbol: str
    path: str
    line: int
    triggers: tuple[str, ...] = ()
    retry: LockedRetry | None = None
    timeout: Value | None = None
    failure_handler: bool = False
    live: bool | None = None
    enqueued: int = 0
    payload: tuple[str, ...] = ()
    untold: int = 0


class LockedSchedule(msgspec.Struct, frozen=True, omit_defaults=True):
    """A schedule as it was: when it starts `job` (its name)."""

    name: str
    job: str
    path: str
    line: int
    cron: Value | None = None
    interval: Value | None = None
    timezone: str = ""


class LockedEndpoint(msgspec.Struct, frozen=True):
    """A route that the source system called."""

    name: str
    path: str
    line: int


class Lock(msgspec.Struct, frozen=True):
    """The start of a migration. `findings`: rule -> number of critical and high findings; `unresolved`: places not tied down."""

    schema: OneOf["migrator.lock/1"]
    source: str
    target: str
    commit: str
    jobs: tuple[LockedJob, ...]
    schedules: tuple[LockedSchedule, ...]
    endpoints: tuple[LockedEndpoint, ...]
    findings: dict[str, int]
    unresolved: int


def freeze(application: Application, source: str, target: str, commit: str) -> Lock:
    """The lock of a migration from `source` to `target` that begins with this code, at this commit.

    Raises:
        MigratorError: the application has no job of `source`.
    """
    inventory = application.inventory
    ours = [i for i in inventory.production if i.system == source]
    jobs = [i for i in ours if isinstance(i, Job)]
    schedules = [i for i in ours if isinstance(i, Schedule)]
    if not jobs and not schedules:
        there = ", ".join(inventory.counts()) or "none"
        raise MigratorError(
            f"has no job of {source}", place=inventory.root, remedy=f"Job systems in it: {there}. `migrate audit` lists what it has."
        )
    return Lock(
        "migrator.lock/1",
        source,
        target,
        commit,
        tuple(_job(application, job) for job in jobs),
        tuple(_schedule(schedule, jobs) for schedule in schedules),
        tuple(LockedEndpoint(e.name, e.location.path, e.location.line) for e in ours if isinstance(e, Endpoint)),
        dict(sorted(Counter(f.id for f in inventory.findings if f.severity in ("critical", "high")).items())),
        sum(1 for u in inventory.unresolved if u.system in ("", source)),
    )


def read_lock(file: Path) -> Lock:
    """The lock of a migration.

    Raises:
        MigratorError: there is none, or the file is broken.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Lock)
    except FileNotFoundError:
        remedy = "Write it at the start of the migration: migrate freeze --from SYSTEM --to SYSTEM."
        raise MigratorError("is not there", place=str(file), remedy=remedy) from None
    except OSError as error:
        raise MigratorError(f"cannot be read: {error.strerror}", place=str(file), remedy="Give a file that you may read.") from None
    except msgspec.MsgspecError as error:
        remedy = "Take it from the commit that began the migration; a new one would forget what has gone since."
        raise MigratorError(f"is no inventory lock: {error}", place=str(file), remedy=remedy) from None


def written(lock: Lock) -> bytes:
    """The lock as the bytes of its file."""
    return msgspec.json.format(msgspec.json.encode(lock), indent=1) + b"\n"


def _job(application: Application, job: Job) -> LockedJob:
    given = handed(application, job)
    return LockedJob(
        job.name or job.symbol,
        job.module,
        job.symbol,
        job.location.path,
        job.location.line,
        tuple(_told(t.value) for t in job.triggers if t.kind == "event"),
        _retry(job.retry),
        _masked(job.timeout),
        job.failure_handler is not None,
        job.live,
        len(given.places),
        given.names,
        len(given.untold),
    )


def _schedule(schedule: Schedule, jobs: list[Job]) -> LockedSchedule:
    named = next((j.name for j in jobs if schedule.job and j.identity == schedule.job), "")
    return LockedSchedule(
        schedule.name,
        named or schedule.job_name or schedule.name,
        schedule.location.path,
        schedule.location.line,
        _masked(schedule.cron),
        _masked(schedule.interval),
        schedule.timezone,
    )


def _retry(retry: Retry | None) -> LockedRetry | None:
    if retry is None:
        return None
    return LockedRetry(_masked(retry.max_attempts), retry.backoff.kind, retry.automatic, retry.never_on)


def _masked(value: V) -> V:
    """A value with the secrets of its source text masked: the file is committed."""
    return msgspec.structs.replace(value, source=redact_text(value.source)) if isinstance(value, Expression) else value


def _told(value: Value) -> str:
    return str(value.value) if isinstance(value, Literal) else redact_text(value.source)
