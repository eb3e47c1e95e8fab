"""LIV01: too many jobs are due."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue."""
    for queue in look.queues:
        if isinstance(queue.due, Untold):
            yield Undecided(queue.due.reason, queue.spot())
            continue
        limit = look.limits.of(queue.name, "depth")
        if queue.due > limit:
            jobs, are = ("job", "is") if queue.due == 1 else ("jobs", "are")
            yield Fail(queue.spot(), f"{queue.due:,} {jobs} of `{queue.name}` {are} due (limit {limit:,.0f}).", (queue.system,))
        else:
            yield Pass(queue.spot(f"{queue.due:,} due"))


CHECK = LiveCheck(
    id="LIV01",
    name="queue-depth",
    title="Too many jobs are due",
    severity="high",
    what="How many jobs could run now and wait for a worker.",
    why="A queue that only grows is late for everybody, and everything in it has to be drained or carried over before a cut-over.",
    how="BullMQ: `wait`, `paused` and `prioritized`. pg-boss: `created` and `retry` whose `start_after` has come. Celery: the queue's "
    "lists, "
    "one for each priority. RQ and Dramatiq: the queue's list. Procrastinate: `todo`. Job tables: rows in a state that waits.",
    limits=("depth",),
    unknown="The server refuses the question, or the table is too large to be counted in ten seconds.",
    false_alarms="A queue that is filled once a day and empty an hour later. Give it a limit of its own.",
    migration="What is due at the cut-over is what has to be drained or transferred.",
    hint="See that workers run and keep up; give the queue more of them, or a limit of its own under `[live.queues]`.",
    sources=("the alert thresholds of the audit by hand that these checks began with",),
    check=check,
    related=("LIV02", "LIV08", "LIV09"),
)
