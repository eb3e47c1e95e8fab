"""Pulumi's AWS package (`@pulumi/aws` 4 to 7) in TypeScript: queues, Lambdas behind them, and what starts them by the clock.

A handler is a Lambda whose code lies elsewhere, or a function on the spot, which Pulumi takes out of the program and packs.
"""

from __future__ import annotations

import posixpath

from migrator.jobs import Endpoint, Expression, Job, Literal, Options, Trigger, Value, literal_of
from migrator.regex import regex
from migrator.scanners.aws.lambdas import Function, Lambdas
from migrator.scanners.found import Found
from migrator.scanners.linking import Instance, Member, Place
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.handlers import handler_of
from migrator.syntax.source import span
from migrator.systems.eventbridge import is_once, when
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
_PACKAGE = "@pulumi/aws"
_MODULES = ("sqs", "lambda", "cloudwatch", "scheduler")
_RULE, _TARGET = "pulumi rule", "pulumi target"
_QUEUE = ("visibilityTimeoutSeconds", "messageRetentionSeconds", "delaySeconds", "fifoQueue", "receiveWaitTimeSeconds")
_FEED = ("batchSize", "maximumBatchingWindowInSeconds", "functionResponseTypes", "enabled")
_COUNT = regex(r"maxReceiveCount[\"']?\s*:\s*(\d+)")
#: where a folder of code is named
_ARCHIVES = ("FileArchive()", "FileAsset()")


def read(call: Call) -> None:
    """Sort one call; rules and their targets wait for the end, when both are known."""
    match _key(call.key):
        case "sqs.Queue":
            _queue(call)
        case "lambda.EventSourceMapping":
            _, given = _said(call.view, call.inner)
            if "startingPosition" not in given:
                _fed(call, given.get("functionName"), given.get("eventSourceArn"), given)
        case "sqs.Queue().onEvent":
            made = call.receiver.call if isinstance(call.receiver, Instance) else None
            given = call.view.evaluator.entries(call.arguments[2]) if 2 in call.arguments else {}
            _fed(call, call.arguments.get(1), made, given)
        case "cloudwatch.onSchedule":
            when_said = call.view.value(call.arguments[1]) if 1 in call.arguments else None
            _scheduled(call, _text(call.view, call.arguments.get(0)), when_said, [call.arguments[2]] if 2 in call.arguments else [])
        case "scheduler.Schedule":
            name, given = _said(call.view, call.inner)
            target = call.view.evaluator.entries(given["target"]).get("arn") if "target" in given else None
            zone = _text(call.view, given.get("scheduleExpressionTimezone"))
            if _text(call.view, given.get("state")) != "DISABLED" and "scheduleExpression" in given:
                written = call.view.value(given["scheduleExpression"])
                _scheduled(call, name, written, [target] if target is not None else [], zone)
        case "cloudwatch.EventRule":
            call.view.found.calls[_RULE].append(call)
        case "cloudwatch.EventTarget" | "cloudwatch.EventRule().onEvent":
            call.view.found.calls[_TARGET].append(call)
        case _:
            pass


def _finish(found: Found) -> None:
    """Record the rules that go by the clock, with what is told to run."""
    targets: dict[tuple[str, int], list[Place]] = {}
    for call in found.calls[_TARGET]:
        _, given = _said(call.view, call.inner)
        rule, run = (call.receiver, call.arguments.get(1)) if call.key.endswith(".onEvent") else (None, given.get("arn"))
        made = _made(call.view, given.get("rule")) if rule is None else rule.call if isinstance(rule, Instance) else None
        if made is not None and run is not None:
            targets.setdefault((made.source.path, made.node.start_byte), []).append(run)
    for call in found.calls[_RULE]:
        name, given = _said(call.view, call.inner)
        off = _text(call.view, given.get("state")) == "DISABLED" or _known(call.view, given.get("isEnabled")) is False
        if "scheduleExpression" in given and not off:
            runs = targets.get((call.inner.source.path, call.inner.node.start_byte), [])
            _scheduled(call, name, call.view.value(given["scheduleExpression"]), runs)


def _queue(call: Call) -> None:
    name, given = _said(call.view, call.inner)
    policy = _COUNT.search(given["redrivePolicy"].text) if "redrivePolicy" in given else None
    said = {**_options(call.view, given, _QUEUE), **({"maxReceiveCount": Literal(int(policy[1]))} if policy is not None else {})}
    _lambdas(call.view).queue(_text(call.view, given.get("name")) or name, call.location, said)


def _fed(call: Call, handler: Place | None, source: Place | None, given: dict[str, Place]) -> None:
    """A queue hands its messages to a Lambda. `source`: what makes the queue, or its address."""
    view, options = call.view, _options(call.view, given, _FEED)
    queue = _queue_named(view, source)
    if queue is None:
        return
    function = _function(view, handler)
    if function is not None:
        _lambdas(view).fed(function, queue, call.location, options)
        return
    callback = _callback(view, handler)
    if callback is None:
        _lambdas(view).loose(call.location, "the function that this source feeds could not be found")
        return
    name = _text(view, call.arguments.get(0))
    known = literal_of(queue)
    label = known if isinstance(known, str) else name
    common = call.common(NAME)
    view.add(Endpoint(**common, name=label, serves=(name,), definition=span(call.node), options={"queue": queue, **options}))
    _add_job(call, name, callback, Trigger("direct", queue, span=span(call.node)), queue, options)


