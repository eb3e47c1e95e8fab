"""G03: a job that failed and was run again still is."""

from __future__ import annotations

import math

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, nothing, settled
from migrator.cutover.lock import LockedJob
from migrator.jobs import Job, Literal, Value


def check(evidence: Evidence) -> Answer:
    """Unmet where a job is run fewer times, without its waits, or again though it asked not to be."""
    moved = [(fate.job, fate.now) for fate in evidence.fates if fate.now is not None]
    if not moved:
        return nothing("no job has moved")
    problems: list[str] = []
    doubts: list[str] = []
    fine: list[str] = []
    for was, job in moved:
        _compare(was, job, problems, doubts, fine)
    return settled(problems, doubts, tuple(fine), "a look at these jobs by a person, and an attestation")


def _compare(was: LockedJob, job: Job, problems: list[str], doubts: list[str], fine: list[str]) -> None:
    old, new, where = was.retry, job.retry, f"{job.location.place}: {was.name}"
    if old is None or new is None:
        doubts.append(f"{where}: how often it was, or is, run cannot be told")
        return
    before, after = _number(old.max_attempts), _number(new.max_attempts)
    if before is None or after is None:
        doubts.append(f"{where}: {_told(old.max_attempts)} before, {_told(new.max_attempts)} now, and not both are numbers")
    elif after < before:
        problems.append(f"{where}: {_told(old.max_attempts)} before, {_told(new.max_attempts)} now")
    elif before > 1 and old.backoff != "none" and new.backoff.kind == "none":
        problems.append(f"{where}: waited between attempts ({old.backoff}), now tries again at once")
    elif after > 1 and new.automatic and not old.automatic and not new.on:
        problems.append(f"{where}: was run again only where it asked for it, now after every error, {_told(new.max_attempts)}")
    elif old.never_on and not new.never_on:
        doubts.append(f"{where}: {', '.join(old.never_on)} ended it at once, and nothing says so now")
    else:
        fine.append(f"{was.name}: {_told(new.max_attempts)}")


def _number(attempts: Value) -> float | None:
    """Total executions; infinity without end, None where the code does not tell."""
    if not isinstance(attempts, Literal):
        return None
    number = attempts.value
    return math.inf if number is None else float(number) if isinstance(number, int | float) else None


def _told(value: Value) -> str:
    if not isinstance(value, Literal):
        return f"`{value.source}` attempts"
    return "attempts without end" if value.value is None else f"{value.value} attempt{'' if value.value == 1 else 's'}"


GATE = Gate(
    id="G03",
    title="Retries are kept",
    asks="Is every job run at least as often as before, with waits between attempts, and not again where it asked not to be?",
    how="The retry policy of the lock against that of the target's definition, in total executions. What enqueues say for one call, and "
    "the exact waits, are not compared.",
    answered_by="either",
    check=check,
)
