"""What starts something on AWS: messages put into queues, Lambdas started without waiting, events put on a bus, schedules made by code."""

from __future__ import annotations

from dataclasses import replace

from migrator.jobs import Enqueue, Expression, Literal, Schedule, Value
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call
from migrator.scanners.typescript.objects import objects
from migrator.scanners.typescript.sqs_api import sending
from migrator.scanners.typescript.sqs_names import queue_name
from migrator.syntax.source import span
from migrator.systems.eventbridge import is_once, when
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
#: entries of a message that the model says in its own words
_SAID = frozenset(("QueueUrl", "MessageBody", "DelaySeconds", "MessageDeduplicationId", "Entries"))


def sent(call: Call) -> None:
    """`new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds })`, the same for a batch, and both as methods."""
    evaluator = call.view.evaluator
    given = evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    name, queue = queue_name(call.view, given.get("QueueUrl"))
    batch = "Entries" in given or "Batch" in call.key
    messages = [evaluator.entries(entry) for entry in objects(call.view, given.get("Entries"))] if batch else [given]
    first = next((message for message in messages if "MessageBody" in message), {})
    body = first.get("MessageBody") or given.get("Entries")
    delay, dedupe = first.get("DelaySeconds"), first.get("MessageDeduplicationId")
    site = _site(call)
    _add(
        site,
        name,
        "sendMessageBatch" if batch else "sendMessage",
        body,
        queue=queue,
        delay=call.view.value(delay) if delay is not None else None,
        dedupe=call.view.value(dedupe) if dedupe is not None else None,
        options={k: call.view.value(v) for k, v in first.items() if k not in _SAID},
    )


def invoked(call: Call) -> None:
    """`new InvokeCommand({ FunctionName, InvocationType: "Event" })`; any other kind of call waits for the answer."""
    evaluator = call.view.evaluator
    given = evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    how = given.get("InvocationType")
    always = "Async" in call.key or "invokeAsync" in call.key
    if not always and (how is None or not _means_event(call, how)):
        return
    name, function = queue_name(call.view, given.get("FunctionName"))
    _add(_site(call), name, "invoke", given.get("Payload") or given.get("InvokeArgs"), queue=function)


def put_events(call: Call) -> None:
    """`new PutEventsCommand({ Entries: [{ Source, DetailType, Detail }] })`: one enqueue for each kind of event."""
    evaluator = call.view.evaluator
    given = evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    for entry in objects(call.view, given.get("Entries")):
        event = evaluator.entries(entry)
        # A kind that is handed in keeps the call open: whoever calls the function around it knows.
        kind = event.get("DetailType")
        name = evaluator.text(kind) if kind is not None else evaluator.text(event.get("Source"))
        _add(_site(call), name, "putEvents", event.get("Detail"))


def created_schedule(call: Call) -> None:
    """`new CreateScheduleCommand({ Name, ScheduleExpression, Target })`: a schedule, or, with `at(…)`, one start at that time."""
    view, evaluator = call.view, call.view.evaluator
    given = evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    place = given.get("ScheduleExpression")
    if place is None:
        if not given and "reate" in call.key:
            # All of it is handed in: whoever calls the function around it knows.
            _add(_site(call), "", "createSchedule", None)
        return
    expression = view.value(place)
    target = evaluator.entries(given["Target"]) if "Target" in given else {}
    job, arn = queue_name(view, target.get("Arn"))
    name, site = evaluator.text(given.get("Name")), _site(call)
    if is_once(expression) or (isinstance(expression, Expression) and "at(" in evaluator.origin(place).text):
        _add(site, job or name, "createSchedule", target.get("Input"), queue=arn, eta=expression)
        return
    cron, interval = when(expression)
    zone = evaluator.text(given.get("ScheduleExpressionTimezone"))
    view.add(
        Schedule(
            **site.common(NAME),
            name=name or job,
            job_name=job,
            cron=cron,
            interval=interval,
            timezone=zone or "UTC",
            entry=span(site.node),
            options={"expression": expression},
        )
    )


def _means_event(call: Call, how: Place) -> bool:
    """`"Event"`, or `InvocationType.Event` of the SDK."""
    evaluator = call.view.evaluator
    return evaluator.text(how) == "Event" or evaluator.meaning(how).key.endswith("InvocationType.Event")


def _site(call: Call) -> Call:
    """The call of `send` that sends a command; the call itself for a method, and where a function of the project is called."""
    found = sending(call.view, call.node) if call.node.type == "new_expression" and not call.via else None
    return replace(call, node=found[0], name=found[1]) if found is not None else call


def _add(
    call: Call,
    name: str,
    form: str,
    body: Place | None,
    *,
    queue: Value | None = None,
    delay: Value | None = None,
    dedupe: Value | None = None,
    eta: Value | None = None,
    options: dict[str, Value] | None = None,
) -> None:
    view, receiver = call.view, call.receiver_node
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=queue if queue is not None else Literal(name),
            arguments=(view.argument(body),) if body is not None else (),
            delay=delay,
            eta=eta,
            dedupe=dedupe,
            awaited=view.awaited(call.node) or _awaited_promise(call),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
            options=options or {},
        )
    )


def _awaited_promise(call: Call) -> bool:
    """`await sqs.sendMessage(…).promise()`, as version 2 has it."""
    member = call.node.parent
    outer = member.parent if member is not None and member.type == "member_expression" else None
    return outer is not None and outer.type == "call_expression" and call.view.awaited(outer)
