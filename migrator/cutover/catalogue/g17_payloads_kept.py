"""G17: jobs are handed what they were handed before."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, nothing, settled
from migrator.cutover.payloads import handed


def check(evidence: Evidence) -> Answer:
    """Unmet where a name that a job was handed is handed to it nowhere now, open where nobody starts it or names cannot be told."""
    moved = [(fate.job, fate.now) for fate in evidence.fates if fate.now is not None and fate.job.enqueued]
    if not moved:
        return nothing("no job that has moved is enqueued anywhere")
    problems: list[str] = []
    doubts: list[str] = []
    fine: list[str] = []
    for was, job in moved:
        now = handed(evidence.application, job, (was.name, *was.triggers))
        lost = ", ".join(sorted(set(was.payload) - set(now.names)))
        if not now.places:
            doubts.append(f"{was.name} was enqueued in {was.enqueued} places, and no place that leads to it is seen now")
        elif now.untold:
            unseen = f"; no other place hands over {lost}" if lost else ""
            doubts.append(f"{was.name}: {now.untold[0]} does not spell out what it hands over{unseen}")
        elif lost:
            problems.append(f"{was.name} is no longer handed {lost}")
        elif was.untold:
            doubts.append(f"{was.name}: {was.untold} of {was.enqueued} places did not spell out what they handed over")
        else:
            fine.append(f"{was.name}: {', '.join(was.payload) or 'nothing'}")
    return settled(problems, doubts, tuple(fine), "a look at these jobs by a person, and an attestation")


GATE = Gate(
    id="G17",
    title="Payloads are kept",
    asks="Is every job handed what it was handed before, by the same names?",
    how="Names of keyword arguments, of the parameters that plain arguments fill, and of the fields of an object that is spelt out, at "
    "every enqueue. A place that does not spell them out leaves the gate open. Values and their types are not compared.",
    answered_by="either",
    check=check,
)
