"""Who takes rows out of a job table in Python: claims through an ORM or in SQL, the loops around them, and who gets the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job, Literal, Trigger, Value, Worker
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.job_tables import JobTable, sounds_like_jobs
from migrator.scanners.linking import Defined, Place
from migrator.scanners.linking.literals import return_values
from migrator.scanners.python.functions import definition_span, function_at, handler, location_of, name_of
from migrator.scanners.python.job_table_rows import table_of_class
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import CLASSES, FUNCTIONS, LOOPS, ancestors, callee_of, enclosing, walk
from migrator.syntax.tree import field as child
from migrator.systems.postgres_table import SYSTEM

NAME = SYSTEM.name
LOCKS = frozenset(("with_for_update", "select_for_update", "for_update"))
_KEY = "python taker"
_SKIPS = regex(r"skip_locked\s*=\s*True|SKIP\s+LOCKED", re.IGNORECASE)
_WAITS = regex(r"\b(?:status|state)\b[\s\S]{0,80}?\b(?:pending|queued|waiting|ready|scheduled|available|enqueued)\b", re.IGNORECASE)
_RUNS = regex(
    r"\b(?:status|state)[\"']?\s*(?:=(?!=)|:)\s*[\w.\"']*?\b(?:running|processing|in_progress|started|claimed|working|active)\b",
    re.IGNORECASE,
)
_PAUSES = regex(r"^(sleep|wait|wait_for)$")
_LITERALS = frozenset(("true", "false", "none", "integer", "string"))
#: how many functions that only pass a row on are followed
_LAYERS = 4

_Key = tuple[str, int]


def lock(call: Call) -> None:
    """Record `….with_for_update(skip_locked=True)` and Django's `select_for_update` on a job table."""
    if not _SKIPS.search(
        "".join(p.node.parent.text.decode("utf-8", "replace") for p in call.arguments.values() if p.node.parent and p.node.parent.text)
    ):
        return
    view = call.view
    table, reason = _table_around(view, call.node)
    if table is not None or reason:
        take(call, table, reason)


def _table_around(view: View, node: Node) -> tuple[JobTable | None, str]:
    """(the job table that the statement around a call is about, why that is not certain); nothing for any other statement."""
    statement = node
    while statement.parent is not None and not statement.type.endswith(("_statement", "assignment")):
        statement = statement.parent
    named = False
    for identifier in walk(statement, ("identifier",)):
        meaning = view.evaluator.of(view.source, identifier)
        table = table_of_class(view, meaning)
        if table is not None:
            return table, ""
        named = named or (isinstance(meaning, Defined) and meaning.place.node.type in CLASSES and sounds_like_jobs(meaning.name))
    if not _WAITS.search(view.source.text(statement)):
        return None, ""
    if named:
        return None, "the table is one of jobs by its name alone"
    # Which model that is may be left to who uses the code.
    own = [t for t in view.found.tables if t.symbol.rpartition(":")[0].endswith(".py")]
    return (own[0], "it looks for waiting rows, and the tree has only one job table") if len(own) == 1 else (None, "")


def take(call: Call, table: JobTable | None, reason: str = "") -> None:
    """Record a call that takes rows; a second one in the same function says nothing new."""
    view, function = call.view, function_around(call.node)
    if any(t.view.source is view.source and function_around(t.node) == function for t in view.found.calls[_KEY]):
        return
    view.found.calls[_KEY].append(call)
    view.found.wanted.append((view.source.path, call.node))
    options: dict[str, Value] = {"claims": Literal(True), **poll_interval(view, call.node)}
    view.add(
        Worker(
            **call.common(NAME),
            name=view.around(call.node),
            queues=(table.table,) if table is not None and table.table else (),
            options=options,
            confidence="likely" if reason else "certain",
            reason=reason,
        )
    )


def racy(view: View) -> None:
    """Record functions that look for waiting rows of a job table and then make them running ones, without a lock."""
    for function in view.source.nodes("function_definition") if view.found.tables else ():
        text = view.source.text(function)
        waits, runs = _WAITS.search(text), [m.start() for m in _RUNS.finditer(text)]
        # What looks for running rows first puts back what a dead worker left.
        if waits is None or not runs or waits.start() > runs[-1] or _SKIPS.search(text):
            continue
        for identifier in walk(child(function, "body") or function, ("identifier",)):
            table = table_of_class(view, view.evaluator.of(view.source, identifier))
            if table is None or function_around(identifier) != function:
                continue
            node = enclosing(identifier, ("call",)) or identifier
            at = callee_of(node) or node
            last = child(at, "attribute") or at
            call = Call(view, node, view.evaluator.of(view.source, at), "", last, view.place(node))
            take(call, table, "waiting rows are made running ones, without a lock")
            break


def function_around(node: Node) -> Node | None:
    """The innermost function definition around `node`."""
    return enclosing(node, ("function_definition",))


