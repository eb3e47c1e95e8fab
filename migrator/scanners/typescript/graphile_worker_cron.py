"""Graphile Worker's crontabs in code: a text in its own format, or a list of items."""

from __future__ import annotations

from migrator.jobs import Literal, Location, Schedule, Value
from migrator.scanners.files import area_of
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call
from migrator.scanners.typescript.objects import objects
from migrator.syntax.source import span
from migrator.systems.graphile_worker import SYSTEM, crontab_lines

NAME = SYSTEM.name


def parsed(call: Call, form: str) -> None:
    """`parseCrontab(text)` and `parseCronItems([{ task, match, payload }])`."""
    first = call.arguments.get(0)
    if first is not None and form == "parseCrontab":
        text(call, first)
    elif first is not None:
        items(call, first)


def text(call: Call, place: Place) -> None:
    """The lines of a crontab; one that only the run knows is reported."""
    view = call.view
    place = view.evaluator.origin(place)
    known = view.evaluator.text(place)
    if not known:
        if place.node.type != "null":
            view.unresolved(call.node, "a crontab that is only known at run time", NAME)
        return
    first = place.node.start_point.row + 1
    for line in crontab_lines(known):
        # Lines of a template stand where they are read; of a text that is pieced together, only its beginning is known.
        number = first + line.number if place.node.type == "template_string" else first
        whole = place.source.location(place.node)
        location = Location(whole.path, number, 0 if line.number else whole.column, number, whole.span)
        view.add(_schedule(location, place.source.language, line.task, line.task, Literal(line.cron), place))


def items(call: Call, place: Place) -> None:
    """Each item of the list; older versions call the cron `pattern`."""
    view = call.view
    for item in objects(view, place):
        entries = view.evaluator.entries(item)
        when = entries.get("match") or entries.get("pattern")
        task = view.evaluator.text(entries.get("task"))
        name = view.evaluator.text(entries.get("identifier")) or task
        cron = view.value(when) if when is not None else None
        view.add(_schedule(item.source.location(item.node), item.source.language, name, task, cron, item))


def _schedule(location: Location, language: str, name: str, task: str, cron: Value | None, place: Place) -> Schedule:
    return Schedule(
        system=NAME,
        language=language,
        name=name,
        location=location,
        area=area_of(location.path),
        job_name=task,
        cron=cron,
        timezone="UTC",
        entry=span(place.node),
    )