def _scheduled(call: Call, name: str, expression: Value | None, runs: list[Place], zone: str = "") -> None:
    view, lambdas = call.view, _lambdas(call.view)
    if expression is None or is_once(expression):
        return
    for run in runs or [None]:
        function, callback = _function(view, run), _callback(view, run)
        lambdas.scheduled(function, expression, call.location, {}, zone=zone, name=name)
        if function is None and callback is not None:
            cron, interval = when(expression)
            kind = "cron" if cron is not None else "interval"
            trigger = Trigger(kind, cron or interval or expression, timezone=zone or "UTC", span=span(call.node))
            _add_job(call, name, callback, trigger, None, {})


def _add_job(call: Call, name: str, callback: Place, trigger: Trigger, queue: Value | None, options: Options) -> None:
    view = call.view
    view.add(
        Job(
            **call.common(NAME),
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form="Pulumi callback",
            handler=handler_of(view, callback),
            triggers=(trigger,),
            queue=queue,
            acknowledgement="late",
            options=options,
            live=True,
        )
    )


def _function(view: View, place: Place | None) -> Function | None:
    """The Lambda that an expression stands for, or whose address it is: `fn`, `fn.arn`; None where its code is on the spot."""
    made = _made(view, place)
    if made is None or "handler" not in (given := _said(view, made)[1]):
        return None
    here = posixpath.dirname(made.source.path)
    folders = [posixpath.normpath(posixpath.join(here, folder)) for folder in _folders(view, given.get("code"))]
    while here:
        folders.append(here)
        here = posixpath.dirname(here)
    limit, time = given.get("reservedConcurrentExecutions"), given.get("timeout")
    return Function(
        _said(view, made)[0],
        made.source.location(made.node),
        handler=_text(view, given["handler"]),
        folders=(*folders, ""),
        timeout=view.value(time) if time is not None else None,
        concurrency=view.value(limit) if limit is not None else None,
        form="Pulumi function",
    )


def _folders(view: View, code: Place | None) -> list[str]:
    """`./dist` of `new pulumi.asset.FileArchive("./dist")`, also within an `AssetArchive`."""
    if code is None:
        return []
    meaning = view.evaluator.meaning(code)
    made = meaning.call if isinstance(meaning, Instance) and meaning.key.endswith(_ARCHIVES) else None
    first = view.evaluator.arguments(made).get(0) if made is not None else None
    text = view.evaluator.text(first) if isinstance(first, Place) else ""
    return [text, posixpath.dirname(text)] if text else []


def _callback(view: View, place: Place | None) -> Place | None:
    """The function on the spot that runs: given as such, or to a `CallbackFunction`."""
    made = _made(view, place)
    if made is not None:
        return _said(view, made)[1].get("callback")
    return place if place is not None and handler_of(view, place) is not None else None


def _queue_named(view: View, source: Place | None) -> Value | None:
    """The queue that a call makes or an address leads to; None where that is another source of events."""
    made = source if source is not None and source.node.type == "new_expression" else _made(view, source)
    if made is None:
        return Expression(source.text) if source is not None else None
    name, given = _said(view, made)
    if _key_of(view, made) != "sqs.Queue":
        return None
    return Literal(_text(view, given.get("name")) or name)


def _made(view: View, place: Place | None) -> Place | None:
    """The call of Pulumi's that makes what an expression stands for, or a property of it: `queue`, `queue.arn`."""
    meaning = view.evaluator.meaning(place) if place is not None else None
    meaning = meaning.of if isinstance(meaning, Member) else meaning
    made = meaning.call if isinstance(meaning, Instance) and _key(meaning.of.key) else None
    return made if made is not None and made.node.type == "new_expression" else None


def _key_of(view: View, made: Place) -> str:
    meaning = view.evaluator.meaning(made)
    return _key(meaning.of.key) if isinstance(meaning, Instance) else ""


def _key(key: str) -> str:
    """`sqs.Queue` of every way to import that; empty for what is not Pulumi's.

    >>> _key("@pulumi/aws.sqs.Queue"), _key("@pulumi/aws/sqs.Queue().onEvent"), _key("@pulumi/aws/sqs/queue.Queue")
    ('sqs.Queue', 'sqs.Queue().onEvent', 'sqs.Queue')
    """
    if not key.startswith((f"{_PACKAGE}.", f"{_PACKAGE}/")):
        return ""
    module, _, rest = key[len(_PACKAGE) + 1 :].partition(".")
    return f"{module.partition('/')[0]}.{rest}"


def _said(view: View, made: Place) -> tuple[str, dict[str, Place]]:
    """(name, arguments) that a resource is given."""
    given = view.evaluator.arguments(made)
    first, second = given.get(0), given.get(1)
    return (
        view.evaluator.text(first) if isinstance(first, Place) else "",
        view.evaluator.entries(second) if isinstance(second, Place) else {},
    )


def _options(view: View, given: dict[str, Place], names: tuple[str, ...]) -> Options:
    return {name: view.value(given[name]) for name in names if name in given}


def _text(view: View, place: Place | None) -> str:
    return view.evaluator.text(place) if place is not None else ""


def _known(view: View, place: Place | None) -> object:
    return view.evaluator.known(place) if place is not None else None


def _lambdas(view: View) -> Lambdas:
    return Lambdas(view.project.tree, view.found, "code", view.source.language)


READER = Reader(
    system=NAME,
    markers=(b"@pulumi/aws",),
    packages=(_PACKAGE, *(f"{_PACKAGE}/{module}" for module in _MODULES), f"{_PACKAGE}/sqs/queue"),
    call=read,
    finish=_finish,
)
