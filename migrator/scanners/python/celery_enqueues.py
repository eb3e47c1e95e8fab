"""Places that put a Celery task on its way, or make a signature that will.

`Enqueue.form`: `delay`, `apply_async`, `send_task`, `delay_on_commit`, … as called on a task; `s`, `si`, `signature` for a signature that
is kept or handed on; `s.apply_async`, `si.delay`, … for one that is sent where it is made; `stored s.apply_async` for one that was made
elsewhere; `delay-reference` for a bound method that is passed on. Canvases: see `celery_canvas`. `apply` runs a task where it is called,
as calling it does: nothing is put on its way, and the place is listed among the mentions of the task.
"""

from __future__ import annotations

from migrator.jobs import Enqueue
from migrator.scanners.linking import Defined, Instance, Meaning, Member, Place
from migrator.scanners.python import celery_passing, passing
from migrator.scanners.python.celery_surroundings import around
from migrator.scanners.python.celery_terms import RUNS, SIGNATURES, SYSTEM, Task, Terms
from migrator.scanners.python.passed_on import passed_on
from migrator.scanners.python.passing import Passing
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, contains, enclosing, walk
from migrator.syntax.tree import field as child

_SEND_TASK = frozenset(("celery.execute.send_task", "celery.send_task", "celery.task.execute.send_task"))
_INHERITED = b"super"
_DYNAMIC = "the name of the task is only known at run time"
_IN_PLACE = "apply"


def read(call: Call) -> bool:
    """Record what `call` enqueues; False if it is none of the forms that are read here."""
    terms = Terms(call.view.evaluator)
    callee = call.callee
    if isinstance(callee, Member) and callee.name in RUNS:
        return _run(call, terms, callee.of, callee.name)
    if callee.key in _SEND_TASK or terms.app_method(callee) == "send_task":
        return _send(call, terms)
    made = terms.signature(Instance(callee, call.inner))
    if made is not None and made[1].call == call.inner:
        if not runs_here(call.inner) and not _is_scheduled(call.inner) and not _is_inherited(call):
            task, instance = made
            _add(call, task, callee.name if isinstance(callee, Member) else "signature", _made(call.view, terms, instance))
        return True
    return isinstance(callee, Instance) and _run(call, terms, callee, "")


def read_as(call: Call, task: Task, method: str, reason: str) -> None:
    """Record a call of one of a task's methods, where something else tells which task that is."""
    if method != _IN_PLACE:
        _add(call, task, method, _given(call, method), reason)


def read_sent(call: Call, reason: str) -> bool:
    """Record `send_task` where something else tells that it is an application's; False where the task has no name to be told."""
    given = passing.split(call.view, call.inner, celery_passing.SEND_TASK)
    task = _named(call.view, Terms(call.view.evaluator), given.options.pop("name", None))
    if task.name:
        _add(call, task, "send_task", given, reason)
    return bool(task.name)


def read_references(view: View) -> None:
    """Record methods such as `task.delay` that are passed on without being called."""
    terms = Terms(view.evaluator)
    for found in passed_on(view, RUNS - {_IN_PLACE}):
        callee = found.call.callee
        task = terms.task(callee.of) if isinstance(callee, Member) else None
        if task is not None and isinstance(callee, Member):
            _add(found.call, task, f"{callee.name}-reference", Passing(found.arguments), found.doubt)


def _run(call: Call, terms: Terms, of: Meaning, method: str) -> bool:
    task = terms.task(of)
    if _is_inherited(call):
        return True
    if task is None or not (task.name or task.job):
        # A method that a task class inherits is one of Celery's own class: what it is called on says which task that is.
        task = of_class(call, terms) or task
    if task is not None:
        # Calling a task runs it on the spot: no enqueue.
        if method and method != _IN_PLACE:
            _add(call, task, method, _given(call, method))
        return True
    made = terms.signature(of)
    if made is None:
        return False
    if method in ("", _IN_PLACE):
        # So does calling a signature.
        return True
    task, signature = made
    form = f"{signature.of.name if isinstance(signature.of, Member) else 'signature'}.{method}"
    given = _given(call, method)
    if not _stands_in(call.inner, signature):
        grown = _is_grown(call)
        _add(call, Task(name="chain") if grown else task, f"stored chain.{method}" if grown else f"stored {form}", given)
        return True
    made_with = _made(call.view, terms, signature)
    options = {**made_with.options, **_set_since(of), **given.options}
    _add(call, task, form, Passing((*made_with.arguments, *given.arguments), options))
    return True


def _is_inherited(call: Call) -> bool:
    """True for a method of `super()`: what a task class does when it is sent, or made a signature of, is no sending of another one."""
    called = callee_of(call.receiver_node) if call.receiver_node is not None else None
    return called is not None and called.text == _INHERITED


