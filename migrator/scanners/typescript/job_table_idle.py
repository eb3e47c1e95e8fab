"""Tables that look like job tables, but that nothing takes rows out of: what another system runs is only noted down in them."""

from __future__ import annotations

import msgspec

from migrator.jobs import Client, Enqueue, Item, Job, Literal, Unresolved, Worker, literal_of
from migrator.scanners.found import Found
from migrator.scanners.typescript.job_table_takers import NAME

#: why the table is but possibly one of jobs
IDLE = "nothing in this tree takes rows out of the table"


def report_idle(found: Found) -> None:
    """Where nothing takes rows out: loose ends if another job system runs the jobs, else merely possible."""
    own = [i for i in found.items if i.system == NAME and i.language != "python"]
    if any(isinstance(i, Job | Worker) for i in own):
        return
    others = sorted({i.system for i in found.items if isinstance(i, Job) and i.system != NAME and not i.area})
    claimed = {table.lower() for table in found.claimed_by.values()}
    doubtful = {id(i) for i in own if isinstance(i, Client | Enqueue) and _table(i) not in claimed}
    if others:
        found.unresolved += [_loose_end(i, others) for i in own if id(i) in doubtful]
        found.items[:] = [i for i in found.items if id(i) not in doubtful]
    else:
        found.items[:] = [msgspec.structs.replace(i, confidence="possible", reason=IDLE) if id(i) in doubtful else i for i in found.items]


def work_by_clock(found: Found, timers: list[Job]) -> None:
    """What a timer works on is not idle, though how it takes a row was not told."""
    at = min((f"{t.location.path}:{t.location.line}" for t in timers), default="")
    for index, item in enumerate(found.items) if at else ():
        if item.system == NAME and item.reason == IDLE:
            reason = f"{at} works on rows of the table by the clock; how it takes them could not be told"
            found.items[index] = msgspec.structs.replace(item, confidence="likely", reason=reason)


def _table(item: Client | Enqueue) -> str:
    """The table that an item is about, in lower case. What a function of the database takes rows out of is not idle."""
    said = item.queue if isinstance(item, Enqueue) else item.options.get("table", Literal(item.name))
    return str(literal_of(said)).lower()


def _loose_end(item: Item, others: list[str]) -> Unresolved:
    what = "a row is put into what looks like a job table" if isinstance(item, Enqueue) else "looks like a job table"
    reason = f"{what}, but nothing in this tree takes rows out of it; {', '.join(others)} runs jobs here"
    return Unresolved(item.location.path, item.location.line, reason, NAME)
