"""LIV10: what is over is kept without end."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs.findings import Spot
from migrator.live.amounts import span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Kept, Known, Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each place where something that is over is stored."""
    for standing in look.standings:
        most = look.limits.settings.kept
        for kept in standing.kept:
            yield from _judged(kept, Spot(standing.at, 0), standing.system, "", most)
        for queue in standing.queues:
            for kept in queue.kept:
                yield from _judged(kept, queue.spot(), queue.system, f" of `{queue.name}`", look.limits.of(queue.name, "kept"))


def _judged(kept: Known[Kept], at: Spot, system: str, whose: str, most: float) -> Iterator[Outcome]:
    if isinstance(kept, Untold):
        yield Undecided(kept.reason, at)
        return
    age = f", the oldest for {span(kept.oldest)}" if kept.oldest is not None else ""
    told = f"{kept.number:,} {kept.what}{whose} are stored{age}"
    if kept.number > most and not kept.removal:
        yield Fail(at, f"{told} (limit {most:,.0f}), and nothing seen here deletes them.", (system,))
    else:
        yield Pass(Spot(at.path, 0, f"{told}; {kept.removal}" if kept.removal else told))


CHECK = LiveCheck(
    id="LIV10",
    name="retention",
    title="What is over is kept without end",
    severity="medium",
    what="How many jobs, results and runs that are over are stored, where the system does not delete them by itself.",
    why="They fill the memory of Redis until it refuses the next job, and make tables slow that are asked for the next job every second.",
    how="BullMQ: `completed` and `failed`. Celery: results without an end, from the ends of a sample of 200. RQ: results without an end. "
    "Procrastinate and job tables: rows that are over. pg_cron: `cron.job_run_details`, unless a job deletes from it.",
    limits=("kept",),
    unknown="The server refuses the question.",
    false_alarms="A queue that keeps a fixed number above the limit. Give it a limit of its own.",
    migration="Only what is not over has to be moved; what is kept for people to look at needs a place.",
    hint="Set a retention: `removeOnComplete` of BullMQ, `result_expires` of Celery, `result_ttl` of RQ, a job that deletes old rows.",
    sources=("BullMQ guide, Auto-removal of jobs; pg_cron, README, on `cron.job_run_details`", "ten thousand is an estimate"),
    check=check,
    related=("JOB805", "LIV11"),
)
