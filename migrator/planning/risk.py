"""What can go wrong with a job while it moves, and how much that would matter: what it does, how often, what is wrong with it already."""

from __future__ import annotations

from functools import cache

from migrator.jobs import Job, Literal, Schedule, literal_of
from migrator.planning import weights
from migrator.planning.application import Application
from migrator.planning.score import Part
from migrator.planning.side_effects import side_effect
from migrator.planning.usage import Usage
from migrator.planning.weights import Frequency, SideEffect
from migrator.rules.evidence import number
from migrator.rules.registry import rules
from migrator.systems.schedule_times import times

_SAID: dict[SideEffect, str] = {
    "money": "moves money",
    "message": "sends messages to people",
    "external write": "calls another service",
    "internal write": "writes data",
    "read": "only reads",
}
_HOUR, _DAY = 3_600, 86_400


def risk_parts(application: Application, job: Job, found: tuple[Usage, ...]) -> tuple[Part, ...]:
    """The parts of a job's risk."""
    return (
        _findings(application, job),
        _side_effect(application, job),
        _frequency(application, job),
        _test(application, job),
        _guard(application, job, found),
    )


def _findings(application: Application, job: Job) -> Part:
    findings = [f for f in application.findings(job) if f.id not in _of_the_project()]
    counted = {f.id: f for f in reversed(findings) if weights.FINDINGS[f.severity]}
    points = sum(weights.FINDINGS[f.severity] for f in counted.values())
    why = ", ".join(f"{f.id} {f.severity}" for f in sorted(counted.values(), key=lambda f: f.id))
    return Part("findings", points, why or "none")


@cache
def _of_the_project() -> frozenset[str]:
    """Rules about the application as a whole: what they find at a job is no risk of that job."""
    return frozenset(rule.id for rule in rules() if rule.effort.per == "project" and rule.id[:4] in weights.OF_THE_APPLICATION)


def _side_effect(application: Application, job: Job) -> Part:
    seen = side_effect(application.evidence, job)
    if seen is None:
        middle = max(weights.SIDE_EFFECTS.values()) / 2
        return Part("side effect", middle, "what it does was not recognised", known=False)
    effect, where = seen
    return Part("side effect", weights.SIDE_EFFECTS[effect], f"{_SAID[effect]}: {where.what}, {where.path}:{where.line}")


def _frequency(application: Application, job: Job) -> Part:
    """How often schedules start a job. How often code does is not in the code."""
    known = [_seconds(s) for s in application.scheduled(job)]
    if application.sent(job) or not known or None in known:
        middle = max(weights.FREQUENCIES.values()) / 2
        return Part("frequency", middle, "the code does not say", known=False)
    shortest = min(seconds for seconds in known if seconds is not None)
    often: Frequency = (
        "every minute" if shortest < _HOUR else "hourly" if shortest < _DAY else "daily" if shortest < 2 * _DAY else "less often"
    )
    return Part("frequency", weights.FREQUENCIES[often], f"scheduled {'many times an hour' if often == 'every minute' else often}")


def _seconds(schedule: Schedule) -> float | None:
    """Seconds between two starts, roughly: a day by the number of its starts; None where that cannot be told."""
    interval = number(schedule.interval)
    if interval is not None:
        return interval
    minutes = times(schedule).minutes
    if not minutes:
        return None
    cron = literal_of(schedule.cron)
    fields = str(cron).split()[-3:] if isinstance(schedule.cron, Literal) else []
    # Days that are left out make it rarer than daily.
    rare = len(minutes) == 1 and any(field not in ("*", "?") for field in fields)
    return 7 * _DAY if rare else _DAY / len(minutes)


def _test(application: Application, job: Job) -> Part:
    tested = application.tested(job)
    return Part("no test", 0 if tested else weights.NO_TEST, "a test names it" if tested else "no test names it")


def _guard(application: Application, job: Job, found: tuple[Usage, ...]) -> Part:
    """Whether something keeps the same work from being done twice, which a move can bring about."""
    guards = [u for u in found if u.capability in ("dedupe", "idempotency", "singleton")]
    sites = len(application.sent(job))
    guarded = {place for u in guards for place in u.places}
    if guards and (any(u.what.startswith("`") for u in guards) or len(guarded) >= sites):
        return Part("no guard", 0, f"{guards[0].capability}: {guards[0].what}")
    why = "no id keeps out a second one; its body may"
    return Part("no guard", weights.NO_GUARD / 2, why, known=False)
