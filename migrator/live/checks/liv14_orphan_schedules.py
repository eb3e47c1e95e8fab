"""LIV14: schedules that only the code or only the server has."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs.findings import Spot
from migrator.jobs.runtime import Difference
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided

_MESSAGES = {
    "not in code": "The schedule `{name}`{detail} runs, and no code here sets it.",
    "not running": "The schedule `{name}`{detail} stands in the code and does not run at the servers that were asked.",
    "differs": "The schedule `{name}` runs otherwise than the code says: {detail}.",
}


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each schedule that differs; one for all that agree."""
    if isinstance(look.differences, Untold):
        yield Undecided(look.differences.reason)
        return
    told = [difference for difference in look.differences if difference.about == "schedule"]
    for difference in told:
        detail = difference.detail if difference.kind == "differs" else f" ({difference.detail})" if difference.detail else ""
        message = _MESSAGES[difference.kind].format(name=difference.name or "without a name", detail=detail)
        running, code = Spot(difference.running, 0), _code(difference)
        severity = "medium" if difference.kind == "differs" else None
        if difference.running:
            yield Fail(running, message, (difference.system,), (code,) if code is not None else (), severity=severity)
        elif code is not None:
            yield Fail(code, message, (difference.system,), severity=severity, confidence="likely")
    if not told and look.answered:
        yield Pass(Spot(look.standings[0].at.partition("#")[0] if look.standings else "", 0, "what runs is what the code says"))


def _code(difference: Difference) -> Spot | None:
    path, _, line = difference.code.rpartition(":")
    return Spot(path, int(line)) if path and line.isdigit() else None


CHECK = LiveCheck(
    id="LIV14",
    name="orphan-schedules",
    title="Schedules that only the code or only the server has",
    severity="high",
    what="Schedules that run and stand in no code, that stand in the code and do not run, and that differ.",
    why="What runs without code is forgotten by whoever moves the code, and goes on in the old system. What only stands in the code has "
    "not been "
    "running, and will begin to with the move.",
    how="As `--runtime` does: the job schedulers of BullMQ and the repeatable jobs of earlier versions, pg-boss's `schedule`, "
    "`cron.job`, the "
    "tables of django-celery-beat and django-q, RedBeat, rq-scheduler and RQ's cron. Compared by name and by what they start.",
    unknown="A server refuses the question.",
    false_alarms="Another application in the same Redis or database. A schedule of the code that is set by a process which has not been "
    "started yet.",
    migration="Each needs a decision: moved, or gone. Gate G16 compares the next fifty times of each.",
    hint="Bring the schedule into the code, or remove it from the server.",
    sources=("BullMQ 6 takes no notice of `repeat` in `add`: measured with 6.7",),
    check=check,
    related=("JOB304", "LIV15"),
)
