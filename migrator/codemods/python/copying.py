"""Carrying an expression from one module into another: which imports and assignments have to come along."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.python.tree import CodeTree
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

_DEPTH = 5


@dataclass(slots=True)
class Copy:
    """An expression and what it needs: import lines and assignments, in the order in which they must stand."""

    text: str
    imports: list[str] = field(default_factory=list)
    assignments: list[str] = field(default_factory=list)


def copy_expression(tree: CodeTree, source: Source, node: Node) -> Copy | None:
    """`node` made ready to stand in another module; None if it uses a name that cannot be taken along."""
    copy = Copy(source.text(node))
    return copy if _collect(tree, source, node, copy, _DEPTH) else None


def _collect(tree: CodeTree, source: Source, node: Node, copy: Copy, depth: int) -> bool:
    for identifier in walk(node, ("identifier",), skip=("lambda", "list_comprehension", "generator_expression")):
        parent = identifier.parent
        if parent is not None and child(parent, "attribute") == identifier:
            continue
        if parent is not None and parent.type == "keyword_argument" and child(parent, "name") == identifier:
            continue
        name = source.text(identifier)
        bindings = tree.bindings(source.path).lookup(name, identifier)
        if not bindings and hasattr(builtins, name):
            continue
        if len(bindings) != 1 or depth <= 0 or not _taken(tree, source, bindings[0], copy, depth):
            return False
    return not any(walk(node, ("await", "yield", "named_expression", "lambda", "list_comprehension", "generator_expression")))


def _taken(tree: CodeTree, source: Source, binding: Binding, copy: Copy, depth: int) -> bool:
    if binding.scope.parent is not None:
        return False
    if binding.kind == "import":
        line = import_line(tree, source, binding)
        if line not in copy.imports:
            copy.imports.append(line)
        return True
    value, top = binding.value, binding.node.parent
    if binding.kind != "value" or binding.path or value is None or top is None or top.parent != source.root:
        return False
    if not _collect(tree, source, value, copy, depth - 1):
        return False
    line = f"{binding.name} = {source.text(value)}"
    if line not in copy.assignments:
        copy.assignments.append(line)
    return True


def import_line(tree: CodeTree, source: Source, binding: Binding) -> str:
    """An import statement, with an absolute module name, that binds the same name to the same thing."""
    module = binding.module
    if module.startswith("."):
        package = tree.module_of(source.path).split(".")
        if not source.path.endswith("__init__.py"):
            package.pop()
        up = len(module) - len(module.lstrip(".")) - 1
        package = package[: len(package) - up] if up else package
        module = ".".join(part for part in (*package, module.lstrip(".")) if part)
    if binding.member == NAMESPACE:
        return f"import {module}" if module.split(".")[0] == binding.name else f"import {module} as {binding.name}"
    alias = "" if binding.member == binding.name else f" as {binding.name}"
    return f"from {module} import {binding.member}{alias}"
