"""Enqueues that stand in the body of a job, or in what it calls: a job that starts others."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue, Job
from migrator.rules.evidence import Evidence
from migrator.scanners.bodies import Reached


def enqueued_by(evidence: Evidence, *systems: str) -> Iterator[tuple[Job, Enqueue, Reached]]:
    """(job, what it enqueues, the call that does so) for the jobs of these systems; a call that two jobs lead to comes twice."""
    calls = {(e.location.path, e.call.start): e for e in evidence.of(Enqueue, *systems) if e.call is not None}
    for job in evidence.of(Job, *systems) if calls else ():
        told: set[tuple[str, int]] = set()
        for reached in evidence.calls(job):
            place = (reached.view.source.path, reached.node.start_byte)
            enqueue = calls.get(place)
            if enqueue is not None and place not in told:
                told.add(place)
                yield job, enqueue, reached
