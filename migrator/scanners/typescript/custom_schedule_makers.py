"""Functions of the project that keep a cron and a function together: `createJob(name, cron, run)` that gives `{ name, cron, run }`.

What they keep is returned, put into a list or table, or held by the instance of a class. Who goes through it, and when, they do not say.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.scanners.leading import root_package
from migrator.scanners.linking import Evaluator, Place
from migrator.scanners.linking.literals import return_values
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, enclosing, walk
from migrator.syntax.tree import field as child
from migrator.syntax.typescript_bindings import pattern_names

_SAME = frozenset(("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"))
_PUTS = frozenset((b"push", b"unshift", b"add", b"set"))
_FREEZES = frozenset((b"Object.freeze", b"Object.seal"))


class Part(msgspec.Struct, frozen=True):
    """What a maker keeps under `key`: the argument at `position`, or the entry `entry` of it, which the maker calls `name`."""

    key: str
    position: int
    entry: str
    name: str


def parts_kept(evaluator: Evaluator, maker: Place) -> tuple[Part, ...]:
    """What one call of a function, or of a class with `new`, puts together in one object that outlives the call; empty where nothing.

    A function that is handed in may be kept in one of the maker's that calls it.
    """
    source = maker.source
    if maker.node.type in CLASSES:
        return tuple(_of_instance(source, maker.node))
    if maker.node.type not in FUNCTIONS:
        return ()
    taken = dict(_taken(source, maker.node))
    for kept in _kept(evaluator, source, maker.node, taken):
        parts = tuple(_entries(source, kept, taken)) if kept.type == "object" else (taken[source.text(kept)],)
        if parts:
            return parts
    return ()


def _taken(source: Source, function: Node) -> Iterator[tuple[str, Part]]:
    """The names in a function for what it is handed."""
    listed, single = child(function, "parameters"), child(function, "parameter")
    given = [c for c in listed.named_children if c.type != "comment"] if listed is not None else [single] if single is not None else []
    for position, parameter in enumerate(given):
        pattern = child(parameter, "pattern") or child(parameter, "left") or parameter
        for name, path in pattern_names(source.text, pattern):
            if len(path) <= 1:
                entry = "".join(path).removeprefix("...")
                yield name, Part(name, position, entry, name)


def _kept(evaluator: Evaluator, source: Source, function: Node, taken: dict[str, Part]) -> Iterator[Node]:
    """The objects, and names of what is handed in, that outlive a call: returned, put into something, or assigned to a member of it."""
    names = {source.text(target): value for target, value in _variables(function)}
    told = [*return_values(function), *_put(evaluator, source, function)]
    for value in told:
        node = _bare(value)
        if node.type == "identifier" and source.text(node) not in taken:
            node = _bare(names.get(source.text(node), node))
        if node.type == "object" or (node.type == "identifier" and source.text(node) in taken):
            yield node


def _variables(function: Node) -> Iterator[tuple[Node, Node]]:
    for declared in walk(function, ("variable_declarator",)):
        name, value = child(declared, "name"), child(declared, "value")
        if name is not None and value is not None and enclosing(declared, FUNCTIONS) == function:
            yield name, value


def _put(evaluator: Evaluator, source: Source, function: Node) -> Iterator[Node]:
    """What is put into a list, set, map or object that stands outside of the function."""
    for call in walk(function, ("call_expression",)):
        callee = callee_of(call)
        method, given = child(callee, "property"), child(call, "arguments")
        if callee is None or method is None or method.text not in _PUTS or given is None or enclosing(call, FUNCTIONS) != function:
            continue
        # What a library is handed is the library's.
        if root_package(evaluator.of(source, callee)) in ("", "globalThis"):
            yield from given.named_children
    for assignment in walk(function, ("assignment_expression",)):
        left, right = child(assignment, "left"), child(assignment, "right")
        if left is not None and right is not None and left.type in ("member_expression", "subscript_expression"):
            yield right


def _bare(node: Node) -> Node:
    """An expression without what only says its type, or that nothing may change it."""
    while True:
        callee, given = callee_of(node), child(node, "arguments")
        if node.type in _SAME and node.named_children:
            node = node.named_children[0]
        elif callee is not None and callee.text in _FREEZES and given is not None and given.named_children:
            node = given.named_children[0]
        else:
            return node


def _entries(source: Source, node: Node, taken: dict[str, Part]) -> Iterator[Part]:
    for entry in node.named_children:
        match entry.type:
            case "shorthand_property_identifier":
                part = taken.get(source.text(entry))
                if part is not None:
                    yield part
            case "spread_element":
                inner = entry.named_children[0] if entry.named_children else None
                part = taken.get(source.text(inner)) if inner is not None else None
                if part is not None:
                    yield part
            case "pair" | "method_definition":
                name, value = child(entry, "key") or child(entry, "name"), child(entry, "value") or entry
                part = _handed(source, value, taken)
                if part is not None and name is not None:
                    yield msgspec.structs.replace(part, key=source.text(name).strip("'\""))
            case _:
                pass


def _handed(source: Source, value: Node, taken: dict[str, Part]) -> Part | None:
    """What is handed in where a value of an object stands: itself, its entry, or a function that calls it."""
    value = _bare(value)
    if value.type in FUNCTIONS:
        for call in walk(value, ("call_expression",)):
            callee = callee_of(call)
            part = _named(source, callee, taken) if callee is not None else None
            if part is not None:
                return part
        return None
    return _named(source, value, taken)


def _named(source: Source, node: Node, taken: dict[str, Part]) -> Part | None:
    """`run`, and `options.run` of what is handed in as `options`."""
    if node.type == "identifier":
        return taken.get(source.text(node))
    of, key = child(node, "object"), child(node, "property")
    part = taken.get(source.text(of)) if of is not None and node.type == "member_expression" else None
    if part is None or key is None or part.entry:
        return None
    return msgspec.structs.replace(part, entry=source.text(key), name=source.text(key))


def _of_instance(source: Source, owner: Node) -> Iterator[Part]:
    """What a constructor keeps in the instance: `this.cron = cron`, `constructor(private cron: string)`."""
    body = child(owner, "body")
    methods = body.named_children if body is not None else []
    constructor = next((m for m in methods if m.type == "method_definition" and source.text(child(m, "name") or m) == "constructor"), None)
    if constructor is None:
        return
    taken = dict(_taken(source, constructor))
    listed = child(constructor, "parameters")
    for position, parameter in enumerate(c for c in listed.named_children if c.type != "comment") if listed is not None else ():
        pattern = child(parameter, "pattern")
        if pattern is not None and any(c.type in ("accessibility_modifier", "readonly") for c in parameter.children):
            yield Part(source.text(pattern), position, "", source.text(pattern))
    for assignment in walk(constructor, ("assignment_expression",)):
        left, right = child(assignment, "left"), child(assignment, "right")
        of, key = child(left, "object"), child(left, "property")
        part = _handed(source, right, taken) if right is not None and of is not None and of.type == "this" else None
        if part is not None and key is not None:
            yield msgspec.structs.replace(part, key=source.text(key).lstrip("#"))
