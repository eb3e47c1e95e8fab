"""How many times a loop goes round at most, where the code says it: a list that is written out, a query with a limit, a counter."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs.redaction import redact_text
from migrator.regex import regex
from migrator.scanners.linking import Known, Place, Structure
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, LOOPS, ancestors, callee_of, contains, field, walk

_ITERATORS = frozenset(("map", "forEach", "flatMap", "filter", "reduce"))
#: how a query or an expression says how many it gives at most
_LIMITS = regex(
    r"(?:\btake\s*:|\blimit\s*[:=]|\blimit\(|\.slice\(\s*0\s*,|\bLIMIT\s|\bpageSize\s*:|\bper_?[pP]age\s*[:=]|\bfirst\s*:|\bmaxResults\s*:"
    r"|\blength\s*:|\bArray\()\s*(\w+)"
)
#: where a query speaks of the rows that belong to each row
_RELATED = regex(r"\b(?:include|select|with|relations|populate)\s*:\s*\{")
#: how code asks for everything that there is
_QUERIES = regex(r"\.(?:findMany|findAll|selectFrom)\(|(?<!Array)(?<!Buffer)\.from\(|\bSELECT\b|\.objects\.(?:all|filter|exclude)\(")
#: how a query says that it asks for what belongs to one thing
SCOPED = regex(
    r"""\beq\([^()]*[iI]d["']?\s*,\s*[A-Za-z_]|where\s*:\s*\{[^}]*?[iI]d\s*:\s*(?!true\b|false\b|null\b|\{)[A-Za-z_]|_id\s*=\s*\w"""
)
_COUNTED = regex(r"<=?\s*([\w.]+)")
#: how many names are followed from a loop to what it goes over
_DEPTH = 4


class Bound(msgspec.Struct, frozen=True):
    """`most` rounds, if that is known; `over`: what the loop goes over, as written; `query`: it is all that a query finds
    that neither has a limit nor asks for what belongs to one thing."""

    most: int | None
    over: str
    line: int
    query: bool = False


def loops_around(view: View, node: Node, function: Node) -> Iterator[Bound]:
    """The loops of `function` around `node`, the innermost first."""
    for outer in ancestors(node):
        if outer == function:
            return
        given = field(outer, "right")
        if outer.type in LOOPS and not (given is not None and contains(given, node)):
            yield _of_loop(view, outer)
        elif outer.type in FUNCTIONS:
            receiver = _receiver(view, outer)
            if receiver is not None:
                yield _of(view, receiver)


def _receiver(view: View, function: Node) -> Node | None:
    """`xs` of `xs.map(function)`."""
    call = function.parent.parent if function.parent is not None and function.parent.type == "arguments" else None
    callee = callee_of(call)
    name = field(callee, "property")
    return field(callee, "object") if name is not None and view.source.text(name) in _ITERATORS else None


def _of_loop(view: View, loop: Node) -> Bound:
    given, condition = field(loop, "right"), field(loop, "condition")
    if given is not None:
        return _of(view, given)
    if condition is None:
        return Bound(None, "a loop without end", loop.start_point.row + 1)
    written = " ".join(view.source.text(condition).split()).strip("();")
    counted = _COUNTED.search(written)
    if counted is not None and counted[1].endswith(".length"):
        listed = next((n for n in walk(condition, ("identifier",)) if view.source.text(n) == counted[1].partition(".")[0]), None)
        if listed is not None:
            return _of(view, listed)
    most = _number(view, counted[1], condition) if counted is not None else None
    return Bound(most, f"`{written}`", loop.start_point.row + 1)


def _of(view: View, expression: Node) -> Bound:
    line, over = expression.start_point.row + 1, redact_text(" ".join(view.source.text(expression).split()))
    over = f"`{over if len(over) < 50 else over[:48] + '…'}`"
    query = scoped = False
    node: Node | None = expression
    for _ in range(_DEPTH):
        if node is None:
            break
        meaning = view.evaluator.meaning(Place(view.source, node))
        if isinstance(meaning, Structure) and not any(k.startswith("...") for k in meaning.entries):
            return Bound(len(meaning.entries), over, line)
        text = view.source.text(node)
        said = [_number(view, found[1], node) for found in _LIMITS.finditer(_without_related(text))]
        if said and None not in said:
            return Bound(max(n for n in said if n is not None), over, line)
        query = query or _QUERIES.search(text) is not None
        scoped = scoped or SCOPED.search(text) is not None
        node = leads_to(view, node)
    return Bound(None, over, line, query and not scoped)


def _without_related(text: str) -> str:
    """A query without what it says about the rows that belong to each row: their limit is not its own."""
    while (found := _RELATED.search(text)) is not None:
        depth, end = 1, found.end()
        while depth and end < len(text):
            depth += (text[end] == "{") - (text[end] == "}")
            end += 1
        text = text[: found.start()] + text[end:]
    return text


def leads_to(view: View, node: Node) -> Node | None:
    """What the name at the root of an expression was given."""
    root: Node | None = node
    while root is not None and root.type != "identifier":
        owner = field(root, "object") or callee_of(root)
        root = owner if owner is not None and owner != root else None
    if root is None:
        return None
    bound = next(iter(view.project.bindings(view.source.path).lookup(view.source.text(root), root)), None)
    return bound.value if bound is not None and bound.kind == "value" else None


def _number(view: View, text: str, at: Node) -> int | None:
    if text.isdigit():
        return int(text)
    if not text.isidentifier():
        return None
    meaning = view.evaluator.name(view.source, text, at)
    known = meaning.value if isinstance(meaning, Known) else None
    return known if isinstance(known, int) and not isinstance(known, bool) else None
