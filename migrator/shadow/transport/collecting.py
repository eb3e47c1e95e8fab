"""From an inlet into the ledger: everything once, however often it arrives."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from migrator.shadow.ledger import Event, Mark
from migrator.shadow.ledger.interface import Ledger
from migrator.shadow.transport.interface import Inlet
from migrator.shadow.transport.line import Line

#: the ledger's cursor that an inlet goes on from
CURSOR = "transport"
_FIELDS = tuple(f.name for f in msgspec.structs.fields(Event))


class Collector:
    """`epoch_of` tells the number of an epoch by the digest that an event was routed under (`Decider.digest`), which is empty where it was
    not routed; 0: the ledger has no such epoch.
    """

    def __init__(self, inlet: Inlet, ledger: Ledger, epoch_of: Callable[[str], int]) -> None:
        self._inlet, self._ledger, self._epoch_of = inlet, ledger, epoch_of
        self._before = ledger.taken_before()
        inlet.resume(ledger.cursor(CURSOR))

    def collect(self, limit: int = 10_000) -> list[Event]:
        """Take over what came in, and give it back once the ledger has it; empty where there was nothing. Does not wait.

        What had been taken over before may be among it again.

        Raises LedgerError, and whatever the inlet raises where it cannot be asked: nothing is lost then, the next call takes it over.
        """
        batch = self._inlet.read(limit)
        # What the ledger before this one has is that one's, though a folder still holds it.
        events = [self._event(line) for line in batch.lines if line.seq > self._before.get(line.boot_id, -1)]
        for words in batch.unreadable:
            self._ledger.mark(Mark(kind="gap", ts_ns=time.time_ns(), text=words))
        if batch.lines or batch.unreadable:
            # Also where nothing of it is new: what was looked at is not looked at again, nor complained of.
            self._ledger.record(events, cursor=(CURSOR, batch.cursor))
        for each in batch.ended:
            data: dict[str, int | float | str | None] = {"recorder": each.boot_id, "numbered": each.numbered}
            self._ledger.mark(Mark(kind="recorder_ended", ts_ns=time.time_ns(), data=data))
        self._inlet.done(batch)
        return events

    def _event(self, line: Line) -> Event:
        values: dict[str, Any] = {name: getattr(line, name) for name in _FIELDS}
        values["config_epoch"] = self._epoch_of(line.config)
        return Event(**values)
