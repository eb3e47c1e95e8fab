"""Where the functions that take rows are called: the loops that work a job table off, and the function that gets each row."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job, Literal, Trigger, Worker
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Place
from migrator.scanners.linking.choosing import vague
from migrator.scanners.linking.literals import return_values
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.job_table_takers import NAME, function_around, handed_to, poll_interval
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, field, name_of

_LITERALS = frozenset(("true", "false", "null", "undefined", "number", "string"))
#: how many functions that only pass a row on are followed
_LAYERS = 4

_Key = tuple[str, int]


def find_callers(found: Found) -> None:
    """Record the calls that get rows as workers, and, where no kind of job is told apart, the functions that get the rows as jobs."""
    givers: dict[_Key, str] = {}
    places = list[tuple[View, Node]]()
    for call in found.calls["taker"]:
        function = function_around(call.node)
        if function is not None and _gives(function):
            givers[(call.view.source.path, function.start_byte)] = _name(call.view, function)
        else:
            places.append((call.view, call.node))
    sites = list(_sites(found, givers))
    for view, node, name in sites:
        at = field(callee_of(node), "property") or node
        common = view.common(NAME, view.source.location(node, at=at))
        view.add(Worker(**common, name=name, options={"claims": Literal(False), **poll_interval(view, node)}))
    if not any(isinstance(i, Job) and i.system == NAME for i in found.items):
        for view, node in (*places, *((v, n) for v, n, _ in sites)):
            _only_job(view, node)


def _gives(function: Node) -> bool:
    """True for a function that returns something that could be a row."""
    return any(value.type not in _LITERALS for value in return_values(function))


def _name(view: View, function: Node) -> str:
    name = name_of(function)
    return view.source.text(name) if name is not None else ""


def _sites(found: Found, givers: dict[_Key, str]) -> Iterator[tuple[View, Node, str]]:
    """(view, call, name of what is called) of every call that gets a row and does more with it than pass it on."""
    seen: set[tuple[str, int]] = set()
    for _ in range(_LAYERS):
        names = set(givers.values()) - {""}
        fresh = False
        for view in found.views if names else ():
            for call in view.source.nodes("call_expression"):
                key = (view.source.path, call.id)
                name = field(callee_of(call), "property") or callee_of(call)
                if name is None or view.source.text(name) not in names or key in seen or not _gets(view, call, givers):
                    continue
                seen.add(key)
                forwarder = _forwarder(call)
                if forwarder is None:
                    yield view, call, view.source.text(name)
                elif (view.source.path, forwarder.start_byte) not in givers:
                    givers[(view.source.path, forwarder.start_byte)] = _name(view, forwarder)
                    fresh = True
        if not fresh:
            return


def _gets(view: View, call: Node, givers: dict[_Key, str]) -> bool:
    """True if the call is of a function that gives rows. What cannot be told (a service behind an interface) is one by its name."""
    callee = callee_of(call)
    meaning = view.evaluator.of(view.source, callee) if callee is not None else None
    if isinstance(meaning, Defined):
        return (meaning.place.source.path, meaning.place.node.start_byte) in givers
    return meaning is not None and vague(meaning)


def _forwarder(call: Node) -> Node | None:
    """The function that does no more with the call than return what it gives."""
    node = call
    while node.parent is not None and node.parent.type in ("await_expression", "parenthesized_expression", "return_statement"):
        node = node.parent
    if node.type == "return_statement" or (node.parent is not None and node.parent.type == "arrow_function"):
        return function_around(call)
    return None


def _only_job(view: View, node: Node) -> None:
    place = handed_to(view, node)
    inline = place is None
    function = function_around(node)
    if place is None:
        if function is None:
            return
        place = Place(view.source, function)
    name = _name_at(place)
    location = place.source.location(place.node)
    view.add(
        Job(
            **view.common(NAME, location),
            name=name,
            symbol=name,
            module=view.project.module_of(place.source.path),
            definition=span(place.node),
            form="takes a row itself" if inline else "is handed a row",
            triggers=(Trigger("direct", Literal(name)),) if name else (),
            handler=handler_of(view, place),
            confidence="possible" if inline else "likely",
            reason="works off what it takes out of the table" if inline else "is handed what was taken out of the table",
            live=True,
        )
    )


def _name_at(place: Place) -> str:
    name = name_of(place.node) if place.node.type in FUNCTIONS else None
    return place.source.text(name) if name is not None else ""
