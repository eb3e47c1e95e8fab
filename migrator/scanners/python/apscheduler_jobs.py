"""What is given to a scheduler: `add_job(f, "cron", hour=5)`, `@scheduler.scheduled_job(…)`, jobs that are to run once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal as OneOf

import msgspec
from tree_sitter import Node

from migrator.jobs import Enqueue, Literal, Location, Schedule, Span, Trigger
from migrator.scanners.linking import UNKNOWN, Defined, External, Instance, Place, parts
from migrator.scanners.linking.loops import rounds
from migrator.scanners.python import passing
from migrator.scanners.python.apscheduler_given import LAMBDA, Given, given_in, reference, shown, target_of
from migrator.scanners.python.apscheduler_terms import ADDING, DECORATING, METHODS, REGISTER, SYSTEM, TASK, Terms
from migrator.scanners.python.apscheduler_triggers import is_trigger, moment
from migrator.scanners.python.functions import decorators, function_at, location_of, name_of
from migrator.scanners.python.registering import registered
from migrator.scanners.python.surroundings import around
from migrator.scanners.python.targets import Target, definition, target
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, enclosing
from migrator.syntax.tree import field as child

UNTOLD = "what it is called on could not be told"
#: decorators that are objects: what their class gives to a scheduler is what they decorate, run their own way
BY_CLASS = "apscheduler decorator class"
_DYNAMIC = "what is run is only known at run time"
_ELSEWHERE = "a trigger of APScheduler that is given to a decorator of something else"
_TRIGGERS = ("cron", "interval", "date")


def read(call: Call) -> bool:
    """Record what a call gives to a scheduler; False if it is none of the forms that are read here."""
    terms = Terms(call.view.evaluator)
    method = terms.method(call.callee)
    if call.key in TASK:
        return _names_a_task(call)
    if is_trigger(call.callee):
        return _given_to_decorator(call, terms)
    if call.key in REGISTER:
        return _add(call, "scheduled_job", ("scheduler", *ADDING["scheduled_job"]), "")
    if method in ADDING:
        flask = method == "add_job" and terms.is_flask(call.callee)
        return _add(call, method, ("id", "func", "trigger") if flask else ADDING[method], "")
    name = parts(call.callee)[1]
    if method or name not in METHODS or isinstance(call.callee, Defined) or not _may_be_scheduler(call, name):
        return False
    flask = _is_flask_like(call)
    return _add(call, name, ("id", "func", "trigger") if flask else ADDING[name], UNTOLD)


def read_file(view: View) -> None:
    """Record the functions that a decorator of the project gives to a scheduler on the side, or hands back as scheduled."""
    terms = Terms(view.evaluator)
    for found in registered(view, lambda meaning: terms.method(meaning) in ("add_job", "add_schedule")):
        method = parts(view.evaluator.of(found.call.source, child(found.call.node, "function") or found.call.node))[1]
        given = given_in(view, found.call, method, ADDING[method], terms.timezone(view.evaluator.of(found.call.source, found.call.node)))
        location = location_of(found.function, found.decorator)
        target_ = Target(found.function.dotted, found.function)
        _record(view, replace(given, found=target_, shown=reference(target_)), location, span(found.decorator), ())
        if found.by_class:
            view.found.calls[BY_CLASS].append(Call(view, found.decorator, UNKNOWN, "", found.decorator, found.call))


def configured(view: View, entry: Place, fields: Mapping[str, Place]) -> None:
    """Record a job that Flask-APScheduler takes from configuration."""
    options = {k: v for k, v in fields.items() if k not in ("func", "trigger")}
    found = target_of(view, fields["func"])
    given = Given(found, moment(view, fields["trigger"], options), options, reference(found) or shown(view, fields["func"]))
    _record(view, given, entry.source.location(entry.node), span(entry.node), (), "config")


def _add(call: Call, method: str, positional: tuple[str, ...], doubt: str) -> bool:
    view = call.view
    if not call.via and name_of(view.place(enclosing(call.node, FUNCTIONS) or call.node)) == "__call__":
        # Of the class of a decorator those are of interest who decorate something with it.
        view.found.wanted.append((view.source.path, call.node))
    zone = Terms(view.evaluator).timezone(call.callee)
    given = replace(given_in(view, call.inner, method, positional, zone), doubt=doubt)
    if "id" in given.options and given.shown and not view.evaluator.text(given.options["id"]) and call.inner.frame is None:
        # The rounds of a loop are told apart by their ids alone.
        frames = rounds(view.evaluator, call.inner)
        for frame in frames:
            each = replace(call, inner=msgspec.structs.replace(call.inner, frame=frame))
            _dispatch(each, method, replace(given_in(view, each.inner, method, positional, zone), doubt=doubt))
        if frames:
            return True
    decorated = _decorated(call, method)
    if decorated is not None:
        given = replace(given, found=decorated, shown=reference(decorated))
    elif method in DECORATING:
        called = call.node.parent
        arguments = view.evaluator.arguments(view.place(called)) if called is not None and called.type == "call" else {}
        first = arguments.get(0)
        if not isinstance(first, Place):
            return True
        found = target(view, first)
        given = replace(given, found=found, shown=reference(found) or shown(view, first))
    _dispatch(call, method, given)
    return True


def _dispatch(call: Call, method: str, given: Given) -> None:
    view = call.view
    if method == "configure_task":
        # A task under an id; `func` is what it runs.
        name, function = given.shown, given.options.get("func")
        job = definition(view, SYSTEM, target_of(view, function)) if function is not None else None
        if job is not None:
            view.add(msgspec.structs.replace(job, name=name, triggers=(Trigger("direct", Literal(name)),)))
        return
    if call.via and given.moment.interval == Literal(0):
        # A helper of the project that is given no time at all takes the job away.
        view.unresolved(call.node, "an interval of nothing", SYSTEM)
        return
    if given.moment.once and method not in DECORATING:
        _enqueue(call, method, given)
        return
    statement = call.node.parent if call.node.parent is not None and call.node.parent.type == "expression_statement" else call.node
    _record(view, given, call.location, span(statement), call.via)


def _record(
    view: View,
    given: Given,
    location: Location,
    entry: Span,
    via: tuple[str, ...],
    defined_in: OneOf["code", "config"] = "code",
    *,
    defines: bool = True,
) -> None:
    when, found = given.moment, given.found
    name = view.evaluator.text(given.options.get("id")) or view.evaluator.text(given.options.get("name")) or given.shown
    reason = given.doubt or when.why or ("" if given.shown else _DYNAMIC)
    common = view.common(SYSTEM, location)
    common["via"] = via
    view.add(
        Schedule(
            **common,
            name=name if given.shown else "",
            confidence="likely" if reason else "certain",
            reason=reason,
            job=found.job if given.shown != LAMBDA else "",
            job_name=given.shown,
            cron=when.cron,
            interval=when.interval if when.cron is None else None,
            timezone=when.timezone,
            arguments=passing.listed(view, given.options.get("args"), given.options.get("kwargs")),
            entry=entry,
            defined_in=defined_in,
            options={k: view.value(v) for k, v in given.options.items() if k not in ("args", "kwargs")},
        )
    )
    if defines:
        _define(view, given)


def _enqueue(call: Call, method: str, given: Given) -> None:
    view = call.view
    reason = given.doubt or ("" if given.shown else _DYNAMIC)
    dedupe = given.options.get("id")
    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, lambda _: ""),
            name=given.shown,
            job=given.found.job if given.shown != LAMBDA else "",
            form=method,
            confidence="likely" if reason else "certain",
            reason=reason,
            arguments=passing.listed(view, given.options.get("args"), given.options.get("kwargs")),
            eta=given.moment.eta,
            dedupe=view.value(dedupe) if dedupe is not None else None,
            options={k: view.value(v) for k, v in given.options.items() if k not in ("args", "kwargs")},
        )
    )
    _define(view, given)


def _define(view: View, given: Given) -> None:
    """The function that is run, as a job. What only a lambda says has no place of its own."""
    function = given.found.function
    if function is None or function.name == LAMBDA:
        return
    job = definition(view, SYSTEM, given.found)
    if job is not None:
        name = reference(given.found)
        location = job.location
        decorator = _scheduling_decorator(view, function.place)
        if decorator is not None:
            location = location_of(function, decorator)
        view.add(
            msgspec.structs.replace(
                job,
                name=name,
                location=location,
                form="function" if decorator is None else "decorator",
                triggers=(Trigger("direct", Literal(name)),),
            )
        )


def _scheduling_decorator(view: View, function: Place) -> Node | None:
    """The decorator of a function that gives it to a scheduler."""
    terms = Terms(view.evaluator)
    for node in decorators(function.node):
        expression = node.named_children[0]
        called = child(expression, "function") if expression.type == "call" else expression
        if called is None:
            continue
        meaning = view.evaluator.of(function.source, called)
        if terms.method(meaning) in DECORATING or meaning.key in REGISTER or parts(meaning)[1] == "scheduled_job":
            return node
    return None


def _decorated(call: Call, method: str) -> Target | None:
    """The function that a decorator stands over."""
    parent = call.node.parent
    whole = parent.parent if parent is not None and parent.type == "decorator" else None
    inner = child(whole, "definition")
    if inner is None or call.via or (method not in DECORATING):
        return None
    function = function_at(call.view.evaluator, call.view.place(inner))
    return Target(function.dotted, function)


def _given_to_decorator(call: Call, terms: Terms) -> bool:
    """`@actor(cron_trigger=CronTrigger(hour=5))`: a trigger that a decorator of something else takes. Always True."""
    view, keyword = call.view, call.node.parent
    decorating = (
        keyword.parent.parent if keyword is not None and keyword.type == "keyword_argument" and keyword.parent is not None else None
    )
    decorator = decorating.parent if decorating is not None and decorating.type == "call" else None
    called = child(decorating, "function")
    inner = child(decorator.parent, "definition") if decorator is not None and decorator.type == "decorator" else None
    if inner is None or decorator is None or called is None or call.via or inner.type != "function_definition":
        return True
    meaning = view.evaluator.of(view.source, called)
    if terms.method(meaning) in ADDING or meaning.key in REGISTER or parts(meaning)[1] in METHODS:
        return True
    function = function_at(view.evaluator, view.place(inner))
    found = Target(function.dotted, function)
    given = Given(found, moment(view, call.inner, {}), {}, reference(found), _ELSEWHERE)
    _record(view, given, location_of(function, decorator), span(decorator), (), defines=False)
    return True


def _names_a_task(call: Call) -> bool:
    """`@task(id="x")` of APScheduler 4 over a function."""
    found = _decorated(call, "task")
    job = definition(call.view, SYSTEM, found) if found is not None else None
    if job is not None and found is not None:
        name = call.view.evaluator.text(call.arguments.get("id", call.arguments.get(0))) or reference(found)
        call.view.add(msgspec.structs.replace(job, name=name, location=call.location, form="decorator"))
    return True


def _may_be_scheduler(call: Call, name: str) -> bool:
    """True if something unknown that is asked to add a job has the looks of a scheduler."""
    if isinstance(call.callee, External) and call.callee.path[0] not in ("flask", "nonebot", "builtins"):
        return False
    if name != "add_job":
        return True
    options = passing.named(call.inner, ADDING["add_job"])
    trigger = options.get("trigger")
    if any(call.view.evaluator.text(options.get(k)) in _TRIGGERS for k in ("trigger", "args")):
        return True
    meaning = call.view.evaluator.meaning(trigger) if trigger is not None else None
    if isinstance(meaning, Instance) and meaning.key.startswith(f"{SYSTEM}."):
        return True
    receiver = call.receiver_node
    return receiver is not None and b"sched" in (receiver.text or b"").lower()


def _is_flask_like(call: Call) -> bool:
    """`app.apscheduler.add_job("id", f, …)`: the id comes first."""
    options = passing.named(call.inner, ("first", "second"))
    first = call.view.evaluator.text(options.get("first"))
    return bool(first) and ":" not in first and "." not in first and "second" in options
