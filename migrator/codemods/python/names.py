"""What a name in one file can lead to, through the imports and re-exports of the whole tree: a second opinion, apart from the scanner's.

It follows imports and plain renaming only. What goes through calls, containers or attributes of objects leads nowhere here, so that a
rewrite never rests on more than what is plain to see; and a name that is bound in several ways leads to all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.python.tree import CodeTree
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import field

_DEPTH = 30


@dataclass(frozen=True, slots=True)
class External:
    """Something of a package outside the tree, by its dotted path: `celery.shared_task`."""

    path: str


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the tree."""

    path: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name at the top of a module of the tree."""

    path: str
    name: str

    @property
    def key(self) -> str:
        """`path:name`."""
        return f"{self.path}:{self.name}"


Origin = External | Module | Symbol
Origins = frozenset[Origin]
NOWHERE: Origins = frozenset()


class Names:
    """Resolves identifiers and dotted names. `outside`: packages that are never a folder of the tree."""

    def __init__(self, tree: CodeTree, outside: Collection[str]) -> None:
        self.tree = tree
        self._outside = frozenset(outside)
        self._open: set[tuple[str, int]] = set()  #: assignments whose right side is being looked at

    def origins(self, source: Source, node: Node) -> Origins:
        """What the identifier or attribute chain `node` can lead to."""
        if node.type == "identifier":
            return self.lookup(source, source.text(node), node)
        if node.type == "attribute":
            owner, name = field(node, "object"), field(node, "attribute")
            if owner is not None and name is not None:
                return self.member(self.origins(source, owner), source.text(name))
        return NOWHERE

    def origin(self, source: Source, node: Node) -> Origin | None:
        """What `node` leads to, if that is one thing."""
        found = self.origins(source, node)
        return next(iter(found)) if len(found) == 1 else None

    def lookup(self, source: Source, name: str, at: Node) -> Origins:
        """What `name` can lead to at `at`."""
        bindings = self.tree.bindings(source.path).lookup(name, at)
        return self._all(source, bindings, _DEPTH) if bindings else self._starred(source, name, _DEPTH)

    def member(self, owners: Origins, name: str) -> Origins:
        """What `.name` of something can lead to."""
        found: set[Origin] = set()
        for owner in owners:
            if isinstance(owner, External):
                found.add(self._outer(f"{owner.path}.{name}"))
            elif isinstance(owner, Module):
                found |= self.exported(owner.path, name)
        return frozenset(found)

    def exported(self, path: str, name: str, depth: int = _DEPTH) -> Origins:
        """What the module at `path` offers under `name`: its own, imported from elsewhere, or a submodule."""
        source = self.tree.source(path)
        bindings = self.tree.bindings(path).module.get(name)
        if bindings:
            return self._all(source, bindings, depth)
        submodule = self.tree.resolve(path, f".{name}") if path.endswith("__init__.py") else ""
        return frozenset((Module(submodule),)) if submodule else self._starred(source, name, depth)

    def _all(self, source: Source, bindings: Iterable[Binding], depth: int) -> Origins:
        return frozenset(origin for binding in bindings for origin in self._bound(source, binding, depth))

    def _bound(self, source: Source, binding: Binding, depth: int) -> Origins:
        if depth <= 0:
            return NOWHERE
        if binding.kind == "import":
            return self._imported(source, binding, depth)
        at_top = binding.scope.parent is None
        value = binding.value
        plain = binding.kind == "value" and not binding.path and value is not None and value.type in ("identifier", "attribute")
        # `x = x` and `node = node.parent` lead back to themselves: they say nothing that another assignment does not.
        here = (source.path, value.start_byte) if value is not None else ("", 0)
        if plain and value is not None and here not in self._open:
            self._open.add(here)
            renamed = self.origins(source, value)
            self._open.discard(here)
            if renamed:
                return renamed
        return frozenset((Symbol(source.path, binding.name),)) if at_top else NOWHERE

    def _imported(self, source: Source, binding: Binding, depth: int) -> Origins:
        module = binding.module
        path = "" if module.split(".")[0] in self._outside else self.tree.resolve(source.path, module)
        if binding.member == NAMESPACE:
            return frozenset((Module(path) if path else self._outer(module.lstrip(".")),))
        dotted = module + ("" if module.endswith(".") else ".") + binding.member
        if path and path != source.path:
            return self.exported(path, binding.member, depth - 1)
        submodule = "" if module.split(".")[0] in self._outside else self.tree.resolve(source.path, dotted)
        return frozenset((Module(submodule) if submodule else External(dotted.lstrip(".")),))

    def _outer(self, dotted: str) -> Origin:
        """A dotted path that no file stands for, unless it has become one: a package without `__init__.py` is no file, its modules are."""
        path = "" if dotted.split(".")[0] in self._outside else self.tree.resolve("setup.py", dotted)
        return Module(path) if path else External(dotted)

    def _starred(self, source: Source, name: str, depth: int) -> Origins:
        found: set[Origin] = set()
        for module in self.tree.bindings(source.path).star_exports() if depth > 0 else ():
            outside = module.split(".")[0] in self._outside
            path = "" if outside else self.tree.resolve(source.path, module)
            if path and path != source.path:
                found |= self.exported(path, name, depth - 1)
            elif outside:
                found.add(External(f"{module}.{name}"))
        return frozenset(found)
