"""A method of a client that is called on what an expression makes which reading cannot follow: said where it stands.

`names.reduce((made, n) => made.set(n, new Queue(n)), new Map()).get("mail").add(…)` puts a job into one of those queues.
"""

from __future__ import annotations

from migrator.scanners.linking import External, Instance, Member
from migrator.scanners.reading import Call, Reader
from migrator.syntax.tree import walk

_CALLS = ("call_expression", "new_expression")


def report_made_within(reader: Reader, call: Call) -> bool:
    """Say that it is not known which client a method is called on; False if none is made where the receiver comes from."""
    meaning = call.receiver
    while isinstance(meaning, Member | Instance):
        made = meaning.call if isinstance(meaning, Instance) else None
        for node in walk(made.node, _CALLS) if made is not None and not made.source.is_python else ():
            inner = call.view.evaluator.of(made.source, node) if made is not None else None
            if made is not None and isinstance(inner, Instance) and isinstance(inner.of, External) and inner.of.path[0] in reader.packages:
                place = f"{made.source.path}:{node.start_point.row + 1}"
                call.view.unresolved(call.node, f"which of the things made at {place} this is called on cannot be told", reader.system)
                return True
        meaning = meaning.of
    return False
