"""Who takes rows out of a job table to work them off: claims in SQL or through an ORM, and what is done with what they take."""

from __future__ import annotations

import re

from tree_sitter import Node

from migrator.jobs import Literal, Value, Worker
from migrator.regex import regex
from migrator.scanners.job_tables import begins, is_running, is_status
from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import FUNCTIONS, LOOPS, ancestors, callee_of, enclosing, field, name_of, walk
from migrator.systems.postgres_table import SYSTEM

NAME = SYSTEM.name
#: methods that change rows, and options that pass over rows that others hold
UPDATES = frozenset(("update", "updateMany", "updateManyAndReturn", "updateTable", "set", "patch", "decrement", "increment"))
METHODS = UPDATES | {"for", "skipLocked", "setOnLocked", "findOne", "findAll", "find"}
_SKIPS = regex(r"skip[_\s]?locked", re.IGNORECASE)
_WAITS = regex(r"\b(status|state)\b[\s\S]{0,80}?\b(pending|queued|waiting|ready|scheduled|available|enqueued)\b", re.IGNORECASE)
#: a name of at least two words, such as `claimNextJob`
_TELLING = regex(r"[a-z0-9][A-Z]|[a-z]_[a-z]")
_PAUSE = regex(r"^(sleep|delay|wait|pause|setTimeout|timeout|snooze)$")


def claims(call: Call) -> bool:
    """True if the call takes rows: it locks and passes over locked ones, or makes waiting rows running ones."""
    view, node = call.view, call.inner.node
    method = view.source.text(call.name)
    if method in ("skipLocked", "setOnLocked"):
        return True
    if method in ("for", "findOne", "findAll", "find"):
        return bool(_SKIPS.search("".join(p.text for p in call.arguments.values())))
    if method not in UPDATES:
        return False
    function, columns = enclosing(node, FUNCTIONS), _made_running(call)
    if function is None or not columns:
        return False
    before = _before(view, function, _statement_end(node))
    # Who is told which row to work off does not look for one that waits, but notes when it began. What SQL has taken is taken.
    return bool(_WAITS.search(before)) or (any(map(begins, columns)) and not _SKIPS.search(before))


def _made_running(call: Call) -> tuple[str, ...]:
    """The columns that the call sets, if one of them is a status that says that the row is being worked on."""
    evaluator = call.view.evaluator
    for place in call.arguments.values():
        entries = evaluator.entries(place)
        inner = evaluator.entries(entries["data"]) if "data" in entries else entries
        for column, given in inner.items():
            if is_status(column):
                return tuple(inner) if is_running(evaluator.text(given) or given.text) else ()
    return ()


def _statement_end(node: Node) -> int:
    """Where the chain of calls ends that `node` begins: `.where(…)` may follow `.set(…)`."""
    while node.parent is not None and node.parent.type in ("member_expression", "call_expression", "await_expression"):
        node = node.parent
    return node.end_byte


def _before(view: View, function: Node, end: int) -> str:
    return view.source.data[function.start_byte : end].decode("utf-8", "replace")


def function_around(node: Node) -> Node | None:
    """The innermost function around `node` that has a name, or that something is given to."""
    function = enclosing(node, FUNCTIONS)
    while function is not None and name_of(function) is None:
        function = enclosing(function, FUNCTIONS)
    return function


def take(call: Call) -> None:
    """Record a call that takes rows; a second one in the same function says nothing new."""
    view, function = call.view, function_around(call.node)
    if any(t.view.source is view.source and function_around(t.node) == function for t in view.found.calls["taker"]):
        return
    view.found.calls["taker"].append(call)
    view.found.wanted.append((view.source.path, call.node))
    name = view.around(call.node)
    if _TELLING.search(name):
        view.found.called.add(name)
    options: dict[str, Value] = {"claims": Literal(True), **poll_interval(view, call.node)}
    view.add(Worker(**call.common(NAME), name=view.around(call.node), options=options))


def poll_interval(view: View, node: Node) -> dict[str, Value]:
    """How long the loop around `node` waits when there is nothing to do: `poll_seconds`, if that is a number in the code."""
    loop = next((a for a in ancestors(node) if a.type in LOOPS), None)
    for call in walk(loop, ("call_expression",)) if loop is not None else ():
        function = callee_of(call)
        name = field(function, "property") or function
        if name is None or not _PAUSE.match(view.source.text(name)):
            continue
        for given in view.evaluator.arguments(view.place(call)).values():
            value = view.evaluator.known(given) if isinstance(given, Place) else None
            if isinstance(value, int | float) and not isinstance(value, bool):
                return {"poll_seconds": Literal(value / 1000)}
    return {}


def handed_to(view: View, call: Node) -> Place | None:
    """The function that gets the row which `call` has taken: the first one that is given the row itself."""
    holder = call
    while holder.parent is not None and holder.parent.type in ("await_expression", "parenthesized_expression", "as_expression"):
        holder = holder.parent
    declarator = holder.parent
    name = field(declarator, "name") if declarator is not None and declarator.type == "variable_declarator" else None
    function = enclosing(call, FUNCTIONS)
    if name is None or function is None or name.type != "identifier":
        return None
    row = view.source.text(name)
    for other in walk(function, ("call_expression",)):
        arguments = field(other, "arguments")
        first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
        if other.start_byte < call.end_byte or first is None or first.type != "identifier" or view.source.text(first) != row:
            continue
        callee = callee_of(other)
        meaning = view.evaluator.of(view.source, callee) if callee is not None else None
        if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
            return meaning.place
    return None
