"""Whether what an inner loop goes over belongs to the element of an outer one, or is the same for many of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal as OneOf
from typing import NamedTuple

from tree_sitter import Node

from migrator.regex import regex
from migrator.rules.evidence import Evidence
from migrator.rules.loop_nests import Loop, unwrapped
from migrator.rules.prisma_schema import many_have
from migrator.scanners.linking import Evaluator, Place
from migrator.scanners.linking.names import given_to
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import ancestors, callee_of, contains, field, walk

#: `own`: a part of the element, so that the rounds add up, or nothing that is known; `shared`: found by a key that the element has of
#: something else; `apart`: not by the element
Relation = OneOf["own", "shared", "apart"]
#: how far a name is followed back through other names and calls
_STEPS = 12
_NAMES = ("identifier", "shorthand_property_identifier", "this")
_SUBSCRIPTS = ("subscript_expression", "subscript")
_OBJECTS = frozenset(("this", "self", "cls"))
#: the name of a key of something else
_FOREIGN = regex(r"(?<=[a-z0-9_])(?:_?[iI]d|ID|_pk|_?[uU]uid|_?[sS]lug)$")
_OWN = frozenset(("id", "pk", "uuid"))
_FINDS = regex(r"\.(\w+)\s*\.find(?:Many|First|Unique)\w*\(")


class _Read(NamedTuple):
    """What is read of the element of a loop: members, one of another. `handed`: to a call; `untold`: it may be of the element, or not."""

    path: tuple[str, ...] = ()
    handed: bool = False
    untold: bool = False


def multiplied(evidence: Evidence, evaluator: Evaluator, loops: Sequence[Loop]) -> tuple[tuple[Loop, ...], bool]:
    """(the loops whose numbers of rounds multiply; whether there are more of which that is not to be told), of loops outermost first."""
    product: list[Loop] = []
    unclear = False
    for number, loop in enumerate(loops):
        relations = {relation(evidence, evaluator, loop, outer) for outer in loops[:number]}
        if "shared" in relations or "own" not in relations:
            product.append(loop)
        else:
            unclear = True
    return tuple(product), unclear


def relation(evidence: Evidence, evaluator: Evaluator, inner: Loop, outer: Loop) -> Relation:
    """What `inner` goes over, seen from an element of `outer`.

    `order.items` and `find({ order: order.id })` are its own; `find({ tenant: order.tenantId })` is shared.
    """
    reads = list(_reads(evaluator, unwrapped(inner.over), outer, _Read(), _STEPS))
    if not reads:
        return "apart"
    shared = all(not read.untold and _is_shared(evidence, evaluator, outer, read) for read in reads)
    return "shared" if shared else "own"


def _is_shared(evidence: Evidence, evaluator: Evaluator, outer: Loop, read: _Read) -> bool:
    if not read.path:
        return False
    key = read.path[0]
    model = _FINDS.search(_made(evaluator, unwrapped(outer.over)).text)
    many = many_have(evidence, model[1], key) if model is not None else None
    if many is not None:
        return many
    if len(read.path) > 1:
        return read.handed and read.path[-1] in _OWN
    return read.handed and key not in _OWN and _FOREIGN.search(key) is not None


def _made(evaluator: Evaluator, place: Place) -> Place:
    """What a name was given, in place of the name."""
    if place.node.type != "identifier":
        return place
    bound = next(iter(evaluator.project.bindings(place.source.path).lookup(place.text, place.node)), None)
    return Place(place.source, bound.value, place.frame) if bound is not None and bound.value is not None else place


def _reads(evaluator: Evaluator, place: Place, outer: Loop, rest: _Read, steps: int) -> Iterator[_Read]:
    """What of an element of `outer` the expression at `place` is made of; `rest` is read of the expression itself."""
    if steps <= 0:
        yield _Read(untold=True)
        return
    bindings = evaluator.project.bindings(place.source.path)
    same = place.frame is outer.over.frame and place.source is outer.over.source
    for node in walk(place.node, _NAMES):
        if _is_only_a_name(node):
            continue
        if place.source.text(node) in _OBJECTS:
            if not same:
                yield _Read(untold=True)
            continue
        path, top = _chain(node)
        handed = rest.handed or _is_handed(top, place.node)
        # What is read of the whole is read of the name only if there is nothing between them.
        path += rest.path if contains(top, place.node) or place.node.type in _SUBSCRIPTS else ()
        bound = next(iter(bindings.lookup(place.source.text(node), node)), None)
        if bound is None or contains(place.node, bound.node):
            continue
        read = _Read((*bound.path, *path), handed)
        if _is_element(bound, outer):
            yield read
        elif bound.kind in ("value", "item"):
            if bound.value is None or contains(bound.value, node):
                yield _Read(untold=True)
            elif not same or contains(outer.node, bound.node):
                made = unwrapped(Place(place.source, bound.value, place.frame))
                yield from _reads(evaluator, made, outer, read, steps - 1)
        elif bound.kind == "parameter" and not (same and contains(bound.scope, outer.node)):
            given = given_to(bound, place.frame) if place.frame is not None else None
            if isinstance(given, Place):
                known = place.frame is not None and bound.name in place.frame.arguments
                yield from _reads(evaluator, unwrapped(given), outer, _Read(path if known else read.path, handed), steps - 1)
            else:
                yield _Read(untold=True)


def _is_element(bound: Binding, outer: Loop) -> bool:
    """True for what stands for the element in a round of a loop, or for its number."""
    if bound.kind == "parameter":
        return bound.scope.id == outer.node.id
    counted = outer.node.type == "for_statement" and outer.item is not None and contains(outer.item, bound.node)
    return counted or (bound.kind == "item" and bound.node.id == outer.node.id)


def _is_only_a_name(node: Node) -> bool:
    """True for the name of a member or keyword, which stands for nothing by itself."""
    parent = node.parent
    if parent is None:
        return False
    return (parent.type == "attribute" and field(parent, "attribute") == node) or (
        parent.type == "keyword_argument" and field(parent, "name") == node
    )


def _chain(node: Node) -> tuple[tuple[str, ...], Node]:
    """(the members that are read of a name, one of another; the whole of it). A method that is called is none of them."""
    path: list[str] = []
    top = node
    while (outer := top.parent) is not None and field(outer, "object") == top:
        name = field(outer, "property") or field(outer, "attribute")
        if name is None or (outer.parent is not None and callee_of(outer.parent) == outer):
            break
        path.append((name.text or b"").decode("utf-8", "replace"))
        top = outer
    return tuple(path), top


def _is_handed(node: Node, whole: Node) -> bool:
    """True if `node` stands in the arguments of a call within `whole`."""
    around = (a for a in ancestors(node) if contains(whole, a))
    return any(a.type in ("arguments", "argument_list") for a in around)
