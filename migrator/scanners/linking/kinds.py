"""What instances of several classes of the tree have in common: `fast ? new RedisJobs() : new MemoryJobs()` is one of their interface."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from migrator.scanners.linking.choosing import only
from migrator.scanners.linking.classes import base_classes, implemented
from migrator.scanners.linking.values import Defined, Instance, Meaning, Place

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_Key = tuple[str, int]
_SEVERAL = 2


def either(evaluator: Evaluator, meanings: list[Meaning]) -> Meaning:
    """One of several things, whichever it is: no more than what they have in common, where that is something."""
    return (common_kind(evaluator, meanings) if len(meanings) > 1 else None) or only(meanings)


def common_kind(evaluator: Evaluator, meanings: Iterable[Meaning]) -> Instance | None:
    """An instance of the nearest class or interface that they all are; None unless they are of different classes, none above another."""
    made = [m for m in meanings if isinstance(m, Instance) and m.decorated is None and isinstance(m.of, Defined)]
    kinds = {_key(m.of.place): m for m in made if isinstance(m.of, Defined)}
    if len(kinds) < _SEVERAL:
        return None
    # Of what is one of several already, only the kind is known.
    told = {key for key, each in kinds.items() if each.call is not None}
    lines = [_line(evaluator, each.of) for each in kinds.values() if isinstance(each.of, Defined)]
    if any(told.intersection([*line][1:]) for line in lines):
        return None
    return next((Instance(kind) for key, kind in lines[0].items() if key not in told and all(key in line for line in lines)), None)


def _line(evaluator: Evaluator, kind: Defined) -> dict[_Key, Defined]:
    """A class and all that is above it, the nearest first."""
    return {_key(kind.place): kind, **{_key(each.place): each for each in above_all(evaluator, kind.place)}}


def above_all(evaluator: Evaluator, owner: Place, seen: frozenset[_Key] = frozenset()) -> Iterator[Defined]:
    """The classes of the tree from which a class derives and the interfaces that it says it has, theirs included, the nearest first."""
    for node in (*base_classes(owner.source, owner.node), *implemented(owner.source, owner.node)):
        meaning = evaluator.of(owner.source, node)
        key = _key(meaning.place) if isinstance(meaning, Defined) else None
        if isinstance(meaning, Defined) and key is not None and key not in seen:
            yield meaning
            yield from above_all(evaluator, meaning.place, seen | {key})


def _key(place: Place) -> _Key:
    return (place.source.path, place.node.start_byte)
