"""Trigger.dev 3 and 4: tasks, the calls that start them, and schedules."""

from __future__ import annotations

from migrator.jobs import Backoff, Enqueue, Job, Literal, Retry, Schedule, Setting, Trigger, Value, affine, literal_of
from migrator.regex import regex
from migrator.scanners.linking import Defined, Instance, Place
from migrator.scanners.reading import Call
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.objects import objects
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.trigger_dev import DEFAULT_BACKOFF, SECONDS, SYSTEM

NAME = SYSTEM.name
_DEFINE = frozenset(("task", "schemaTask", "schedules.task"))
_STARTS = frozenset(("trigger", "batchTrigger", "triggerAndWait", "batchTriggerAndWait", "triggerAndPoll", "triggerAndSubscribe"))
#: functions that take a task's id first, and React's hooks that do
_BY_ID = frozenset(
    (*(f"tasks.{start}" for start in _STARTS), "useTaskTrigger", "useRealtimeTaskTrigger", "useRealtimeTaskTriggerWithStreams")
)
#: functions that take a list of objects that each name a task
_LISTS = {"batch.trigger": "id", "batch.triggerAndWait": "id", "batch.triggerByTask": "task", "batch.triggerByTaskAndWait": "task"}
_DURATION = regex(r"^(\d+)([smhdw])$")


def read(call: Call, path: str) -> bool:
    """Sort one call; `path` is what stands behind the package. False for a call of no task."""
    owner, _, method = path.rpartition("().")
    if path in _DEFINE:
        _define(call, path)
    elif owner in _DEFINE and method in _STARTS:
        _start(call, method, _id_of(call), call.arguments.get(0), call.arguments.get(1))
    elif path in _BY_ID:
        _start(call, path.removeprefix("tasks."), call.arguments.get(0), call.arguments.get(1), call.arguments.get(2))
    elif path in _LISTS:
        _several(call, path, _LISTS[path])
    elif path == "schedules.create":
        _create(call)
    elif path == "queue":
        entries = call.view.options(call.arguments.get(0))
        name = literal_of(entries.get("name"))
        call.view.add(Setting(**call.common(NAME), name=name if isinstance(name, str) else "", entry=span(call.node), options=entries))
    else:
        return False
    return True


def _define(call: Call, form: str) -> None:
    """`task({ id, run, … })`; one of `schedules` may say when it runs."""
    view, first = call.view, call.arguments.get(0)
    entries = view.evaluator.entries(first) if first is not None else {}
    options = view.options(first)
    name, (symbol, _) = view.evaluator.text(entries.get("id")), holder(view.source, call.node)
    cron, zone = _cron(call, entries.get("cron"))
    concurrency = view.evaluator.entries(entries["queue"]).get("concurrencyLimit") if "queue" in entries else None
    failure = entries.get("onFailure")
    trigger = Trigger("cron", cron, timezone=zone) if cron is not None else Trigger("direct", Literal(name))
    view.add(
        Job(
            **call.common(NAME),
            name=name,
            symbol=symbol,
            module=view.module,
            definition=span(call.node),
            form=form,
            handler=handler_of(view, entries.get("run")),
            triggers=(trigger,),
            retry=_retry(call, entries.get("retry")),
            timeout=options.get("maxDuration"),
            concurrency=view.value(concurrency) if concurrency is not None else None,
            queue=options.get("queue"),
            failure_handler=span(failure.node) if failure is not None and failure.source is view.source else None,
            options={k: v for k, v in options.items() if k not in ("run", "onFailure", "onSuccess", "init", "cleanup")},
            # Every exported task below the folders of the configuration is registered.
            live=bool(symbol),
        )
    )
    if cron is not None:
        schedule = Schedule(**call.common(NAME), name=name, job_name=name, cron=cron, timezone=zone, entry=span(call.node))
        view.add(schedule)


def _cron(call: Call, place: Place | None) -> tuple[Value | None, str]:
    """(cron, time zone) of `"0 3 * * *"` or `{ pattern, timezone }`."""
    if place is None:
        return None, ""
    entries = call.view.evaluator.entries(place)
    if "pattern" in entries:
        return call.view.value(entries["pattern"]), call.view.evaluator.text(entries.get("timezone"))
    return call.view.value(place), ""


