"""Timers inside the process that follow a cron expression: what `node-cron`, `cron`, `croner`, `node-schedule` and NestJS's have in common.

A timer is a job, the function that it runs, and the schedule that starts it.
"""

from __future__ import annotations

import re

import msgspec
from tree_sitter import Node

from migrator.jobs import Enqueue, Expression, Job, Literal, Options, Schedule, Trigger, Unresolved, Value, literal_of
from migrator.regex import regex
from migrator.scanners.asked_members import asked_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Instance, Meaning, Member, Place, Unknown
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.handlers import function_of, handler_at
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, name_of
from migrator.syntax.tree import field as child
from migrator.systems import cron, croner, node_cron

_SYSTEMS = frozenset((node_cron.SYSTEM.name, cron.SYSTEM.name, croner.SYSTEM.name))
#: what only callers know, only each round of a loop, or only each file of a folder
_OPEN = ("the parameter", "an item of a loop", "a module only known", "a key only known")
#: what makes a moment, and what a moment is called
_MOMENT = regex(r"new Date\b|\bmoment\(|\bdayjs\(|\bDateTime\.|\b(add|sub)(Seconds|Minutes|Hours|Days|Weeks|Months)\(|\.toDate\(\)")
_NAMED = regex(r"(date|[a-z]time|[a-z]At|deadline|moment|when)$|^(at|time)$", re.IGNORECASE)
_UNTOLD = "a schedule of something that only the run knows: neither what it is called nor what it runs is told here"
_CRON = regex(r"cron|pattern|expr|schedule|rule|interval", re.IGNORECASE)


class Timer(msgspec.Struct, frozen=True):
    """What a call says of a timer. `cron` or `interval` (seconds) is when it runs, `handler` what, `name` what code calls it."""

    form: str
    cron: Value | None = None
    interval: Value | None = None
    handler: Place | None = None
    name: Place | None = None
    zone: Place | None = None
    #: the time zone of a system that knows no other
    timezone: str = ""
    options: Options = msgspec.field(default_factory=dict[str, Value])
    #: the expressions on which the timer depends: those of a caller's choosing leave it open
    depends: tuple[Place | None, ...] = ()


def add_timer(call: Call, system: str, timer: Timer) -> None:
    """Record a recurring timer: a job, and its schedule. Both have no name where only the callers of the function around it know them.

    A timer that runs an empty function only tries whether its cron can be read.
    """
    view = call.view
    if _does_nothing(function_of(view, timer.handler)):
        return
    zone = literal_of(view.value(timer.zone)) if timer.zone is not None else None
    untold = _runs_what_is_asked_for(call, timer)
    fallback = "" if untold else label(call, timer)
    name = "" if _waits(view, timer) else fallback
    function = function_of(view, timer.handler)
    cron = _unless_empty(view, timer)
    when = cron if cron is not None else timer.interval
    timezone = zone if isinstance(zone, str) else timer.timezone
    kind = "cron" if cron is not None else "interval"
    view.add(
        Job(
            **call.common(system),
            name=name,
            symbol=fallback,
            module=view.module,
            definition=span(call.node),
            form=timer.form,
            handler=handler_at(function),
            triggers=(Trigger(kind, when, timezone=timezone),) if when is not None else (),
            options=timer.options,
            live=True,
        ),
        Schedule(
            **call.common(system),
            name=name,
            job_name=fallback,
            cron=cron,
            interval=timer.interval if cron is None else None,
            timezone=timezone,
            entry=span(call.node),
            options=timer.options,
        ),
    )


