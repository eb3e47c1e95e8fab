"""What a map, a set or a list holds, where its things are all of one kind: `queues.get(name)`, `for (const queue of queues)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from migrator.regex import regex
from migrator.scanners.linking.choosing import foreign, only
from migrator.scanners.linking.filled_elsewhere import home_of
from migrator.scanners.linking.names import typed
from migrator.scanners.linking.values import UNKNOWN, Instance, Meaning, Place, Structure, Unknown
from migrator.syntax.tree import field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

#: `queues[name] =`, `Record<string, Queue>`, `{ [name: string]: Queue }`
_COMPUTED = regex(rb"\]\s*(?:\?\?|\|\|)?=(?!=)|\bRecord\s*<|\]\s*:")
_MAPS = frozenset(("globalThis.Map", "globalThis.WeakMap"))
#: what makes an object without entries, and what the type of one is called
_RECORDS = frozenset(("globalThis.Object.create", "globalThis.Record", "globalThis.Partial"))
#: how many types `Record` is given
_OF_RECORD = 2
_PLAIN_KEYS = frozenset(("property_identifier", "shorthand_property_identifier"))
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


def recorded(evaluator: Evaluator, container: Meaning, written: Place) -> Meaning | None:
    """The kind of thing that an object holds which is made empty and filled under keys that only show at run time; else None.

    `const queues: Record<string, Queue> = {}`, or by what is put in: `queues[name] = new Queue(name)`. `written`: how code names it.
    """
    empty = isinstance(container, Structure) and not container.is_list and not container.entries
    made = isinstance(container, Instance) and container.of.key in _RECORDS
    if not empty and not made:
        return None
    values = _declared_values(evaluator, written)
    said = typed(evaluator, values) if values is not None else UNKNOWN
    if isinstance(said, Unknown):
        from migrator.scanners.linking.fills import entries_of

        said = _kind([evaluator.meaning(value) for _, value in entries_of(evaluator, written)], evaluator)
    return (
        None if isinstance(said, Unknown) or foreign(said, evaluator.notable) else Instance(said.of) if isinstance(said, Instance) else said
    )


def entry(evaluator: Evaluator, container: Structure, written: Place, name: str) -> Meaning | None:
    """What is put under a key that is known into an object after it was made; None where nothing is. `written`: how code names it.

    `queues.mail = new Queue("mail")`, and in a loop over names that are known `queues[name] = new Queue(name)`.
    """
    may_put = not written.source.is_python and (_may_put(container, name) or home_of(evaluator, container) is not None)
    if container.is_list or not may_put:
        return None
    from migrator.scanners.linking.fills import entries_of
    from migrator.scanners.linking.loops import rounds

    replace, put_in = msgspec.structs.replace, list(entries_of(evaluator, written))
    told = [(replace(k, frame=f), replace(v, frame=f)) for k, v in put_in for f in rounds(evaluator, k) or [k.frame]]
    keys = [key.text if key.node.type in _PLAIN_KEYS else evaluator.text(key) for key, _ in told]
    found = [evaluator.meaning(value) for key, (_, value) in zip(keys, told, strict=True) if key == name]
    if found:
        return only(found)
    # What is put in under a key that only the run knows may be under this one.
    return recorded(evaluator, container, written) if not keys or not all(keys) else None


def _may_put(container: Structure, name: str) -> bool:
    """False where the file that makes an object puts nothing anywhere under that name, nor, if it is made empty, under a computed one."""
    data = container.place.source.data
    named = re.search(rb"[.\[]\s*[\"']?%s[\"']?\s*\]?!?\s*(?:\?\?|\|\|)?=(?!=)" % re.escape(name.encode()), data)
    return named is not None or (not container.entries and _COMPUTED.search(data) is not None)


def _declared_values(evaluator: Evaluator, written: Place) -> Place | None:
    """The `V` of `Record<K, V>`, `Partial<Record<K, V>>` and `{ [key: string]: V }`, where a variable is declared so."""
    if written.node.type != "identifier":
        return None
    bound = evaluator.project.bindings(written.source.path).lookup(written.text, written.node)
    said = bound[0].annotation if bound and bound[0].kind == "value" else None
    while said is not None:
        if said.type == "index_signature":
            kind = field(said, "type")
            return Place(written.source, kind.named_children[0]) if kind is not None and kind.named_children else None
        arguments = next((c for c in said.named_children if c.type == "type_arguments"), None)
        if (
            arguments is not None
            and len(arguments.named_children) == _OF_RECORD
            and said.text is not None
            and said.text.startswith(b"Record")
        ):
            return Place(written.source, arguments.named_children[-1])
        within = arguments or said
        said = within.named_children[0] if len(within.named_children) == 1 else None
    return None


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