def of_class(call: Call, terms: Terms) -> Task | None:
    """The task class, or the instance of one, that a method is called on; None for anything else."""
    receiver = call.receiver_node
    meaning = call.view.evaluator.of(call.inner.source, receiver, call.inner.frame) if receiver is not None else None
    made = meaning.of if isinstance(meaning, Instance) else meaning
    task = terms.task(meaning) if meaning is not None and isinstance(made, Defined) else None
    return task if task is not None and (task.name or task.job) else None


def _send(call: Call, terms: Terms) -> bool:
    given = passing.split(call.view, call.inner, celery_passing.SEND_TASK)
    written = given.options.pop("name", None)
    task = _named(call.view, terms, written)
    if written is not None and not task.name:
        given.options["name"] = written
    _add(call, task, "send_task", given)
    return True


def _named(view: View, terms: Terms, place: Place | None) -> Task:
    """The task that a name leads to: a string, a task, or `task.name`."""
    if place is None:
        return Task()
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Member) and meaning.name == "name":
        meaning = meaning.of
    return terms.task(meaning) or Task(name=view.evaluator.text(place))


def _given(call: Call, method: str) -> Passing:
    """What the call of a method that runs something hands over."""
    if method in ("apply_async", "apply_async_on_commit"):
        return passing.split(call.view, call.inner, celery_passing.APPLY_ASYNC)
    return passing.direct(call.view, call.inner)


def _made(view: View, terms: Terms, signature: Instance) -> Passing:
    """The arguments and options that a signature was made with."""
    if signature.call is None:
        return Passing()
    of = signature.of
    if isinstance(of, Member) and of.name in ("s", "si"):
        return passing.direct(view, signature.call)
    if isinstance(of, Member) and not terms.app_method(of):
        return passing.split(view, signature.call, celery_passing.SIGNATURE)
    given = passing.split(view, signature.call, celery_passing.NAMED_SIGNATURE)
    given.options.pop("name", None)
    return given


def _set_since(of: Meaning) -> dict[str, Place]:
    """Options given with `.set(…)` between the making of a signature and its run."""
    options: dict[str, Place] = {}
    while isinstance(of, Instance) and isinstance(of.of, Member) and of.of.name not in SIGNATURES and of.call is not None:
        if of.of.name == "set":
            options = {**passing.option_arguments(of.call), **options}
        of = of.of.of
    return options


def runs_here(place: Place) -> bool:
    """True if what `place` makes is run in the same expression: `….apply_async()`, `(…)()`, `….set(…).delay()`."""
    current = place.node
    while (parent := current.parent) is not None:
        if parent.type == "parenthesized_expression":
            current = parent
            continue
        function = child(parent, "function") if parent.type == "call" else None
        if function is not None and function.id == current.id:
            return True
        owner = child(parent, "object") if parent.type == "attribute" else None
        if owner is None or owner.id != current.id or parent.parent is None or parent.parent.type != "call":
            return False
        name = child(parent, "attribute")
        if name is not None and place.source.text(name) in RUNS:
            return True
        current = parent.parent
    return False


def _is_scheduled(place: Place) -> bool:
    """True for the signature in `add_periodic_task(10, task.s())`."""
    for ancestor in ancestors(place.node):
        if ancestor.type in ("lambda", "function_definition"):
            return False
        name = child(ancestor, "function", "attribute") if ancestor.type == "call" else None
        if name is not None and place.source.text(name) == "add_periodic_task":
            return True
    return False


def _stands_in(run: Place, signature: Instance) -> bool:
    made = signature.call
    return made is not None and made.source.path == run.source.path and contains(run.node, made.node)


def _is_grown(call: Call) -> bool:
    """True for the run of a variable that more was added to: `steps = a.s()`, `steps |= b.s()`, `steps.delay()`."""
    receiver, around_it = call.receiver_node, enclosing(call.node, FUNCTIONS)
    if receiver is None or receiver.type != "identifier":
        return False
    within = walk(around_it if around_it is not None else call.view.source.root, ("augmented_assignment",))
    grown = (
        n
        for n in within
        if n.end_byte <= call.node.start_byte and (operator := child(n, "operator")) is not None and operator.text == b"|="
    )
    return any((left := child(n, "left")) is not None and left.text == receiver.text for n in grown)


def _add(call: Call, task: Task, form: str, given: Passing, doubt: str = "") -> None:
    view, doubt = call.view, doubt if task.name else _DYNAMIC
    call.view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call),
            name=task.name,
            job=task.job,
            form=form,
            confidence="likely" if doubt else "certain",
            reason=doubt,
            arguments=given.arguments,
            **celery_passing.fields(given, view),
            options=given.written(view),
        )
    )