def poll_interval(view: View, node: Node) -> dict[str, Value]:
    """How long the loop around `node` waits when there is nothing to do: `poll_seconds`, if that is a number in the code."""
    loop = next((a for a in ancestors(node) if a.type in LOOPS), None)
    for call in walk(loop, ("call",)) if loop is not None else ():
        function = callee_of(call)
        name = child(function, "attribute") or function
        if name is None or not _PAUSES.match(view.source.text(name)):
            continue
        given = view.evaluator.arguments(view.place(call)).get(0)
        value = view.evaluator.known(given) if isinstance(given, Place) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"poll_seconds": Literal(value)}
    return {}


# -- who gets the rows ------------------------------------------------------------------------------------------------------


def find_callers(found: Found) -> None:
    """Record the calls that get rows as workers, and, where no kind of job is told apart, the functions that get the rows as jobs."""
    givers: dict[_Key, str] = {}
    places: list[tuple[View, Node]] = []
    for call in found.calls[_KEY]:
        function = function_around(call.node)
        if function is not None and any(value.type not in _LITERALS for value in return_values(function)):
            givers[call.view.source.path, function.start_byte] = name_of(call.view.place(function))
        else:
            places.append((call.view, call.node))
    sites = list(_sites(found, givers))
    for view, node, name in sites:
        function = callee_of(node)
        at = child(function, "attribute") or function or node
        view.add(
            Worker(
                **view.common(NAME, view.source.location(node, at=at)),
                name=name,
                options={"claims": Literal(False), **poll_interval(view, node)},
            )
        )
    if not any(isinstance(i, Job) and i.system == NAME for i in found.items):
        for view, node in (*places, *((v, n) for v, n, _ in sites)):
            _only_job(view, node)


def _sites(found: Found, givers: dict[_Key, str]) -> Iterator[tuple[View, Node, str]]:
    """(view, call, name of what is called) of every call that gets a row and does more with it than pass it on."""
    seen: set[tuple[str, int]] = set()
    views = [v for v in found.views if v.source.is_python]
    for _ in range(_LAYERS):
        names = {name.encode() for name in givers.values()}
        fresh = False
        for view in views if names else ():
            for call in view.source.nodes("call") if any(n in view.source.data for n in names) else ():
                function = callee_of(call)
                name = child(function, "attribute") or function
                if function is None or name is None or name.text not in names or (view.source.path, call.id) in seen:
                    continue
                meaning = view.evaluator.of(view.source, function)
                if not isinstance(meaning, Defined) or (meaning.place.source.path, meaning.place.node.start_byte) not in givers:
                    continue
                seen.add((view.source.path, call.id))
                forwarder = _forwarder(call)
                if forwarder is None:
                    yield view, call, view.source.text(name)
                elif (view.source.path, forwarder.start_byte) not in givers:
                    givers[view.source.path, forwarder.start_byte] = name_of(view.place(forwarder))
                    fresh = True
        if not fresh:
            return


def _forwarder(call: Node) -> Node | None:
    """The function that does no more with the call than return what it gives."""
    node = call
    while node.parent is not None and node.parent.type in ("await", "parenthesized_expression"):
        node = node.parent
    return function_around(call) if node.parent is not None and node.parent.type == "return_statement" else None


def _only_job(view: View, node: Node) -> None:
    given = _handed_to(view, node)
    function = given or (view.place(f) if (f := function_around(node)) is not None else None)
    if function is None:
        return
    made = function_at(view.evaluator, function)
    inner = View(function.source, view.project, view.evaluator, view.versions, view.found)
    view.add(
        Job(
            **inner.common(NAME, location_of(made)),
            name=made.qualified,
            symbol=made.qualified,
            module=made.module,
            definition=definition_span(made),
            form="is handed a row" if given is not None else "takes a row itself",
            triggers=(Trigger("direct", Literal(made.qualified)),),
            handler=handler(function),
            confidence="likely" if given is not None else "possible",
            reason="is handed what was taken out of the table" if given is not None else "works off what it takes out of the table",
            live=True,
        )
    )


def _handed_to(view: View, call: Node) -> Place | None:
    """The function that gets the row which `call` has taken: the first one of the project that is given the row itself."""
    statement = call
    while statement.parent is not None and statement.type not in ("assignment", "named_expression", "for_statement", "block"):
        statement = statement.parent
    name = child(statement, "left") or child(statement, "name")
    function = function_around(call)
    if name is None or function is None or name.type != "identifier":
        return None
    row = name.text
    rows = {row}
    for loop in walk(function, ("for_statement",)):
        over, each = child(loop, "right"), child(loop, "left")
        if over is not None and each is not None and over.text == row and each.text is not None:
            rows.add(each.text)
    for other in walk(function, ("call",)):
        arguments = child(other, "arguments")
        given = [n for n in arguments.named_children if n.type == "identifier" and n.text in rows] if arguments is not None else []
        callee = callee_of(other) if given and other.start_byte > call.end_byte else None
        meaning = view.evaluator.of(view.source, callee) if callee is not None else None
        if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
            return meaning.place
    return None
