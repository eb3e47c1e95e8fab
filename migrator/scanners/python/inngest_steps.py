"""What the body of a function of Inngest does with its context: steps, and what it asks of the run."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs import Expression, Literal, Step, Use
from migrator.scanners.linking import Place
from migrator.scanners.python.functions import Function, view_of
from migrator.scanners.reading import View
from migrator.syntax.tree import ancestors, callee_of, walk
from migrator.syntax.tree import field as child

#: methods of `step` that are durable steps (inngest 0.5.19)
STEPS = frozenset(("run", "sleep", "sleep_until", "wait_for_event", "send_event", "invoke", "invoke_by_id", "fetch"))
#: what a body asks of `ctx`, beside its steps and the event
_ASKS = frozenset(("attempt", "run_id", "events", "logger", "group"))


class Body(msgspec.Struct, frozen=True):
    """What the body says."""

    steps: tuple[Step, ...] = ()
    uses: tuple[Use, ...] = ()


def read_body(view: View, function: Function) -> Body:
    """The steps of a handler and what it uses, in document order."""
    inside = view_of(view, function.place)
    body = child(function.place.node, "body")
    if body is None:
        return Body()
    return Body(tuple(_steps(inside, body)), tuple(_uses(inside, body)))


def is_step(view: View, owner: Node) -> bool:
    """True for `ctx.step` and `step`, unless the name stands for something of another package."""
    text = view.source.text(owner)
    if text != "step" and not text.endswith(".step"):
        return False
    key = view.evaluator.of(view.source, owner).key
    return not key or key.startswith(("?", "inngest."))


def _steps(view: View, body: Node) -> Iterator[Step]:
    for call in walk(body, ("call",)):
        function = callee_of(call)
        owner, name = child(function, "object"), child(function, "attribute")
        if owner is None or name is None or view.source.text(name) not in STEPS or not is_step(view, owner):
            continue
        given = view.evaluator.arguments(view.place(call))
        first = given.get(0, given.get("step_id"))
        identity = view.value(first) if isinstance(first, Place) else Literal("")
        kind = view.source.text(name)
        yield Step(
            kind,
            identity if not isinstance(identity, Expression) or identity.source else Literal(""),
            view.source.location(call, at=name),
            in_loop=view.in_loop(call),
            parallel=_in_parallel(view, call),
        )


def _in_parallel(view: View, node: Node) -> bool:
    """True within `ctx.group.parallel(…)` and `step.parallel(…)`."""
    for ancestor in ancestors(node):
        name = child(callee_of(ancestor), "attribute") if ancestor.type == "call" else None
        if name is not None and view.source.text(name) in ("parallel", "parallel_async"):
            return True
    return False


def _uses(view: View, body: Node) -> Iterator[Use]:
    for node in walk(body, ("attribute",)):
        owner, name = child(node, "object"), child(node, "attribute")
        if owner is None or name is None or view.source.text(owner) not in ("ctx", "context"):
            continue
        if view.source.text(name) in _ASKS:
            yield Use(f"context.{view.source.text(name)}", view.source.location(node))
