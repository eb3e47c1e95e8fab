"""One of several queues, chosen by name where it is used: `this.queues[name].add(…)`, `queues.find((q) => q.name === name)`."""

from __future__ import annotations

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import Place
from migrator.scanners.reading import Call
from migrator.syntax.tree import FUNCTIONS, callee_of, walk
from migrator.syntax.tree import field as child

#: methods that find a queue by its name
_FIND = frozenset(("get", "getQueue"))


def chosen(call: Call) -> Place | None:
    """The name by which the queue that a method is called on is chosen; None where it is not chosen by one."""
    place = call.inner
    node = child(callee_of(place.node), "object")
    while node is not None:
        found = _key(node)
        if found is not None:
            return msgspec.structs.replace(place, node=found)
        if node.type == "identifier":
            return _of_variable(call, node)
        if node.type in ("non_null_expression", "parenthesized_expression", "await_expression"):
            node = node.named_children[0]
        else:
            node = child(node, "object") or child(callee_of(node), "object")
    return None


def _key(node: Node) -> Node | None:
    """`name` of `queues[name]`, `queues.get(name)` and `queues.find((q) => q.name === name)`."""
    if node.type == "subscript_expression":
        index = child(node, "index")
        return index if index is not None and index.type not in ("number", "string") else None
    callee = callee_of(node) if node.type == "call_expression" else None
    method, arguments = child(callee, "property"), child(node, "arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    if method is None or method.text is None or first is None:
        return None
    if method.text.decode() in _FIND:
        return first
    if method.text == b"find" and first.type in FUNCTIONS:
        for comparison in walk(first, ("binary_expression",)):
            left, right = child(comparison, "left"), child(comparison, "right")
            if left is not None and right is not None and left.type == "member_expression":
                return right
    return None


def _of_variable(call: Call, node: Node) -> Place | None:
    """Where the queue was chosen before: `const queue = queues.find(…)`."""
    place = call.inner
    bound = call.view.project.bindings(place.source.path).lookup(place.source.text(node), node)
    value = bound[0].value if bound and bound[0].kind == "value" else None
    while value is not None and value.type in ("await_expression", "non_null_expression", "parenthesized_expression", "as_expression"):
        value = value.named_children[0]
    while value is not None and value.type == "member_expression":
        found = _key(value)
        if found is not None:
            break
        value = child(value, "object")
    found = _key(value) if value is not None else None
    return msgspec.structs.replace(place, node=found) if found is not None else None
