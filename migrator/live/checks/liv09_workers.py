"""LIV09: jobs are due and no worker is there."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Worker
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Queue, Untold
from migrator.rules.evidence import spot
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue in which jobs are due."""
    for queue in look.queues:
        if isinstance(queue.due, Untold):
            continue
        if isinstance(queue.workers, Untold):
            if queue.due:
                yield Undecided(queue.workers.reason, queue.spot())
        elif queue.workers:
            yield Pass(queue.spot(f"{queue.workers} seen at work" if queue.workers > 1 else "a worker was seen"))
        elif queue.due:
            jobs = "1 job" if queue.due == 1 else f"{queue.due:,} jobs"
            told = f"{jobs} of `{queue.name}` {'is' if queue.due == 1 else 'are'} due and no worker is there"
            ours = _in_code(look, queue)
            why = f"; the code has {'one' if len(ours) == 1 else len(ours)} for it" if ours else ""
            yield Fail(queue.spot(), f"{told}{why}.", (queue.system,), tuple(spot(worker) for worker in ours))


def _in_code(look: Look, queue: Queue) -> list[Worker]:
    """The workers of the code that would take jobs of this queue: those that name it, and those that name none."""
    own = [w for w in look.inventory.production if isinstance(w, Worker) and w.system == queue.system and w.role == "worker"]
    return [worker for worker in own if not worker.queues or queue.name in worker.queues]


CHECK = LiveCheck(
    id="LIV09",
    name="no-workers",
    title="Jobs are due and no worker is there",
    severity="critical",
    what="Queues with due jobs and without any worker.",
    why="These jobs will not run, and nobody is told: enqueuing goes on as if all were well.",
    how="BullMQ: connections under a worker's name. Celery: any client that waits for messages or orders. RQ: its register of workers. "
    "Dramatiq and Procrastinate: signs of life. pg-boss and job tables: jobs that run, or began in the last five minutes; there is none "
    "where a "
    "job has been due for longer than that, or for a minute while no other session is there. The workers that the code has for the queue "
    "are named with the finding.",
    unknown="The server does not list its clients; clients wait under no name; processes live of which it is not said what they do.",
    false_alarms="Workers that are started when there is something to do. A BullMQ worker whose server swallows `CLIENT SETNAME`, as some "
    "hosted ones do, while no other client waits either.",
    migration="Jobs that nobody works off today are still there at the cut-over.",
    hint="Start the worker, see what it listens to, or empty the queue.",
    sources=("BullMQ guide, Workers; measured with BullMQ 6.7, RQ 3.0, Celery 5.7, Dramatiq 2.2, Procrastinate 3.10",),
    check=check,
    related=("LIV15", "JOB905"),
)
