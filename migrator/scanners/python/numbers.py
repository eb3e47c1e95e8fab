"""Numbers in Python code: one, a set of them, or a range."""

from __future__ import annotations

from migrator.scanners.linking import Instance, Known, Place, Structure
from migrator.scanners.reading import View
from migrator.syntax.tree import field as child

_COLLECTIONS = frozenset(f"builtins.{name}" for name in ("set", "frozenset", "list", "tuple", "sorted"))
_COMPREHENSIONS = ("set_comprehension", "list_comprehension", "generator_expression")
#: a range longer than this is no set of times
_LONGEST = 10_000


def numbers(view: View, place: Place) -> tuple[int, ...] | None:
    """The whole numbers that stand at `place`, in the order written; None where they are not all known.

    Understands `5`, `{1, 2}`, `set(range(0, 60, 5))`, `[*range(3), 9]` and `{n for n in range(0, 24, 2)}`.
    """
    if place.node.type in _COMPREHENSIONS:
        return _copied(view, place)
    meaning = view.evaluator.meaning(place)
    match meaning:
        case Known(value=int() as value) if not isinstance(value, bool):
            return (value,)
        case Structure() if meaning.is_list:
            parts = [numbers(view, entry) for entry in meaning.entries.values()]
            return tuple(n for part in parts if part is not None for n in part) if None not in parts else None
        case Instance() if meaning.call is not None and meaning.of.key in _COLLECTIONS:
            first = view.evaluator.arguments(meaning.call).get(0)
            return numbers(view, first) if isinstance(first, Place) else ()
        case Instance() if meaning.call is not None and meaning.of.key == "builtins.range":
            return _range(view, meaning.call)
        case _:
            return _named(view, place)


def _range(view: View, call: Place) -> tuple[int, ...] | None:
    given = view.evaluator.arguments(call)
    bounds = [view.evaluator.known(v) if isinstance(v, Place) else None for v in given.values()]
    if not 1 <= len(bounds) <= 3 or not all(isinstance(b, int) for b in bounds) or (len(bounds) == 3 and not bounds[2]):
        return None
    found = range(*(b for b in bounds if isinstance(b, int)))
    return tuple(found) if len(found) <= _LONGEST else None


def _copied(view: View, place: Place) -> tuple[int, ...] | None:
    """`{n for n in range(5)}`: a comprehension that takes everything as it is."""
    body = child(place.node, "body")
    clauses = [c for c in place.node.named_children if c.type in ("for_in_clause", "if_clause")]
    left, right = (child(clauses[0], "left"), child(clauses[0], "right")) if len(clauses) == 1 else (None, None)
    if body is None or left is None or right is None or left.text != body.text:
        return None
    return numbers(view, Place(place.source, right, place.frame))


def _named(view: View, place: Place) -> tuple[int, ...] | None:
    """The numbers behind a name that a comprehension gives a value."""
    if place.node.type != "identifier":
        return None
    bound = view.project.bindings(place.source.path).lookup(place.text, place.node)
    value = bound[0].value if len(bound) == 1 and bound[0].kind == "value" and not bound[0].path else None
    return _copied(view, Place(place.source, value)) if value is not None and value.type in _COMPREHENSIONS else None
