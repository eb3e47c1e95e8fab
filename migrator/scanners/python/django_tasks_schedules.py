"""Tasks that django-crontask starts: `@cron("*/5 * * * *")` above `@task`."""

from __future__ import annotations

from migrator.jobs import Literal, Schedule, literal_of
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.django_tasks_terms import SYSTEM, Terms
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.functions import decorators, definition_span, function_at, location_of
from migrator.scanners.reading import View

_CRON, _INTERVAL = "crontask.cron", "crontask.interval"
_UNTIED = "the function is not seen to be a task"


def read_file(view: View) -> None:
    """Record the schedules that decorators of a file make."""
    terms = Terms(view.evaluator)
    for node in view.source.nodes("function_definition"):
        for decorator in decorators(node):
            meaning = view.evaluator.of(view.source, decorator.named_children[0])
            if not isinstance(meaning, Instance) or meaning.of.key not in (_CRON, _INTERVAL) or meaning.call is None:
                continue
            given = view.evaluator.arguments(meaning.call)
            when = next((v for k in (0, "schedule", "seconds") if isinstance(v := given.get(k), Place)), None)
            function = function_at(view.evaluator, view.place(node))
            is_cron = meaning.of.key == _CRON
            value = None if when is None else view.value(when) if is_cron else seconds(view, when)
            tied = bool(terms.job_of(view.evaluator.definition(view.source, node)))
            reason = "" if tied else _UNTIED
            if value is None or (is_cron and isinstance(value, Literal) and not isinstance(literal_of(value), str)):
                reason = "the schedule is only known at run time"
            view.add(
                Schedule(
                    **view.common(SYSTEM, location_of(function, decorator)),
                    name=function.dotted,
                    confidence="likely" if reason else "certain",
                    reason=reason,
                    job=function.job,
                    job_name=function.dotted,
                    cron=value if is_cron else None,
                    interval=None if is_cron else value,
                    entry=definition_span(function),
                )
            )
