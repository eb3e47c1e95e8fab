"""Small questions about Python expressions: what they are, and what of them is plain to see."""

from __future__ import annotations

import ast
import json
import operator
from collections.abc import Callable
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.syntax.source import Source
from migrator.syntax.tree import field as child

#: the value of an expression that is not a literal
UNKNOWN = object()

_ARITHMETIC = frozenset(("+", "-", "*", "/", "//", "%", "**"))
_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands between a call's parentheses."""

    node: Node  #: the argument list, parentheses included
    positional: tuple[Node, ...] = ()
    keywords: dict[str, Node] = field(default_factory=dict)  #: name -> the whole `name=value`
    starred: tuple[Node, ...] = ()  #: `*x` and `**x`
    plain: bool = True  #: False for a generator without parentheses of its own, and for a keyword given twice

    @property
    def all(self) -> tuple[Node, ...]:
        """Every argument in order."""
        return tuple(n for n in self.node.named_children if n.type != "comment")

    def value(self, name: str) -> Node | None:
        """The value of a keyword argument."""
        return child(self.keywords.get(name), "value")


def arguments(source: Source, call: Node) -> Arguments:
    """The arguments of a call."""
    node = child(call, "arguments")
    if node is None or node.type != "argument_list":
        return Arguments(node or call, plain=False)
    positional: list[Node] = []
    keywords: dict[str, Node] = {}
    starred: list[Node] = []
    plain = True
    for argument in node.named_children:
        match argument.type:
            case "comment":
                continue
            case "keyword_argument":
                name = child(argument, "name")
                key = source.text(name) if name is not None else ""
                plain = plain and key not in keywords
                keywords[key] = argument
            case "list_splat" | "dictionary_splat":
                starred.append(argument)
            case _:
                positional.append(argument)
    return Arguments(node, tuple(positional), keywords, tuple(starred), plain)


def literal(source: Source, node: Node | None) -> object:
    """The value of a literal (numbers, strings, None, and containers of such), else `UNKNOWN`."""
    if node is None:
        return UNKNOWN
    try:
        return ast.literal_eval(source.text(node).strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return UNKNOWN


def number(source: Source, node: Node | None) -> float | int | None:
    """A literal number, or what arithmetic makes of such, as in `5 * 60`; else None."""
    value = literal(source, node)
    if value is UNKNOWN and node is not None:
        value = _computed(source.text(node))
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _computed(text: str) -> object:
    try:
        return _compute(ast.parse(f"({text})", mode="eval").body)
    except (ValueError, SyntaxError, ArithmeticError, MemoryError, RecursionError):
        return UNKNOWN


def _compute(node: ast.expr) -> int | float:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub()):
            return -_compute(node.operand)
        case ast.BinOp() if type(node.op) in _OPERATIONS:
            return _OPERATIONS[type(node.op)](_compute(node.left), _compute(node.right))
        case _:
            raise ValueError(node)


def string(source: Source, node: Node | None) -> str:
    """A literal string, else empty."""
    value = literal(source, node)
    return value if isinstance(value, str) else ""


def is_arithmetic(source: Source, node: Node) -> bool:
    """True for an expression that is a number or fails: arithmetic, which None does not survive."""
    while node.type == "parenthesized_expression" and len(node.named_children) == 1:
        node = node.named_children[0]
    if node.type == "unary_operator":
        return True
    operator = child(node, "operator")
    return node.type == "binary_operator" and operator is not None and source.text(operator) in _ARITHMETIC


def is_docstring(node: Node) -> bool:
    """True for a statement that is nothing but a string."""
    return node.type == "expression_statement" and len(node.named_children) == 1 and node.named_children[0].type == "string"


def comment_text(source: Source, comment: Node) -> str:
    """A comment without the carriage return that the grammar counts to it."""
    return source.text(comment).rstrip("\r")


def comment_end(source: Source, comment: Node) -> int:
    """Where the text of a comment ends."""
    return comment.end_byte - (source.data[comment.end_byte - 1 : comment.end_byte] == b"\r")


def statement(node: Node) -> Node:
    """The statement that `node` stands in: the outermost node below a block or the module; for a decorator, the whole definition."""
    current = node
    while current.parent is not None and current.parent.type not in ("module", "block"):
        current = current.parent
    return current


def milliseconds(seconds: float) -> str:
    """A number of seconds as a literal of milliseconds.

    >>> milliseconds(0.5), milliseconds(300)
    ('500', '300_000')
    """
    return f"{round(seconds * 1000):_}" if abs(seconds * 1000) >= 10_000 else str(round(seconds * 1000))


def quoted(text: str) -> str:
    """`text` as a Python string literal in double quotes.

    >>> print(quoted("it's"))
    "it's"
    """
    return json.dumps(text, ensure_ascii=False)
