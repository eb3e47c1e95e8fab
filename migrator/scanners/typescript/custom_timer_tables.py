"""Tables of timers: `[{ name: "sweep", intervalMs: 60000, run: sweep }]`, gone through by the one function that sets them all."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.scanners.reading import View
from migrator.scanners.typescript.custom_timer_shapes import Recurring
from migrator.scanners.typescript.handlers import function_of
from migrator.syntax.tree import field as child

_NAMES = ("name", "id", "key", "title", "label")


def entries_of(view: View, timer: Recurring) -> Iterator[Recurring]:
    """What each entry of a table in the file says, where a timer takes its pause from such an entry."""
    pause = timer.pause
    key = child(pause.node, "property") if pause is not None and pause.node.type == "member_expression" else None
    if key is None or pause is None or view.evaluator.known(pause) is not None:
        return
    wanted = view.source.text(key)
    for array in view.source.nodes("array"):
        for element in (c for c in array.named_children if c.type == "object"):
            entries = view.evaluator.entries(view.place(element))
            functions = ((name, found) for name, place in entries.items() if (found := function_of(view, place)) is not None)
            name, run = next(functions, ("", None))
            if wanted not in entries or run is None:
                continue
            title = next((text for key in _NAMES if (text := view.evaluator.text(entries.get(key)))), name)
            yield Recurring("task table", element, run, entries[wanted], title)
