"""Every mention of a job system's API or of something made with it: what a rewrite must account for, whether or not a reader knew it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from migrator.jobs import Reference
from migrator.scanners.linking import Defined, External, Instance, Meaning, Member, Namespace
from migrator.scanners.linking.live_names import LiveNames
from migrator.scanners.reading import View
from migrator.syntax.tree import ancestors, field

_IMPORTS = frozenset(("import_statement", "import_from_statement"))
_NAMES = ("identifier", "type_identifier", "shorthand_property_identifier")
_MEMBERS = ("attribute", "member_expression")


def references(view: View, matters: Callable[[Meaning], bool], live: LiveNames | None) -> Iterator[Reference]:
    """Mentions in one file of anything that `matters`. With `live`, other names are passed over."""
    source = view.source
    for node in source.nodes(*_NAMES) if live is None else live.mentions(source, _NAMES):
        if _declares(node):
            continue
        start, meaning = _through_modules(view, node)
        if not matters(meaning):
            continue
        package, symbol = _origin(meaning)
        outer, chain = _chain(view, start)
        target = _target(view, symbol) if symbol else (meaning.key or package)
        yield Reference(package, target, _form(start, outer, bool(symbol)), source.location(outer), chain)


def _through_modules(view: View, node: Node) -> tuple[Node, Meaning]:
    """`tasks.send` of a project module `tasks` stands for `send`, not for the module."""
    meaning = view.evaluator.of(view.source, node)
    while isinstance(meaning, Namespace) and node.parent is not None and node.parent.type in _MEMBERS:
        owner = field(node.parent, "object")
        if owner is None or owner.id != node.id:
            break
        node = node.parent
        meaning = view.evaluator.of(view.source, node)
    return node, meaning


def _origin(meaning: Meaning) -> tuple[str, str]:
    """(package, `path:name` of the project's own object made with it)."""
    symbol = ""
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and meaning.symbol:
            symbol = symbol or meaning.symbol
        meaning = meaning.of
    if isinstance(meaning, External):
        return meaning.path[0], symbol
    return "", meaning.key if isinstance(meaning, Defined) else ""


def _target(view: View, symbol: str) -> str:
    path, _, name = symbol.rpartition(":")
    return f"{view.project.module_of(path)}:{name}"


def _declares(node: Node) -> bool:
    """True where the identifier gives a name instead of using one."""
    parent = node.parent
    if parent is None:
        return True
    if parent.type in ("keyword_argument", "function_definition", "class_definition", "variable_declarator", "pair_pattern"):
        name = field(parent, "name")
        return name is not None and name.id == node.id
    if parent.type == "assignment":
        left = field(parent, "left")
        return left is not None and left.id == node.id
    if parent.type in _MEMBERS:
        # The identifier after a dot is a member's name in Python's grammar.
        name = field(parent, "attribute")
        return name is not None and name.id == node.id
    return parent.type in ("global_statement", "nonlocal_statement", "parameters")


def _chain(view: View, node: Node) -> tuple[Node, str]:
    """The longest member access that begins with `node`, and its dotted tail."""
    outer, names = node, []
    while outer.parent is not None and outer.parent.type in _MEMBERS:
        owner = field(outer.parent, "object")
        if owner is None or owner.id != outer.id:
            break
        outer = outer.parent
        name = field(outer, "attribute") or field(outer, "property")
        names.append(view.source.text(name) if name is not None else "")
    return outer, ".".join(names)


def _form(node: Node, outer: Node, own: bool):
    if any(a.type in _IMPORTS for a in ancestors(node)):
        return "import"
    parent = outer.parent
    called = parent is not None and field(parent, "function") is not None and field(parent, "function") == outer
    if not own:
        return "api"
    if outer.id != node.id:
        return "attribute"
    return "call" if called else "value"
