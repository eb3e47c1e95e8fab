"""G12: nothing waits in the old system any more."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, settled, unsettled
from migrator.jobs.live import Census
from migrator.live.checks.liv20_census import CHECK as CENSUS

_NEEDS = "--live URL of the servers that hold the old queues, or an attestation"


def check(evidence: Evidence) -> Answer:
    """Unmet while a queue of the old system holds a job that is not over, open where nobody looked or a count could not be told."""
    live = evidence.inventory.live
    if live is None:
        return unsettled(_NEEDS)
    queues = [q for q in live.queues if q.system == evidence.lock.source]
    if not queues:
        return unsettled(
            _NEEDS,
            *(
                f"{server} has no queue of {evidence.source.title} that can be seen: all are gone, or they are elsewhere"
                for server in live.servers
            ),
        )
    problems = [told for q in queues if (told := _left(q))]
    doubts = [f"{q.at}: how many jobs of `{q.queue}` are not over cannot be told" for q in queues if None in (q.due, q.delayed, q.active)]
    # What a look could not read may hold jobs: the look says so itself.
    doubts += [
        f"not everything could be counted: {c.reason}" for c in evidence.inventory.checks if c.id == CENSUS.id and c.state == "unknown"
    ]
    return settled(problems, doubts, tuple(f"{q.at}: `{q.queue}` is empty" for q in queues), _NEEDS)


def _left(queue: Census) -> str:
    """What a queue still holds, in a line; empty if nothing is known to be left. What failed for good waits for nobody."""
    counts = {"due": queue.due, "delayed": queue.delayed, "running": queue.active, "waiting for others": queue.blocked}
    left = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    return f"{queue.at}: `{queue.queue}` holds {left}" if left else ""


GATE = Gate(
    id="G12",
    title="The old queues are drained",
    asks="Is nothing waiting, running, delayed or to be tried again in the old system?",
    how="What the servers that are given with --live hold of the old system's queues, in one look. That nothing is sent there any more, "
    "and that what was delayed was moved over, is for a person to say; so is a system of which no queue is seen: it may be another server.",
    answered_by="either",
    check=check,
)
