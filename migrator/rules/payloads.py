"""What jobs are given, value by value: the arguments of an enqueue, and what stands in the objects among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.jobs import Enqueue, Expression
from migrator.rules.evidence import Evidence
from migrator.scanners.linking import Place, Structure
from migrator.scanners.reading import View

#: how deep objects within objects are looked into
_DEPTH = 4
#: in which an event has its payload under this key
_INSIDE = {"inngest": "data"}


@dataclass(frozen=True)
class Given:
    """One value of a payload. `key`: the names that lead to it, joined by dots; empty for a value that has none."""

    enqueue: Enqueue
    view: View
    key: str
    place: Place

    @property
    def name(self) -> str:
        """The last name that leads to it."""
        return self.key.rpartition(".")[2]


def given(evidence: Evidence, enqueue: Enqueue) -> Iterator[Given]:
    """Every value that an enqueue hands over, where the code of it stands in the file of the enqueue; what is spread in is left out."""
    for argument in enqueue.arguments:
        node = evidence.node(enqueue.location.path, argument.span) if not argument.star else None
        if node is None:
            continue
        view = evidence.bodies.view(enqueue.location.path)
        if isinstance(argument.value, Expression) and view.source.text(node) != argument.value.source:
            continue
        place = Place(view.source, node)
        inside = _INSIDE.get(enqueue.system, "")
        if inside and (entries := view.evaluator.entries(place)) and inside in entries and "name" in entries:
            place = entries[inside]
        yield from _values(Given(enqueue, view, argument.name, place), _DEPTH)


def _values(value: Given, depth: int) -> Iterator[Given]:
    meaning = value.view.evaluator.meaning(value.place)
    if not isinstance(meaning, Structure) or depth == 0:
        yield value
        return
    if meaning.place.node.type == "set":
        # Python's sets are listed like lists, and are none.
        yield Given(value.enqueue, value.view, value.key, meaning.place)
        return
    for key, entry in value.view.evaluator.entries(value.place).items():
        if key.startswith("..."):
            continue
        name = value.key if meaning.is_list else f"{value.key}.{key}".lstrip(".")
        yield from _values(Given(value.enqueue, value.view, name, entry), depth - 1)
