"""What JavaScript keeps on its global object: `globalThis.queue ??= new Queue("mail")`, which any file may then use as `queue`.

Code does so to keep one connection through the hot reloads of a development server. Which files name the global object is known
before anything is read, so that the answer does not depend on the order of reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.linking.choosing import is_null, only
from migrator.scanners.linking.values import External, Instance, Meaning, Place, Unknown
from migrator.syntax.bindings import Binding, Bindings
from migrator.syntax.source import Source
from migrator.syntax.tree import field
from migrator.syntax.typescript_bindings import ASSIGNMENTS, string

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

#: bytes that stand in every file that names it
MARK = b"global"
#: the global object itself
WHOLE = External(("globalThis",))
#: why something on it is unknown
SEVERAL = "the project puts different things on the global object under this name"
_NAMES = frozenset(("globalThis", "global"))
#: without `\b` before it, which takes several times as long to look for
_NAMED = regex(rb"global(?:This)?\b")
_WITHIN_A_NAME = regex(rb"\w")
#: what may put something on it: `.queue =`, `["queue"] ??=`, `).queue! =`
_PUT = regex(rb"(?:\.\s*|\[\s*[\"'])(\w+)(?:[\"']\s*\])?\s*!?\s*(?:\?\?|\|\|)?=(?![=>])")
#: what puts several things on it at once, or one with what is true of it
_PUT_AT_ONCE = regex(rb"\bObject\s*\.\s*(?:assign|defineProperty|defineProperties)\s*\(")
_PUT_UNDER_A_NAME = regex(rb"\[\s*\w+\s*\]\s*!?\s*(?:\?\?|\|\|)?=(?![=>])")
#: what the platform has there by itself: what stands in its place is a polyfill, or a mock
_OF_THE_PLATFORM = regex(
    r"[A-Z]\w*|fetch|console|process|crypto|window|document|navigator|location|(?:local|session)Storage|performance|self|"
    r"(?:set|clear)(?:Timeout|Interval|Immediate)|queueMicrotask|structuredClone|request(?:AnimationFrame|IdleCallback)|__dirname|__filename"
)
_SAME = frozenset(("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"))
_OR = frozenset((b"??", b"||", b"??=", b"||="))


def is_named(data: bytes) -> bool:
    """True for a file that names the global object."""
    return any(not match.start() or not _WITHIN_A_NAME.match(data, match.start() - 1) for match in _NAMED.finditer(data))


class Kept(Struct, frozen=True):
    """A value (`place`) that is put on the global object under `name`, which is empty where only the run knows it.

    `symbol`: what the file calls the value, if it has a name for it.
    """

    name: str
    place: Place
    symbol: str = ""


class GlobalObject:
    """What the files at `paths` put on it."""

    def __init__(
        self,
        paths: Collection[str],
        glance: Callable[[str], AbstractContextManager[Source]],
        bindings: Callable[[str], Bindings],
        data: Callable[[str], bytes],
    ) -> None:
        self._paths, self._glance, self._bindings, self._data = paths, glance, bindings, data
        self._kept: dict[str, tuple[Kept, ...]] = {}
        self._files_by_name: dict[str, list[str]] = {}

    @cached_property
    def _putting(self) -> dict[str, set[str]]:
        """name -> the files that may put it there, by what is written in them."""
        found: dict[str, set[str]] = defaultdict(set)
        for path in self._paths:
            for name in set(_PUT.findall(self._data(path))):
                found[name.decode()].add(path)
        return found

    @cached_property
    def _putting_more(self) -> tuple[str, ...]:
        """The files that may put something there under a name that does not stand beside it: only a file with that name in it is parsed."""
        return tuple(path for path in self._paths if _PUT_UNDER_A_NAME.search(data := self._data(path)) or _PUT_AT_ONCE.search(data))

    def _files_putting(self, name: str) -> list[str]:
        """The files that may put `name` there, those of tests left out where others do."""
        found, written = self._putting.get(name, set[str]()), name.encode()
        for path in self._putting_more:
            if path not in found and written in self._data(path) and any(each.name == name for each in self.put_by(path)):
                found = found | {path}
        return sorted(p for p in found if not area_of(p)) or sorted(found)

    def of(self, evaluator: Evaluator, name: str) -> Meaning | None:
        """What stands there under `name`; None where no file of the tree puts it there."""
        if name not in self._files_by_name:
            self._files_by_name[name] = [] if _OF_THE_PLATFORM.fullmatch(name) else self._files_putting(name)
        paths = self._files_by_name[name]
        if not paths:
            return None
        kept = [each for path in paths for each in self.put_by(path) if each.name == name]
        meanings = [_named(evaluator.meaning(each.place), each) for each in kept]
        told = {meaning.key for meaning in meanings if not isinstance(meaning, Unknown) and not is_null(meaning)}
        if len(told) > 1:
            return Unknown(SEVERAL)
        return only(meanings) if meanings else None

    def put_by(self, path: str) -> tuple[Kept, ...]:
        """What one file puts there."""
        if path not in self._paths:
            return ()
        if path not in self._kept:
            with self._glance(path) as source:
                self._kept[path] = tuple(_put(source, self._bindings(path)))
        return self._kept[path]


def _named(meaning: Meaning, kept: Kept) -> Meaning:
    """An instance that has no name yet is known by that on the global object, or by the variable that is put there."""
    named = isinstance(meaning, Instance) and not meaning.symbol
    return msgspec.structs.replace(meaning, symbol=f"{kept.place.source.path}:{kept.symbol or kept.name}") if named else meaning


def _put(source: Source, bindings: Bindings) -> Iterator[Kept]:
    for node in source.nodes(*ASSIGNMENTS):
        left, value, operator = field(node, "left"), field(node, "right"), field(node, "operator")
        name = _name_on(source, bindings, left) if left is not None else None
        if name is not None and value is not None and (operator is None or operator.text in _OR):
            yield from _kept(source, bindings, name, value)
    for node in source.nodes("call_expression") if _PUT_AT_ONCE.search(source.data) else ():
        for name, value in _put_at_once(source, bindings, node):
            yield from _kept(source, bindings, name, value)


def _kept(source: Source, bindings: Bindings, name: str, value: Node) -> Iterator[Kept]:
    symbol, given = _unfolded(source, bindings, name, value)
    return (Kept(name, Place(source, each), symbol) for each in given)


def _put_at_once(source: Source, bindings: Bindings, call: Node) -> Iterator[tuple[str, Node]]:
    """(name, value) of `Object.assign(globalThis, { queue })` and `Object.defineProperty(globalThis, "queue", { value: queue })`."""
    called, listed = field(call, "function"), field(call, "arguments")
    given = [c for c in listed.named_children if c.type != "comment"] if listed is not None else []
    if called is None or not _PUT_AT_ONCE.match(source.data, called.start_byte) or not given or not _is_whole(source, bindings, given[0]):
        return
    method = source.text(called).rpartition(".")[2].strip()
    if method == "defineProperty" and len(given) == 3:
        values = dict(_entries(source, bindings, given[2]))
        if "value" in values:
            yield string(source, given[1]), values["value"]
    for each in given[1:] if method != "defineProperty" else ():
        for name, value in _entries(source, bindings, each):
            described = dict(_entries(source, bindings, value)) if method == "defineProperties" else {"value": value}
            if "value" in described:
                yield name, described["value"]


def _entries(source: Source, bindings: Bindings, node: Node) -> Iterator[tuple[str, Node]]:
    """(name, value) of the entries of an object that is written there, or of a variable that is given one."""
    node = _bare(node)
    variable = _variable(bindings, source, node) if node.type == "identifier" else None
    written = _bare(variable.value) if variable is not None and variable.value is not None else node
    for entry in written.named_children if written.type == "object" else ():
        key, value = field(entry, "key"), field(entry, "value")
        if entry.type == "shorthand_property_identifier":
            yield source.text(entry), entry
        elif key is not None and value is not None:
            yield string(source, key) or source.text(key), value


def _unfolded(source: Source, bindings: Bindings, name: str, value: Node) -> tuple[str, list[Node]]:
    """(the variable that is put there, what it may be): a value that was there before under the same name says nothing."""
    symbol, given, waiting, seen = "", list[Node](), [value], set[int]()
    while waiting:
        node = _bare(waiting.pop())
        if node.id in seen or (name and _name_on(source, bindings, node) == name):
            continue
        seen.add(node.id)
        operator = field(node, "operator")
        left, right = field(node, "left"), field(node, "right")
        if node.type == "ternary_expression":
            waiting += [c for c in (field(node, "consequence"), field(node, "alternative")) if c is not None]
        elif left is not None and right is not None and (node.type == "assignment_expression" or (operator and operator.text in _OR)):
            waiting += [right] if node.type == "assignment_expression" else [left, right]
        elif (
            node.type in ("identifier", "shorthand_property_identifier")
            and (bound := _variable(bindings, source, node)) is not None
            and bound.value is not None
        ):
            symbol = symbol or bound.name
            waiting.append(bound.value)
        else:
            given.append(node)
    return symbol, given


def _variable(bindings: Bindings, source: Source, node: Node) -> Binding | None:
    """The declaration of a variable that is given a value but once."""
    bound = bindings.lookup(source.text(node), node)
    return bound[0] if len(bound) == 1 and bound[0].kind == "value" and not bound[0].path and bound[0].scope.parent is None else None


def _name_on(source: Source, bindings: Bindings, node: Node) -> str | None:
    """`queue` of `globalThis.queue`, `global["queue"]` and `g.queue` with `const g = globalThis`; None for anything else.

    Empty for a key that is neither written there nor in a constant of the file.
    """
    node = _bare(node)
    owner, name, index = field(node, "object"), field(node, "property"), field(node, "index")
    if owner is None or not _is_whole(source, bindings, owner):
        return None
    if name is not None:
        return source.text(name)
    variable = _variable(bindings, source, index) if index is not None and index.type == "identifier" else None
    written = _bare(variable.value) if variable is not None and variable.value is not None else index
    return string(source, written)


def _is_whole(source: Source, bindings: Bindings, node: Node, *, steps: int = 3) -> bool:
    node = _bare(node)
    if node.type != "identifier":
        return False
    bound = bindings.lookup(source.text(node), node)
    if names_whole(source.text(node), bound):
        return True
    value = bound[0].value if len(bound) == 1 and bound[0].kind == "value" and not bound[0].path else None
    return value is not None and steps > 0 and _is_whole(source, bindings, value, steps=steps - 1)


def names_whole(name: str, bound: Collection[Binding]) -> bool:
    """True for `globalThis` and `global`, where nothing but a declaration of its type (`declare const globalThis: …`) binds that name."""
    return name in _NAMES and all(b.kind == "value" and b.value is None and _is_ambient(b.node) for b in bound)


def _is_ambient(node: Node) -> bool:
    around = node.parent.parent if node.parent is not None else None
    return around is not None and around.type == "ambient_declaration"


def _bare(node: Node) -> Node:
    """An expression without what only says its type."""
    while node.named_children and (node.type in _SAME or node.type == "type_assertion"):
        node = node.named_children[-1 if node.type == "type_assertion" else 0]
    return node
