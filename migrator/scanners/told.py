"""What a reader makes of a call, where a condition chooses what is meant: of each thing that may be chosen."""

from __future__ import annotations

import msgspec

from migrator.jobs import Client, Enqueue, Item, Schedule, Worker
from migrator.scanners.alternatives import CHOSEN, alternatives, clients_of, upon_each
from migrator.scanners.found import Found
from migrator.scanners.linking.values import doubt_of
from migrator.scanners.reading import Call, Reader
from migrator.scanners.seen_from import moved


def told_by(found: Found, reader: Reader, call: Call, *, made: bool = False) -> list[Item]:
    """What the reader makes of a call, not yet recorded.

    Seen from its callers, clients and workers are left out: they stand where they are made, however many queues are handed to that.
    Where a condition chooses what is meant, that is all that may be chosen.
    """
    # Of what is called upon, each may put the same job into another queue; what is handed over changes no more than the job.
    clients = clients_of(call)
    called_on = clients or upon_each(call)
    each = called_on or alternatives(call)
    told = [_read(found, reader, one, made=made) for one in each]
    if len(each) == 1:
        return told[0]
    chosen = [item for items in told for item in items]
    queues = [repr(item.queue) if called_on and isinstance(item, Enqueue | Schedule) else "" for item in chosen]
    # One trigger may make a schedule of what another runs once.
    kinds = {frozenset((item.kind, item.name) for item in items) for items in told if items}
    if len({item.name for item in chosen}) < 2 and len({q for q in queues if q}) < 2 and len(kinds) < 2:
        return _read(found, reader, clients[0] if clients else call, made=made)
    each_once: dict[tuple[str, str, str], Item] = {}
    for item, queue in zip(chosen, queues, strict=True):
        each_once.setdefault((item.kind, item.name, queue), _doubted(item, CHOSEN))
    return list(each_once.values())


def _read(found: Found, reader: Reader, call: Call, *, made: bool) -> list[Item]:
    before = len(found.items)
    if reader.call is not None:
        reader.call(call)
    items = [i for i in found.items[before:] if made or not isinstance(i, Client | Worker)]
    del found.items[before:]
    if call.about is not None:
        items = [moved(item, call.about, call.view) for item in items]
    if call.doubt:
        return [msgspec.structs.replace(i, confidence="likely", reason=call.doubt) for i in items]
    doubt = doubt_of(call.callee)
    return [_doubted(item, doubt) for item in items] if doubt else items


def _doubted(item: Item, doubt: str) -> Item:
    """What is put in, or will be, as likely; a definition stands whatever it is made on."""
    sure = isinstance(item, Enqueue | Schedule) and item.confidence == "certain"
    return msgspec.structs.replace(item, confidence="likely", reason=doubt) if sure else item
