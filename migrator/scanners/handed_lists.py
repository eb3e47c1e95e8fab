"""A list that one method is handed and keeps, and that another one goes over: `register(handlers) { this.handlers = handlers; }`.

What the loop makes of each element is what those make who call the method with the list; it stands at the element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import msgspec
from tree_sitter import Node

from migrator.jobs import Client, Item, Unresolved, Worker
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, Frame, Place
from migrator.scanners.linking.as_made import is_constructor
from migrator.scanners.linking.calls import called_of, handed_of
from migrator.scanners.linking.classes import enclosing_class
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.loops import bind, loops_around, parts_of
from migrator.scanners.reading import Call, Reader, excerpt
from migrator.scanners.told import told_by
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, walk
from migrator.syntax.tree import field as child

#: methods that give what they are called on, or some of it
_SAME = frozenset((b"slice", b"filter", b"concat", b"sort", b"toSorted", b"reverse"))
_BARE = frozenset(("parenthesized_expression", "as_expression", "non_null_expression", "spread_element", "array"))

#: the calls of a function, each with the function as it is called
Uses = Callable[[Source, Node], Iterable[tuple[Call, Defined]]]


@dataclass(frozen=True)
class _Kept:
    """A call in a loop over what `function` is handed and keeps as `value`."""

    reader: Reader
    call: Call
    loop: Node
    function: Node
    value: Node


@dataclass
class HandedLists:
    """Collects calls in loops over lists that are kept in an instance, and brings them together with those who hand them over."""

    _kept: list[_Kept] = field(default_factory=list)

    def note(self, reader: Reader, call: Call) -> Iterator[Node]:
        """Remember a call that names no job; gives the functions whose callers are wanted."""
        source = call.view.source
        if source.is_python or call.via or call.inner.frame is not None:
            return
        for loop in loops_around(call.node):
            over = parts_of(loop)[1]
            kept = _kept_in(call.view.evaluator, source, over) if over is not None else None
            if kept is not None:
                self._kept.append(_Kept(reader, call, loop, *kept))
                yield kept[0]

    def resolve(self, found: Found, uses: Uses, mark: Callable[[list[Item]], None]) -> None:
        """Record what each element of such a list makes; `mark` is given what the loops themselves said."""
        for kept in self._kept:
            made = [item for site, callee in uses(kept.call.view.source, kept.function) for item in _each(found, kept, site, callee)]
            if made:
                mark([i for i in found.items if i.location == kept.call.location and i.system == kept.reader.system and not i.name])
                found.items += made


def _kept_in(evaluator: Evaluator, source: Source, over: Node) -> tuple[Node, Node] | None:
    """(the method, what it keeps) where a method of the class keeps what it is handed under the name that a loop goes over."""
    over = _bare(over)
    owner = child(over, "object")
    around = enclosing_class(over)
    if over.type != "member_expression" or owner is None or owner.type != "this" or around is None:
        return None
    for assignment in walk(around, ("assignment_expression",)):
        left, right = child(assignment, "left"), child(assignment, "right")
        if left is None or right is None or left.text != over.text:
            continue
        function, root = enclosing(assignment, FUNCTIONS), _bare(right)
        bound = evaluator.project.bindings(source.path).lookup(source.text(root), root) if root.type == "identifier" else []
        if function is None or function.type != "method_definition" or is_constructor(function) or not bound:
            continue
        if bound[0].kind == "parameter" and bound[0].scope.id == function.id and not bound[0].path:
            return function, right
    return None


def _bare(node: Node) -> Node:
    """`handlers` of `[...handlers]`, `handlers.slice(0)` and `handlers!`."""
    while True:
        callee = callee_of(node) if node.type == "call_expression" else None
        method, owner = child(callee, "property"), child(callee, "object")
        if node.type in _BARE and len(node.named_children) == 1:
            node = node.named_children[0]
        elif method is not None and owner is not None and method.text in _SAME:
            node = owner
        else:
            return node


def _each(found: Found, kept: _Kept, site: Call, callee: Defined) -> Iterator[Item]:
    """What the loop makes of each element of the list that one call hands over."""
    view, call = kept.call.view, kept.call
    evaluator = view.evaluator
    frame = replace(evaluator.enter(callee, handed_of(site.inner)), site=site.inner)
    left = parts_of(kept.loop)[0]
    for element in elements(evaluator, Place(view.source, kept.value, frame)).known if left is not None else ():
        bound = bind(evaluator, view.source.text, left, element) if left is not None else None
        if bound is None:
            continue
        inner = msgspec.structs.replace(call.inner, frame=Frame(kept.loop, bound, None, None, element))
        function = called_of(inner.node)
        # What is called may itself be of the element.
        of = evaluator.of(inner.source, function, inner.frame) if function is not None else call.callee
        callee_now = of if of.key == call.key or not call.key else call.callee
        seen = replace(call, inner=inner, callee=callee_now, key=callee_now.key, about=element, doubt=call.doubt or site.doubt)
        items = [item for item in told_by(found, kept.reader, seen) if not isinstance(item, Client | Worker)]
        if any(not item.name for item in items):
            reason = f"handed to `{callee.name}`, which makes a job of it: what that is called only the run knows"
            where, text = element.node.start_point.row + 1, excerpt(element.text)
            found.unresolved.append(Unresolved(element.source.path, where, reason, kept.reader.system, text))
        yield from (msgspec.structs.replace(item, via=(callee.name, *item.via)) for item in items if item.name)
