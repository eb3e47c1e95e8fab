"""What the names of a file stand for, lexically: imports, definitions, assignments, parameters. No other file is looked at."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal as OneOf

from tree_sitter import Node

from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS

#: `member` of an import that binds the whole module
NAMESPACE = "*"


@dataclass(frozen=True, slots=True)
class Binding:
    """One way in which a name gets its meaning.

    import: `module` as written (`.`-relative in Python, a specifier in TypeScript) and `member`: an exported name, `default` or `*`.
    value: `value` is the assigned expression, `path` leads into it (`const { a: { b } } = value` binds `b` with path `("a", "b")`).
    parameter: `value` is the default if any, `index` the position (-1 for keyword-only), `path` as above, `annotation` its type.
    item: bound to the elements of `value` (loops). function, class: `node` is the definition.
    """

    name: str
    kind: OneOf["import", "value", "parameter", "item", "function", "class", "enum"]
    node: Node
    scope: Node
    module: str = ""
    member: str = ""
    value: Node | None = None
    path: tuple[str, ...] = ()
    index: int = -1
    annotation: Node | None = None


Table = dict[str, list[Binding]]


@dataclass(frozen=True, slots=True)
class Export:
    """`export { local as name }`, `export … from module` (then `member` of `module`), or a default export's expression."""

    name: str
    local: str = ""
    module: str = ""
    member: str = ""
    value: Node | None = None
    commonjs: bool = False  #: `module.exports = …`, whose members can be imported by name


class Bindings:
    """Names of one file by scope. A scope is a function, a Python class body, or the module."""

    def __init__(self, source: Source) -> None:
        # Imported here because both collectors build `Binding`s.
        from migrator.syntax import python_bindings, typescript_bindings

        self.source = source
        self._language = python_bindings if source.is_python else typescript_bindings
        self._scopes: dict[int, Table] = {}
        self._exports: dict[str, Export] | None = None
        self._star_exports: list[str] = []

    def of(self, scope: Node) -> Table:
        """Names bound directly in `scope` (a function, class body or the file's root)."""
        table = self._scopes.get(scope.id)
        if table is None:
            table = defaultdict(list)
            for binding in self._language.collect(self.source, scope):
                table[binding.name].append(binding)
            self._scopes[scope.id] = table = dict(table)
        return table

    @property
    def module(self) -> Table:
        """Names bound at the top of the file."""
        return self.of(self.source.root)

    def lookup(self, name: str, at: Node) -> list[Binding]:
        """What `name` may stand for at `at`: the innermost scope that binds it, the likeliest binding first."""
        scope: Node | None = at
        while scope is not None:
            # A definition's own name is bound in the scope around it, a use in its body sees its parameters.
            if scope.type in FUNCTIONS or scope.parent is None:
                found = self.of(scope).get(name)
                if found:
                    return _by_likelihood(found, at)
            scope = scope.parent
        return []

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


def _by_likelihood(bindings: list[Binding], at: Node) -> list[Binding]:
    if len(bindings) == 1:
        return bindings
    visible = [b for b in bindings if _block_contains(b, at)]
    before = [b for b in visible if b.node.start_byte <= at.start_byte]
    ordered = before[::-1] + [b for b in visible if b not in before]
    return ordered + [b for b in bindings if b not in ordered]


def _block_contains(binding: Binding, at: Node) -> bool:
    block = binding.node.parent
    while block is not None and block.type not in ("statement_block", "program", "module", "class_body"):
        if block.id == binding.scope.id:
            return True
        block = block.parent
    return block is None or (block.start_byte <= at.start_byte and at.end_byte <= block.end_byte)
