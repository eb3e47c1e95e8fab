"""Celery tasks: decorated functions, functions handed to `app.task(…)`, task classes.

`Job.form`: `decorator` where Celery's own decorator stands there, under whatever name; `project-decorator` where a function of the project
makes the task; `call` for `app.task(function)`; `class` for a subclass of `Task`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.jobs import Enqueue, Job, Literal, Location, Schedule, Span, Trigger, Value, literal_of
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Instance, Meaning, Member, Place, parts
from migrator.scanners.linking.classes import base_classes, enclosing_class
from migrator.scanners.linking.loops import rounds
from migrator.scanners.python import celery_enqueues, celery_schedules, handed_in
from migrator.scanners.python.assignments import statement_of
from migrator.scanners.python.celery_carried import WHY, carried_in
from migrator.scanners.python.celery_retries import retry
from migrator.scanners.python.celery_terms import RUNS, SIGNATURES, SYSTEM, Task, Terms
from migrator.scanners.python.celery_uses import asks_for_retry, bound_calls, uses
from migrator.scanners.python.decorators import deciding, makes_for_others, stands_for_others
from migrator.scanners.python.functions import handler, name_of, view_of, whole_of
from migrator.scanners.python.parameters import parameters
from migrator.scanners.reading import Call, View
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field as child

#: methods of an app that a bound task reaches through itself
_OF_APP = frozenset(("send_task", "signature"))
_UNNAMED = "the name of the task is only known at run time"
#: what an application is called where nobody says what is handed in
_APP = regex(r"(?i)(\w+_)?(app|application|celery)")
_BASE = "other tasks derive from it, and nothing registers or sends it: it may be but their base"
_ON_THE_SIDE = "its decorator gives it to Celery in a way that could not be followed"


def read_file(view: View) -> None:
    """Record the tasks that decorators and classes of a file make."""
    terms = Terms(view.evaluator)
    for node in view.source.nodes("function_definition", "class_definition"):
        if node.type == "class_definition":
            _class(view, terms, node)
        else:
            _decorated(view, view.place(node))
    handed_in.leave_open(view, ("task", "periodic_task"), SYSTEM)


def _decorated(view: View, function: Place) -> None:
    """Record a function as a task, if its decorators make it one as its frame sees them."""
    terms, whole = Terms(view.evaluator), whole_of(function.node)
    if whole is function.node or stands_for_others(view, function.node):
        return
    meaning = view.evaluator.definition(view.source, function.node, function.frame)
    task = terms.task(meaning)
    if isinstance(meaning, Defined):
        _handed_on(view, terms, whole, meaning)
    if task is not None and isinstance(meaning, Instance):
        decorator, form = deciding(view, function, terms.is_definer)
        _add(view, terms, task, view.source.location(whole, at=decorator), form, span(whole))


def _handed_on(view: View, terms: Terms, whole: Node, function: Defined) -> None:
    """Record a function whose decorator gives it to Celery on the side."""
    for node in (c for c in whole.named_children if c.type == "decorator"):
        expression = node.named_children[0]
        called = child(expression, "function") if expression.type == "call" else expression
        plain = terms.plain(function)
        if called is None or plain is None or not terms.hands_on(view.evaluator.of(view.source, called)):
            continue
        given = view.evaluator.arguments(view.place(expression)) if expression.type == "call" else {}
        options = {k: v for k, v in given.items() if isinstance(k, str) and isinstance(v, Place)}
        name = view.evaluator.text(options["name"]) if "name" in options else plain.name
        task = Task(name, plain.job, plain.function, options)
        _add(view, terms, task, view.source.location(whole, at=node), "project-decorator", span(whole), doubt=_ON_THE_SIDE)
        return


def read_call(call: Call) -> bool:
    """Record the task that `app.task(function)` makes; True for any call of what makes tasks."""
    if handed_in.read_decorated(call, _decorated):
        return True
    terms = Terms(call.view.evaluator)
    made = Instance(call.callee, call.inner)
    if isinstance(call.callee, Instance) and terms.task(call.callee) is not None:
        # A task that is called runs on the spot, whatever it is handed.
        return False
    if terms.app_method(call.callee) == "register_task" or _registers(terms, call.callee):
        _registered(call, terms)
        return True
    if not terms.is_definer(call.callee) and not (isinstance(call.callee, Instance) and terms.is_definer(call.callee.of)):
        return False
    task = terms.task(made)
    if task is None and call.inner.frame is None:
        # `for f in (a, b): app.task(f)`: one task for each round.
        for frame in rounds(call.view.evaluator, call.inner):
            read_call(replace(call, inner=msgspec.structs.replace(call.inner, frame=frame)))
        return True
    if task is None or task.function is None or call.via or isinstance(task.made_by, Defined):
        return True
    if makes_for_others(call.view, call.node, task.function.node):
        return True
    statement = statement_of(call.node)
    symbol = _assigned(call.view.source, statement) or name_of(task.function)
    named = Task(task.name, f"{call.view.module}:{symbol}", task.function, task.options, task.made_by)
    _add(call.view, terms, named, call.location, "call", span(statement))
    return True


def settle(found: Found) -> None:
    """Record or report the decorators of which no caller says whose they are. An application is told by its name, and is then `likely`."""
    for call, function in handed_in.left(found, SYSTEM):
        view, terms = call.view, Terms(call.view.evaluator)
        plain = terms.plain(Defined(function, name_of(function)))
        if plain is None or not _APP.fullmatch(handed_in.receiver_text(call).rpartition(".")[2]):
            view.unresolved(call.node, handed_in.why(call), SYSTEM)
            continue
        given = view.evaluator.arguments(call.inner) if call.node.type == "call" else {}
        options = {k: v for k, v in given.items() if isinstance(k, str) and isinstance(v, Place)}
        name = view.evaluator.text(options["name"]) if "name" in options else plain.name
        whole = whole_of(function.node)
        elsewhere = handed_in.package_of(view.evaluator, call.callee)
        why = f"{elsewhere} is not in this tree" if elsewhere else "nobody was found who hands one in"
        doubt = f"{handed_in.receiver_text(call)} is taken for an application by its name: {why}"
        _add(view, terms, Task(name, plain.job, function, options), call.location, "decorator", span(whole), doubt=doubt)
    _doubt_bases(found)


def _doubt_bases(found: Found) -> None:
    """Say of a class from which other tasks derive, and which nothing registers or sends, that it may be but their base."""
    views = {view.source.path: view for view in found.views}
    sent = {item.job for item in found.items if isinstance(item, Enqueue | Schedule)}
    classes: list[tuple[int, Job, Place]] = []
    for index, item in enumerate(found.items):
        view = views.get(item.location.path) if isinstance(item, Job) and item.system == SYSTEM and item.form == "class" else None
        nodes = view.source.nodes("class_definition") if view is not None else ()
        classes += [(index, item, view.place(n)) for n in nodes if view and isinstance(item, Job) and span(whole_of(n)) == item.definition]
    bases: set[tuple[str, int]] = set()
    for _, _, place in classes:
        for base in base_classes(place.source, place.node):
            above = views[place.source.path].evaluator.of(place.source, base)
            if isinstance(above, Defined):
                bases.add((above.place.source.path, above.place.node.start_byte))
    for index, job, place in classes:
        if (place.source.path, place.node.start_byte) in bases and f"{job.module}:{job.symbol}" not in sent and job.confidence == "certain":
            registered = re.compile(rb"\bregister(?:_task)?\(\s*(?:\w+\.)*%s\b" % re.escape(job.symbol.encode()))
            if not any(registered.search(view.source.data) for view in found.views):
                found.items[index] = msgspec.structs.replace(job, confidence="likely", reason=_BASE)


def _registers(terms: Terms, callee: Meaning) -> bool:
    """True for `app.tasks.register`."""
    owner, name = parts(callee)
    return name == "register" and owner is not None and terms.app_method(owner) == "tasks"


def _registered(call: Call, terms: Terms) -> None:
    """Record a class that is registered as a task, but runs what it inherits: no other sign of it is a task's."""
    given = call.arguments.get(0, call.arguments.get("task"))
    meaning = call.view.evaluator.meaning(given) if given is not None else None
    meaning = meaning.of if isinstance(meaning, Instance) else meaning
    if not isinstance(meaning, Defined) and call.inner.frame is None:
        for frame in rounds(call.view.evaluator, call.inner):
            _registered(replace(call, inner=msgspec.structs.replace(call.inner, frame=frame)), terms)
    task = terms.task(meaning) if isinstance(meaning, Defined) else None
    if task is None or task.function is None or not isinstance(meaning, Defined):
        return
    node = meaning.place.node
    if enclosing_class(task.function.node) != node:
        view = view_of(call.view, meaning.place)
        whole = whole_of(node)
        _add(view, terms, task, view.source.location(whole, at=node), "class", span(whole), meaning)


