"""LIV20: what would have to be drained or carried over now."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs.findings import Spot
from migrator.live.amounts import span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Known, Queue, Untold
from migrator.rules.rule import Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue, and one for each thing that could not be counted."""
    yield from look.unread
    for standing in look.standings:
        for reason in standing.unread:
            yield Undecided(reason, Spot(standing.at, 0))
    for queue in look.places:
        yield Pass(queue.spot(counted(queue)))


def counted(queue: Queue) -> str:
    """How many jobs are in which state, in a phrase; what could not be told is said."""
    parts = [
        _part(queue.due, "due"),
        _part(queue.delayed, "delayed"),
        _part(queue.active, "running"),
        _part(queue.blocked, "waiting for others") if queue.blocked != 0 else "",
        _part(queue.failed, "failed"),
        f"oldest {span(queue.oldest)}" if isinstance(queue.oldest, float) else "",
    ]
    return ", ".join(part for part in parts if part)


def _part(number: Known[int], what: str) -> str:
    return f"{what} not told" if isinstance(number, Untold) else f"{number:,} {what}"


CHECK = LiveCheck(
    id="LIV20",
    name="census",
    title="What would have to be drained or carried over",
    severity="info",
    what="How many jobs of each queue are due, delayed, running or waiting for others, by the names of a sample. It is a count, not a "
    "defect.",
    why="The cut-over is over when this is nothing, twice in a row. Gate G12 asks for it.",
    how="As LIV01; the names from 200 jobs of a queue of Redis, and from all rows of a table.",
    unknown="A system or a queue could not be read; the reason is told.",
    false_alarms="Counts are of a moment: jobs move while they are counted.",
    migration="It is the list of what has to be drained or transferred.",
    hint="Nothing has to be done about it today.",
    sources=("gate G12, cut-over drained",),
    check=check,
    related=("LIV01", "LIV15", "LIV18"),
)
