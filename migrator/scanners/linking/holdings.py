"""What a map, a set or a list holds, where its things are all of one kind: `queues.get(name)`, `for (const queue of queues)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.scanners.linking.choosing import foreign
from migrator.scanners.linking.names import typed
from migrator.scanners.linking.values import UNKNOWN, Instance, Meaning, Place, Structure, Unknown
from migrator.syntax.tree import field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_MAPS = frozenset(("globalThis.Map", "globalThis.WeakMap"))
_SETS = frozenset(("globalThis.Set", "globalThis.WeakSet"))


def held(evaluator: Evaluator, container: Meaning, written: Place | None = None) -> Meaning:
    """The kind of thing that a container holds: an instance without a call, as there may be several. `written`: how code names it."""
    if isinstance(container, Structure) and container.is_list:
        return _kind([evaluator.meaning(entry) for key, entry in container.entries.items() if not key.startswith("...")], evaluator)
    if not isinstance(container, Instance) or container.call is None or container.of.key not in _MAPS | _SETS:
        return UNKNOWN
    call = container.call
    types = field(call.node, "type_arguments")
    declared = [c for c in types.named_children if c.type != "comment"] if types is not None else []
    if declared:
        said = typed(evaluator, Place(call.source, declared[-1], call.frame))
        if not foreign(said, evaluator.notable):
            return said
    return _kind(_put_in(evaluator, container, written), evaluator)


def is_map(container: Meaning) -> bool:
    """True for what holds values under keys."""
    return isinstance(container, Instance) and container.of.key in _MAPS


def _put_in(evaluator: Evaluator, container: Instance, written: Place | None) -> list[Meaning]:
    """What the constructor is given, and what is put in later."""
    # Imported here because lists and fills are read with the evaluator that asks this.
    from migrator.scanners.linking.elements import elements
    from migrator.scanners.linking.fills import fills_of

    found: list[Meaning] = []
    given = evaluator.arguments(container.call).get(0) if container.call is not None else None
    for place in elements(evaluator, given).known if isinstance(given, Place) else ():
        meaning = evaluator.meaning(place)
        pair = meaning.entries.get("1") if isinstance(meaning, Structure) and meaning.is_list and is_map(container) else None
        found.append(evaluator.meaning(pair) if pair is not None else meaning)
    if written is not None:
        found += [evaluator.meaning(fill.value) for fill in fills_of(evaluator, written)]
    return found


def _kind(meanings: list[Meaning], evaluator: Evaluator) -> Meaning:
    """What all are instances of, if that is one outside thing that matters; the one itself, if there is but one."""
    told = [m for m in meanings if isinstance(m, Instance) and evaluator.notable(m.key)]
    if not told or len(told) != len(meanings) or len({m.key for m in told}) > 1:
        return Unknown("what a container holds")
    return told[0] if len(told) == 1 else Instance(told[0].of)
