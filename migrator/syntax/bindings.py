"""What the names of a file stand for, lexically: imports, definitions, assignments, parameters. No other file is looked at."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Literal as OneOf
from typing import NamedTuple

from msgspec import Struct
from tree_sitter import Node

from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, contains

#: `member` of an import that binds the whole module
NAMESPACE = "*"
#: `path` of a parameter that takes all further keywords
KEYWORDS = "**"
#: `path` of a parameter that takes all that is given by position from its own on
REST = "..."
_BLOCKS = frozenset(("statement_block", "program", "module", "class_body"))


class Binding(Struct, frozen=True, eq=False):
    """One way in which a name gets its meaning.

    import: `module` as written (`.`-relative in Python, a specifier in TypeScript) and `member`: an exported name, `default` or `*`.
    value: `value` is the assigned expression, `path` leads into it (`const { a: { b } } = value` binds `b` with path `("a", "b")`).
    In `const { a = fallback } = value` that is the `default` of `a`; a pattern in a parameter has such ones, too.
    parameter: `value` is the default if any, `index` the position (-1 for keyword-only), `path` as above, `annotation` its type.
    item: bound to the elements of `value` (loops). function, class: `node` is the definition.
    type: an interface, which is `node`, or another name for the type `annotation`.
    """

    name: str
    kind: OneOf["import", "value", "parameter", "item", "function", "class", "enum", "type"]
    node: Node
    scope: Node
    module: str = ""
    member: str = ""
    value: Node | None = None
    path: tuple[str, ...] = ()
    index: int = -1
    annotation: Node | None = None
    default: Node | None = None


class Export(Struct, frozen=True, eq=False):
    """`export { local as name }`, `export … from module` (then `member` of `module`), or a default export's expression."""

    name: str
    local: str = ""
    module: str = ""
    member: str = ""
    value: Node | None = None
    commonjs: bool = False  #: `module.exports = …`, whose members can be imported by name


class _Seen(NamedTuple):
    """A binding and the bytes of its scope; the module's begin before the file does."""

    start: int
    end: int
    binding: Binding


_start = attrgetter("start_byte")
#: a name that is bound more often than this is looked up through an index
_MANY = 24


class _Scopes:
    """The bindings of one name by scope: in generated code thousands of functions have a parameter of one name."""

    def __init__(self, seen: Sequence[_Seen]) -> None:
        self._by_scope: dict[tuple[int, int], list[_Seen]] = defaultdict(list)
        for each in seen:
            self._by_scope[each.start, -each.end].append(each)
        self._order = sorted(self._by_scope)
        self._outer: list[int] = []
        open_: list[int] = []
        for index, (start, end) in enumerate(self._order):
            while (open_ and -self._order[open_[-1]][1] < -end) or (open_ and -self._order[open_[-1]][1] <= start):
                open_.pop()
            self._outer.append(open_[-1] if open_ else -1)
            open_.append(index)

    def around(self, at: Node) -> list[_Seen]:
        """Those of the scopes around `at`, the innermost one first."""
        index = bisect_right(self._order, (at.start_byte, 0)) - 1
        found: list[_Seen] = []
        while index >= 0:
            start, end = self._order[index]
            if at.end_byte <= -end:
                if found and found[0].start != start:
                    break
                found += self._by_scope[start, end]
            index = self._outer[index]
        return found


