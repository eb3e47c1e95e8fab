"""What the store told of many jobs at once: which of them went the ordinary way, and when what happened on it.

The ordinary way: one native id; started and ended in turn; every attempt but the last failed; completed, and nothing after that. Or
completed with no start ever seen, as a system shows it that tells of ends alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger.scan import AVAILABLE, COMPLETED, DELAYED, FAILED, NONE, STARTED, Numbers, Scan

AT_ONCE = 50_000  #: events of one instant that are put in order together
NEVER = 2**62
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Turns = NDArray[np.int32]


class Stories:
    """The rows of the store's events, read as stories.

    Of every ordinary job: when it was `available`, `due`, first `started` and `terminal` (nanoseconds on the host's clock, `NONE` where
    nobody saw it), how many `attempts` were seen, of how many `events` that is known, whether the first failed (1, 0, or -1), and the hash
    of its `native` id.
    What stands at other jobs means nothing.

    `place`: the number of each row's job, negative for a job that does not count. `columns`: time on the host's clock, detail, native id
    and kind of each row. `wanted`: jobs that may be ordinary. `offset`: store clock minus host clock, for the ends of delays.
    """

    def __init__(
        self, scan: Scan, place: Places, position: Numbers, columns: Sequence[NDArray[Any]], *, offset: int, jobs: int, wanted: Flags
    ) -> None:
        at, detail, native, kind = columns
        counts = np.flatnonzero((place >= 0) & wanted[place]) if jobs else np.empty(0, np.intp)
        order = counts[np.lexsort((at[counts], place[counts]))]
        order = _in_order_of_ids(scan, order, place, at, position)
        self._place, self._at, self._detail, self._kind = place[order], at[order], detail[order], kind[order]
        self._begin = np.flatnonzero(np.diff(self._place, prepend=-1))
        self._job = self._place[self._begin]
        self._last = np.append(self._begin[1:], len(order)) - 1 if len(order) else self._begin
        self._jobs = jobs
        ordinary, turns, copy = self._judge(native[order])
        self.ordinary = np.zeros(jobs, np.bool_)
        self.ordinary[self._job] = ordinary
        self.native = self._spread(copy)
        self._collect(offset)
        self._attempts(turns)

    def _judge(self, native: NDArray[Any]) -> tuple[Flags, Turns, NDArray[Any]]:
        """Which stories are ordinary; of every start and end its place in the turn, -1 for other rows; and of which copy each story is."""
        if not len(self._begin):
            return np.empty(0, np.bool_), np.empty(0, np.int32), np.empty(0, np.int64)
        kind, begin = self._kind, self._begin
        turning = (kind == STARTED) | (kind == COMPLETED) | (kind == FAILED)
        so_far = np.cumsum(turning, dtype=np.int32)
        before = so_far[begin] - turning[begin]
        turn = np.where(turning, so_far - 1 - np.repeat(before, self._last - begin + 1), -1).astype(np.int32)
        out_of_turn = turning & ((kind == STARTED) != (turn % 2 == 0))
        number = self._detail
        miscounted = (kind == STARTED) & (number != 0) & (number != turn // 2 + 1)
        wrong = np.add.reduceat((out_of_turn | miscounted).astype(np.int32), begin)
        turns, ends = (np.add.reduceat(flags.astype(np.int32), begin) for flags in (turning, kind == COMPLETED))
        # One turn, and it is the end: no start was seen.
        told = (wrong == 0) | (turns == 1)
        copy = np.minimum.reduceat(native, begin)
        once = copy == np.maximum.reduceat(native, begin)
        # Tried again, and in the store only after the first attempt began: that was its return, as `fold` says too.
        arrivals = [np.where(rows < 0, len(kind), rows) for rows in map(self._first, (AVAILABLE, DELAYED))]
        arrival, start = np.minimum(*arrivals), self._first(STARTED)
        returned = (arrival < len(kind)) & (start >= 0) & (arrival > start) & (turns > 2)
        return told & (ends == 1) & (kind[self._last] == COMPLETED) & once & ~returned, turn, copy

    def _collect(self, offset: int) -> None:
        available, delay = self._first(AVAILABLE), self._first(DELAYED)
        # Of one instant, being available counts.
        delayed = np.minimum(_at(self._at, delay), NEVER) < _at(self._at, available)
        due = np.where(delayed, _at(self._detail, delay), NONE)
        since = np.minimum(_at(self._at, available), _at(self._at, delay))
        started, count = self._first(STARTED), np.zeros(0, np.int64)
        if len(self._begin):
            count = np.add.reduceat((self._kind == STARTED).astype(np.int64), self._begin)
        self.available = self._spread(np.where(since == NEVER, NONE, since))
        self.due = self._spread(np.where(due == NONE, NONE, due - offset))
        self.started = self._spread(np.where(count > 0, _at(self._at, started), NONE))
        self.terminal = self._spread(self._at[self._last])
        self.attempts = self._spread(count)
        self.events = self._spread(self._last - self._begin + 1)

    def _attempts(self, turn: Turns) -> None:
        rows = np.flatnonzero(turn >= 0)
        ends = np.flatnonzero((turn[rows] % 2 == 1) & self.ordinary[self._place[rows]])
        end, start = rows[ends], rows[ends - 1]
        self.attempt_place = self._place[end]
        self.attempt_started, self.attempt_ended = self._at[start], self._at[end]
        self.attempt_failed = self._kind[end] == FAILED
        self.attempt_error = self._detail[end]
        self.first_failed = np.full(self._jobs, -1, np.int8)
        first = turn[end] == 1
        self.first_failed[self.attempt_place[first]] = self.attempt_failed[first]

    def _first(self, kind: int) -> Places:
        """The first row of a kind in each story; -1 where there is none."""
        if not len(self._begin):
            return np.empty(0, np.intp)
        none = len(self._kind)
        first = np.minimum.reduceat(np.where(self._kind == kind, np.arange(none), none), self._begin)
        return np.where(first == none, -1, first)

    def _spread(self, values: Numbers) -> Numbers:
        found = np.full(self._jobs, NONE)
        found[self._job] = values
        return found


def _at(column: NDArray[Any], rows: Places) -> Numbers:
    """The column's value in each row; `NEVER` where there is no row."""
    return np.where(rows >= 0, column[rows], NEVER) if len(rows) else np.empty(0, np.int64)


def _in_order_of_ids(scan: Scan, order: Places, place: Places, at: Numbers, position: Numbers) -> Places:
    """Events of one job and one instant in the order of their ids, as `fold` takes them."""
    same = (np.diff(place[order]) == 0) & (np.diff(at[order]) == 0)
    if not same.any():
        return order
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    # A new run begins where a tied row is not tied to the one before it.
    run = np.cumsum(~np.append(False, same)[tied])
    order = order.copy()
    edges = [0, *(np.searchsorted(run, run[AT_ONCE - 1 :: AT_ONCE], side="right")).tolist(), len(tied)]
    for start, end in pairwise(edges):
        rows = order[tied[start:end]]
        ids = scan.event_ids(position[rows].tolist())
        sorting = sorted(zip(run[start:end].tolist(), (ids[p] for p in position[rows].tolist()), range(len(rows)), strict=True))
        order[tied[start:end]] = rows[[index for _, _, index in sorting]]
    return order
