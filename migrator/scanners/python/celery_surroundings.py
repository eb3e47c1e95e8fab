"""Where a call of Celery's stands: `surroundings`, with Celery's tasks as the jobs around it."""

from __future__ import annotations

from migrator.scanners.linking import Meaning
from migrator.scanners.python import surroundings
from migrator.scanners.python.celery_terms import Terms
from migrator.scanners.python.surroundings import Around
from migrator.scanners.reading import Call


def around(call: Call) -> Around:
    """Where a call stands."""
    terms = Terms(call.view.evaluator)

    def job_of(definition: Meaning) -> str:
        task = terms.task(definition)
        return task.job if task is not None else ""

    return surroundings.around(call, job_of)