class Bindings:
    """Names of one file by scope. A scope is a function or the module; what a class body binds is nobody's to see without the class."""

    def __init__(self, source: Source) -> None:
        # Imported here because both collectors build `Binding`s.
        from migrator.syntax import python_bindings, typescript_bindings

        self.source = source
        self._language = python_bindings if source.is_python else typescript_bindings
        #: the bindings that were read, by name
        self._names: defaultdict[str, list[_Seen]] = defaultdict(list)
        #: definitions at the top of the file that were not looked into; None before anything was read
        self._closed: list[Node] | None = None
        self._blocks: dict[int, tuple[int, int]] = {}
        self._scopes: dict[str, _Scopes] = {}
        self._exports: dict[str, Export] | None = None
        self._star_exports: list[str] = []

    def _all(self) -> dict[str, list[_Seen]]:
        """Every binding of the file by name; found in one pass over the file."""
        if self._closed is None or self._closed:
            self._names, self._closed = defaultdict(list), []
            self._scopes.clear()
            self._blocks.clear()
            self.__dict__.pop("module", None)
            self.source.look_for(*self._language.BINDERS, *self._language.ASSIGNMENTS)
            self._bind(self.source.nodes(*self._language.BINDERS))
            self._assign()
        return self._names

    def _seen_at(self, at: Node) -> dict[str, list[_Seen]]:
        """Every binding that can be seen at `at`, and others, by name.

        Most files of Python are only asked what a name at their top is: what stands within a function or class there is read when
        somebody asks from within it.
        """
        if self._closed is None and not self.source.is_python:
            return self._all()
        if self._closed is None:
            self._closed = []
            for statement in self.source.root.named_children:
                definition = statement.child_by_field_name("definition") or statement
                if definition.type in FUNCTIONS or definition.type in CLASSES:
                    self._closed.append(definition)
                    outside = [n for c in statement.named_children if c.type == "decorator" for n in self._binders(c)]
                    self._bind([*outside, definition])
                else:
                    self._bind(self._binders(statement))
        place = bisect_right(self._closed, at.start_byte, key=_start) - 1
        if place >= 0 and at.end_byte <= self._closed[place].end_byte:
            definition = self._closed.pop(place)
            self._scopes.clear()
            self._bind(self._binders(definition)[1:], definition)
        return self._names

    def _binders(self, outer: Node) -> list[Node]:
        return self.source.below(outer, *self._language.BINDERS)

    def _bind(self, nodes: Iterable[Node], within: Node | None = None) -> None:
        """Note what `nodes` bind, which stand at the top of the file, or `within` a function or class there, in document order."""
        scopes = [(self.source.root, -1, len(self.source.data) + 1)]
        if within is not None:
            scopes.append((within, within.start_byte, within.end_byte))
        for node in nodes:
            while scopes[-1][2] <= node.start_byte:
                scopes.pop()
            scope, start, end = scopes[-1]
            opens = node.type in FUNCTIONS
            # In the body of a class, what a comprehension goes over is seen in the comprehension all the same.
            if scope.type in CLASSES and node.type == "for_in_clause" and node.parent is not None:
                start, end = node.parent.start_byte, node.parent.end_byte
            if scope.type not in CLASSES or node.type == "for_in_clause":
                for binding in self._language.bind(self.source, node, scope):
                    self._names[binding.name].append(_Seen(start, end, binding))
            if opens or node.type in CLASSES:
                start, end = node.start_byte, node.end_byte
                scopes.append((node, start, end))
            if opens:
                for binding in self._language.parameters(self.source, node):
                    self._names[binding.name].append(_Seen(start, end, binding))

    def _assign(self) -> None:
        """Note what is assigned to names that something else declares."""
        for node in self.source.nodes(*self._language.ASSIGNMENTS):
            for name, path in self._language.assigned(self.source, node):
                declared = _innermost(self._names.get(name, ()), node)
                # An assignment binds where its name is declared. Of a parameter, what it is given comes first.
                if declared and all(s.binding.kind in ("value", "parameter") for s in declared):
                    value = node.child_by_field_name("right")
                    binding = Binding(name, "value", node, declared[0].binding.scope, value=value, path=path)
                    self._names[name].append(_Seen(declared[0].start, declared[0].end, binding))

    @cached_property
    def module(self) -> dict[str, list[Binding]]:
        """Names bound at the top of the file."""
        top = {name: [s.binding for s in seen if s.start < 0] for name, seen in self._seen_at(self.source.root).items()}
        return {name: bindings for name, bindings in top.items() if bindings}

    def every(self) -> Iterator[Binding]:
        """Every binding of the file."""
        return (s.binding for seen in self._all().values() for s in seen)

    def lookup(self, name: str, at: Node) -> list[Binding]:
        """What `name` may stand for at `at`: the innermost scope that binds it, the likeliest binding first."""
        seen = self._seen_at(at).get(name, ())
        if len(seen) > _MANY:
            if name not in self._scopes:
                self._scopes[name] = _Scopes(seen)
            seen = self._scopes[name].around(at)
        found = [s.binding for s in _innermost(seen, at)]
        return found if len(found) < 2 else self._by_likelihood(found, at)

    def _by_likelihood(self, bindings: list[Binding], at: Node) -> list[Binding]:
        """Those whose block is around `at` first, and of these the last one before it."""
        before: list[Binding] = []
        after: list[Binding] = []
        hidden: list[Binding] = []
        start = at.start_byte
        for binding in bindings:
            # What an assignment says of its own right side is known only after it.
            if not self._in_block(binding, at) or _gives(binding, at):
                hidden.append(binding)
            elif binding.node.start_byte <= start:
                before.append(binding)
            else:
                after.append(binding)
        found = [*reversed(before), *after, *hidden]
        # A type and a value may share a name.
        return sorted(found, key=lambda b: b.kind == "type")

    def _in_block(self, binding: Binding, at: Node) -> bool:
        start, end = self._blocks.get(id(binding)) or self._blocks.setdefault(id(binding), _block(binding))
        return start <= at.start_byte and at.end_byte <= end

    def exports(self) -> dict[str, Export]:
        """TypeScript: exported name -> what it is. Python modules export every top-level name, so this is empty for them."""
        if self._exports is None:
            self._exports = {}
            for export in self._language.exports(self.source):
                if export.name == NAMESPACE:
                    self._star_exports.append(export.module)
                else:
                    self._exports[export.name] = export
        return self._exports

    def star_exports(self) -> list[str]:
        """Modules that are re-exported whole (`export * from "./x"`; `from x import *`)."""
        if self.source.is_python:
            return [b.module for b in self.module.get(NAMESPACE, [])]
        self.exports()
        return self._star_exports


def _innermost(seen: Iterable[_Seen], at: Node) -> list[_Seen]:
    """Those of the innermost scope around `at`."""
    start, end = at.start_byte, at.end_byte
    found: list[_Seen] = []
    for each in seen:
        if each.start <= start and end <= each.end:
            if found and each.start > found[0].start:
                found.clear()
            if not found or each.start == found[0].start:
                found.append(each)
    return found


def _gives(binding: Binding, at: Node) -> bool:
    """True if `at` is part of the value that `binding` gives."""
    return binding.kind == "value" and binding.value is not None and contains(binding.value, at)


def _block(binding: Binding) -> tuple[int, int]:
    """The bytes of the block in which the binding stands."""
    block = binding.node.parent
    while block is not None and block.id != binding.scope.id and block.type not in _BLOCKS:
        block = block.parent
    if block is None or block.id == binding.scope.id:
        block = binding.scope
    return (block.start_byte, block.end_byte) if block.parent is not None else (-1, sys.maxsize)
