"""LIV04: too many jobs fail."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import share, span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided

#: a share of fewer jobs than this says nothing
_FEWEST = 20


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue in which jobs ended between the two looks."""
    if look.window is None:
        if look.queues:
            yield Undecided("one look gives no rate; `--live-window SECONDS` takes two")
        return
    for queue in look.queues:
        flow = look.flow(queue)
        if flow is None or isinstance(flow.completed, Untold) or isinstance(flow.failed, Untold):
            parts = () if flow is None else (flow.completed, flow.failed)
            reason = next((part.reason for part in parts if isinstance(part, Untold)), "jobs that ended are not counted by this system")
            yield Undecided(reason, queue.spot())
            continue
        ended, limit = flow.completed + flow.failed, look.limits.of(queue.name, "failure_rate")
        told = f"{flow.failed:,} of {ended:,} jobs that ended in {span(look.window)} failed"
        if ended and flow.failed / ended > limit and ended >= _FEWEST:
            yield Fail(queue.spot(), f"In `{queue.name}` {told}: {share(flow.failed / ended)} (limit {share(limit)}).", (queue.system,))
        elif ended >= _FEWEST or (ended and not flow.failed):
            yield Pass(queue.spot(told))
        elif ended:
            yield Undecided(f"only {ended} jobs ended in {span(look.window)}: too few for a share; take a longer window", queue.spot())
        else:
            yield Undecided(f"no job ended in {span(look.window)}", queue.spot())


CHECK = LiveCheck(
    id="LIV04",
    name="failure-rate",
    title="Too many jobs fail",
    severity="high",
    what="The share of the jobs that failed for good among those that ended between two looks.",
    why="A migration copies what fails along with what works, and its success is measured against the failures of today.",
    how="BullMQ: its stream of events. pg-boss and job tables: rows that ended in the window. Procrastinate: its events. Attempts that "
    "are made "
    "again do not count.",
    limits=("failure_rate",),
    unknown="One look gives no rate: `--live-window SECONDS` takes two. Celery, Dramatiq and RQ do not count in Redis what ended. Fewer "
    "than "
    "20 jobs ended, of which one failed.",
    false_alarms="A burst of failures in a short window.",
    migration="The share of before is what the share of after is held against (gate G09).",
    hint="See why jobs fail before they are moved.",
    sources=("the alert thresholds of the audit by hand that these checks began with",),
    check=check,
    related=("LIV05", "LIV06"),
)
