"""Places that put a Huey task on its way: calling it does.

`Enqueue.form`: `call` for `task(…)`; `schedule`, `map` as called; `enqueue` for `huey.enqueue(task.s(…))`, `stored enqueue` for a task that
was made elsewhere, `group` and `chord` for those; `s` for a task that is made to be enqueued later, `then` and `error` for one that follows
another; `call-reference` for a task that `partial` hands on.
"""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Enqueue
from migrator.scanners.linking import Member, Place
from migrator.scanners.python import huey_options, passing
from migrator.scanners.python.huey_terms import SIGNATURES, SYSTEM, Task, Terms
from migrator.scanners.python.passed_on import prepared_calls
from migrator.scanners.python.passing import Passing
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import ancestors, contains
from migrator.syntax.tree import field as child

_DYNAMIC = "the task is only known at run time"
_FOLLOWING = frozenset(("then", "error"))


def read(call: Call) -> bool:
    """Record what `call` enqueues; False if it is none of the forms that are read here."""
    terms = Terms(call.view.evaluator)
    callee = call.callee
    task = terms.task(callee)
    if task is not None:
        _add(call, terms, task, "call", passing.reserving(call.view, call.inner, huey_options.RESERVED))
        return True
    if terms.one_of_several(callee):
        _record(call, terms, "", "", "call", passing.reserving(call.view, call.inner, huey_options.RESERVED))
        return True
    if terms.method(callee) == "enqueue":
        _enqueue(call, terms)
        return True
    if not isinstance(callee, Member):
        return False
    task = terms.task(callee.of)
    if task is not None and callee.name in ("schedule", "map", *SIGNATURES):
        _method(call, terms, task, callee.name)
        return True
    if callee.name == "schedule" and terms.one_of_several(callee.of):
        _record(call, terms, "", "", "schedule", _scheduled(call))
        return True
    if callee.name in _FOLLOWING and (terms.signature(callee.of) or terms.group(callee.of)):
        _following(call, terms, callee.name)
        return True
    return False


def read_references(view: View) -> None:
    """Record tasks that `partial` hands on to be called."""
    terms = Terms(view.evaluator)
    for prepared in prepared_calls(view):
        task = terms.task(prepared.call.callee)
        if task is not None:
            _add(prepared.call, terms, task, "call-reference", Passing(prepared.arguments), prepared.doubt)


def _method(call: Call, terms: Terms, task: Task, name: str) -> None:
    if name == "schedule":
        _add(call, terms, task, name, _scheduled(call))
    elif name == "map":
        listed = passing.direct(call.view, call.inner).arguments
        _add(call, terms, task, name, Passing(listed))
    elif not _is_run_here(call, terms):
        _add(call, terms, task, name, passing.reserving(call.view, call.inner, huey_options.RESERVED))


def _scheduled(call: Call) -> Passing:
    """`schedule(args, kwargs, eta, delay, …)`; where neither time is given, what stands first is the delay."""
    given = passing.named(call.inner, huey_options.SCHEDULE)
    first = given.get("args")
    if first is not None and "eta" not in given and "delay" not in given and first.node.type not in ("tuple", "list", "none"):
        return Passing((), {**{k: v for k, v in given.items() if k != "args"}, "delay": first})
    return passing.split(call.view, call.inner, huey_options.SCHEDULE)


def _enqueue(call: Call, terms: Terms) -> None:
    """`huey.enqueue(x)`: a task made there or elsewhere, a group or chord of them."""
    view = call.view
    given = call.arguments.get(0, call.arguments.get("task"))
    meaning = view.evaluator.meaning(given) if given is not None else None
    kind = terms.group(meaning) if meaning is not None else ""
    if kind:
        _record(call, terms, kind, "", kind, Passing())
        return
    made = terms.signature(meaning) if meaning is not None else None
    if made is None:
        _record(call, terms, "", "", "enqueue", Passing((), {"task": given} if given is not None else {}))
        return
    task, instance = made
    here = (
        instance.call is not None and instance.call.source.path == call.inner.source.path and contains(call.inner.node, instance.call.node)
    )
    handed = passing.reserving(view, instance.call, huey_options.RESERVED) if instance.call is not None and here else Passing()
    _add(call, terms, task, "enqueue" if here else "stored enqueue", handed)


def _following(call: Call, terms: Terms, name: str) -> None:
    """`.then(task, …)` and `.error(task, …)`: a task, or one made with `.s(…)`, which is an enqueue of its own."""
    handed = passing.reserving(call.view, call.inner, huey_options.RESERVED, ("task",))
    place = handed.options.get("task")
    task = terms.task(call.view.evaluator.meaning(place)) if place is not None else None
    if task is not None:
        _add(call, terms, task, name, Passing(handed.arguments, {k: v for k, v in handed.options.items() if k != "task"}))


def _is_run_here(call: Call, terms: Terms) -> bool:
    """True for the `task.s(…)` in `huey.enqueue(task.s(…))`, with or without `.then(…)` behind it."""
    node = call.inner.node
    for ancestor in ancestors(node):
        if ancestor.type not in ("call", "attribute", "argument_list", "parenthesized_expression"):
            return False
        function = child(ancestor, "function") if ancestor.type == "call" else None
        if function is None or contains(function, node):
            continue
        return _takes(call, terms, function, node)
    return False


def _takes(call: Call, terms: Terms, function: Node, node: Node) -> bool:
    """True if `function` is the `enqueue` that takes what `node` begins."""
    arguments = child(function.parent, "arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    meaning = call.view.evaluator.meaning(Place(call.inner.source, function, call.inner.frame))
    return first is not None and first.start_byte == node.start_byte and terms.method(meaning) == "enqueue"


def _add(call: Call, terms: Terms, task: Task, form: str, given: Passing, reason: str = "") -> None:
    _record(call, terms, task.name, task.job, form, given, reason)


def _record(call: Call, terms: Terms, name: str, job: str, form: str, given: Passing, reason: str = "") -> None:
    view = call.view
    why = reason or ("" if name else _DYNAMIC)
    call.view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, terms.job_of),
            name=name,
            job=job,
            form=form,
            confidence="likely" if why else "certain",
            reason=why,
            arguments=given.arguments,
            **huey_options.fields(view, given),
            options=given.written(view),
        )
    )
