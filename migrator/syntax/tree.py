"""Walking a syntax tree: in document order, without recursion, so that a hostile nesting depth costs memory and not the stack."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from tree_sitter import Node

from migrator.regex import regex

#: nodes that open a new function scope, in either language
FUNCTIONS = frozenset(
    (
        "function_definition",
        "lambda",
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    )
)
CLASSES = frozenset(("class_definition", "class_declaration", "class", "abstract_class_declaration"))
LOOPS = frozenset(
    (
        *("for_statement", "while_statement", "for_in_statement", "do_statement", "list_comprehension", "generator_expression"),
        *("set_comprehension", "dictionary_comprehension", "for_in_clause"),
    )
)

#: what an interface or an abstract class says of a method that others have
SIGNATURES = frozenset(("method_signature", "abstract_method_signature", "property_signature"))
#: a parameter of TypeScript, without and with a question mark after its name
PARAMETERS = frozenset(("required_parameter", "optional_parameter"))

#: what may stand around what a call calls
AROUND = frozenset(("await_expression", "parenthesized_expression", "non_null_expression", "instantiation_expression", "unary_expression"))
_THEN = regex(rb"\.then\(([^\s(),.;:=>\[\]{}\"'`]+)")


def walk(node: Node, types: Collection[str] | None = None, *, skip: Collection[str] = ()) -> Iterator[Node]:
    """Every node below and including `node`, in document order; only those of `types` if given; nothing inside a `skip` type."""
    # A node keeps the children that it was asked for: the walk asks a copy, so that who keeps `node` does not keep all that is below.
    copy = node.walk().node
    stack = [copy if copy is not None else node]
    while stack:
        current = stack.pop()
        if types is None or current.type in types:
            yield current
        if current.type not in skip or current == node:
            stack.extend(reversed(current.named_children))


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around `node`, innermost first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def enclosing(node: Node, types: Collection[str]) -> Node | None:
    """The innermost node of one of `types` around `node`."""
    return next((a for a in ancestors(node) if a.type in types), None)


def field(node: Node | None, name: str, *further: str) -> Node | None:
    """Follow field names down from `node`; None as soon as one is absent."""
    node = node.child_by_field_name(name) if node is not None else None
    for each in further:
        node = node.child_by_field_name(each) if node is not None else None
    return node


def callee_of(call: Node | None) -> Node | None:
    """What a call or `new` calls.

    The TypeScript grammar takes `await f<T>(x)` for a call of `await f`, and `void f<T>(x)` for one of `void f`; here both are of `f`.
    """
    node = field(call, "function") or field(call, "constructor")
    while node is not None and node.type in AROUND and node.named_children:
        operator = field(node, "operator") if node.type == "unary_expression" else None
        if operator is not None and operator.text != b"void":
            break
        node = node.named_children[0]
    return node


def name_of(function: Node) -> Node | None:
    """The name of a function or method, or what it is given to: a variable, property, entry or export."""
    name, parent = field(function, "name"), function.parent
    if name is not None or parent is None:
        return name
    match parent.type:
        case "variable_declarator" | "public_field_definition":
            return field(parent, "name") or field(parent, "property")
        case "field_definition":
            return field(parent, "property")
        case "pair":
            return field(parent, "key")
        case "assignment_expression":
            return field(parent, "left")
        case "export_statement":
            return next((c for c in parent.children if c.type == "default"), None)
        case _:
            return None


def promise_of(function: Node, data: bytes) -> Node | None:
    """The promise whose value is handed to a function: `x` of `x.then((value) => …)` and of `x.then(function)`. `data`: the file."""
    call = function.parent.parent if function.parent is not None and function.parent.type == "arguments" else None
    name = name_of(function) if call is None else None
    if name is not None and name.text in _handed_to_then(data):
        top = [function, *ancestors(function)][-1]
        handed = (c for c in walk(top, ("call_expression",)) if (given := field(c, "arguments")) is not None and given.named_children)
        call = next((c for c in handed if field(c, "arguments").named_children[0].text == name.text), None)  # pyright: ignore[reportOptionalMemberAccess]
    callee = field(call, "function")
    method = field(callee, "property")
    return field(callee, "object") if method is not None and method.text == b"then" else None


@lru_cache(maxsize=2)
def _handed_to_then(data: bytes) -> frozenset[bytes]:
    """The names that stand first in what `then` is handed. Asked for every parameter of a file, of which bundles have ten thousand."""
    return frozenset(_THEN.findall(data))


def contains(outer: Node, inner: Node) -> bool:
    """True if `inner` lies within `outer`."""
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
