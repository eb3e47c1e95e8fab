"""What a function gives that is handed each element of a list, and what is made of that in JavaScript.

`["mail", "push"].map((n) => new Queue(n))` by position, `Object.fromEntries(names.map((n) => [n, new Queue(n)]))` and
`names.reduce((made, n) => ({ ...made, [n]: new Queue(n) }), {})` by key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.scanners.linking.literals import return_values
from migrator.scanners.linking.values import Defined, Frame, Instance, Meaning, Member, Place, Structure
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_FROM_PAIRS = "globalThis.Object.fromEntries"
_ASSIGN = b"Object.assign"
#: how a function is handed the elements -> the position at which it takes them
_HANDED = {"map": 0, "reduce": 1}
#: a key, empty where it is not known, and the value under it
_Entry = tuple[str, Place]
_SAME = frozenset(("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"))


def record(evaluator: Evaluator, callee: Meaning, call: Place) -> Structure | None:
    """The object that `Object.fromEntries(…)` or `xs.reduce(…, {})` makes; None for any other call, and if a key is not known."""
    added: Iterator[_Entry] | None = None
    if callee.key == _FROM_PAIRS:
        added = _of_pairs(evaluator, call)
    elif _is_handed(callee, "reduce") and _makes_object(evaluator, call):
        frames = _frames(evaluator, call)
        added = (pair for frame in frames for pair in _reduced(evaluator, call, frame)) if frames else None
    entries: dict[str, Place] = {}
    for name, value in added or ():
        if not name:
            return None
        entries[name] = value
    return Structure(call, entries) if entries else None


def member(evaluator: Evaluator, made: Instance, name: str) -> Meaning | None:
    """`[0]` of `xs.map(…)`, and a member of an object made of a list that is not known; None for anything else."""
    if made.call is None:
        return None
    if _is_handed(made.of, "map") and name.isdigit():
        given = _mapped(evaluator, made.call)
        return evaluator.meaning(given[int(name)]) if int(name) < len(given) else any_entry(evaluator, made) if not given else None
    return any_entry(evaluator, made) if not _is_handed(made.of, "map") else None


def any_entry(evaluator: Evaluator, made: Instance) -> Meaning | None:
    """What every entry of a list or object is that is made of a list of which not all is known, or is looked up by an unknown key."""
    call = made.call
    if call is None or call.source.is_python:
        return None
    entries: list[_Entry] = []
    if made.of.key == _FROM_PAIRS:
        given = evaluator.arguments(call).get(0)
        listed = evaluator.meaning(given) if isinstance(given, Place) else None
        pairs = _unseen(evaluator, listed.call) if isinstance(listed, Instance) and listed.call and _is_handed(listed.of, "map") else []
        entries = list(_paired(evaluator, pairs))
    elif _is_handed(made.of, "map"):
        entries = [("", place) for place in _unseen(evaluator, call)]
    elif _is_handed(made.of, "reduce") and _makes_object(evaluator, call) and (function := _function(evaluator, call)) is not None:
        entries = list(_reduced(evaluator, call, Frame(function.place.node, {}, None, function.place.frame)))
    kinds = [evaluator.meaning(value) for _, value in entries]
    alike = [kind for kind in kinds if isinstance(kind, Instance) and evaluator.notable(kind.key) and kind.key == kinds[0].key]
    return Instance(alike[0].of) if alike and len(alike) == len(kinds) else None


def _unseen(evaluator: Evaluator, call: Place) -> list[Place]:
    """What `xs.map(…)` gives for an element of which nothing is known."""
    function = _function(evaluator, call)
    return _given_by(function, Frame(function.place.node, {}, None, function.place.frame)) if function is not None else []


def _is_handed(callee: Meaning, method: str) -> bool:
    return isinstance(callee, Member) and callee.name == method


def _makes_object(evaluator: Evaluator, call: Place) -> bool:
    """True for a `reduce` that begins with an empty object."""
    first = evaluator.arguments(call).get(1)
    meaning = evaluator.meaning(first) if isinstance(first, Place) else None
    return isinstance(meaning, Structure) and not meaning.is_list and not meaning.entries


def _of_pairs(evaluator: Evaluator, call: Place) -> Iterator[_Entry] | None:
    """Each entry that is handed to `Object.fromEntries`; None if not all are known."""
    from migrator.scanners.linking.elements import elements

    given = evaluator.arguments(call).get(0)
    listed = evaluator.meaning(given) if isinstance(given, Place) else None
    if not isinstance(given, Place) or listed is None:
        return None
    if isinstance(listed, Instance) and listed.call is not None and _is_handed(listed.of, "map"):
        pairs = _mapped(evaluator, listed.call)
    else:
        found = elements(evaluator, given)
        pairs = [] if found.unknown else list(found.known)
    told = [pair for each in pairs for pair in _paired(evaluator, [each])]
    return iter(told) if len(told) == len(pairs) else None


def _paired(evaluator: Evaluator, places: list[Place]) -> Iterator[_Entry]:
    for place in places:
        meaning = evaluator.meaning(place)
        if isinstance(meaning, Structure) and meaning.is_list and {"0", "1"} <= meaning.entries.keys():
            yield _key(evaluator, meaning.entries["0"]), meaning.entries["1"]


def _mapped(evaluator: Evaluator, call: Place) -> list[Place]:
    """What `xs.map(…)` gives for each element; nothing if they are not all known."""
    function = _function(evaluator, call)
    return [place for frame in _frames(evaluator, call) for place in _given_by(function, frame)] if function is not None else []


def _given_by(function: Defined, frame: Frame) -> list[Place]:
    """What a function gives with what it is handed in `frame`; nothing if it has several ways to return."""
    values = list(return_values(function.place.node))
    return [Place(function.place.source, values[0], frame)] if len(values) == 1 else []


def _function(evaluator: Evaluator, call: Place) -> Defined | None:
    given = evaluator.arguments(call).get(0)
    meaning = evaluator.meaning(given) if isinstance(given, Place) else None
    return meaning if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS else None


def _frames(evaluator: Evaluator, call: Place) -> list[Frame]:
    """A frame of the function for each element of the list that `map` or `reduce` is called on; none if they are not all known."""
    from migrator.scanners.linking.loops import bind, values_of

    callee, function = callee_of(call.node), _function(evaluator, call)
    owner, method = field(callee, "object"), field(callee, "property")
    position = _HANDED.get(call.source.text(method)) if method is not None else None
    if owner is None or function is None or position is None:
        return []
    left = _parameter(function.place.node, position)
    values = values_of(evaluator, Place(call.source, owner, call.frame))
    frames: list[Frame] = []
    for value, about in values or ():
        bound = bind(evaluator, function.place.source.text, left, value) if left is not None else {}
        if bound is None:
            return []
        # What a pattern takes apart is handed over at the position of the pattern.
        handed = {position if name == 0 else name: each for name, each in bound.items()}
        frames.append(Frame(function.place.node, handed, None, function.place.frame, about))
    return frames


def _parameter(function: Node, position: int) -> Node | None:
    single, listed = field(function, "parameter"), field(function, "parameters")
    given = [single] if single is not None else [c for c in listed.named_children if c.type != "comment"] if listed is not None else []
    return (field(given[position], "pattern") or given[position]) if position < len(given) else None


def _reduced(evaluator: Evaluator, call: Place, frame: Frame) -> Iterator[_Entry]:
    """What the function of a `reduce` adds to the object that it is handed, in one round."""
    function = _function(evaluator, call)
    made = _parameter(function.place.node, 0) if function is not None else None
    if function is None or made is None or made.type != "identifier":
        return
    source, node = function.place.source, function.place.node
    for value in map(_bare, return_values(node)):
        callee = callee_of(value)
        given = field(value, "arguments") if callee is not None and callee.text == _ASSIGN else None
        for literal in [value] if given is None else given.named_children:
            meaning = evaluator.of(source, literal, frame) if literal.type == "object" else None
            for key, entry in meaning.entries.items() if isinstance(meaning, Structure) else ():
                if not key.startswith("...") or entry.node.text != made.text:
                    yield key if key[0] not in ".[" else "", entry
    for assignment in walk(node, ("assignment_expression",)):
        left, right = field(assignment, "left"), field(assignment, "right")
        owner, index = field(left, "object"), field(left, "index")
        if owner is not None and index is not None and right is not None and owner.text == made.text:
            yield _key(evaluator, Place(source, index, frame)), Place(source, right, frame)


def _key(evaluator: Evaluator, place: Place) -> str:
    value = evaluator.known(place)
    return str(value) if isinstance(value, str | int) else ""


def _bare(node: Node) -> Node:
    """An expression without what only says its type."""
    while node.type in _SAME and node.named_children:
        node = node.named_children[0]
    return node
