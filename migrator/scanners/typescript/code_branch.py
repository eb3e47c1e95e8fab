"""`Branch`es of a configuration that is written as an object in code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from migrator.jobs import Expression, Literal, Location, Value
from migrator.scanners.branch import Branch
from migrator.scanners.linking import Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import View

#: what a text with variables of the configuration's own stands for; None for what has none
Resolve = Callable[[str], "Value | Branch | None"]


def _plain(text: str) -> Value | Branch | None:  # noqa: ARG001 - nothing has variables
    return None


class CodeBranch(msgspec.Struct, frozen=True):
    """An expression of a configuration; names in it are followed through the tree, and `resolve` knows its variables."""

    view: View
    place: Place
    resolve: Resolve = _plain

    @property
    def location(self) -> Location:
        """Where the value stands: what a name stands for, where that is written."""
        meaning = self.view.evaluator.meaning(self.place)
        place = meaning.place if isinstance(meaning, Structure) else self.place
        return place.source.location(place.node)

    @property
    def tag(self) -> str:
        """Code has none."""
        return ""

    def pairs(self) -> Iterator[tuple[str, Branch, Location]]:
        """(key, value, place of both)."""
        for key, place in self.view.evaluator.entries(self.place).items():
            pair = place.node.parent if place.node.parent is not None and place.node.parent.type == "pair" else place.node
            yield key, CodeBranch(self.view, place, self.resolve), place.source.location(pair)

    def elements(self) -> list[Branch]:
        """The elements of a list."""
        meaning = self.view.evaluator.meaning(self.place)
        if not isinstance(meaning, Structure) or not meaning.is_list:
            return []
        return [CodeBranch(self.view, each, self.resolve) for each in elements(self.view.evaluator, self.place).known]

    def scalar(self) -> Value | None:
        """What an expression says that is no object and no list."""
        if isinstance(self.view.evaluator.meaning(self.place), Structure):
            return None
        text = self.view.evaluator.text(self.place)
        other = self.resolve(text) if text else None
        if other is None:
            return self.view.value(self.place)
        return other if isinstance(other, Literal | Expression) else other.scalar()