def _class(view: View, terms: Terms, node: Node) -> None:
    meaning = Defined(view.place(node), name_of(view.place(node)))
    if not terms.is_task_class(meaning):
        return
    task = terms.task(meaning)
    # A class without a body of its own, or marked abstract, is a base for others.
    if task is None or task.function is None or literal_of(_value(view, task.options, "abstract")) is True:
        return
    if enclosing_class(task.function.node) != node:
        return
    whole = node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node
    _add(view, terms, task, view.source.location(whole, at=node), "class", span(whole), meaning)


def _add(
    view: View, terms: Terms, task: Task, location: Location, form: str, whole: Span, owner: Defined | None = None, doubt: str = ""
) -> None:
    if task.function is None:
        return
    base = _base(terms, task)
    options = {**(terms.class_options(base) if base is not None else {}), **task.options}
    bound = _bound(view, task, owner, options)
    used = uses(view, task, bound, owner)
    module, _, symbol = task.job.rpartition(":")
    hard, soft = _value(view, options, "time_limit"), _value(view, options, "soft_time_limit")
    late = literal_of(_value(view, options, "acks_late"))
    view.add(
        Job(
            **view.common(SYSTEM, location),
            name=task.name,
            confidence="certain" if task.name and not doubt else "likely",
            reason=doubt if task.name else _UNNAMED,
            symbol=symbol,
            module=module,
            definition=whole,
            form=form,
            handler=handler(task.function),
            triggers=(Trigger("direct", Literal(task.name)),) if task.name else (),
            queue=_value(view, options, "queue"),
            retry=retry(view, options, asks=asks_for_retry(used)),
            timeout=hard if hard is not None else soft,
            priority=_value(view, options, "priority"),
            expires=_value(view, options, "expires"),
            rate_limit=_value(view, options, "rate_limit"),
            acknowledgement="late" if late is True else "early" if late is False else "",
            uses=used,
            options={k: view.value(v) for k, v in task.options.items()},
        )
    )
    _own_sendings(view, task, bound)
    if "run_every" in options:
        celery_schedules.record_own(view, task, options["run_every"], location, whole)
    made_with = owner or base
    carried = carried_in(view.evaluator, made_with) if made_with is not None else ""
    if carried != "run_every" and _value(view, options, carried) is not None:
        celery_schedules.record_own(view, task, options[carried], location, whole, doubt=WHY)


