"""Recurring actors: periodiq's `@actor(periodic=cron("…"))`, and `@cron("…")` and `@interval(…)` of dramatiq-crontab."""

from __future__ import annotations

from collections.abc import Mapping

from tree_sitter import Node

from migrator.jobs import Expression, Literal, Location, Schedule, Span, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.dramatiq_terms import SYSTEM, Actor
from migrator.scanners.python.durations import total
from migrator.scanners.python.functions import decorators
from migrator.scanners.reading import View
from migrator.syntax.source import span

_PERIODIQ = frozenset(("periodiq.cron", "periodiq.CronSpec"))
_CRON = frozenset(("dramatiq_crontab.cron", "dramatiq_crontab.utils.cron", "crontab.cron"))
_INTERVAL = frozenset(("dramatiq_crontab.interval", "dramatiq_crontab.utils.interval"))


def periodic(view: View, options: Mapping[str, Place]) -> Value | None:
    """The cron expression of an actor's option `periodic`."""
    place = options.get("periodic")
    if place is None:
        return None
    meaning = view.evaluator.meaning(place)
    return _text(view, meaning) if isinstance(meaning, Instance) and meaning.of.key in _PERIODIQ else view.value(place)


def read_decorators(view: View, actor: Actor, function: Node) -> None:
    """Record the schedules that further decorators give to an actor."""
    for node in decorators(function):
        meaning = view.evaluator.of(view.source, node.named_children[0])
        if not isinstance(meaning, Instance) or meaning.call is None:
            continue
        whole = node.parent if node.parent is not None else node
        location = view.source.location(whole, at=node)
        if meaning.of.key in _CRON:
            add(view, actor, location, span(node), cron=_text(view, meaning))
        elif meaning.of.key in _INTERVAL:
            given = view.evaluator.arguments(meaning.call)
            names = {0: "seconds"}
            parts = {names.get(k, str(k)) if isinstance(k, int) else k: view.value(v) for k, v in given.items() if isinstance(v, Place)}
            add(view, actor, location, span(node), interval=total(parts) or Expression(meaning.call.text))


def add(view: View, actor: Actor, location: Location, entry: Span, cron: Value | None = None, interval: Value | None = None) -> None:
    """Record that an actor runs again and again."""
    view.add(
        Schedule(
            **view.common(SYSTEM, location),
            name=actor.name,
            job=actor.job,
            job_name=actor.name,
            cron=cron,
            interval=interval,
            entry=entry,
        )
    )


def _text(view: View, meaning: Instance) -> Value:
    """The text that a schedule is made with."""
    given = view.evaluator.arguments(meaning.call) if meaning.call is not None else {}
    place = given.get(0, given.get("spec", given.get("schedule")))
    value = view.value(place) if isinstance(place, Place) else Expression("")
    known = value.value if isinstance(value, Literal) else None
    return Literal(" ".join(known.split())) if isinstance(known, str) else value
