"""LIV08: more comes in than goes out."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Queue, Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided

#: seconds for which a job must have been due before it counts as one that nobody comes for
_PATIENCE = 60
#: growth that is no more than the ups and downs of a queue: so many jobs, or that share of them
_FEW, _LITTLE = 10, 0.05


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue that was seen twice."""
    if look.window is None:
        if look.queues:
            yield Undecided("one look gives no rate; `--live-window SECONDS` takes two")
        return
    for queue in look.queues:
        before = (look.earlier or {}).get(queue.at)
        if before is None:
            continue
        if isinstance(queue.due, Untold) or isinstance(before.due, Untold):
            untold = queue.due if isinstance(queue.due, Untold) else before.due
            yield Undecided(untold.reason if isinstance(untold, Untold) else "", queue.spot())
            continue
        yield _judged(look, queue, before.due, queue.due, look.window)


def _judged(look: Look, queue: Queue, before: int, now: int, window: float) -> Outcome:
    flow = look.flow(queue)
    told = f"due were {before:,}, {span(window)} later {now:,}"
    if flow is not None and not any(isinstance(part, Untold) for part in (flow.added, flow.completed, flow.failed)):
        told += f"; {flow.added:,} came and {_number(flow.completed) + _number(flow.failed):,} ended"
        stuck = now > 0 and _number(flow.completed) + _number(flow.failed) == 0 and queue.active == 0
        if stuck and not queue.paused and isinstance(queue.oldest, float) and queue.oldest > max(_PATIENCE, window):
            return Fail(queue.spot(), f"Nothing of `{queue.name}` runs or ended: {told}.", (queue.system,), severity="critical")
    if now - before > max(_FEW, before * _LITTLE):
        return Fail(queue.spot(), f"`{queue.name}` grows: {told}.", (queue.system,))
    if now and now < before:
        told += f"; empty in {span(now * window / (before - now))} if it goes on like this"
    return Pass(queue.spot(told))


def _number(value: int | Untold) -> int:
    return 0 if isinstance(value, Untold) else value


CHECK = LiveCheck(
    id="LIV08",
    name="throughput",
    title="More comes in than goes out",
    severity="high",
    what="Whether the number of due jobs grew between two looks, and whether anything ended.",
    why="A backlog that grows while it is watched is never drained: a cut-over that waits for an empty queue waits for ever.",
    how="The due jobs of both looks; for BullMQ its stream of events, for pg-boss, Procrastinate and job tables the rows that came and "
    "ended.",
    unknown="One look gives no rate: `--live-window SECONDS` takes two. Growth by up to ten jobs, or by one in twenty, counts as none.",
    false_alarms="A window that holds a burst and not its end: take one that is longer than the usual rhythm.",
    migration="The time to an empty queue is the least time for which both systems run.",
    hint="Give the queue more workers, or make its jobs shorter, before it is moved.",
    sources=("the alert thresholds of the audit by hand that these checks began with",),
    check=check,
    related=("LIV01", "LIV09"),
)
