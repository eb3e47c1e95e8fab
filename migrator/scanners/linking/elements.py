"""What an array or list holds, spreads of known ones laid open."""

from __future__ import annotations

import msgspec

from migrator.scanners.linking.classes import enum_members
from migrator.scanners.linking.evaluate import Evaluator
from migrator.scanners.linking.literals import return_values
from migrator.scanners.linking.values import Defined, Frame, Instance, Known, Meaning, Member, Namespace, Place, Structure, Unknown
from migrator.syntax.tree import FUNCTIONS, field

#: methods that only reorder or narrow, and those that add
_SAME = frozenset(("filter", "slice", "reverse", "sort", "toSorted", "toReversed"))
_DEPTH = 12


class Elements(msgspec.Struct, frozen=True):
    """Known elements in order, and the expressions that may hold more."""

    known: tuple[Place, ...]
    unknown: tuple[Place, ...] = ()

    def __add__(self, other: Elements) -> Elements:
        return Elements(self.known + other.known, self.unknown + other.unknown)


def elements(evaluator: Evaluator, place: Place, depth: int = 0) -> Elements:
    """The elements of the list that `place` stands for; a single other value is a list of itself.

    Understands literals, names that stand for them, spreads, `Object.values(…)` of an object or a module, `a.concat(b)`, and in Python
    `a + b`, `list(…)` and `table.values()`.
    """
    if depth > _DEPTH:
        return Elements((), (place,))
    options = options_of(place)
    if options:
        return sum((elements(evaluator, option, depth + 1) for option in options), Elements(()))
    meaning = evaluator.meaning(place)
    match meaning:
        case Structure() if meaning.is_list:
            return _of_literal(evaluator, meaning, depth)
        case Instance(of=of, call=Place() as call):
            return _of_call(evaluator, place, of, call, depth)
        case Unknown() | Member():
            return Elements((), (place,))
        case _:
            return Elements((place,))


def options_of(place: Place) -> list[Place]:
    """What may be there of `c ? a : b` and `c && a`: all of it."""
    node = place.node
    while node.type == "parenthesized_expression" and node.named_children:
        node = node.named_children[0]
    operator = field(node, "operator")
    names = ("consequence", "alternative") if node.type == "ternary_expression" else ()
    if operator is not None and place.source.text(operator) == "&&":
        names = ("right",)
    return [Place(place.source, option, place.frame) for name in names if (option := field(node, name)) is not None]


def _of_literal(evaluator: Evaluator, literal: Structure, depth: int) -> Elements:
    found = Elements(())
    for key, entry in literal.entries.items():
        if not key.startswith("..."):
            found += Elements((entry,))
            continue
        inner = elements(evaluator, entry, depth + 1)
        # A spread of one thing that is no list is not known to hold anything.
        found += inner if inner.known != (entry,) else Elements((), (entry,))
    return found


def _of_call(evaluator: Evaluator, place: Place, of: Meaning, call: Place, depth: int) -> Elements:
    arguments = evaluator.arguments(call)
    first = arguments.get(0)
    if of.key in ("globalThis.Object.values", "builtins.list", "builtins.tuple") and isinstance(first, Place):
        return _of_values(evaluator, first, depth)
    if isinstance(of, Member) and of.name == "values" and isinstance(of.of, Structure) and not of.of.is_list:
        return _of_values(evaluator, of.of.place, depth)
    if isinstance(of, Member) and isinstance(of.of, Structure) and of.of.is_list:
        if of.name == "concat":
            added = [elements(evaluator, a, depth + 1) for a in arguments.values() if isinstance(a, Place)]
            return sum(added, _of_literal(evaluator, of.of, depth))
        if of.name == "map":
            return _mapped(evaluator, of.of, call, depth)
        if of.name in _SAME:
            # What a filter keeps is not to be told: all of it may be there.
            return _of_literal(evaluator, of.of, depth)
        return Elements((), (place,))
    return Elements((place,))


def _mapped(evaluator: Evaluator, listed: Structure, call: Place, depth: int) -> Elements:
    """`xs.map((x) => …)`: what the function gives for each element."""
    given = evaluator.arguments(call).get(0)
    function = evaluator.meaning(given) if isinstance(given, Place) else None
    values = list(return_values(function.place.node)) if isinstance(function, Defined) and function.place.node.type in FUNCTIONS else []
    if not isinstance(function, Defined) or len(values) != 1:
        return Elements((), (call,))
    found = _of_literal(evaluator, listed, depth)
    frames = [Frame(function.place.node, {0: each}, None, function.place.frame, each) for each in found.known]
    made = [Place(function.place.source, values[0], frame) for frame in frames]
    if found.unknown:
        # Of what is not known, the function may make something that is.
        other = Place(function.place.source, values[0], Frame(function.place.node, {}, None, function.place.frame))
        if not isinstance(evaluator.meaning(other), Unknown):
            return Elements((*made, other))
    return Elements(tuple(made), found.unknown)


def _of_values(evaluator: Evaluator, place: Place, depth: int) -> Elements:
    """`Object.values(x)`, `list(x)`."""
    meaning = evaluator.meaning(place)
    if isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name == "values":
        meaning = meaning.of.of
    if isinstance(meaning, Defined) and (members := enum_members(meaning.place)):
        return Elements(tuple(members.values()))
    if isinstance(meaning, Namespace):
        return exported(evaluator, meaning.path, depth + 1)
    if isinstance(meaning, Structure):
        known = tuple(e for k, e in meaning.entries.items() if not k.startswith("..."))
        spread = [e for k, e in meaning.entries.items() if k.startswith("...")]
        return sum((_of_values(evaluator, s, depth + 1) if depth < _DEPTH else Elements((), (s,)) for s in spread), Elements(known))
    return Elements((), (place,))


def exported(evaluator: Evaluator, path: str, depth: int = 0) -> Elements:
    """Everything that a TypeScript module exports, `export *` followed."""
    project = evaluator.project
    bindings, source = project.bindings(path), project.source(path)
    found = Elements(())
    for export in bindings.exports().values():
        meaning = evaluator.export(path, export.name)
        place = _place_of(meaning)
        found += Elements((place,)) if place is not None else Elements((), (Place(source, source.root),))
    for module in bindings.star_exports():
        target = project.resolve(path, module)
        if target and target != path and depth <= _DEPTH:
            found += exported(evaluator, target, depth + 1)
        else:
            found += Elements((), (Place(source, source.root),))
    return found


def _place_of(meaning: Meaning) -> Place | None:
    match meaning:
        case Instance(call=Place() as call):
            return call
        case Defined() | Structure():
            return meaning.place
        case Known() | _:
            return None