def _retry(call: Call, place: Place | None) -> Retry:
    view = call.view
    entries = view.evaluator.entries(place) if place is not None else {}
    facts = SYSTEM.retry
    default = facts.default_attempts if facts is not None else None
    attempts = view.value(entries["maxAttempts"]) if "maxAttempts" in entries else Literal(default)
    factor = view.evaluator.known(entries.get("factor"))
    low, high = entries.get("minTimeoutInMs"), entries.get("maxTimeoutInMs")
    backoff = Backoff(
        "exponential",
        affine(view.value(low), scale=0.001) if low is not None else DEFAULT_BACKOFF.delay,
        factor=float(factor) if isinstance(factor, int | float) else DEFAULT_BACKOFF.factor,
        maximum=affine(view.value(high), scale=0.001) if high is not None else DEFAULT_BACKOFF.maximum,
        jitter="none" if view.evaluator.known(entries.get("randomize")) is False else "up",
    )
    return Retry(attempts, backoff, never_on=("AbortTaskRunError",), explicit="maxAttempts" in entries)


def _id_of(call: Call) -> Place | None:
    """The id of the task that a method is called on."""
    made = call.receiver.call if isinstance(call.receiver, Instance) else None
    first = call.view.evaluator.arguments(made).get(0) if made is not None else None
    return call.view.evaluator.entries(first).get("id") if isinstance(first, Place) else None


def _start(call: Call, form: str, identity: Place | None, data: Place | None, given: Place | None, *, several: bool = False) -> None:
    view, receiver = call.view, call.receiver_node
    options = view.options(given)
    attempts = options.get("maxAttempts")
    delay = options.get("delay")
    view.add(
        Enqueue(
            **call.common(NAME),
            name=view.evaluator.text(identity),
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            arguments=(view.argument(data),) if data is not None else (),
            options=options,
            delay=_seconds(delay),
            eta=delay if delay is not None and _seconds(delay) is None else None,
            queue=options.get("queue"),
            priority=options.get("priority"),
            expires=_seconds(options.get("ttl")),
            dedupe=options.get("idempotencyKey"),
            max_attempts=attempts,
            awaited=view.awaited(call.node),
            in_loop=several or form.startswith("batch") or view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def _seconds(value: Value | None) -> Value | None:
    """`"1h"` in seconds; None for a date and what only the run knows."""
    known = literal_of(value)
    if isinstance(known, int | float):
        return Literal(known)
    match = _DURATION.match(known) if isinstance(known, str) else None
    return Literal(int(match[1]) * SECONDS[match[2]]) if match else None


def _several(call: Call, form: str, key: str) -> None:
    """`batch.trigger([{ id, payload, options }, …])`: one enqueue for each task, if all of them can be told."""
    view = call.view
    runs = [view.evaluator.entries(run) for run in objects(view, call.arguments.get(0))]
    found: dict[str, tuple[Place | None, dict[str, Place]]] = {}
    for run in runs:
        identity = run.get(key)
        if key == "task" and identity is not None:
            identity = _id_of_task(call, identity)
        found[view.evaluator.text(identity)] = (identity, run)
    if not found or "" in found:
        _start(call, form, None, call.arguments.get(0), None, several=True)
        return
    for identity, run in found.values():
        _start(call, form, identity, run.get("payload"), run.get("options"), several=True)


def _id_of_task(call: Call, place: Place) -> Place | None:
    meaning = call.view.evaluator.meaning(place)
    made = meaning.call if isinstance(meaning, Instance) and not isinstance(meaning.of, Defined) else None
    first = call.view.evaluator.arguments(made).get(0) if made is not None else None
    return call.view.evaluator.entries(first).get("id") if isinstance(first, Place) else None


def _create(call: Call) -> None:
    """`schedules.create({ task, cron, timezone, externalId, deduplicationKey })`."""
    view = call.view
    entries = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    task = entries.get("task")
    job = view.evaluator.text(task) or (view.evaluator.text(_id_of_task(call, task)) if task is not None else "")
    key = view.evaluator.text(entries.get("deduplicationKey"))
    view.add(
        Schedule(
            **call.common(NAME),
            name=key or job,
            job_name=job,
            cron=view.value(entries["cron"]) if "cron" in entries else None,
            timezone=view.evaluator.text(entries.get("timezone")),
            entry=span(call.node),
            options=view.options(call.arguments.get(0)),
        )
    )
