"""What starts something on AWS in Python: messages, Lambdas started without waiting, events put on a bus, schedules made by code."""

from __future__ import annotations

from migrator.jobs import Enqueue, Expression, Literal, Schedule, Value
from migrator.scanners.linking import Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.python.sqs_clients import named, queue_of
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call
from migrator.syntax.source import span
from migrator.systems.eventbridge import is_once, when
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
#: entries of a message that the model says in its own words
_SAID = frozenset(("QueueUrl", "MessageBody", "DelaySeconds", "MessageDeduplicationId", "Entries", "Id"))


def sent(call: Call) -> None:
    """`sqs.send_message(QueueUrl=…, MessageBody=…)`, `queue.send_message(MessageBody=…)`, and batches."""
    view = call.view
    name, queue = queue_of(call)
    given = {str(k): v for k, v in call.arguments.items()}
    batch = given.get("Entries")
    if batch is not None:
        listed = [view.evaluator.entries(entry) for entry in elements(view.evaluator, batch).known]
        given = next((message for message in listed if "MessageBody" in message), {})
    body = given.get("MessageBody") or batch
    _add(
        call,
        name,
        "send_message_batch" if batch is not None else "send_message",
        body,
        queue=queue,
        delay=view.value(given["DelaySeconds"]) if "DelaySeconds" in given else None,
        dedupe=view.value(given["MessageDeduplicationId"]) if "MessageDeduplicationId" in given else None,
        options={k: view.value(v) for k, v in given.items() if k not in _SAID and not k.startswith("*")},
    )


def invoked(call: Call) -> None:
    """`lambda_client.invoke(FunctionName=…, InvocationType="Event")`; any other kind of call waits for the answer."""
    evaluator = call.view.evaluator
    if evaluator.text(call.arguments.get("InvocationType")) != "Event" and not call.key.endswith("invoke_async"):
        return
    name, function = named(call.view, call.arguments.get("FunctionName"))
    _add(call, name, "invoke", call.arguments.get("Payload") or call.arguments.get("InvokeArgs"), queue=function)


def put_events(call: Call) -> None:
    """`events.put_events(Entries=[{"Source": …, "DetailType": …, "Detail": …}])`: one enqueue for each kind of event."""
    evaluator = call.view.evaluator
    listed = call.arguments.get("Entries")
    for entry in elements(evaluator, listed).known if listed is not None else ():
        event = evaluator.entries(entry)
        # A kind that is handed in keeps the call open: whoever calls the function around it knows.
        kind = event.get("DetailType")
        name = evaluator.text(kind) if kind is not None else evaluator.text(event.get("Source"))
        _add(call, name, "putEvents", event.get("Detail"))


def created_schedule(call: Call) -> None:
    """`scheduler.create_schedule(Name=…, ScheduleExpression=…, Target=…)`: a schedule, or, with `at(…)`, one start at that time."""
    view, evaluator = call.view, call.view.evaluator
    place = call.arguments.get("ScheduleExpression")
    if place is None:
        return
    expression = view.value(place)
    target = evaluator.entries(call.arguments["Target"]) if "Target" in call.arguments else {}
    job, arn = named(view, target.get("Arn"))
    name = evaluator.text(call.arguments.get("Name"))
    if is_once(expression) or (isinstance(expression, Expression) and "at(" in expression.source):
        _add(call, job or name, "create_schedule", target.get("Input"), queue=arn, eta=expression)
        return
    cron, interval = when(expression)
    zone = evaluator.text(call.arguments.get("ScheduleExpressionTimezone"))
    view.add(
        Schedule(
            **call.common(NAME),
            name=name or job,
            job_name=job,
            cron=cron,
            interval=interval,
            timezone=zone or "UTC",
            entry=span(call.node),
            options={"expression": expression},
        )
    )


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
    view = call.view
    view.add(
        Enqueue(
            **call.common(NAME),
            **around(call, lambda _: ""),
            name=name,
            form=form,
            queue=queue if queue is not None else Literal(name),
            arguments=(view.argument(body),) if body is not None else (),
            delay=delay,
            eta=eta,
            dedupe=dedupe,
            options=options or {},
            confidence="likely" if call.doubt else "certain",
            reason=call.doubt,
        )
    )
