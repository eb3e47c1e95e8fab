"""Literals, and what a function returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.scanners.linking.values import UNKNOWN, Known, Meaning, Place, Unknown
from migrator.syntax.tree import FUNCTIONS, field, walk

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_WORDS = {"true": True, "false": False, "none": None, "null": None, "undefined": None}
#: what has no `return` of the function around it: other functions, and the statements of which most functions are made
_WITHOUT_RETURNS = FUNCTIONS | {"expression_statement", "lexical_declaration", "variable_declaration", "return_statement"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v"}


def literal(evaluator: Evaluator, place: Place) -> Meaning:
    """The value of a literal node, string concatenation and number arithmetic of literals included."""
    node, source = place.node, place.source
    match node.type:
        case "true" | "false" | "none" | "null" | "undefined":
            return Known(_WORDS[node.type])
        case "property_identifier":
            return Known(place.text)
        case "integer" | "float" | "number":
            return _number(place.text)
        case "string":
            return _python_string(evaluator, place) if source.is_python else Known(_unescape(place.text[1:-1]))
        case "concatenated_string" | "template_string":
            return _joined(evaluator, place)
        case "unary_operator" | "unary_expression":
            inner = field(node, "argument")
            value = evaluator.known(Place(source, inner, place.frame)) if inner is not None else None
            if isinstance(value, int | float) and place.text.lstrip().startswith("-"):
                return Known(-value)
            return UNKNOWN
        case "binary_operator" | "binary_expression":
            return _arithmetic(evaluator, place)
        case _:
            return UNKNOWN


def return_values(function: Node) -> Iterator[Node]:
    """The expressions that a function returns, last one first; nested functions left out."""
    body = field(function, "body")
    if body is None:
        return
    if body.type not in ("block", "statement_block"):
        yield body
        return
    returns = [n for n in walk(body, ("return_statement",), skip=_WITHOUT_RETURNS) if n.named_children]
    for statement in reversed(returns):
        yield statement.named_children[0]


def _number(text: str) -> Meaning:
    plain = text.replace("_", "").rstrip("nLl")
    try:
        return Known(int(plain, 0))
    except ValueError:
        try:
            return Known(float(plain))
        except ValueError:
            return UNKNOWN


def _python_string(evaluator: Evaluator, place: Place) -> Meaning:
    text = place.text
    # Nearly every string is as simple as this; the rest is left to Python.
    if text[0] in "\"'" and text[:3] not in ('"""', "'''") and "\\" not in text:
        return Known(text[1:-1])
    if any(c.type == "interpolation" for c in place.node.named_children):
        return _formatted(evaluator, place)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return UNKNOWN
    return Known(value) if isinstance(value, str) else UNKNOWN


def _formatted(evaluator: Evaluator, place: Place) -> Meaning:
    """An f-string of plain text and known strings or integers, without escapes and format specifications."""
    parts: list[str] = []
    for child in place.node.named_children:
        if child.type == "string_content" and not child.named_children:
            parts.append(place.source.text(child))
        elif child.type == "interpolation" and len(child.named_children) == 1:
            value = evaluator.known(Place(place.source, child.named_children[0], place.frame))
            if not isinstance(value, str | int) or isinstance(value, bool):
                return Unknown("a string made at run time")
            parts.append(str(value))
        elif child.type not in ("string_start", "string_end"):
            return Unknown("a string made at run time")
    return Known("".join(parts))


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    parts, characters = [], iter(text)
    for character in characters:
        following = next(characters, "") if character == "\\" else ""
        parts.append(_ESCAPES.get(following, following) or character)
    return "".join(parts)


def _joined(evaluator: Evaluator, place: Place) -> Meaning:
    parts: list[str] = []
    for child in place.node.named_children:
        if child.type == "string_fragment":
            parts.append(place.source.text(child))
            continue
        if child.type == "escape_sequence":
            parts.append(_unescape(place.source.text(child)))
            continue
        inner = child.named_children[0] if child.type == "template_substitution" and child.named_children else child
        value = evaluator.known(Place(place.source, inner, place.frame))
        if not isinstance(value, str | int) or isinstance(value, bool):
            return Unknown("a string made at run time")
        parts.append(str(value))
    return Known("".join(parts))


def _arithmetic(evaluator: Evaluator, place: Place) -> Meaning:
    left, right, operator = field(place.node, "left"), field(place.node, "right"), field(place.node, "operator")
    if left is None or right is None or operator is None:
        return UNKNOWN
    a = evaluator.known(Place(place.source, left, place.frame))
    b = evaluator.known(Place(place.source, right, place.frame))
    symbol = place.source.text(operator)
    if isinstance(a, str) and isinstance(b, str) and symbol == "+":
        return Known(a + b)
    if isinstance(a, bool) or isinstance(b, bool) or not isinstance(a, int | float) or not isinstance(b, int | float):
        return UNKNOWN
    if symbol in ("+", "-", "*"):
        return Known(a + b if symbol == "+" else a - b if symbol == "-" else a * b)
    return Known(a / b) if symbol == "/" and b else UNKNOWN
