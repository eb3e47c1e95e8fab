"""A call whose receiver or argument is one of several things that a condition chooses between: read once for each of them.

`job = a` under `if` or `try`, `job = b` under `else` or `catch`, then `queue.enqueue(job)`; `queue.enqueue(a if urgent else b)`;
`queue.enqueue(JOBS[kind])`.
In JavaScript names alone: conditional expressions and look-ups give meanings that have their choices with them.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import Evaluator, Frame, Instance, Meaning, Member, Place, Structure, Unknown
from migrator.scanners.linking import names as linked
from migrator.scanners.linking.branches import reaching
from migrator.scanners.linking.calls import called_of
from migrator.scanners.linking.choosing import MOST, is_null
from migrator.scanners.linking.conditions import reached
from migrator.scanners.linking.tables import entries_of, is_table
from migrator.scanners.reading import Call
from migrator.syntax.bindings import Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import contains, field

CHOSEN = "one of several, chosen at run time"
#: what one of several things may be written as in Python
_CHOOSING = ("identifier", "conditional_expression", "subscript", "call")


class _Option(msgspec.Struct, frozen=True):
    """What a name or expression may stand for, and the branch in which it is given; -1 for what was given before, or none."""

    meaning: Meaning
    branch: int = -1


def alternatives(call: Call) -> list[Call]:
    """The call as each of the things chosen between makes it; none where nothing is chosen."""
    return _each(call, _candidates(call.inner.source, call.inner.node))


def clients_of(call: Call) -> list[Call]:
    """The call on each of the things of which it is known that it is made on one of them; none where that is one."""
    return [replace(call, callee=callee, key=callee.key) for callee in _choices(call.callee)]


def upon_each(call: Call) -> list[Call]:
    """The call on each of the things between which branches choose what it is made on; none where nothing is chosen."""
    receiver = _receiver(call.inner.node)
    return _each(call, [node for node in _candidates(call.inner.source, call.inner.node)[:1] if node == receiver])


def _each(call: Call, nodes: list[Node]) -> list[Call]:
    """The call as each of the things makes it that the first of `nodes` with several may stand for, else the one left of several."""
    inner = call.inner
    told = [(node, _options(call.view.evaluator, Place(inner.source, node, inner.frame))) for node in nodes]
    # Of what is given in several places only one may be left: what `finally` gives, or what the body of a `try` does.
    for fewest in (2, 1):
        for node, options in told:
            # One that is not known tells no more than the call itself.
            known = len(options) > 1 or not isinstance(options[0].meaning, Unknown) if options else False
            if known and fewest <= len(options) <= MOST:
                return [_with(call, node, option, _candidates(inner.source, inner.node)) for option in options]
    return []


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


def _candidates(source: Source, call: Node) -> list[Node]:
    """What is called or called upon, then what is handed over: names, conditional expressions and what is looked up in a table."""
    arguments = field(call, "arguments")
    handed = arguments.named_children if arguments is not None and arguments.type in ("argument_list", "arguments") else []
    written = [_receiver(call), *(field(argument, "value") if argument.type == "keyword_argument" else argument for argument in handed)]
    kinds = _CHOOSING if source.is_python else _CHOOSING[:1]
    return [node for node in map(_bare, written) if node is not None and node.type in kinds]


def _receiver(call: Node) -> Node | None:
    """What is called upon, else what is called."""
    function = called_of(call)
    return _bare(field(function, "object") or function)


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
        kept = _kept(source, bindings)
        if kept is not None:
            return _given(evaluator, Place(source, kept, frame))
        for binding, branch in reaching(bindings, node):
            if binding.value is None or binding.kind != "value" or reached(evaluator, Place(source, binding.value, frame)):
                found.append(_Option(linked.bound(evaluator, source, binding, frame), branch))
    return found


def _kept(source: Source, bindings: list[Binding]) -> Node | None:
    """`ACTORS[name]` of a name that stands for nothing else: `actor = ACTORS[name]`."""
    if not source.is_python or len(bindings) != 1 or bindings[0].kind != "value" or bindings[0].path:
        return None
    value = _bare(bindings[0].value)
    getting = value is not None and value.type == "call" and (name := field(value, "function", "attribute")) and name.text == b"get"
    return value if value is not None and (getting or value.type in ("subscript", "conditional_expression")) else None


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
