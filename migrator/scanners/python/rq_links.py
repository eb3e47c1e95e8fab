"""What only the whole project can tell about RQ: each job once, and the jobs in whose bodies enqueues stand."""

from __future__ import annotations

from migrator.jobs import Job
from migrator.scanners.found import Found
from migrator.scanners.python import rq_schedules
from migrator.scanners.python.job_bodies import tie_bodies
from migrator.scanners.python.rq_jobs import FUNCTION
from migrator.scanners.python.rq_terms import SYSTEM
from migrator.scanners.python.rq_timeouts import settle_timeouts


def link(found: Found) -> None:
    """Complete RQ's items."""
    rq_schedules.settle(found)
    _once(found)
    tie_bodies(found, SYSTEM)
    settle_timeouts(found)


def _once(found: Found) -> None:
    """A decorated function is one job, however often it is handed to a queue."""
    decorated = {(i.module, i.symbol) for i in found.items if isinstance(i, Job) and i.system == SYSTEM and i.form != FUNCTION}
    found.items[:] = [
        i
        for i in found.items
        if not (isinstance(i, Job) and i.system == SYSTEM and i.form == FUNCTION and (i.module, i.symbol) in decorated)
    ]
