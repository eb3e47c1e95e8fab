"""Whether a job spends its time waiting: for a database, or for another service."""

from __future__ import annotations

from migrator.jobs import Job
from migrator.rules.database_calls import queries
from migrator.rules.evidence import Evidence
from migrator.scanners.bodies import Reached
from migrator.scanners.candidates.slow_calls import kind_of

_OUTSIDE = ("mail", "service", "model", "wait")


def waits_for(evidence: Evidence, job: Job) -> Reached | None:
    """The first call in a job's body that waits for something else; None if none is known to."""
    for call in evidence.calls(job):
        if kind_of(call.meaning.key, in_loop=False) in _OUTSIDE:
            return call
    return next((query.call for query in queries(evidence, job)), None)
