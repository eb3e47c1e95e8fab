"""The fields of a payload that a handler reads, and those that are sent to it, in TypeScript and JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs import Enqueue, Job
from migrator.rules.evidence import Evidence
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.inngest_handlers import mentions
from migrator.syntax.tree import ancestors, field

#: where the payload is in what a handler is given
_PAYLOAD = {"bullmq": ("data",), "bull": ("data",), "inngest": ("event", "data")}
#: members that every value has, or that are asked of lists and texts
_COMMON = frozenset(("length", "map", "filter", "forEach", "toString", "includes", "find", "some", "every", "slice", "join", "keys", "id"))


class Read(msgspec.Struct, frozen=True):
    """`node` reads the field `name` of the payload."""

    name: str
    view: View
    node: Node


def reads(evidence: Evidence, job: Job) -> Iterator[Read]:
    """The fields that a handler reads without a default, and without asking whether they are there."""
    found = evidence.handler(job) if job.system in _PAYLOAD else None
    if found is None or found[0].source.is_python:
        return
    view, function = found
    lead = _PAYLOAD[job.system]
    for mention in mentions(view, function):
        if mention.path[: len(lead)] == lead and len(mention.path) > len(lead):
            name = mention.path[len(lead)]
            if name.isidentifier() and name not in _COMMON and not _is_asked(mention.node):
                yield Read(name, view, mention.node)


def keys(evidence: Evidence, enqueue: Enqueue) -> frozenset[str] | None:
    """The fields of what an enqueue sends; None where the code does not say all of them."""
    if len(enqueue.arguments) != 1:
        return None
    node = evidence.node(enqueue.location.path, enqueue.arguments[0].span)
    if node is None:
        return None
    evaluator = evidence.bodies.view(enqueue.location.path).evaluator
    place = Place(evidence.bodies.view(enqueue.location.path).source, node)
    entries = evaluator.entries(place)
    if enqueue.system == "inngest" and not entries.keys().isdisjoint(("name", "function")):
        if "data" not in entries:
            return frozenset() if "..." not in entries else None
        entries = evaluator.entries(entries["data"])
    if not entries or any(key.startswith("...") for key in entries):
        return None
    return frozenset(entries)


def _is_asked(node: Node) -> bool:
    """True where code does without the field: `x ?? y`, `x?.y`, `if (x)`, `{ x = 1 }`, `typeof x`."""
    below = node
    for outer in ancestors(node):
        if outer.type in ("binary_expression", "unary_expression", "ternary_expression", "object_assignment_pattern"):
            return True
        if outer.type in ("if_statement", "while_statement"):
            return field(outer, "condition") == below
        if outer.type == "member_expression" and any(c.type == "optional_chain" for c in outer.children):
            return True
        if outer.type not in ("parenthesized_expression", "member_expression", "as_expression", "non_null_expression"):
            return False
        below = outer
    return False
