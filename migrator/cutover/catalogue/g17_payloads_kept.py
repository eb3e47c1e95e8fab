"""G17: jobs are handed what they were handed before."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, nothing, settled
from migrator.cutover.lock import identity, payload
from migrator.jobs import Enqueue


def check(evidence: Evidence) -> Answer:
    """Unmet where a name that a job was handed is handed to it nowhere now, open where nobody starts it or names cannot be told."""
    moved = [(fate.job, fate.now) for fate in evidence.fates if fate.now is not None and fate.job.enqueued]
    if not moved:
        return nothing("no job that has moved is enqueued anywhere")
    enqueues = [i for i in evidence.inventory.production if isinstance(i, Enqueue)]
    problems: list[str] = []
    doubts: list[str] = []
    fine: list[str] = []
    for was, job in moved:
        mine = [e for e in enqueues if e.job == identity(job) or (e.name and e.name in {job.name, was.name, *was.triggers})]
        lost = set(was.payload) - {name for e in mine for name in payload(e)}
        if not mine:
            doubts.append(f"{was.name} was enqueued in {was.enqueued} places, and no place that leads to it is seen now")
        elif lost:
            problems.append(f"{was.name} is no longer handed {', '.join(sorted(lost))}")
        else:
            fine.append(f"{was.name}: {', '.join(was.payload) or 'nothing by name'}")
    return settled(problems, doubts, tuple(fine), "a look at these jobs by a person, and an attestation")


GATE = Gate(
    id="G17",
    title="Payloads are kept",
    asks="Is every job handed what it was handed before, by the same names?",
    how="Names of keyword arguments, and keys of objects that are spelt out, at every enqueue. Values and their types are not compared.",
    answered_by="either",
    check=check,
)
