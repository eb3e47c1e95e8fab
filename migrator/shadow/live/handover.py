"""From a ledger that is set aside to the one that begins in its place, while the application goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from migrator.shadow.config.reading import Loaded
from migrator.shadow.ledger import Event, Ledger, LedgerError, Mark
from migrator.shadow.live.belonging import other

#: begins like `migrator.shadow.ledger.history.APART`: it is on the books, and compared with nothing
REASON = "excluded: assigned before this ledger began"
#: the first configuration of a ledger that begins
FIRST = 1


class Handover(msgspec.Struct, frozen=True):
    """`taken`: recorder (boot id) -> the number up to which its events were taken over. `open_jobs`: all that is known of jobs in flight.

    Where the stores were read up to is not handed over: a new ledger is also what helps where a store is not what it was.
    """

    taken: dict[str, int]
    open_jobs: tuple[Event, ...]


def handed_over(loaded: Loaded, reader: Callable[[], Ledger]) -> Handover | None:
    """What a ledger hands over to the next; None where it cannot be read. The jobs of another experiment are nothing to this one."""
    try:
        with reader() as ledger:
            if other(loaded, ledger.epochs()):
                return Handover(ledger.taken(), ())
            stories = (story for arm in loaded.experiment.arms for story in ledger.unsettled_stories(arm))
            known = (event for history, events in stories if history.assignments and history.outcome == "in_flight" for event in events)
            return Handover(ledger.taken(), tuple(known))
    except LedgerError:
        return None


def take_over(ledger: Ledger, handover: Handover) -> None:
    """Begin where the other ledger ended: what it has is not counted once more, and its open jobs are followed to their ends.

    To be done before anything else that may fail: the ledger that was set aside is not asked a second time.
    """
    ledger.mark(Mark(kind="taken_before", ts_ns=time.time_ns(), data=dict(handover.taken)))
    ledger.record([_ours(event) for event in handover.open_jobs])


def _ours(event: Event) -> Event:
    # Without the stamp of the process that recorded it: that number is the other ledger's.
    ours = msgspec.structs.replace(event, config_epoch=FIRST, boot_id="", seq=0)
    return msgspec.structs.replace(ours, reason=REASON, source="dispatcher") if event.kind == "assigned" else ours
