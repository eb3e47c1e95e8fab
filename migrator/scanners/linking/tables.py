"""What is put into a dictionary of Python after it was made, in the file that declares it and in those that import it.

`HANDLERS["mail"] = mail`, `registry.QUEUES.setdefault(name, Queue(name))`, `HANDLERS.update({"mail": mail})`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking.classes import enclosing_class
from migrator.scanners.linking.values import UNKNOWN, Instance, Meaning, Namespace, Place, Structure
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import callee_of, contains, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator
    from migrator.scanners.linking.project import Project

#: what makes a dictionary without its entries being written
_DICTIONARIES = frozenset(("builtins.dict", "collections.OrderedDict", "collections.defaultdict", "weakref.WeakValueDictionary"))
#: what is known of `_elsewhere`, by path and name; as long as somebody keeps the project
_KNOWN: WeakKeyDictionary[Project, dict[tuple[str, str], tuple[tuple[str, str], ...]]] = WeakKeyDictionary()
#: (node, key, value) of what each file puts in, by how the dictionary is written; as long as somebody keeps the file
_PUT_IN: WeakKeyDictionary[Source, dict[str, list[tuple[Node, Node, Node]]]] = WeakKeyDictionary()
#: where something is put into anything; what that is called stands before it, so near at the farthest
_PUT, _NEAR = regex(rb"\]\s*=(?!=)|\.(?:setdefault|update)\("), 1_000
#: names that something is put into, wherever that may come from
_PUTS = regex(rb"(?<![\w.\"'])([A-Za-z_][\w.]*)(?:\[[^\]\n]*\]\s*=(?!=)|\.(?:setdefault|update)\()")
#: a dictionary that is made at once, of which only what every entry is can be told
_FOR_EACH = "dictionary_comprehension"
#: an entry is a key and a value
_PAIR = 2
#: gives an entry under a key
LOOKS_UP = frozenset(("get", "pop", "setdefault"))


class Table(msgspec.Struct, frozen=True):
    """A dictionary by the name that it has at the top of the file `path`, or within `scope` alone."""

    path: str
    name: str
    scope: Node | None = None


def is_table(meaning: Meaning) -> bool:
    """True for a dictionary of Python."""
    if isinstance(meaning, Structure):
        return meaning.place.source.is_python and not meaning.is_list
    return isinstance(meaning, Instance) and meaning.of.key in _DICTIONARIES


def entries_of(evaluator: Evaluator, written: Place) -> list[tuple[Place, Place]]:
    """(key, value) of what is put into the dictionary that code names so."""
    table = _table(evaluator, written)
    found: list[tuple[Place, Place]] = []
    for path, name in [(table.path, table.name), *_elsewhere(evaluator.project, table)] if table is not None else ():
        source = evaluator.project.source(path)
        scope = table.scope if table is not None and table.scope is not None else source.root
        found += [(Place(source, key), Place(source, value)) for key, value in _put_in(source, scope, name)]
    return found


def entry(evaluator: Evaluator, container: Meaning, written: Place, key: object) -> Meaning | None:
    """What a dictionary has under a key (None: one that only the run knows), where that is put in later; None if that cannot be told.

    Under a key that only the run knows it is no more than what all that is put in has in common.
    """
    if not written.source.is_python or not is_table(container):
        return None
    put_in = entries_of(evaluator, written)
    keys = [evaluator.known(at) for at, _ in put_in]
    named = [value for known, (_, value) in zip(keys, put_in, strict=True) if key is not None and known == key]
    if named:
        return evaluator.meaning(named[-1])
    for_each = isinstance(container, Structure) and container.place.node.type == _FOR_EACH
    if not for_each and (not put_in or (key is not None and None not in keys)):
        return None
    held = [*(container.entries.values() if isinstance(container, Structure) else ()), *(value for _, value in put_in)]
    kinds = [evaluator.meaning(value) for value in held]
    alike = [kind for kind in kinds if isinstance(kind, Instance) and evaluator.notable(kind.key) and kind.key == kinds[0].key]
    return Instance(alike[0].of) if len(alike) == len(kinds) else None


def item(evaluator: Evaluator, over: Place, bound: Binding) -> Meaning:
    """What `queue` is in `for queue in QUEUES.values()`, and in `for name, queue in QUEUES.items()`; `bound` is that name."""
    callee = callee_of(over.node) if over.node.type == "call" else None
    owner, name, left = field(callee, "object"), field(callee, "attribute"), field(bound.node, "left")
    if owner is None or name is None or left is None:
        return UNKNOWN
    position = {b"values": left, b"items": left.named_children[-1] if len(left.named_children) == _PAIR else None}.get(name.text or b"")
    if position is None or position.text != bound.name.encode():
        return UNKNOWN
    written = Place(over.source, owner, over.frame)
    return entry(evaluator, evaluator.meaning(written), written, None) or UNKNOWN


def filled(project: Project, path: str) -> Iterator[tuple[Table, Node]]:
    """(table, value) of what the file `path` puts into dictionaries that it imports."""
    data = project.data(path)
    for name in sorted(_names_put_into(data)):
        table = _imported(project, path, name)
        if table is not None:
            source = project.source(path)
            yield from ((table, value) for _, value in _put_in(source, source.root, name))


def _table(evaluator: Evaluator, written: Place) -> Table | None:
    source, node = written.source, written.node
    if node.type == "identifier":
        bound = evaluator.project.bindings(source.path).lookup(source.text(node), node)
        if bound and bound[0].kind == "import":
            return _imported(evaluator.project, source.path, source.text(node))
        if not bound or bound[0].kind != "value":
            return None
        return Table(source.path, source.text(node), bound[0].scope if bound[0].scope.parent is not None else None)
    owner, name = field(node, "object"), field(node, "attribute")
    if owner is None or name is None:
        return None
    if owner.text in (b"self", b"cls"):
        around = enclosing_class(node)
        return Table(source.path, source.text(node), around) if around is not None else None
    module = evaluator.of(source, owner, written.frame)
    return Table(module.path, source.text(name)) if isinstance(module, Namespace) else None


def _imported(project: Project, path: str, written: str) -> Table | None:
    """The table of another file that `written` names in the file `path`: `HANDLERS`, `registry.HANDLERS`."""
    owner, _, name = written.rpartition(".")
    for local, module, member in project.imports(path).taken:
        if not owner and local == name and member != NAMESPACE:
            declared = project.resolve(path, module)
            return Table(declared, member) if declared and declared != path else None
        if owner and owner in (local, module):
            whole = module if member == NAMESPACE else f"{module}{'' if module.endswith('.') else '.'}{member}"
            declared = project.resolve(path, whole)
            if declared and declared != path:
                return Table(declared, name)
    return None


def _elsewhere(project: Project, table: Table) -> tuple[tuple[str, str], ...]:
    """(path, name as written there) of the other files that put something into a table, looked for once."""
    if table.scope is not None:
        return ()
    known = _KNOWN.setdefault(project, {})
    if (table.path, table.name) not in known:
        known[table.path, table.name] = tuple(_search(project, table))
    return known[table.path, table.name]


def _search(project: Project, table: Table) -> Iterator[tuple[str, str]]:
    needle = table.name.encode()
    for path in project.importers(table.path, table.name):
        data = project.data(path)
        if path != table.path and needle in data:
            names = {name for name in _names_put_into(data) if "." not in name or name.rpartition(".")[2] == table.name}
            yield from ((path, name) for name in sorted(names) if _imported(project, path, name) == table)


def _names_put_into(data: bytes) -> set[str]:
    found: set[str] = set()
    for put in _PUT.finditer(data):
        # A pattern for the whole would be tried at each word of the file.
        line = data.rfind(b"\n", max(0, put.start() - _NEAR), put.start()) + 1
        found.update(match[1].decode() for match in _PUTS.finditer(data, line or max(0, put.start() - _NEAR), put.end()))
    return found


def _put_in(source: Source, scope: Node, name: str) -> Iterator[tuple[Node, Node]]:
    """(key, value) of what is put into something that is written so."""
    found = _PUT_IN.get(source)
    if found is None:
        found = _PUT_IN[source] = {}
        for node, owner, key, value in _puts(source):
            found.setdefault(source.text(owner), []).append((node, key, value))
    return ((key, value) for node, key, value in found.get(name, ()) if contains(scope, node))


def _puts(source: Source) -> Iterator[tuple[Node, Node, Node, Node]]:
    """(node, dictionary, key, value) of everything in a file that is put into a dictionary."""
    for node in source.nodes("assignment", "call"):
        if node.type == "assignment":
            left, value = field(node, "left"), field(node, "right")
            owner, key = field(left, "value"), field(left, "subscript")
            if owner is not None and key is not None and value is not None:
                yield node, owner, key, value
            continue
        callee, listed = callee_of(node), field(node, "arguments")
        owner, method = field(callee, "object"), field(callee, "attribute")
        if owner is None or method is None or listed is None or method.text not in (b"setdefault", b"update"):
            continue
        given = [c for c in listed.named_children if c.type != "comment"]
        if method.text == b"setdefault" and len(given) > 1:
            yield node, owner, given[0], given[1]
        for pair in given[0].named_children if given and given[0].type == "dictionary" and method.text == b"update" else ():
            key, value = field(pair, "key"), field(pair, "value")
            if key is not None and value is not None:
                yield node, owner, key, value
