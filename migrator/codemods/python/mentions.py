"""Every place in the code that names something of interest: a job, the application object, or the source system's own API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.python.names import External, Module, Names, Origin, Origins
from migrator.jobs import Span
from migrator.syntax.source import Source, span
from migrator.syntax.tree import ancestors, field, walk

_IMPORTS = frozenset(("import_statement", "import_from_statement"))


@dataclass(frozen=True, slots=True)
class Mention:
    """`node` is the identifier or the attribute chain that leads to `origin`. `sure` is False where it can lead elsewhere too."""

    source: Source
    node: Node
    origin: Origin
    sure: bool

    @property
    def span(self) -> Span:
        """The bytes of the node."""
        return span(self.node)

    @property
    def line(self) -> int:
        """1-based line."""
        return self.node.start_point.row + 1

    @property
    def imported(self) -> bool:
        """True where an import statement names it."""
        return any(a.type in _IMPORTS for a in ancestors(self.node))

    @property
    def attribute(self) -> Node | None:
        """The `x.attr` node of which this is the `x`."""
        parent = self.node.parent
        return parent if parent is not None and parent.type == "attribute" and field(parent, "object") == self.node else None

    @property
    def attribute_name(self) -> str:
        """The `attr` of `x.attr`, empty if there is none."""
        name = field(self.attribute, "attribute")
        return self.source.text(name) if name is not None else ""

    @property
    def call(self) -> Node | None:
        """The call of this very name: `x(…)`."""
        return called_by(self.node)

    @property
    def method_call(self) -> Node | None:
        """The call `x.attr(…)`."""
        return called_by(self.attribute) if self.attribute is not None else None


def called_by(node: Node) -> Node | None:
    """The call of which `node` is the callee."""
    parent = node.parent
    return parent if parent is not None and parent.type == "call" and field(parent, "function") == node else None


def mentions(names: Names, source: Source, interesting: Callable[[Origin], bool]) -> Iterator[Mention]:
    """The mentions in one file, in document order; something from outside is mentioned by its longest dotted name.

    Modules count only where they are used as values: `getattr(tasks, name)`.
    """
    for node in walk(source.root, ("identifier",)):
        if _gives_a_name(node):
            continue
        imported = _import_around(node)
        if imported is not None:
            found = _imported(names, source, node)
            yield from _chosen(source, node, found, interesting, modules=False)
            continue
        current: Node = node
        found = names.origins(source, node)
        while found and (all(isinstance(o, Module | External) for o in found) or not any(map(interesting, found))):
            parent = current.parent
            if parent is None or parent.type != "attribute" or field(parent, "object") != current:
                break
            inner = names.member(found, source.text(field(parent, "attribute") or parent))
            if not inner:
                break
            current, found = parent, inner
        yield from _chosen(source, current, found, interesting, modules=True)


def _chosen(source: Source, node: Node, found: Origins, interesting: Callable[[Origin], bool], *, modules: bool) -> Iterator[Mention]:
    for origin in sorted(found, key=str):
        if interesting(origin) and (modules or not isinstance(origin, Module)):
            yield Mention(source, node, origin, len(found) == 1)


def _gives_a_name(node: Node) -> bool:
    """True where the identifier names something new, or a member or keyword, instead of using a name."""
    parent = node.parent
    if parent is None:
        return True
    match parent.type:
        case "keyword_argument" | "function_definition" | "class_definition" | "default_parameter" | "typed_default_parameter":
            return field(parent, "name") == node
        case "attribute":
            return field(parent, "attribute") == node
        case "assignment" | "named_expression" | "for_statement" | "for_in_clause":
            return field(parent, "left") == node or field(parent, "name") == node
        case "parameters" | "lambda_parameters" | "global_statement" | "nonlocal_statement" | "typed_parameter":
            return True
        case "list_splat_pattern" | "dictionary_splat_pattern" | "pattern_list" | "tuple_pattern" | "list_pattern" | "as_pattern_target":
            return True
        case _:
            return False


def _import_around(node: Node) -> Node | None:
    return next((a for a in ancestors(node) if a.type in _IMPORTS), None)


def _imported(names: Names, source: Source, node: Node) -> Origins:
    """What an import statement makes of the name that it binds; nothing for the parts of a module's path."""
    whole = node.parent
    if whole is None or whole.type != "dotted_name" or whole.named_children[-1] != node:
        return frozenset()
    holder = whole.parent
    if holder is None:
        return frozenset()
    statement, bound = holder, whole
    if holder.type == "aliased_import":
        alias = field(holder, "alias")
        if alias is None or field(holder, "name") != whole or holder.parent is None:
            return frozenset()
        statement, bound = holder.parent, alias
    if statement.type != "import_from_statement" or field(statement, "module_name") == whole:
        return frozenset()
    return names.lookup(source, source.text(bound), node)
