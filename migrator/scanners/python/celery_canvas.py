"""Chains, groups, chords and the like: made, and run where they are made or later.

`Enqueue.form`: `chain.apply_async`, `chord()`, … for one that is made and run in one expression; `chain`, `group`, … for one that is kept
or handed on; `stored chain.delay` for the run of one that was made elsewhere. `name` is the kind. `arguments` are the members in order;
those of a chord are named `header` and `body`. The signatures among them are enqueues of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs import Argument, Enqueue
from migrator.scanners.linking import Instance, Meaning, Member, Place
from migrator.scanners.python import celery_passing, passing
from migrator.scanners.python.celery_enqueues import runs_here
from migrator.scanners.python.celery_surroundings import around
from migrator.scanners.python.celery_terms import RUNS, SYSTEM, Terms
from migrator.scanners.python.passing import Passing
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import ancestors, contains
from migrator.syntax.tree import field as child

_CHORD = ("header", "body")
#: nothing beyond these belongs to the expression
_BOUNDARIES = frozenset(("lambda", "block", "module"))


def read(call: Call) -> bool:
    """Record the canvas that `call` makes or runs; False if it does neither."""
    terms = Terms(call.view.evaluator)
    callee = call.callee
    if isinstance(callee, Member) and callee.name in RUNS:
        return _run(call, terms, callee.of, f".{callee.name}")
    made = terms.canvas(Instance(callee, call.inner))
    if made is not None and made[1].call == call.inner:
        kind, canvas = made
        if not runs_here(call.inner) and not _is_part(call.inner, terms):
            _add(call, kind, kind, _made(call.view, kind, canvas))
        return True
    return isinstance(callee, Instance) and _run(call, terms, callee, "()")


def _run(call: Call, terms: Terms, of: Meaning, method: str) -> bool:
    made = terms.canvas(of)
    if made is None:
        return False
    kind, canvas = made
    names = celery_passing.APPLY_ASYNC if method in (".apply_async", ".apply", ".apply_async_on_commit") else ()
    given = passing.split(call.view, call.inner, names) if names else passing.direct(call.view, call.inner)
    if canvas.call is None or canvas.call.source.path != call.inner.source.path or not contains(call.inner.node, canvas.call.node):
        _add(call, kind, f"stored {kind}{method}", given)
        return True
    members = _made(call.view, kind, canvas)
    arguments = (*members.arguments, *given.arguments)
    if kind == "chord":
        arguments = _as_chord(arguments)
    _add(call, kind, f"{kind}{method}", Passing(arguments, {**members.options, **given.options}))
    return True


def _made(view: View, kind: str, canvas: Instance) -> Passing:
    """The members that a canvas was made of, and its other arguments."""
    call = canvas.call
    if call is None:
        return Passing()
    if call.node.type == "binary_operator":
        return Passing(tuple(view.argument(Place(call.source, node, call.frame)) for node in _operands(call.node)))
    if isinstance(canvas.of, Member) and canvas.of.name == "__or__":
        # `reduce(or_, [a, b])`
        joined = view.evaluator.arguments(call).get(1)
        return Passing(passing.listed(view, joined, None)) if isinstance(joined, Place) else Passing()
    options = {k: v for k, v in passing.option_arguments(call).items() if k != "*"}
    arguments = [a for a in passing.direct(view, call).arguments if not a.name and a.star != "**"]
    if kind == "chord":
        named = [a for a in passing.direct(view, call).arguments if a.name in _CHORD]
        return Passing(_as_chord((*arguments, *named)), {k: v for k, v in options.items() if k not in _CHORD})
    listed = view.evaluator.arguments(call).get(0)
    if kind in ("chain", "group") and len(arguments) == 1 and isinstance(listed, Place) and listed.node.type in ("list", "tuple"):
        return Passing(passing.listed(view, listed, None), options)
    return Passing(tuple(arguments), options)


def _as_chord(arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """Positional arguments of a chord by name: first the header, then the body."""
    free = [name for name in _CHORD if all(a.name != name for a in arguments)]
    return tuple(a if a.name or a.star or not free else msgspec.structs.replace(a, name=free.pop(0)) for a in arguments)


def _operands(node: Node) -> Iterator[Node]:
    """The members of `a | b | c`, from left to right."""
    left, right, operator = child(node, "left"), child(node, "right"), child(node, "operator")
    if node.type != "binary_operator" or left is None or right is None or operator is None or operator.type != "|":
        yield node
        return
    yield from _operands(left)
    yield right


def _is_part(place: Place, terms: Terms) -> bool:
    """True for a canvas that is a member of another which is recorded; `a | b` is recorded where it is run, not where it is made."""
    for ancestor in ancestors(place.node):
        if ancestor.type in _BOUNDARIES:
            return False
        if ancestor.type in ("call", "binary_operator"):
            if ancestor.type == "binary_operator" and not runs_here(Place(place.source, ancestor)):
                continue
            made = terms.canvas(terms.evaluator.of(place.source, ancestor))
            if made is not None and made[1].call is not None and made[1].call.node.id == ancestor.id:
                return True
    return False


def _add(call: Call, kind: str, form: str, given: Passing) -> None:
    call.view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call),
            name=kind,
            form=form,
            arguments=given.arguments,
            **celery_passing.fields(given, call.view),
            options=given.written(call.view),
        )
    )
