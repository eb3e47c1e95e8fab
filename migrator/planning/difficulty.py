"""How much of a job has to be made anew on the target."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.jobs import Enqueue, Expression, Job, Literal
from migrator.planning import score, weights
from migrator.planning.application import Application
from migrator.planning.fit import Fit
from migrator.planning.limit_use import LimitUse
from migrator.planning.score import Part
from migrator.planning.steps import Steps

#: names whose values are small and survive any serialiser
_IDS = ("id", "ids", "pk", "uuid", "key", "slug", "name", "email", "url", "number", "count", "at", "date")


def difficulty_parts(
    application: Application, job: Job, features: Sequence[Fit], steps: Steps, uses: Sequence[LimitUse], *, unknown: int, facts: int
) -> tuple[Part, ...]:
    """The parts of a job's difficulty. `unknown` of so many `facts` about it are not known."""
    sent = application.sent(job)
    return (
        _features(features),
        _fan_out(application, job, steps),
        _limits(uses),
        _payload(sent),
        _coupling(sent, features),
        Part("opacity", round(weights.OPACITY * score.opacity(facts, facts - unknown), 1), f"{unknown} of {facts} facts unknown"),
    )


def _features(features: Sequence[Fit]) -> Part:
    counted = [f for f in features if f.points]
    why = ", ".join(f"{f.usage.capability} {f.points:g}{'' if f.known else '?'}" for f in counted)
    return Part("features", weights.FEATURES * sum(f.points for f in counted), why or "all are the same there")


def _fan_out(application: Application, job: Job, steps: Steps) -> Part:
    """0 none, 1 a loop, 2 loops in loops, 3 those whose results come together again."""
    depth = max(steps.depth, *(int(e.in_loop) for e in application.sends(job)), 0)
    together = depth >= 2 and any(s.in_loop and s.parallel for s in job.steps)
    level = min(weights.MOST_FAN_OUT, depth + together)
    words = ("none", "one loop", "loops in loops", "loops in loops, and their results come together")
    return Part("fan-out", weights.FAN_OUT * level, words[level])


def _limits(uses: Sequence[LimitUse]) -> Part:
    counted = [(use, 1 if use.plan else score.limit_points(use.share)) for use in uses if not use.exceeded]
    why = ", ".join(f"{use.title} {f'{use.share:.1%}' if use.share is not None else 'unknown'}" for use, points in counted if points)
    return Part("limits", weights.LIMITS * sum(points for _, points in counted), why or "none is near")


def _payload(sent: Sequence[Enqueue]) -> Part:
    """0 where all that is handed over is ids and plain values; else not known: sizes are not in the code."""
    if not sent:
        return Part("payload", 0, "nothing hands it anything")
    if all(_plain(argument.value) for enqueue in sent for argument in enqueue.arguments):
        return Part("payload", 0, "ids and plain values")
    return Part("payload", weights.PAYLOAD * weights.MOST_PAYLOAD / 2, "the code does not say how large", known=False)


def _plain(value: Literal | Expression) -> bool:
    if isinstance(value, Literal):
        return True
    last = value.source.replace("]", "").replace("'", "").replace('"', "").rpartition(".")[2].rpartition("_")[2].lower()
    return last in _IDS or value.source.endswith(("Id", "Ids"))


def _coupling(sent: Sequence[Enqueue], features: Sequence[Fit]) -> Part:
    """How many places have to change with it, and whether its caller needs its result."""
    sites = len(sent)
    level = (sites > weights.SOME_SITES) + (sites > weights.MANY_SITES)
    results = [f.usage for f in features if f.usage.capability in ("result", "result-wait", "invoke", "chord")]
    doubtful = bool(results) and all(u.doubt for u in results)
    waited = 0.5 if doubtful else float(bool(results))
    why = f"{sites} {'place starts' if sites == 1 else 'places start'} it" + (", and a result is asked for" if results else "")
    return Part("coupling", weights.COUPLING * (level + waited), why, known=not doubtful)
