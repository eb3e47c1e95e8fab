"""Which values of a property one handler tells apart: the names of the jobs that it runs, `switch (job.name) { case "welcome": … }`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tree_sitter import Node

from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import function_of
from migrator.scanners.typescript.name_tables import found_by, keys, members
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk

#: through how many functions a handler may hand its job on
_DEPTH = 3
_EQUAL = frozenset((b"==", b"===", b"!=", b"!=="))
_TELLING = ("switch_statement", "binary_expression", "subscript_expression", "call_expression")
#: methods of maps, lists and sets that look a name up, and what knows the names there
_LOOKUPS = {b"get": keys, b"includes": members, b"has": members}
#: what says the same thing of another type, or that it is there
_SAME = frozenset(("parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression"))


def told_apart(view: View, place: Place | None, position: int, names: Collection[str]) -> Iterator[tuple[Place, str]]:
    """Where the handler tells values of a property of its parameter number `position` apart: (place, value).

    `switch (job.name) { case "a": … }`, `if (job.name === "a")`, `handlers[job.name]` of `{ a: … }`, `handlers.get(job.name)` of a `Map`,
    `["a"].includes(job.name)` and `handlers.find((h) => h.name === job.name)` all give `a`; so does the function of the tree that is handed
    the job, or the property, and does so. The value is empty for a table with keys that only the run knows.
    """
    function = function_of(view, place)
    pattern = _parameter(function.node, position) if function is not None else None
    if function is not None and pattern is not None:
        for node, value in _in_function(view, function, _Ways.of(function, pattern, names), _DEPTH):
            yield Place(function.source, node), value


class _Ways:
    """How the code of a function says the job (`jobs`) and those properties of it (`values`)."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = names
        self.jobs: set[str] = set()
        self.values: set[str] = set()

    @classmethod
    def of(cls, function: Place, pattern: Node, names: Collection[str]) -> _Ways:
        """The ways within a function one of whose parameters is the job."""
        ways = cls(names)
        ways.add(function.source, pattern)
        ways.follow(function)
        return ways

    def add(self, source: Source, pattern: Node) -> None:
        """A name or a pattern that the job is given."""
        if pattern.type == "identifier":
            self.jobs.add(source.text(pattern))
            self.values |= {f"{source.text(pattern)}{dot}{name}" for name in self.names for dot in (".", "?.")}
        for part in pattern.named_children if pattern.type == "object_pattern" else ():
            if part.type == "shorthand_property_identifier_pattern" and source.text(part) in self.names:
                self.values.add(source.text(part))
            key, value = field(part, "key"), field(part, "value")
            if key is not None and value is not None and source.text(key) in self.names and value.type == "identifier":
                self.values.add(source.text(value))

    def follow(self, function: Place) -> None:
        """`const { name } = job` and `const name = job.name` say it, too."""
        for declared in walk(function.node, ("variable_declarator",)):
            name, value = field(declared, "name"), field(declared, "value")
            if name is None or value is None:
                continue
            if function.source.text(_bare(value)) in self.jobs:
                self.add(function.source, name)
            elif name.type == "identifier" and function.source.text(_bare(value)) in self.values:
                self.values.add(function.source.text(name))

    def says(self, source: Source, node: Node | None) -> bool:
        """True for one of the properties."""
        return node is not None and source.text(_bare(node)) in self.values


def _in_function(view: View, function: Place, ways: _Ways, depth: int) -> Iterator[tuple[Node, str]]:
    source, evaluator = function.source, view.evaluator
    for found in walk(function.node, _TELLING) if ways.values or ways.jobs else ():
        match found.type:
            case "switch_statement":
                body = field(found, "body")
                if body is not None and ways.says(source, field(found, "value")):
                    for case in (c for c in body.named_children if c.type == "switch_case"):
                        value = field(case, "value")
                        text = evaluator.text(Place(source, value, function.frame)) if value is not None else ""
                        yield from [(case, text)] if text else ()
            case "binary_expression":
                left, right, sign = field(found, "left"), field(found, "right"), field(found, "operator")
                if left is None or right is None or sign is None or sign.text not in _EQUAL:
                    continue
                other = right if ways.says(source, left) else left if ways.says(source, right) else None
                if other is not None:
                    compared = Place(source, other, function.frame)
                    text = evaluator.text(compared)
                    yield from ((found, value) for value in ([text] if text else found_by(view, compared)))
            case "subscript_expression":
                table = field(found, "object")
                if table is not None and ways.says(source, field(found, "index")):
                    yield from ((found, key) for key in keys(view, Place(source, table, function.frame)))
            case _:
                yield from _in_call(view, Place(source, found, function.frame), ways, depth)


def _in_call(view: View, call: Place, ways: _Ways, depth: int) -> Iterator[tuple[Node, str]]:
    """`handlers.get(job.name)`, and functions of the tree that are handed the job or the property."""
    source, callee, given = call.source, callee_of(call.node), field(call.node, "arguments")
    if callee is None or given is None:
        return
    handed = [node for node in given.named_children if node.type != "comment"]
    owner, method = field(callee, "object"), field(callee, "property")
    looks_up = _LOOKUPS.get(method.text or b"") if method is not None and len(handed) == 1 else None
    told = list(looks_up(view, Place(source, owner, call.frame))) if looks_up and owner is not None and ways.says(source, handed[0]) else []
    if told:
        yield from ((call.node, key) for key in told)
        return
    jobs = [i for i, node in enumerate(handed) if source.text(_bare(node)) in ways.jobs]
    values = [i for i, node in enumerate(handed) if ways.says(source, node)]
    meaning = view.evaluator.of(source, callee, call.frame) if depth and (jobs or values) else None
    if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS:
        return
    inner = _Ways(ways.names)
    for index in jobs:
        pattern = _parameter(meaning.place.node, index)
        if pattern is not None:
            inner.add(meaning.place.source, pattern)
    for index in values:
        pattern = _parameter(meaning.place.node, index)
        if pattern is not None and pattern.type == "identifier":
            inner.values.add(meaning.place.source.text(pattern))
    inner.follow(meaning.place)
    for _, value in _in_function(view, meaning.place, inner, depth - 1):
        # What is told elsewhere is said where the handler hands its job on.
        yield call.node, value


def _parameter(function: Node, position: int) -> Node | None:
    """The name or pattern of a function's parameter."""
    single, listed = field(function, "parameter"), field(function, "parameters")
    if single is not None:
        return single if position == 0 else None
    given = [c for c in listed.named_children if c.type != "comment"] if listed is not None else []
    return (field(given[position], "pattern") or given[position]) if position < len(given) else None


def _bare(node: Node) -> Node:
    """An expression without what only says its type."""
    while node.type in _SAME and node.named_children:
        node = node.named_children[0]
    return node
