"""Names that a function takes from the function around it: where it changes what they stand for, and who looks at them afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.scanners.reading import View
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import LOOPS, ancestors, callee_of, contains, field, walk

#: methods that change a list, map or set in place
_MUTATORS = frozenset(
    (
        *("push", "unshift", "splice", "pop", "shift", "sort", "reverse", "fill", "set", "add", "delete", "clear"),
        *("append", "extend", "insert", "remove", "update", "setdefault", "discard"),
    )
)
_LITERALS = frozenset(("array", "object", "list", "dictionary", "set", "list_comprehension"))
_COLLECTIONS = frozenset(("Map", "Set", "Array", "list", "dict", "set", "defaultdict", "Counter"))
_ASSIGNED = ("assignment_expression", "augmented_assignment_expression", "update_expression", "assignment", "augmented_assignment")
_CALLS = ("call_expression", "call")
_ACCESSES = ("member_expression", "subscript_expression", "attribute", "subscript", "non_null_expression")
_NAMES = ("identifier", "shorthand_property_identifier")


class Change(msgspec.Struct, frozen=True):
    """`node` changes what `name` stands for; `scope` is the function in which the name is declared."""

    name: str
    node: Node
    scope: Node


def changes(view: View, function: Node) -> Iterator[Change]:
    """What `function` changes of the functions around it; not what belongs to the whole file."""
    for node in walk(function, (*_ASSIGNED, *_CALLS)):
        target = _target(node)
        root = target
        while root is not None and root.type in _ACCESSES:
            root = field(root, "object") or field(root, "value") or next(iter(root.named_children), None)
        for name in _names(view, root) if target is not None and root is not None else ():
            binding = _binding(view, name, node)
            if binding is None or not _is_around(binding.scope, function):
                continue
            if node.type in _CALLS:
                known = _is_collection(view, binding)
            else:
                known = not view.source.is_python or target != root or _is_nonlocal(view, name, node)
            if known:
                yield Change(name, node, binding.scope)


def reads_after(view: View, change: Change, place: Node) -> Iterator[Node]:
    """Where the name is looked at outside `place` when that is over. In a loop around it, what stands before comes after."""
    loop = next((a for a in ancestors(place) if a.type in LOOPS and contains(change.scope, a)), None)
    for node in walk(change.scope, _NAMES):
        if view.source.text(node) != change.name or contains(place, node) or _only_writes(node):
            continue
        if node.start_byte < place.end_byte and not (loop is not None and contains(loop, node)):
            continue
        binding = _binding(view, change.name, node)
        if binding is not None and binding.scope == change.scope:
            yield node


def _target(node: Node) -> Node | None:
    """What is changed: the left side, or the receiver of a method that changes it."""
    if node.type not in _CALLS:
        return field(node, "left") or field(node, "argument")
    callee = callee_of(node)
    name = field(callee, "property") or field(callee, "attribute")
    return field(callee, "object") if name is not None and (name.text or b"").decode() in _MUTATORS else None


def _names(view: View, root: Node) -> list[str]:
    if root.type == "identifier":
        return [view.source.text(root)]
    if root.type in ("object_pattern", "array_pattern", "pattern_list", "tuple_pattern"):
        return [view.source.text(n) for n in walk(root, ("identifier", "shorthand_property_identifier_pattern"))]
    return []


def _binding(view: View, name: str, at: Node) -> Binding | None:
    return next(iter(view.project.bindings(view.source.path).lookup(name, at)), None)


def _is_around(scope: Node, function: Node) -> bool:
    return scope.parent is not None and scope != function and contains(scope, function)


def _is_collection(view: View, binding: Binding) -> bool:
    """True for a name that is given a list, an object, a map or a set where it is declared."""
    value = binding.value if binding.kind == "value" and not binding.path else None
    if value is None:
        return False
    callee = callee_of(value)
    return value.type in _LITERALS or (callee is not None and view.source.text(callee) in _COLLECTIONS)


def _is_nonlocal(view: View, name: str, node: Node) -> bool:
    around = next((a for a in ancestors(node) if a.type == "function_definition"), None)
    return around is not None and any(name in view.source.text(n) for n in walk(around, ("nonlocal_statement",)))


def _only_writes(node: Node) -> bool:
    """True where a name is declared, given a value, or told to take something in."""
    parent = node.parent
    if parent is None:
        return True
    if (
        parent.type in ("variable_declarator", "assignment_expression", "assignment")
        and (field(parent, "left") or field(parent, "name")) == node
    ):
        return True
    outer: Node | None = parent
    while outer is not None and outer.type in _ACCESSES:
        outer = outer.parent
    if outer is None or outer.parent is None:
        return False
    return outer.type in _CALLS and _target(outer) == node and outer.parent.type == "expression_statement"
