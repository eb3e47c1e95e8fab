"""A call whose receiver or argument is one of several things that a condition chooses between: read once for each of them.

`job = a` under `if`, `job = b` under `else`, then `queue.enqueue(job)`; `queue.enqueue(a if urgent else b)`; `queue.enqueue(JOBS[kind])`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import Evaluator, Frame, Instance, Meaning, Member, Place, Structure
from migrator.scanners.linking import names as linked
from migrator.scanners.linking.calls import called_of
from migrator.scanners.linking.choosing import MOST, is_null
from migrator.scanners.linking.conditions import reached
from migrator.scanners.linking.tables import entries_of, is_table
from migrator.scanners.reading import Call
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import FUNCTIONS, ancestors, contains, field

CHOSEN = "one of several, chosen at run time"
#: statements of which one branch is run
_BRANCHING = frozenset(("if_statement", "match_statement"))
_BRANCHES = frozenset(("if_statement", "elif_clause", "else_clause", "case_clause"))


class _Option(msgspec.Struct, frozen=True):
    """What a name or expression may stand for, and the branch in which it is given; -1 for what was given before, or none."""

    meaning: Meaning
    branch: int = -1


def alternatives(call: Call) -> list[Call]:
    """The call as each of the things chosen between makes it; none where nothing is chosen."""
    inner, evaluator = call.inner, call.view.evaluator
    if not call.view.source.is_python:
        return []
    candidates = list(_candidates(inner.node))
    for node in candidates:
        options = _options(evaluator, Place(inner.source, node, inner.frame))
        if 1 < len(options) <= MOST:
            return [_with(call, node, option, candidates) for option in options]
    return []


def clients_of(call: Call) -> list[Call]:
    """The call on each of the things of which it is known that it is made on one of them; none where that is one."""
    return [replace(call, callee=callee, key=callee.key) for callee in _choices(call.callee)]


def _choices(callee: Meaning) -> list[Meaning]:
    """A method of each of the things of which it is known that it is called on one of them."""
    if isinstance(callee, Instance):
        return [msgspec.structs.replace(one, doubt=one.doubt or callee.doubt) for one in callee.choices]
    return [Member(of, callee.name) for of in _choices(callee.of)] if isinstance(callee, Member) else []


def _with(call: Call, node: Node, option: _Option, candidates: list[Node]) -> Call:
    """The call where `node` stands for `option`, and what the same branch gives for what the other names in it stand for."""
    around = call.inner.frame
    frame = Frame(call.inner.node, {}, None, around, None, around.site if around is not None else None)
    frame.answers[(call.inner.source, node.id)] = option.meaning
    for other in candidates if node.type == "identifier" else ():
        if other.id != node.id and other.type == "identifier":
            given = _given(call.view.evaluator, Place(call.inner.source, other, around))
            same = [each.meaning for each in given if each.branch == option.branch]
            if len(given) > 1 and len(same) == 1:
                frame.answers[(call.inner.source, other.id)] = same[0]
    inner = Place(call.inner.source, call.inner.node, frame)
    function = called_of(inner.node)
    if function is None or not contains(function, node):
        return replace(call, inner=inner)
    callee = call.view.evaluator.of(inner.source, function, frame)
    return replace(call, inner=inner, callee=callee, key=callee.key)


def _candidates(call: Node) -> Iterator[Node]:
    """What is called or called upon, then what is handed over: names, conditional expressions and what is looked up in a table."""
    function, arguments = called_of(call), field(call, "arguments")
    handed = arguments.named_children if arguments is not None and arguments.type == "argument_list" else []
    written = [(field(function, "object") or function) if function is not None else None]
    written += [field(argument, "value") if argument.type == "keyword_argument" else argument for argument in handed]
    for node in map(_bare, written):
        if node is not None and node.type in ("identifier", "conditional_expression", "subscript", "call"):
            yield node


def _bare(node: Node | None) -> Node | None:
    """An expression without the brackets around it."""
    while node is not None and node.type == "parenthesized_expression" and len(node.named_children) == 1:
        node = node.named_children[0]
    return node


def _options(evaluator: Evaluator, place: Place) -> list[_Option]:
    """The different things that a name or a conditional expression may stand for; `None` is no choice."""
    told: list[_Option] = []
    for option in _given(evaluator, place):
        if not is_null(option.meaning) and all(option.meaning != each.meaning for each in told):
            told.append(option)
    return told


def _given(evaluator: Evaluator, place: Place) -> list[_Option]:
    """What each branch gives."""
    source, node, frame = place.source, place.node, place.frame
    found: list[_Option] = []
    if node.type == "conditional_expression":
        branches = (node.named_children[0], node.named_children[-1])
        found = [_Option(evaluator.of(source, branch, frame)) for branch in branches if reached(evaluator, Place(source, branch, frame))]
    elif node.type in ("subscript", "call"):
        found = [_Option(evaluator.meaning(entry)) for entry in _looked_up(evaluator, place)]
    else:
        bindings = evaluator.project.bindings(source.path).lookup(source.text(node), node)
        for binding, branch in _reaching(bindings, node):
            if binding.value is None or binding.kind != "value" or reached(evaluator, Place(source, binding.value, frame)):
                found.append(_Option(linked.bound(evaluator, source, binding, frame), branch))
    return found


def _looked_up(evaluator: Evaluator, place: Place) -> list[Place]:
    """The entries of a table of which `TABLE[key]` or `TABLE.get(key)` takes one, under a key that only the run knows."""
    source, node, frame = place.source, place.node, place.frame
    if node.type == "subscript":
        table, key = field(node, "value"), field(node, "subscript")
        otherwise: list[Place] = []
    else:
        callee, first = field(node, "function"), evaluator.arguments(place).get(0)
        name = field(callee, "attribute")
        table = field(callee, "object") if name is not None and name.text == b"get" else None
        key = first.node if isinstance(first, Place) else None
        default = evaluator.arguments(place).get(1)
        otherwise = [default] if isinstance(default, Place) else []
    meaning = evaluator.of(source, table, frame) if table is not None and key is not None and key.type != "slice" else None
    if table is None or meaning is None or key is None or evaluator.known(Place(source, key, frame)) is not None:
        return []
    written = [entry for title, entry in meaning.entries.items() if not title.startswith("...")] if isinstance(meaning, Structure) else []
    put_in = [value for _, value in entries_of(evaluator, Place(source, table, frame))] if is_table(meaning) else []
    return [*written, *put_in, *otherwise]


def _reaching(bindings: list[Binding], at: Node) -> list[tuple[Binding, int]]:
    """(binding, branch) of a name at a place after a statement with branches: the last one of each branch, and the one before."""
    before = sorted((b for b in bindings if b.node.end_byte <= at.start_byte), key=lambda b: b.node.start_byte)
    if len(before) < 2 or any(b.scope.id != before[0].scope.id or b.kind not in ("value", "parameter") or b.path for b in before):
        return []
    branching = _branching(before[-1].node, at)
    if branching is None:
        return []
    inside = [b for b in before if contains(branching, b.node)]
    last = [b for i, b in enumerate(inside) if not any(_overrides(later, b, branching) for later in inside[i + 1 :])]
    earlier = [b for b in before if b.node.end_byte <= branching.start_byte]
    falls_through = _may_fall_through(branching) or len({_branch(b.node, branching) for b in inside}) < _count(branching)
    before_it = [(b, -1) for b in earlier[-1:]] if falls_through else []
    return [*before_it, *((b, _branch(b.node, branching)) for b in last)]


def _branching(node: Node, at: Node) -> Node | None:
    """The outermost statement with branches around a binding that ends before `at`, within the same function."""
    found: Node | None = None
    for ancestor in ancestors(node):
        if ancestor.type in FUNCTIONS or contains(ancestor, at):
            break
        if ancestor.type in _BRANCHING:
            found = ancestor
    return found


def _branch(node: Node, within: Node) -> int:
    """Where the innermost branch around a node begins."""
    return next((a.start_byte for a in ancestors(node) if a.type in _BRANCHES or a.id == within.id), within.start_byte)


def _overrides(later: Binding, earlier: Binding, within: Node) -> bool:
    """True if whoever runs the earlier binding runs the later one, too: it stands in the same branch, or in one around it."""
    around = {a.start_byte for a in ancestors(earlier.node) if a.type in _BRANCHES and contains(within, a)}
    return _branch(later.node, within) in around | {_branch(earlier.node, within)} and not _parted(earlier.node, later.node, within)


def _parted(one: Node, other: Node, within: Node) -> bool:
    """True for the branches of one statement: of an `if`, the consequence and what comes after it."""
    for ancestor in ancestors(one):
        if ancestor.type == "if_statement":
            consequence = field(ancestor, "consequence")
            if consequence is not None and contains(consequence, one) != contains(consequence, other) and contains(ancestor, other):
                return True
        if ancestor.id == within.id:
            return False
    return False


def _may_fall_through(branching: Node) -> bool:
    """True for an `if` without `else`, and for a `match`, whose last case need not hold."""
    return branching.type != "if_statement" or not any(c.type == "else_clause" for c in branching.named_children)


def _count(branching: Node) -> int:
    """How many branches an `if` has."""
    return 1 + sum(c.type in ("elif_clause", "else_clause") for c in branching.named_children)
