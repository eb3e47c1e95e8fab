"""What is put into a list, set, map or record after it was made: a registry that is filled in one place and read in a loop in another."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import msgspec
from tree_sitter import Node

from migrator.scanners.linking.classes import enclosing_class
from migrator.scanners.linking.evaluate import Evaluator
from migrator.scanners.linking.filled_elsewhere import Home, filling, home_of, is_that, last_name
from migrator.scanners.linking.loops import bind, loops_around, parts_of
from migrator.scanners.linking.values import Defined, Frame, Instance, Meaning, Place
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk
from migrator.syntax.typescript_bindings import ASSIGNMENTS

#: methods that put a value in, and those that put it in under a key
_VALUES = frozenset(("push", "unshift", "add"))
_PYTHON_VALUES = frozenset(("append", "appendleft", "add"))
#: in JavaScript what puts something in, and of what changes a value the ways that put one in
_PUTTING = ("call_expression", *ASSIGNMENTS)
_IF_MISSING = frozenset((b"??=", b"||="))
_KEYED = frozenset(("set",))
#: what goes over the entries of something: `map.entries()`, `Object.entries(record)`
_ENTRIES, _KEYS, _VALUES_OF = "entries", "keys", "values"
_WHOLE = frozenset(("Array.from", "globalThis.Array.from"))
#: Python's functions that go over all of what they are handed first
_COPIES = frozenset(("list", "tuple", "set", "sorted", "reversed", "batched", "itertools.batched", "chunked", "more_itertools.chunked"))
_BRACKETS = frozenset(("parenthesized_expression", "as_expression", "non_null_expression"))
_SPREAD = frozenset(("spread_element", "list_splat", "dictionary_splat", "keyword_argument"))
#: how many calls around the container are looked through
_LAYERS = 4


class Fill(msgspec.Struct, frozen=True):
    """A call or assignment (`node`) that puts `value` in, under `key` if it has one; with `spread`, all that the list `value` holds.

    `named`: under a name that is written after a dot, `handlers.welcome = send`, which puts nothing into a list, set or map.
    """

    source: Source
    node: Node
    value: Place
    key: Place | None = None
    spread: bool = False
    named: bool = False


#: what a fill says without its file: its nodes and what they mean, and the container
_Put = tuple[Node, Node, Node | None, bool, bool, Node]
#: what is put into anything within a node of a file, by the id of that; as long as somebody keeps the file
_KNOWN: WeakKeyDictionary[Source, dict[int, tuple[_Put, ...]]] = WeakKeyDictionary()


class Filled(msgspec.Struct, frozen=True):
    """A loop around a call, seen in the round of one fill."""

    fill: Fill
    frame: Frame


def filled_rounds(evaluator: Evaluator, place: Place) -> Iterator[Filled]:
    """The rounds of the innermost loop around `place` over something that is filled elsewhere."""
    for loop in loops_around(place.node):
        left, right = parts_of(loop)
        if left is None or right is None:
            return
        container, way = _container(evaluator, Place(place.source, right, place.frame))
        for fill in _every(evaluator, container):
            if fill.spread or (fill.named and not way):
                continue
            bound = _bound(evaluator, place, loop, left, fill, way)
            if bound is not None:
                yield Filled(fill, Frame(loop, bound, None, place.frame, fill.value))
        return


def _bound(evaluator: Evaluator, place: Place, loop: Node, left: Node, fill: Fill, way: str) -> dict[int | str, Place | Meaning] | None:
    text = place.source.text
    if way == _KEYS:
        return bind(evaluator, text, left, fill.key) if fill.key is not None else None
    if fill.key is not None and loop.type in FUNCTIONS and way == "":
        # `map.forEach((value, key) => …)`
        names = bind(evaluator, text, left, fill.value)
        listed = field(loop, "parameters")
        second = [c for c in listed.named_children if c.type != "comment"][1:2] if listed is not None else []
        keyed = bind(evaluator, text, field(second[0], "pattern") or second[0], fill.key) if second else {}
        return {**names, **keyed} if names is not None and keyed is not None else None
    if fill.key is not None and way in ("", _ENTRIES):
        return bind(evaluator, text, left, (fill.key, fill.value))
    return bind(evaluator, text, left, fill.value)


def _container(evaluator: Evaluator, place: Place) -> tuple[Place, str]:
    """What is gone over, and whether by its entries, its keys or its values."""
    way = ""
    for _ in range(_LAYERS):
        node = place.node
        if node.type in ("array", "parenthesized_expression") and len(node.named_children) == 1:
            inner = node.named_children[0]
            place = Place(place.source, inner.named_children[0] if inner.type == "spread_element" else inner, place.frame)
            continue
        if place.source.is_python:
            origin = _copied(evaluator, place)
            if origin is None:
                break
            place = origin
            continue
        callee = callee_of(node) if node.type == "call_expression" else None
        method, owner = field(callee, "property"), field(callee, "object")
        if method is None or owner is None:
            break
        name, first = place.source.text(method), evaluator.arguments(place).get(0)
        if place.source.text(owner) in ("Object", "Array") and isinstance(first, Place):
            way = name if name != "from" else way
            place = first
        elif name in (_ENTRIES, _KEYS, _VALUES_OF, "filter", "slice", "sort", "reverse"):
            way = name if name in (_ENTRIES, _KEYS, _VALUES_OF) else way
            place = Place(place.source, owner, place.frame)
        else:
            break
    return place, way


def _copied(evaluator: Evaluator, place: Place) -> Place | None:
    """`jobs` of `list(jobs)`, `jobs.copy()`, `jobs[:]`, `[job for job in jobs if …]` and of a name that is given one of these."""
    source, node = place.source, place.node
    inner: Node | None = None
    match node.type:
        case "call":
            callee, first = callee_of(node), evaluator.arguments(place).get(0)
            if callee is not None and source.text(callee) in _COPIES and isinstance(first, Place):
                return first
            name = field(callee, "attribute")
            inner = field(callee, "object") if name is not None and source.text(name) == "copy" else None
        case "subscript":
            inner = field(node, "value") if any(c.type == "slice" for c in node.named_children) else None
        case "list_comprehension":
            body, clause = field(node, "body"), next((c for c in node.named_children if c.type == "for_in_clause"), None)
            left = field(clause, "left")
            inner = field(clause, "right") if body is not None and left is not None and source.text(body) == source.text(left) else None
        case "identifier":
            bound = evaluator.project.bindings(source.path).lookup(source.text(node), node)
            if len(bound) == 1 and bound[0].kind == "value" and bound[0].value is not None and not bound[0].path:
                origin = Place(source, bound[0].value, place.frame)
                given_out = bound[0].value.type == "attribute" or _is_given_out(evaluator, origin)
                return origin if given_out else _copied(evaluator, origin)
        case _:
            pass
    return Place(source, inner, place.frame) if inner is not None else None


def fills_of(evaluator: Evaluator, container: Place) -> Iterator[Fill]:
    """What is put one by one into a variable or an attribute of a class, in the file where that is declared."""
    return (fill for fill in all_fills_of(evaluator, container) if not fill.spread)


def all_fills_of(evaluator: Evaluator, container: Place) -> Iterator[Fill]:
    """The same, and in TypeScript the lists that are put in as a whole: `jobs.push(...more)`."""
    return (fill for fill in _every(evaluator, container) if not fill.named)


def entries_of(evaluator: Evaluator, container: Place) -> Iterator[tuple[Place, Place]]:
    """(key, value) of what is put into an object or map under a key: `handlers[name] = send`, `handlers.welcome = send`."""
    return ((fill.key, fill.value) for fill in _every(evaluator, container) if fill.key is not None)


def _every(evaluator: Evaluator, container: Place) -> Iterator[Fill]:
    source, node = container.source, container.node
    if node.type in ("identifier", "shorthand_property_identifier"):
        yield from _of_variable(evaluator, source, source.text(node), node)
    owner, name = field(node, "object"), field(node, "property") or field(node, "attribute")
    if source.is_python and _is_given_out(evaluator, container):
        yield from _of_text(evaluator, source, source.text(node))
    elif owner is not None and name is not None and source.is_python and source.text(owner) in ("self", "cls"):
        # What a method is called on is a parameter of it like any other.
        own = enclosing_class(node)
        if own is not None:
            yield from _of_attribute(source, own, source.text(name))
    elif owner is not None and name is not None:
        meaning = evaluator.of(source, owner, container.frame)
        made = meaning.of if isinstance(meaning, Instance) else meaning
        if isinstance(made, Defined):
            yield from _of_attribute(made.place.source, made.place.node, source.text(name))
    if not source.is_python:
        yield from _of_other_files(evaluator, evaluator.meaning(container))


def _of_other_files(evaluator: Evaluator, container: Meaning) -> Iterator[Fill]:
    home = home_of(evaluator, container)
    if home is None:
        return
    key = (home.source.path, home.offered, home.name)
    if key not in evaluator.filled_elsewhere:
        # What is put in is not known while it is being asked.
        evaluator.filled_elsewhere[key] = ()
        evaluator.filled_elsewhere[key] = tuple(
            fill
            for source in filling(evaluator, home)
            for fill, owner in _put_in(source, source.root)
            if last_name(source, owner) == home.name and is_that(evaluator, Place(source, owner), container)
        )
    yield from evaluator.filled_elsewhere[key]


def put_elsewhere(evaluator: Evaluator, source: Source, name: str) -> Iterator[tuple[Home, Place]]:
    """(where it is made, value) of what a file puts into something that it has imported under `name`, or that hangs on that."""
    for fill, owner in _put_in(source, source.root):
        root = owner
        while (outer := field(root, "object") or (root.named_children[0] if root.type in _BRACKETS else None)) is not None:
            root = outer
        if root.type == "identifier" and source.text(root) == name:
            home = home_of(evaluator, evaluator.of(source, owner))
            if home is not None and home.source.path != source.path:
                yield home, fill.value


def _is_given_out(evaluator: Evaluator, container: Place) -> bool:
    """True for what is asked for wherever it is used: `pending.get()`, `queue()`, an attribute of something of a framework, `g.jobs`."""
    node = container.node
    if node.type == "call":
        listed = field(node, "arguments")
        return listed is not None and not listed.named_children
    root = field(node, "object")
    while root is not None and root.type == "attribute":
        root = field(root, "object")
    if node.type != "attribute" or root is None or root.type != "identifier" or root.text in (b"self", b"cls"):
        return False
    meaning = evaluator.of(container.source, root, container.frame)
    while isinstance(meaning, Instance):
        meaning = meaning.of
    return not isinstance(meaning, Defined)


def _of_text(evaluator: Evaluator, source: Source, text: str) -> Iterator[Fill]:
    """What is put into something that is written so, or into a variable that was given it."""
    bindings = evaluator.project.bindings(source.path)
    for fill, owner in _put_in(source, source.root):
        bound = bindings.lookup(source.text(owner), owner) if owner.type == "identifier" else []
        value = bound[0].value if len(bound) == 1 and bound[0].kind == "value" and not bound[0].path else None
        if text in (source.text(owner), source.text(value) if value is not None else ""):
            yield fill


def _of_variable(evaluator: Evaluator, source: Source, name: str, at: Node) -> Iterator[Fill]:
    bound = evaluator.project.bindings(source.path).lookup(name, at)
    if bound and bound[0].kind == "import" and not source.is_python:
        path = evaluator.project.resolve(source.path, bound[0].module)
        export = evaluator.project.bindings(path).exports().get(bound[0].member) if path else None
        if export is not None and export.local:
            other = evaluator.project.source(path)
            yield from _of_variable(evaluator, other, export.local, other.root)
        return
    if not bound or bound[0].kind != "value":
        return
    bindings = evaluator.project.bindings(source.path)
    for fill, owner in _put_in(source, bound[0].scope):
        if source.text(owner) == name and bindings.lookup(name, owner)[:1] == bound[:1]:
            yield fill


def _of_attribute(source: Source, node: Node, name: str) -> Iterator[Fill]:
    """What a class puts into an attribute of its own."""
    own = field(node, "name")
    owners = {*(("self", "cls") if source.is_python else ("this",)), *([source.text(own)] if own is not None else [])}
    for fill, owner in _put_in(source, node):
        of, attribute = field(owner, "object"), field(owner, "property") or field(owner, "attribute")
        inside = enclosing_class(owner)
        if of is None or attribute is None or inside is None or inside.id != node.id:
            continue
        if source.text(of) in owners and source.text(attribute) == name:
            yield fill


def _put_in(source: Source, within: Node) -> Iterator[tuple[Fill, Node]]:
    """(fill, the container as written) for everything that is put into anything, looked for once."""
    known = _KNOWN.setdefault(source, {})
    if within.id not in known:
        known[within.id] = tuple(
            (fill.node, fill.value.node, fill.key.node if fill.key is not None else None, fill.spread, fill.named, owner)
            for fill, owner in _search(source, within)
        )
    for node, value, key, spread, named, owner in known[within.id]:
        keyed = Place(source, key) if key is not None else None
        yield Fill(source, node, Place(source, value), keyed, spread, named), owner


def _search(source: Source, within: Node) -> Iterator[tuple[Fill, Node]]:
    for node in walk(within, ("call",) if source.is_python else _PUTTING):
        if node.type in ASSIGNMENTS:
            operator = field(node, "operator")
            if operator is not None and operator.text not in _IF_MISSING:
                continue
            left, value = field(node, "left"), field(node, "right")
            owner, index = field(left, "object"), field(left, "index")
            if owner is not None and index is not None and value is not None:
                yield Fill(source, node, Place(source, value), Place(source, index)), owner
            name = field(left, "property")
            if owner is not None and name is not None and value is not None:
                yield Fill(source, node, Place(source, value), Place(source, name), named=True), owner
            continue
        callee = callee_of(node)
        owner, method = field(callee, "object"), field(callee, "property") or field(callee, "attribute")
        listed = field(node, "arguments")
        given = [c for c in listed.named_children if c.type != "comment"] if listed is not None else []
        name = source.text(method) if method is not None else ""
        if owner is None:
            continue
        if name == "assign" and not source.is_python and source.text(owner) == "Object" and len(given) > 1:
            yield from ((fill, given[0]) for each in given[1:] for fill in _assigned(source, node, each))
        if name in _KEYED and not source.is_python and len(given) == 2:
            yield Fill(source, node, Place(source, given[1]), Place(source, given[0])), owner
        elif name in (_PYTHON_VALUES if source.is_python else _VALUES):
            yield from ((Fill(source, node, Place(source, value)), owner) for value in given if value.type not in _SPREAD)
            spread = [value.named_children[0] for value in given if value.type == "spread_element" and value.named_children]
            yield from ((Fill(source, node, Place(source, value), spread=True), owner) for value in spread)


def _assigned(source: Source, call: Node, given: Node) -> Iterator[Fill]:
    """What `Object.assign(queues, { mail, push: new Queue("push") })` puts in."""
    for entry in given.named_children if given.type == "object" else ():
        key, value = (entry, entry) if entry.type == "shorthand_property_identifier" else (field(entry, "key"), field(entry, "value"))
        if key is not None and value is not None:
            yield Fill(source, call, Place(source, value), Place(source, key), named=True)
