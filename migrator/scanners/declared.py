"""Where the thing stands that a file offers under a name: followed through re-exports, aliases and `module.exports`."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from migrator.scanners.linking import Project
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import field

_DEPTH = 8
_WHOLE = frozenset(("export_statement", "lexical_declaration", "variable_declaration", "decorated_definition", "expression_statement"))
#: what stands around a name that stands for another: `export { handler as GET }`, `handler as Handler`
_AROUND = frozenset(("as_expression", "satisfies_expression", "parenthesized_expression", "non_null_expression"))


@dataclass(frozen=True)
class Declared:
    """`whole` is the statement that makes the thing, `name` the node at whose line it stands, `value` the function or expression."""

    source: Source
    whole: Node
    name: Node
    value: Node
    symbol: str


def declared(project: Project, path: str, name: str, depth: int = _DEPTH) -> Declared | None:
    """What the file `path` offers under `name`; None where the tree does not have it."""
    bindings, source = project.bindings(path), project.source(path)
    if not depth:
        return None
    if source.is_python:
        bound = bindings.module.get(name)
        return _bound(project, source, bound[-1], depth) if bound else None
    export = bindings.exports().get(name)
    if export is None:
        return _passed_on(project, path, name, depth)
    if export.module:
        target = project.resolve(path, export.module)
        return declared(project, target, export.member, depth - 1) if target and export.member != NAMESPACE else None
    bound = bindings.module.get(export.local) if export.local else None
    if bound:
        return _bound(project, source, bound[0], depth)
    if export.value is None:
        return None
    value = _inner(export.value)
    if value.type == "identifier" and (bound := bindings.module.get(source.text(value))):
        return _bound(project, source, bound[0], depth)
    return Declared(source, _whole(export.value), _first(export.value), export.value, name)


def _passed_on(project: Project, path: str, name: str, depth: int) -> Declared | None:
    """What one of the files offers whose names a file passes on as a whole; each of them is looked into once."""
    seen, waiting = {path}, [path]
    while waiting:
        current = waiting.pop(0)
        for module in project.bindings(current).star_exports():
            target = project.resolve(current, module)
            if not target or target in seen:
                continue
            seen.add(target)
            if name in project.bindings(target).exports():
                return declared(project, target, name, depth - 1)
            waiting.append(target)
    return None


def _bound(project: Project, source: Source, binding: Binding, depth: int) -> Declared | None:
    if binding.kind == "import":
        target = project.resolve(source.path, binding.module)
        return declared(project, target, binding.member, depth - 1) if target and binding.member != NAMESPACE else None
    if binding.kind in ("function", "class"):
        return Declared(source, _whole(binding.node), field(binding.node, "name") or binding.node, binding.node, binding.name)
    if binding.value is None:
        return None
    value = _inner(binding.value)
    if value.type == "identifier" and depth > 1:
        # `const GET = handler`.
        further = project.bindings(source.path).lookup(source.text(value), value)
        if further and further[0].node.id != binding.node.id:
            return _bound(project, source, further[0], depth - 1)
    name = field(binding.node, "name") or field(binding.node, "left") or binding.node
    return Declared(source, _whole(binding.node), name, binding.value, binding.name)


def _inner(node: Node) -> Node:
    while node.type in _AROUND and node.named_children:
        node = node.named_children[0]
    return node


def _whole(node: Node) -> Node:
    """The statement around a definition, `export` and decorators included."""
    while node.parent is not None and (node.parent.type in _WHOLE or node.parent.type in ("variable_declarator", "assignment_expression")):
        node = node.parent
    return node


def _first(value: Node) -> Node:
    """Where a value without a name of its own is offered: `export default …`, `exports.handler = …`."""
    return field(value, "name") or (value.parent if value.parent is not None else value)
