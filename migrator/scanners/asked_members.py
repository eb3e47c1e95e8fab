"""What a call in TypeScript or JavaScript asks of one thing that only the run knows: `cron.schedule(job.schedule, job.run)`."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from migrator.scanners.linking import Evaluator, Member, Place, Unknown
from migrator.scanners.reading import Call
from migrator.syntax.tree import callee_of, walk
from migrator.syntax.tree import field as child

#: what something is that a call asks for members of
_HELD = frozenset(("identifier", "subscript_expression", "member_expression"))
#: so many members of one thing tell a definition from anything else
_ENOUGH = 2


@dataclass(frozen=True)
class Asked:
    """The members that a call asks for: each where it stands, and the nodes that stand for the thing as a whole.

    `taken`: the function, and the position of its parameter, that takes the thing apart.
    """

    members: frozenset[str]
    parts: tuple[tuple[Node, str], ...]
    wholes: tuple[Node, ...] = ()
    taken: tuple[Node, int] | None = None

    def is_part(self, node: Node | None) -> bool:
        """True for a node that stands for one of the members."""
        return node is not None and any(node.id == part.id for part, _ in self.parts)


def asked_of(call: Call) -> Asked | None:
    """What a call asks for of one thing, whose members are all unknown; None for any other call."""
    given = child(call.inner.node, "arguments")
    if given is None or call.inner.source.is_python:
        return None
    evaluator, source, frame = call.view.evaluator, call.inner.source, call.inner.frame
    found: dict[str, list[tuple[Node, str]]] = {}
    owners: dict[str, list[Node]] = {}
    for node in walk(given, ("member_expression",)):
        owner, name = child(node, "object"), child(node, "property")
        if owner is not None and name is not None and owner.type in _HELD and _is_whole(node):
            found.setdefault(source.text(owner), []).append((node, source.text(name)))
            owners.setdefault(source.text(owner), []).append(owner)
    told = [Asked(frozenset(name for _, name in parts), tuple(parts), tuple(owners[text])) for text, parts in found.items()]
    told += _taken_apart(evaluator, Place(source, given, frame))
    for each in sorted(told, key=lambda asked: -len(asked.members)):
        direct = any(node.parent == given for node, _ in each.parts)
        if len(each.members) >= _ENOUGH and direct and all(_is_unknown(evaluator, Place(source, n, frame)) for n, _ in each.parts):
            return each
    return None


def _is_whole(member: Node) -> bool:
    """True for what is handed on or called, and not asked for a member of its own."""
    outer = member.parent
    return outer is None or outer.type != "member_expression" or callee_of(outer.parent) != outer


def _is_unknown(evaluator: Evaluator, place: Place) -> bool:
    return isinstance(evaluator.meaning(place), Unknown | Member)


def _taken_apart(evaluator: Evaluator, given: Place) -> list[Asked]:
    """`({ schedule, run }) => cron.schedule(schedule, run)`."""
    bindings = evaluator.project.bindings(given.source.path)
    found: dict[int, list[tuple[Node, str]]] = {}
    taken: dict[int, tuple[Node, int]] = {}
    for node in walk(given.node, ("identifier",)):
        bound = bindings.lookup(given.source.text(node), node)
        if len(bound) == 1 and len(bound[0].path) == 1 and bound[0].kind in ("parameter", "item", "value"):
            found.setdefault(bound[0].node.id, []).append((node, bound[0].path[0]))
            if bound[0].kind == "parameter":
                taken[bound[0].node.id] = (bound[0].scope, bound[0].index)
    return [Asked(frozenset(name for _, name in parts), tuple(parts), taken=taken.get(key)) for key, parts in found.items()]
