"""Which values of a property one handler tells apart: the names of the jobs that it runs, `switch (job.name) { case "welcome": … }`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tree_sitter import Node

from migrator.scanners.linking import Defined, Instance, Place, Structure
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import function_of
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk

#: through how many functions a handler may hand its job on
_DEPTH = 3
_EQUAL = frozenset((b"==", b"===", b"!=", b"!=="))
_TELLING = ("switch_statement", "binary_expression", "subscript_expression", "call_expression")
#: what says the same thing of another type, or that it is there
_SAME = frozenset(("parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression"))


def told_apart(view: View, place: Place | None, position: int, names: Collection[str]) -> Iterator[tuple[Node, str]]:
    """Where the handler tells values of a property of its parameter number `position` apart: (node, value).

    `switch (job.name) { case "a": … }`, `if (job.name === "a")`, `handlers[job.name]` of `{ a: … }` and `handlers.get(job.name)` of a
    `Map` all give `a`; so does the function of the tree that is handed the job, or the property, and does so.
    """
    function = function_of(view, place)
    pattern = _parameter(function.node, position) if function is not None else None
    if function is not None and pattern is not None:
        yield from _in_function(view, function, _Ways.of(function, pattern, names), _DEPTH)


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
                        yield case, evaluator.text(Place(source, value, function.frame)) if value is not None else ""
            case "binary_expression":
                left, right, sign = field(found, "left"), field(found, "right"), field(found, "operator")
                if left is None or right is None or sign is None or sign.text not in _EQUAL:
                    continue
                other = right if ways.says(source, left) else left if ways.says(source, right) else None
                if other is not None:
                    yield found, evaluator.text(Place(source, other, function.frame))
            case "subscript_expression":
                table = field(found, "object")
                if table is not None and ways.says(source, field(found, "index")):
                    yield from ((found, key) for key in _keys(view, Place(source, table, function.frame)))
            case _:
                yield from _in_call(view, Place(source, found, function.frame), ways, depth)


def _in_call(view: View, call: Place, ways: _Ways, depth: int) -> Iterator[tuple[Node, str]]:
    """`handlers.get(job.name)`, and functions of the tree that are handed the job or the property."""
    source, callee, given = call.source, callee_of(call.node), field(call.node, "arguments")
    if callee is None or given is None:
        return
    handed = [node for node in given.named_children if node.type != "comment"]
    owner, method = field(callee, "object"), field(callee, "property")
    if owner is not None and method is not None and method.text == b"get" and len(handed) == 1 and ways.says(source, handed[0]):
        yield from ((call.node, key) for key in _keys(view, Place(source, owner, call.frame)))
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


def _keys(view: View, table: Place) -> Iterator[str]:
    """The keys of an object, or of `new Map([["a", …]])`."""
    meaning = view.evaluator.meaning(table)
    if isinstance(meaning, Structure):
        yield from (key for key in meaning.entries if not meaning.is_list and not key.startswith("..."))
    elif isinstance(meaning, Instance) and meaning.of.key == "globalThis.Map" and meaning.call is not None:
        pairs = view.evaluator.arguments(meaning.call).get(0)
        for pair in view.evaluator.entries(pairs).values() if isinstance(pairs, Place) else ():
            yield view.evaluator.text(view.evaluator.entries(pair).get("0"))


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
