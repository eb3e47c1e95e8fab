"""Chalice: `@app.on_sqs_message(queue=…)` and `@app.schedule(…)`."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Expression, Job, Literal, Schedule, Trigger, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.functions import Function, function_at, handler
from migrator.scanners.python.sqs_clients import named
from migrator.scanners.reading import Call
from migrator.syntax.source import span
from migrator.syntax.tree import enclosing
from migrator.syntax.tree import field as child
from migrator.systems.eventbridge import when
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
PACKAGE = "chalice"
_UNITS = {"MINUTES": "minutes", "HOURS": "hours", "DAYS": "days"}


def read(call: Call) -> None:
    """Sort one call of Chalice's: only decorators of an application or a blueprint count."""
    owner, _, what = call.key.rpartition(".")
    function = _decorated(call)
    if owner.rpartition(".")[2] not in ("Chalice()", "Blueprint()") or function is None:
        return
    if what == "on_sqs_message":
        place = call.arguments.get("queue") or call.arguments.get("queue_arn") or call.arguments.get(0)
        name, queue = named(call.view, place)
        _job(call, function, Trigger("direct", queue if queue is not None else Literal("")), queue=queue, name=name)
    elif what == "schedule":
        expression = _expression(call)
        cron, interval = when(expression)
        value = cron if cron is not None else interval
        _job(call, function, Trigger("cron" if cron is not None else "interval", value or expression, timezone="UTC"))
        call.view.add(
            Schedule(
                **call.common(NAME),
                name=function.name,
                job=function.job,
                job_name=function.name,
                cron=cron,
                interval=interval,
                timezone="UTC",
                entry=span(call.node),
                options={"expression": expression},
            )
        )


def _decorated(call: Call) -> Function | None:
    whole: Node | None = enclosing(call.node, ("decorated_definition",))
    decorator = call.node.parent
    inner = child(whole, "definition")
    if decorator is None or decorator.type != "decorator" or inner is None or inner.type != "function_definition":
        return None
    return function_at(call.view.evaluator, call.view.place(inner))


def _expression(call: Call) -> Value:
    """A text, `Rate(5, unit=Rate.MINUTES)` or `Cron(0, 10, "*", "*", "?", "*")`."""
    view, place = call.view, call.arguments.get(0, call.arguments.get("expression"))
    if place is None:
        return Expression("")
    meaning = view.evaluator.meaning(place)
    made = meaning.call if isinstance(meaning, Instance) else None
    if made is None:
        return view.value(place)
    given = view.evaluator.arguments(made)
    known = [view.evaluator.known(v) for v in given.values() if isinstance(v, Place)]
    if meaning.key.endswith("Cron()") and None not in known:
        return Literal(f"cron({' '.join(map(str, known))})")
    unit = given.get("unit", given.get(1))
    name = view.evaluator.meaning(unit).key.rpartition(".")[2] if isinstance(unit, Place) else ""
    number = given.get(0, given.get("value"))
    count = view.evaluator.known(number) if isinstance(number, Place) else None
    if meaning.key.endswith("Rate()") and name in _UNITS and count is not None:
        return Literal(f"rate({count} {_UNITS[name]})")
    return Expression(place.text)


def _job(call: Call, function: Function, trigger: Trigger, *, queue: Value | None = None, name: str = "") -> None:
    call.view.add(
        Job(
            **call.common(NAME),
            name=function.name,
            symbol=function.qualified,
            module=function.module,
            definition=span(function.whole),
            form="Chalice",
            queue=queue if queue is not None or not name else Literal(name),
            triggers=(trigger,),
            handler=handler(function.place),
            live=True,
        )
    )
