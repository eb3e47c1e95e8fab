"""What becomes of the messages that code takes out of a queue by itself: the loops over them, and the function that each is handed to."""

from __future__ import annotations

from tree_sitter import Node

from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.linking import Defined, Place, Unknown
from migrator.scanners.reading import View
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
FORM = "receiveMessage"
REASON = "the function that the messages of a loop are handed to, as far as that could be followed"
#: what a message is deleted or put off with: who is handed that works nothing off
_SETTLES = ("ReceiptHandle", "ReceiptHandle!", "receiptHandle")
#: what goes over the messages that were received
_EACH = frozenset(("map", "forEach", "flatMap"))


def handed_to(view: View, function: Place, over: str = "essages") -> Defined | Unknown | None:
    """What gets each message: the first function of the tree called with the name of a loop over what was received.

    Unknown for one that somebody hands to the function around the loop, or to the class; None where nothing of the kind is called.
    """
    source, untold = function.source, None
    for name, body in loops(source, function.node, over):
        for inner in walk(body, ("call_expression",)):
            arguments = field(inner, "arguments")
            first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
            callee = callee_of(inner)
            if first is None or callee is None or not source.text(first).startswith(name) or source.text(first).endswith(_SETTLES):
                continue
            meaning = view.evaluator.of(source, callee, function.frame)
            if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
                return meaning
            untold = meaning if isinstance(meaning, Unknown) and depends_on_parameter(meaning) else untold
    return untold


def loops(source: Source, function: Node, over: str = "essages") -> list[tuple[str, Node]]:
    """(name of the message, body) of the loops over what is called like `over`, by `for` or by a function that is handed to `map`."""
    found: list[tuple[str, Node]] = []
    for node in walk(function, ("for_in_statement", "call_expression")):
        if node.type == "for_in_statement":
            left, right, body = field(node, "left"), field(node, "right"), field(node, "body")
            if left is not None and right is not None and body is not None and over in source.text(right):
                found.append((source.text(left), body))
            continue
        gone_over, name = field(node, "function", "object"), field(node, "function", "property")
        if gone_over is None or name is None or source.text(name) not in _EACH or over not in source.text(gone_over):
            continue
        for each in walk(node, FUNCTIONS):
            parameter = field(each, "parameter") or next(iter((field(each, "parameters") or each).named_children), None)
            if parameter is not None:
                found.append((source.text(field(parameter, "pattern") or parameter), each))
            break
    return found
