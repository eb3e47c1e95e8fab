"""The loops around a call, on the whole way from where a job begins: over what they go, and whether they go over many."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs.redaction import redact_text
from migrator.regex import regex
from migrator.scanners.bodies import Reached
from migrator.scanners.linking import Defined, Evaluator, Frame, Known, Place
from migrator.scanners.linking.loops import are_known
from migrator.scanners.reading import View
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, callee_of, contains, field

#: methods of a list that call a function for each element
_EACH = frozenset(("map", "forEach", "flatMap", "filter", "reduce", "some", "every", "find"))
#: functions that are handed a list and then a function for its elements
_EACH_OF = frozenset(("pMap", "map", "each", "mapSeries", "eachSeries", "mapLimit", "eachLimit", "pEach"))
#: calls that run a function that they are handed some time later, or elsewhere
_LATER = frozenset(("on", "once", "addEventListener", "setTimeout", "setInterval", "setImmediate", "nextTick", "Worker", "process", "work"))
_COMPREHENSIONS = ("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")
#: what a loop over batches calls them, and one over attempts, of a transaction for example
_FEW = regex(
    r"batch|chunk|(?<![a-z])(?:sub)?page(?:s|d|inat\w*)?(?![a-z])|slice|attempt|retr(?:y|ies)|tries|transaction|atomic", re.IGNORECASE
)
#: functions that give the elements of what they are handed
_WRAPS = frozenset(("enumerate", "list", "sorted", "reversed", "set", "tuple", "tqdm", "from", "keys", "values", "entries", "range", "len"))
_TRANSPARENT = ("await_expression", "await", "parenthesized_expression", "non_null_expression", "as_expression", "satisfies_expression")


class Loop(msgspec.Struct, frozen=True):
    """A loop: `node` binds the names of each round (a statement, a clause, a function); `over` is what it goes over, in its frame."""

    node: Node
    over: Place
    item: Node | None

    @property
    def name(self) -> str:
        """What each element is called, as written."""
        return (self.item.text or b"").decode("utf-8", "replace") if self.item is not None else ""

    @property
    def label(self) -> str:
        """What it goes over, in forty characters at most."""
        text = redact_text(" ".join(self.over.text.split()))
        return text if len(text) <= 40 else f"{text[:39]}…"


def loops_of(call: Reached, of: Node | None = None) -> tuple[Loop, ...]:
    """Loops over many around `call`, or around the node `of` in the same function, outermost first, through all functions before."""
    before = loops_of(call.by) if call.by is not None else ()
    return (*before, *loops_within(call.view, of or call.node, call.function, call.frame))


def loops_within(view: View, node: Node, function: Node | None, frame: Frame | None = None) -> tuple[Loop, ...]:
    """Loops over many around `node`, the outermost one first, up to `function`; without one, up to the function that has a name."""
    found = [loop for loop in _around(view.source, node, function, frame) if _goes_over_many(view.evaluator, loop)]
    return tuple(reversed(found))


def _around(source: Source, node: Node, function: Node | None, frame: Frame | None) -> Iterator[Loop]:
    inner, outer = node, node.parent
    while outer is not None and (function is None or outer.id != function.id):
        if outer.type in FUNCTIONS:
            called = _called_with(outer)
            if called is None:
                return
            over = _over(called, outer)
            if over is not None:
                yield Loop(outer, Place(source, over, frame), field(outer, "parameters"))
            elif _name(called) in _LATER:
                return
        elif outer.type in ("for_statement", "for_in_statement"):
            loop = _statement(source, outer, inner, frame)
            if loop is not None:
                yield loop
        elif outer.type in _COMPREHENSIONS:
            for clause in reversed([c for c in outer.named_children if c.type == "for_in_clause"]):
                right = field(clause, "right")
                if right is not None and (clause.end_byte <= node.start_byte or node.end_byte <= clause.start_byte):
                    # What a clause goes over is asked for in the rounds of the clauses before it.
                    if inner.type == "for_in_clause" and clause.start_byte >= inner.start_byte:
                        continue
                    yield Loop(clause, Place(source, right, frame), field(clause, "left"))
        inner, outer = outer, outer.parent


def _called_with(function: Node) -> Node | None:
    """The call that an unnamed function is handed to."""
    given = function.parent
    return given.parent if given is not None and given.type in ("arguments", "argument_list") else None


def _name(call: Node) -> str:
    callee = callee_of(call)
    name = field(callee, "property") or field(callee, "attribute") or callee
    return (name.text or b"").decode("utf-8", "replace") if name is not None else ""


def _over(call: Node, function: Node) -> Node | None:
    """What the function is called with each element of."""
    given = field(call, "arguments")
    callee = callee_of(call)
    owner = field(callee, "object")
    if owner is not None and field(callee, "property") is not None and _name(call) in _EACH:
        return owner
    first = given.named_children[0] if given is not None and given.named_children else None
    return first if first is not None and first.id != function.id and _name(call) in _EACH_OF else None


def _statement(source: Source, loop: Node, inner: Node, frame: Frame | None) -> Loop | None:
    """A `for` whose body `inner` is, or is in; None for one that counts in steps."""
    right, left = field(loop, "right"), field(loop, "left")
    if right is not None:
        return Loop(loop, Place(source, right, frame), left) if not contains(right, inner) else None
    body, condition, step = field(loop, "body"), field(loop, "condition"), field(loop, "increment")
    if body is None or condition is None or step is None or not contains(body, inner):
        return None
    if step.type != "update_expression" and not re.search(rb"\+=\s*1$", step.text or b""):
        return None
    if condition.type == "expression_statement" and condition.named_children:
        condition = condition.named_children[0]
    limit = field(condition, "right")
    if limit is None:
        return None
    length = field(limit, "property")
    owner = field(limit, "object") if length is not None and length.text == b"length" else None
    return Loop(loop, Place(source, owner or limit, frame), field(loop, "initializer"))


def _goes_over_many(evaluator: Evaluator, loop: Loop) -> bool:
    """False for loops over batches, over attempts, and over what is spelled out."""
    if _FEW.search(loop.name) or _FEW.search(loop.over.text):
        return False
    over = unwrapped(loop.over)
    meaning = evaluator.meaning(over)
    # A loop over a class is one over the members of an enumeration.
    return not (isinstance(meaning, Known | Defined) or are_known(evaluator, loop.over) or are_known(evaluator, over))


def unwrapped(place: Place) -> Place:
    """What is looped over without what only counts, sorts or awaits it: `xs` of `enumerate(sorted(xs))` and of `Object.entries(xs)`."""
    node = place.node
    while True:
        if node.type in _TRANSPARENT and node.named_children:
            node = node.named_children[0]
            continue
        given = field(node, "arguments") if node.type in ("call", "call_expression") else None
        if given is None or len(given.named_children) != 1 or _name(node) not in _WRAPS:
            return Place(place.source, node, place.frame)
        node = given.named_children[0]
