"""How often a place in a function is reached in one run of that function, as a sum of products of sizes (`counting`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.jobs.findings import Spot
from migrator.planning.counting import NONE, Count, name, number
from migrator.regex import regex
from migrator.scanners.linking import Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, LOOPS, callee_of, contains, name_of, walk
from migrator.syntax.tree import field as child

_ONE = number(1)
#: methods that call what they are given once for each element
_EACH = frozenset(("map", "forEach", "flatMap", "filter", "some", "every", "find", "reduce", "sort"))
#: methods that give no more elements than there were
_NO_MORE = frozenset(
    (
        *("map", "filter", "slice", "reverse", "sort", "toSorted", "toReversed", "entries", "keys", "values", "items"),
        *("all", "copy", "iterator", "order_by", "select_related"),
    )
)
#: functions that give no more elements than what they are given
_THROUGH = frozenset(
    (
        *("enumerate", "sorted", "reversed", "list", "tuple", "set", "iter", "zip"),
        *("Array.from", "Object.keys", "Object.values", "Object.entries"),
    )
)
#: how a loop that counts begins
_BEGUN = regex(r"(?P<name>\w+)\s*=\s*0$")
_WRAPPERS = ("parenthesized_expression", "await", "await_expression", "as_expression", "non_null_expression", "satisfies_expression")
_COMPREHENSIONS = frozenset(("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"))
#: how many functions with names lead from one to the next
_DEPTH = 4


@dataclass
class Sizes:
    """The sizes that counts of one job depend on: name -> what it is the size of, and where that stands."""

    sources: dict[str, tuple[str, Spot]] = field(default_factory=dict)

    def named(self, wanted: str, source: str, spot: Spot) -> Count:
        """A size under the name `wanted`, or with a number behind it where that name is taken by another expression."""
        chosen, following = wanted, 2
        while chosen in self.sources and self.sources[chosen][0] != source:
            chosen, following = f"{wanted}{following}", following + 1
        self.sources.setdefault(chosen, (source, spot))
        return name(chosen)


def times(view: View, node: Node, function: Node, sizes: Sizes, depth: int = 0) -> Count | None:
    """How often `node` is reached at most in a run of `function`, which holds it; None where that cannot be told.

    What stands under a condition counts as if it were reached.
    """
    count, inner = _ONE, node
    while (outer := inner.parent) is not None:
        if inner.id == function.id:
            return count
        for loop in _loops(outer, node):
            count *= _rounds(view, loop, sizes)
        if outer.type in FUNCTIONS and outer.id != function.id:
            reached = _calls_of(view, outer, function, sizes, depth)
            return reached if reached is None else count * reached
        inner = outer
    return count if inner.id == function.id else None


def _loops(outer: Node, node: Node) -> Iterator[Node]:
    """What `outer` makes of `node`: one round for each element, for each of its clauses; nothing for what the loop itself goes through."""
    clauses = [c for c in outer.named_children if c.type == "for_in_clause"] if outer.type in _COMPREHENSIONS else []
    # The first clause is asked for once, each later one once for each element of those before it.
    within = next((number for number, clause in enumerate(clauses) if contains(clause, node)), None)
    if clauses:
        yield from clauses[:within]
    elif outer.type in LOOPS and outer.type != "for_in_clause":
        given = child(outer, "right") or child(outer, "initializer")
        if given is None or not contains(given, node):
            yield outer


def _calls_of(view: View, inner: Node, function: Node, sizes: Sizes, depth: int) -> Count | None:
    """How often a function within `function` is called."""
    given_to = inner.parent.parent if inner.parent is not None and inner.parent.type in ("arguments", "argument_list") else None
    if given_to is not None:
        return _handed(view, given_to, function, sizes, depth)
    named = name_of(inner)
    if named is None or depth >= _DEPTH:
        return None
    total = NONE
    for use in walk(function, ("identifier",)):
        if use.id == named.id or use.text != named.text or contains(inner, use):
            continue
        parent = use.parent
        if parent is not None and parent.type in ("arguments", "argument_list") and parent.parent is not None:
            reached = _handed(view, parent.parent, function, sizes, depth + 1)
        else:
            reached = times(view, use, function, sizes, depth + 1)
        if reached is None:
            return None
        total += reached
    return total if total.terms else None


def _handed(view: View, call: Node, function: Node, sizes: Sizes, depth: int) -> Count | None:
    """How often a function is called that `call` is given: once, or once for each element."""
    callee = callee_of(call)
    method, owner = child(callee, "property"), child(callee, "object")
    each = _of(view, owner, sizes) if method is not None and owner is not None and view.source.text(method) in _EACH else _ONE
    reached = times(view, call, function, sizes, depth)
    return reached if reached is None else reached * each


def _rounds(view: View, loop: Node, sizes: Sizes) -> Count:
    """How often the body of a loop is run."""
    right = child(loop, "right")
    if right is not None:
        return _of(view, right, sizes)
    limit = _limit(view, loop)
    if limit is not None:
        return _of(view, limit, sizes)
    line = loop.start_point.row + 1
    return sizes.named("rounds", f"the loop at line {line}", Spot(view.source.path, line))


def _limit(view: View, loop: Node) -> Node | None:
    """What a loop counts to, from 0 and one by one (`let i = 0; i < chunks.length; i++`); None for any other way to count."""
    bound, counted = child(loop, "condition"), child(loop, "increment")
    limit = child(bound, "right") if bound is not None and bound.type == "binary_expression" else None
    if limit is None or counted is None or counted.type != "update_expression":
        return None
    begun = _BEGUN.search(view.source.text(child(loop, "initializer") or loop).rstrip("; "))
    name = begun["name"] if begun is not None else ""
    if view.source.text(child(bound, "left") or loop) != name or view.source.text(child(bound, "operator") or loop) != "<":
        return None
    if view.source.text(counted) not in (f"{name}++", f"++{name}"):
        return None
    return child(limit, "object") if limit.type == "member_expression" and view.source.text(limit).endswith(".length") else limit


def _of(view: View, node: Node, sizes: Sizes) -> Count:
    """The number of elements of an expression: as many as it is known to have, else a size by its name."""
    while node.type in _WRAPPERS and node.named_children:
        node = node.named_children[0]
    known = _known(view, node)
    if known is not None:
        return number(known)
    owner = _owner(view, node)
    if owner is not None:
        return _of(view, owner, sizes)
    return sizes.named(_label(view, node), " ".join(view.source.text(node).split()), Spot(view.source.path, node.start_point.row + 1))


def _known(view: View, node: Node) -> int | None:
    place = view.place(node)
    value = view.evaluator.known(place)
    if isinstance(value, int) and not isinstance(value, bool):
        # The bound of a counting loop.
        return max(value, 0)
    if node.type == "call" and view.source.text(callee_of(node) or node) == "range":
        return _range(view, node)
    found = elements(view.evaluator, place)
    return None if found.unknown or found.known == (place,) else len(found.known)


def _range(view: View, call: Node) -> int | None:
    given = view.evaluator.arguments(view.place(call))
    bounds = [view.evaluator.known(p) if isinstance(p := given[n], Place) else None for n in sorted(k for k in given if isinstance(k, int))]
    numbers = [b for b in bounds if isinstance(b, int) and not isinstance(b, bool)]
    return len(range(*numbers)) if numbers and len(numbers) == len(bounds) and numbers[2:] != [0] else None


def _owner(view: View, node: Node) -> Node | None:
    """The collection that a call only reorders, narrows or wraps; for `range(n)` it is `n`."""
    if node.type not in ("call", "call_expression"):
        return None
    callee = callee_of(node)
    given = child(node, "arguments")
    first = given.named_children[0] if given is not None and given.named_children else None
    if callee is None:
        return None
    if view.source.text(callee) in _THROUGH or (
        view.source.text(callee) == "range" and given is not None and len(given.named_children) == 1
    ):
        return first
    method = child(callee, "property") or child(callee, "attribute")
    return child(callee, "object") if method is not None and view.source.text(method) in _NO_MORE else None


def _label(view: View, node: Node) -> str:
    """A short name for a size: the last name in the expression; of a call with a text first, that text (`step.run("list", …)`)."""
    is_call = node.type in ("call", "call_expression")
    given = child(node, "arguments") if is_call else None
    first = given.named_children[0] if given is not None and given.named_children else None
    said = view.evaluator.text(view.place(first)) if first is not None else ""
    if said.isidentifier():
        return said
    last = callee_of(node) if is_call else node
    for part in ("property", "attribute"):
        last = child(last, part) or last
    if last is not None and last.type == "subscript":
        last = child(last, "subscript")
    text = view.source.text(last).strip("\"'`#") if last is not None else ""
    return text if text.isidentifier() else "rounds"
