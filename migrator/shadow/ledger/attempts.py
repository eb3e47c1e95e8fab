"""Attempts of one copy of a job: as its store saw them, as the worker that ran them tells, and the two put together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from migrator.shadow.ledger.event import Event

Result = OneOf["completed", "failed", "cancelled", "stalled", "open"]
#: how far apart, nanoseconds, the clocks of a store and of a worker may be for one start to be taken for the other by its time alone
TOLERANCE = 2 * 10**9
#: as much as this, nanoseconds, between two starts a difference of their numbers weighs
OTHER_NUMBER = 5 * 10**8
#: how a worker says that its attempt is over
ENDS: Mapping[str, OneOf["completed", "failed", "cancelled"]] = {
    "completed": "completed",
    "attempt_failed": "failed",
    "discarded": "failed",
    "cancelled": "cancelled",
}


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One start of the body. `result` is `open` while nothing is known of its end; `stalled` when the system took it back.

    Two attempts with the same `number` are two deliveries of one attempt: a duplicate.
    """

    number: int
    native_id: str | None
    started_ns: int
    ended_ns: int | None = None
    result: Result = "open"
    err_type: str | None = None
    err_message: str | None = None
    elapsed_ns: int | None = None  #: how long the body ran by the worker's own monotonic clock, where the worker told
    alive_ns: int | None = None  #: when the worker last said that the body is still running

    @property
    def run_ns(self) -> int | None:
        """How long the body ran: exactly, where its worker told; else as far as the store's times can tell."""
        if self.elapsed_ns is not None:
            return self.elapsed_ns
        return None if self.ended_ns is None else self.ended_ns - self.started_ns


def told_by_workers(events: Iterable[tuple[int, Event]], native_id: str | None) -> list[Attempt]:
    """The attempts behind a copy's worker events, given in order of time. An end whose start got lost still is an attempt."""
    attempts: list[Attempt] = []
    running: dict[tuple[str, int], list[int]] = {}
    failures = 0
    for at, event in events:
        # RQ counts what is left, and not always from a number that the worker knows.
        number = event.attempt or failures + 1
        failures += event.kind == "attempt_failed"
        # A process that is handed one attempt twice at once ends one of them: it does not matter which.
        mine = running.setdefault((event.boot_id, number), [])
        if event.kind == "started":
            mine.append(len(attempts))
            attempts.append(Attempt(number=number, native_id=native_id, started_ns=at))
        elif event.kind == "heartbeat" and mine:
            attempts[mine[-1]] = msgspec.structs.replace(attempts[mine[-1]], alive_ns=at)
        elif event.kind in ENDS:
            if not mine:
                mine.append(len(attempts))
                attempts.append(Attempt(number=number, native_id=native_id, started_ns=at - (event.elapsed_ns or 0)))
            position = mine.pop()
            attempts[position] = msgspec.structs.replace(
                attempts[position],
                ended_ns=at,
                result=ENDS[event.kind],
                err_type=event.err_type,
                err_message=event.err_message,
                elapsed_ns=event.elapsed_ns,
            )
    return attempts


def together(store: Sequence[Attempt], workers: Sequence[Attempt]) -> list[Attempt]:
    """Every attempt once: what the store saw, with what its worker told, and what only one of the two knows of.

    An attempt of the one may be that of the other if it began while the other was running. Of all ways to pair them in the order in which
    they began, the one with the most pairs is taken, then the one whose starts are closest; a number that differs weighs as much as
    `OTHER_NUMBER`, since systems count differently where a job was taken from a worker, and looks can miss attempts. Where no time fits,
    the clocks may be far apart, and the number alone decides.
    """
    seen, told = sorted(store, key=_start), sorted(workers, key=_start)
    pairs = dict(_in_order(seen, told))
    for position, attempt in enumerate(told):
        if position not in pairs.values():
            free = (at for at, each in enumerate(seen) if at not in pairs and each.number == attempt.number)
            if (match := next(free, None)) is not None:
                pairs[match] = position
    alone = [attempt for position, attempt in enumerate(told) if position not in pairs.values()]
    # A store that missed an attempt counts those after it too low.
    missed = min(map(_start, alone), default=None)
    return alone + [
        _both(each, told[pairs[at]], recount=missed is not None and missed < each.started_ns) if at in pairs else each
        for at, each in enumerate(seen)
    ]


def _in_order(seen: Sequence[Attempt], told: Sequence[Attempt]) -> list[tuple[int, int]]:
    """Positions that belong together."""
    #: of the first so many of each: how many pairs there are at most, minus what they cost, and the pairs
    best: list[list[tuple[int, int, tuple[tuple[int, int], ...]]]] = [[(0, 0, ())] * (len(told) + 1) for _ in range(len(seen) + 1)]
    for i, one in enumerate(seen, start=1):
        for j, other in enumerate(told, start=1):
            ways = [best[i - 1][j], best[i][j - 1]]
            if _same_time(one, other):
                count, gain, pairs = best[i - 1][j - 1]
                cost = abs(one.started_ns - other.started_ns) + (OTHER_NUMBER if one.number != other.number else 0)
                ways.append((count + 1, gain - cost, (*pairs, (i - 1, j - 1))))
            best[i][j] = max(ways)
    return list(best[-1][-1][2])


def _both(seen: Attempt, told: Attempt, *, recount: bool) -> Attempt:
    # What the worker knows of the body's end goes before the store's "taken from it"; any other word of the store's stands.
    by_worker = seen.result in ("open", "stalled") and told.result != "open"
    return msgspec.structs.replace(
        seen,
        number=max(seen.number, told.number) if recount else seen.number,
        ended_ns=told.ended_ns if by_worker or seen.ended_ns is None else seen.ended_ns,
        result=told.result if by_worker else seen.result,
        err_type=seen.err_type or told.err_type,
        err_message=seen.err_message or told.err_message,
        elapsed_ns=told.elapsed_ns,
        alive_ns=told.alive_ns,
    )


def _start(attempt: Attempt) -> int:
    return attempt.started_ns


def _same_time(seen: Attempt, told: Attempt) -> bool:
    end = seen.ended_ns
    return seen.started_ns - TOLERANCE <= told.started_ns and (end is None or told.started_ns <= end + TOLERANCE)
