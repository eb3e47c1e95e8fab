"""The entries of a dictionary, however it is written."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.scanners.linking import Instance, Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import View
from migrator.syntax.tree import callee_of, walk
from migrator.syntax.tree import field as child

_COMPREHENSIONS = ("list_comprehension", "generator_expression")


def entries(view: View, place: Place | None) -> dict[str, Place]:
    """The entries of `{…}` or `dict(…)`; `...` marks that something unknown is spread in."""
    meaning = view.evaluator.meaning(place) if place is not None else None
    if isinstance(meaning, Instance) and meaning.of.key == "builtins.dict" and meaning.call is not None:
        return {k: v for k, v in view.evaluator.arguments(meaning.call).items() if isinstance(k, str) and isinstance(v, Place)}
    return view.evaluator.entries(place) if place is not None and isinstance(meaning, Structure) and not meaning.is_list else {}


def listed(view: View, place: Place | None) -> Iterator[Place]:
    """The elements of a list that can be told, those that are appended to it included; what a comprehension makes stands for all rounds."""
    if place is None:
        return
    origin = _written(view, view.evaluator.origin(place))
    if origin.node.type in _COMPREHENSIONS:
        body = child(origin.node, "body")
        if body is not None:
            yield Place(origin.source, body, origin.frame)
        return
    found = elements(view.evaluator, place)
    yield from (e for e in found.known if e != place)
    yield from _appended(view, place)


def _appended(view: View, place: Place) -> Iterator[Place]:
    """What is appended to the list of that name in the function, or module, in which it is made."""
    bound = view.project.bindings(place.source.path).lookup(place.text, place.node) if place.node.type == "identifier" else []
    for call in walk(bound[0].scope, ("call",)) if bound and bound[0].kind == "value" else ():
        function, arguments = callee_of(call), child(call, "arguments")
        owner, name = child(function, "object"), child(function, "attribute")
        if owner is None or name is None or arguments is None or len(arguments.named_children) != 1:
            continue
        if owner.text == place.node.text and name.text == b"append":
            yield Place(place.source, arguments.named_children[0], place.frame)


def _written(view: View, place: Place) -> Place:
    """The expression that a name was given, once."""
    if place.node.type != "identifier":
        return place
    bound = view.project.bindings(place.source.path).lookup(place.text, place.node)
    value = bound[0].value if len(bound) == 1 and bound[0].kind == "value" and not bound[0].path else None
    return Place(place.source, value, place.frame) if value is not None else place
