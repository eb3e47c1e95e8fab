"""The jobs that take what an enqueue sends."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue, Job, literal_of
from migrator.rules.evidence import Evidence


def receivers(evidence: Evidence, enqueue: Enqueue) -> Iterator[Job]:
    """The jobs of the same system that an enqueue names, by their code, their name, an event or a queue."""
    queue = literal_of(enqueue.queue)
    for job in evidence.of(Job, enqueue.system):
        named = bool(enqueue.name) and (job.name == enqueue.name or any(literal_of(t.value) == enqueue.name for t in job.triggers))
        taken = isinstance(queue, str) and bool(queue) and queue in (job.name, literal_of(job.queue)) and job.name in ("", queue)
        if enqueue.job == job.identity if enqueue.job else named or taken:
            yield job
