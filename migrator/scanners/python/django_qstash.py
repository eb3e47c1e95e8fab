"""django-qstash: Celery's way to declare and start tasks, over QStash."""

from __future__ import annotations

from migrator.jobs import Enqueue, Job, Literal, Retry, Trigger
from migrator.scanners.linking import Meaning, Member, Place
from migrator.scanners.python import passing
from migrator.scanners.python.decorators import decorated_functions
from migrator.scanners.python.functions import Made, definition_span, handler, location_of, made
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, Reader, View
from migrator.systems.qstash import SYSTEM, max_attempts, seconds

NAME = SYSTEM.name
_PACKAGE = "django_qstash"
_DEFINERS = ("shared_task", "stashed_task")
_RUNS = frozenset(("delay", "apply_async"))


def _is_definer(meaning: Meaning) -> bool:
    return meaning.key.startswith(f"{_PACKAGE}.") and meaning.key.rpartition(".")[2] in _DEFINERS


def _task(view: View, meaning: Meaning) -> Made | None:
    how = made(view.evaluator, meaning)
    return how if how is not None and _is_definer(how.definer) else None


def read_file(view: View) -> None:
    """`@shared_task` and `@stashed_task`, with or without options."""
    facts = SYSTEM.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    for found in decorated_functions(view, _is_definer):
        function = found.made.function
        options = {k: view.value(v) for k, v in found.made.arguments.items() if isinstance(k, str)}
        written = options.get("max_retries")
        view.add(
            Job(
                **view.common(NAME, location_of(function, found.decorator)),
                name=function.dotted,
                symbol=function.qualified,
                module=function.module,
                definition=definition_span(function),
                form=found.form,
                handler=handler(function.place),
                triggers=(Trigger("direct", Literal(function.dotted)),),
                retry=Retry(
                    max_attempts(written) if written is not None else Literal(facts.default_attempts),
                    facts.backoff,
                    explicit=written is not None,
                ),
                acknowledgement="late",
                options=options,
            )
        )


def read(call: Call) -> None:
    """`task.delay(…)` and `task.apply_async(args, kwargs, countdown=…)`."""
    if not isinstance(call.callee, Member) or call.callee.name not in _RUNS:
        return
    view, form = call.view, call.callee.name
    task = _task(view, call.callee.of)
    if task is None:
        return
    given = passing.direct(view, call.inner) if form == "delay" else passing.split(view, call.inner, ("args", "kwargs", "countdown"))
    countdown: Place | None = given.options.get("countdown")
    view.add(
        Enqueue(
            **call.common(NAME),
            **around(call, lambda meaning: job.function.job if (job := _task(view, meaning)) is not None else ""),
            name=task.function.dotted,
            job=task.function.job,
            form=form,
            arguments=given.arguments,
            delay=seconds(view.value(countdown)) if countdown is not None else None,
            options=given.written(view),
        )
    )


READER = Reader(system=NAME, markers=(b"django_qstash",), packages=(_PACKAGE,), call=read, file=read_file)