def add_once(call: Call, system: str, timer: Timer, when: Place) -> None:
    """Record a timer that runs at one moment: a job that is put on its way."""
    view = call.view
    view.add(
        Enqueue(
            **call.common(system),
            name="" if _waits(view, timer) else label(call, timer),
            form=timer.form,
            call=span(call.node),
            eta=view.value(when),
            options=timer.options,
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def is_moment(view: View, place: Place) -> bool:
    """True for a date rather than a rule: by its type, by what makes it, at last by its name."""
    meaning = view.evaluator.meaning(place)
    if view.evaluator.text(place) or view.evaluator.entries(place):
        return False
    if isinstance(meaning, Instance) and meaning.of.key in ("globalThis.Date", "Date"):
        return True
    text = view.evaluator.origin(place).text
    return bool(_MOMENT.search(text)) or (bool(_NAMED.search(text)) and not _CRON.search(text))


def is_open(view: View, place: Place | None) -> bool:
    """True if only the callers of the function around know what stands at `place`, only each round of a loop, or each file of a folder."""
    meaning: Meaning | None = view.evaluator.meaning(place) if place is not None else None
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and isinstance(meaning.of, Defined) and meaning.call is None and meaning.decorated is None:
            # What a class keeps in itself depends on how it is made.
            return True
        meaning = meaning.of
    return isinstance(meaning, Unknown) and meaning.why.startswith(_OPEN)


def name_nameless(found: Found) -> None:
    """Give timers that no caller tells more of the name of what they run; say of those that run what only the run knows that they do."""
    for index, item in enumerate(found.items):
        if isinstance(item, Schedule) and item.system in _SYSTEMS and not item.name and not item.job_name and not item.wrapper:
            found.unresolved.append(Unresolved(item.location.path, item.location.line, _UNTOLD, item.system))
        if not item.name and isinstance(item, Job) and item.system in _SYSTEMS:
            found.items[index] = msgspec.structs.replace(item, name=item.symbol)
        elif not item.name and isinstance(item, Schedule) and item.system in _SYSTEMS:
            found.items[index] = msgspec.structs.replace(item, name=item.job_name)


def _waits(view: View, timer: Timer) -> bool:
    """True if the callers of the function around know when it runs, or what; what they call it alone makes it no timer of theirs."""
    return any(is_open(view, place) for place in (timer.handler, *timer.depends))


def label(call: Call, timer: Timer) -> str:
    """What the timer is called, else what it runs, else where it is set."""
    view = call.view
    told = view.evaluator.text(timer.name)
    if told:
        return told
    function = function_of(view, timer.handler)
    own = "" if _is_entry(call, function) else _own_name(function)
    runs = own or (_only_call(function) if function is not None else "") or _mentioned(timer.handler)
    symbol, _ = holder(view.source, call.node)
    around = call.via[0] if call.via else view.around(call.node)
    return _beside(view, call.node) or _of_made(call) or runs or around or symbol or _written(timer)


def _unless_empty(view: View, timer: Timer) -> Value | None:
    """The cron; as it is written where it is an empty text, which is what a setting says that nobody has set."""
    when = timer.depends[0] if timer.depends else None
    return Expression(view.evaluator.origin(when).text) if when is not None and timer.cron == Literal("") else timer.cron


def _runs_what_is_asked_for(call: Call, timer: Timer) -> bool:
    """True for `job.run` and `() => job.run()` beside `job.schedule`, where only the run knows what `job` is."""
    handler, asked = timer.handler, asked_of(call)
    if handler is None or asked is None or call.view.evaluator.text(timer.name):
        return False
    called = _called_alone(handler) if handler.node.type in FUNCTIONS else None
    return asked.is_part(handler.node) or asked.is_part(called)


def _is_entry(call: Call, function: Place | None) -> bool:
    """True for a function whose name is no more than its key in the object that says what the timer is."""
    entry = function.node if function is not None else None
    entry = entry.parent if entry is not None and entry.parent is not None and entry.parent.type == "pair" else entry
    about = call.about.node if call.about is not None else None
    return entry is not None and about is not None and entry.parent is not None and entry.parent.id == about.id


def _does_nothing(function: Place | None) -> bool:
    body = child(function.node, "body") if function is not None else None
    return body is not None and body.type == "statement_block" and not body.named_children


def _of_made(call: Call) -> str:
    """`sync` of `createJob("sync", …)`, where a function makes what a loop goes over: what each runs is written once for all of them.

    `sync` of `{ name: "sync", run() { … } }`, too.
    """
    if call.about is None:
        return ""
    entries = call.view.evaluator.entries(call.about)
    return next((text for key in ("id", "name") if (text := call.view.evaluator.text(entries.get(key)))), "")


def _beside(view: View, node: Node) -> str:
    """`sync` of `{ id: "sync", job: timer }`."""
    pair = node.parent
    if pair is None or pair.type != "pair" or pair.parent is None:
        return ""
    entries = view.evaluator.entries(view.place(pair.parent))
    return next((text for key in ("id", "name") if (text := view.evaluator.text(entries.get(key)))), "")


def _own_name(function: Place | None) -> str:
    name = name_of(function.node) if function is not None else None
    return function.source.text(name).removeprefix("this.") if function is not None and name is not None and name.type != "default" else ""


def _only_call(function: Place) -> str:
    """`sync` of `() => sync()`, of `async () => { await jobs.sync(); }` and of `() => sync().catch(report)`."""
    callee = _called_alone(function)
    name = child(callee, "property") or (callee if callee is not None and callee.type == "identifier" else None)
    return function.source.text(name) if name is not None else ""


def _called_alone(function: Place) -> Node | None:
    """What a function calls that does nothing else."""
    body: Node | None = child(function.node, "body")
    while body is not None and body.type in ("statement_block", "expression_statement", "await_expression", "return_statement"):
        inner = [c for c in body.named_children if c.type != "comment"]
        body = inner[0] if len(inner) == 1 else None
    callee = callee_of(body) if body is not None and body.type == "call_expression" else None
    while (of := child(callee, "object")) is not None and of.type == "call_expression" and _is_waited_for(callee):
        callee = callee_of(of)
    return callee


def _is_waited_for(callee: Node | None) -> bool:
    method = child(callee, "property")
    return method is not None and method.text in (b"then", b"catch", b"finally")


def _mentioned(handler: Place | None) -> str:
    """`sync` of `jobs.sync`, `jobs.sync.bind(jobs)` and `jobs.sync()`, where the function itself has no name or is not in the tree."""
    node = handler.node if handler is not None else None
    if handler is not None and node is not None and node.type == "call_expression":
        callee = callee_of(node)
        method = child(callee, "property")
        node = child(callee, "object") if method is not None and handler.source.text(method) == "bind" else callee
    if handler is None or node is None or node.type not in ("identifier", "member_expression"):
        return ""
    return handler.source.text(child(node, "property") or node)


def _written(timer: Timer) -> str:
    when = timer.cron if timer.cron is not None else timer.interval
    return when.source if isinstance(when, Expression) else str(when.value) if isinstance(when, Literal) else timer.form
