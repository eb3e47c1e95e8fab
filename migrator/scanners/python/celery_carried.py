"""Schedules that tasks carry themselves, and the class that they are made with puts into beat's.

`@app.task(base=Timed, every=30)`, where `Timed` does `app.conf.beat_schedule[cls.name] = {"task": cls.name, "schedule": cls.every}`.
"""

from __future__ import annotations

from tree_sitter import Node

from migrator.scanners.linking import Defined, Evaluator, Place
from migrator.scanners.linking.classes import base_classes
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, walk
from migrator.syntax.tree import field as child

WHY = "the class that it is made with puts it into beat's schedule"
_OWN = frozenset((b"cls", b"self"))
_DEPTH = 8


def carried_in(evaluator: Evaluator, made_with: Defined, depth: int = _DEPTH) -> str:
    """The attribute in which tasks of a class carry their schedule; empty where the class, and those above it, make nothing of one."""
    source, node = made_with.place.source, made_with.place.node
    if node.type not in CLASSES:
        return ""
    if b"beat_schedule" in source.data[node.start_byte : node.end_byte]:
        told = next((name for entry in walk(node, ("dictionary",)) if (name := _carried(source, entry))), "")
        if told:
            return told
    for base in base_classes(source, node) if depth else ():
        above = evaluator.meaning(Place(source, base, made_with.place.frame))
        told = carried_in(evaluator, above, depth - 1) if isinstance(above, Defined) and above.key != made_with.key else ""
        if told:
            return told
    return ""


def _carried(source: Source, entry: Node) -> str:
    """`every` of `{"task": cls.name, "schedule": cls.every}`."""
    fields = {source.text(key).strip("\"'"): pair for pair in entry.named_children if (key := child(pair, "key")) is not None}
    task, schedule = (child(fields.get(name), "value") for name in ("task", "schedule"))
    return _own(source, schedule) if _own(source, task) == "name" else ""


def _own(source: Source, node: Node | None) -> str:
    """`name` of `cls.name`, and of `self.name`."""
    owner, name = child(node, "object"), child(node, "attribute")
    return source.text(name) if owner is not None and name is not None and owner.text in _OWN else ""