def _own_sendings(view: View, task: Task, bound: str) -> None:
    """`self.apply_async(…)` and `self.app.send_task(…)` in the body of a bound task."""
    if task.function is None or task.made_by is None or isinstance(task.made_by, Defined):
        return
    own = view.evaluator.definition(view.source, task.function.node)
    for node, name in bound_calls(view, task, bound, RUNS | SIGNATURES):
        callee = Member(own, view.source.text(name))
        celery_enqueues.read(Call(view, node, callee, callee.key, name, view.place(node)))
    for node, name in bound_calls(view, task, bound, _OF_APP, "app"):
        callee = Member(Member(own, "app"), view.source.text(name))
        celery_enqueues.read(Call(view, node, callee, callee.key, name, view.place(node)))


def _base(terms: Terms, task: Task) -> Defined | None:
    """The class of the project that is given as `base=`."""
    base: Meaning | None = terms.evaluator.meaning(task.options["base"]) if "base" in task.options else None
    return base if isinstance(base, Defined) else None


def _bound(view: View, task: Task, owner: Defined | None, options: Mapping[str, Place]) -> str:
    """The name of the parameter that holds the task: the first one of a bound function or a method."""
    given = parameters(task.function) if task.function is not None else ()
    bound = owner is not None or literal_of(_value(view, options, "bind")) is True
    return given[0].name if bound and given else ""


def _assigned(source: Source, statement: Node) -> str:
    """The name that an assignment gives, empty if there is none."""
    inner = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else statement
    left = child(inner, "left")
    return source.text(left) if left is not None and left.type == "identifier" else ""


def _value(view: View, options: Mapping[str, Place], name: str) -> Value | None:
    """An option's value; None where it is absent or `None`."""
    value = view.value(options[name]) if name in options else None
    return None if isinstance(value, Literal) and value.value is None else value
