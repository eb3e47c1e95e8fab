"""Attempts of one copy of a job: as its store saw them, as the worker that ran them tells, and the two put together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from migrator.shadow.ledger.event import Event

Result = OneOf["completed", "failed", "cancelled", "stalled", "open"]
#: how far apart, nanoseconds, the clocks of a store and of a worker may be for one start to be taken for the other by its time alone
TOLERANCE = 2 * 10**9
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
    for at, event in events:
        number = event.attempt or 1
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

    An attempt of the one is that of the other if it began while the other was running, first of all if they have the same number: systems
    count differently where a job was taken from a worker. Where no time fits, the clocks may be far apart, and the number decides.
    """
    merged, free, left = list(store), set(range(len(store))), list(workers)
    for fits in (_same_number_and_time, _same_time, _same_number):
        alone: list[Attempt] = []
        for told in left:
            candidates = [position for position in free if fits(store[position], told)]
            if not candidates:
                alone.append(told)
                continue
            best = min(candidates, key=lambda position: (abs(store[position].started_ns - told.started_ns), position))
            free.remove(best)
            merged[best] = _both(store[best], told)
        left = alone
    return [*merged, *left]


def _both(seen: Attempt, told: Attempt) -> Attempt:
    # What the worker knows of the body's end goes before the store's "taken from it"; any other word of the store's stands.
    by_worker = seen.result in ("open", "stalled") and told.result != "open"
    return msgspec.structs.replace(
        seen,
        ended_ns=told.ended_ns if by_worker or seen.ended_ns is None else seen.ended_ns,
        result=told.result if by_worker else seen.result,
        err_type=seen.err_type or told.err_type,
        err_message=seen.err_message or told.err_message,
        elapsed_ns=told.elapsed_ns,
        alive_ns=told.alive_ns,
    )


def _same_number(seen: Attempt, told: Attempt) -> bool:
    return seen.number == told.number


def _same_time(seen: Attempt, told: Attempt) -> bool:
    end = seen.ended_ns
    return seen.started_ns - TOLERANCE <= told.started_ns and (end is None or told.started_ns <= end + TOLERANCE)


def _same_number_and_time(seen: Attempt, told: Attempt) -> bool:
    return _same_number(seen, told) and _same_time(seen, told)
