"""The jobs of one arm, sifted: ordinary ones column by column, the others one by one.

An ordinary job was assigned once, was in the store once, was started and ended in turn as often as it was tried, and completed, and
workers told at most of its one attempt: what `fold` says of it can be said of millions at once. Every other job is folded from its events,
as if there were no columns. Both ways give the same numbers; which way a job goes makes no difference to anything but time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger.event import Event
from migrator.shadow.ledger.history import JobHistory, fold
from migrator.shadow.ledger.scan import ASSIGNED, AVAILABLE, COMPLETED, ENQUEUED, NONE, OTHER, STARTED, Numbers, Scan, Unpacked
from migrator.shadow.ledger.stories import Places, Stories
from migrator.shadow.ledger.worker_words import WorkerWords

AT_ONCE = 2_000  #: unusual jobs that are read together
PART = 250_000  #: jobs that are sifted together, about: what they need for that is needed once, not for all
Columns = tuple[NDArray[Any], ...]


class Ordinary(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs, one a row, all of them completed. Times are nanoseconds on the host's clock; `NONE` stands for what nobody saw."""

    job: Numbers  #: hash of the job key
    position: Numbers  #: of the `assigned` event; ascending
    assigned: Numbers
    unit: Numbers  #: `unit_number` of the unit key; 0 where the job is a unit of its own
    name: Numbers  #: hash of name and label
    epoch: Numbers
    enqueued: Numbers
    enqueue_elapsed: Numbers
    available: Numbers
    due: Numbers
    started: Numbers  #: the first start
    terminal: Numbers
    attempts: Numbers  #: 0: no start was seen
    events: Numbers  #: how many it is made of
    first_failed: NDArray[np.int8]  #: of the first attempt: 1, 0, or -1 where no start was seen

    @property
    def end_to_end(self) -> Numbers:
        """Assigned to completed."""
        return self.terminal - self.assigned

    @property
    def ready(self) -> Numbers:
        """From when each was free to start: first in the store (or enqueued), and due; `NONE` where neither was seen."""
        since = np.where(self.available == NONE, self.enqueued, self.available)
        return np.where(since == NONE, NONE, np.maximum(since, self.due))

    @property
    def wait(self) -> Numbers:
        """As `JobHistory.wait_ns`; `NONE` where it is None."""
        took = np.where(self.enqueue_elapsed == NONE, 0, self.enqueue_elapsed)
        ready = self.ready - np.where(self.available == NONE, took, 0)
        return np.where((self.ready == NONE) | (self.started == NONE), NONE, self.started - ready)


class OrdinaryAttempts(msgspec.Struct, frozen=True, kw_only=True):
    """The attempts of ordinary jobs, one a row."""

    job: Places  #: the row of its job
    started: Numbers
    ended: Numbers
    run: Numbers  #: how long the body ran: as its worker told, else from start to end
    failed: NDArray[np.bool_]
    error: Numbers  #: hash of the error's type, where it failed


class Sifted(msgspec.Struct, frozen=True):
    """The jobs of one arm, or some of them."""

    ordinary: Ordinary
    attempts: OrdinaryAttempts
    #: hash of the job key, and what became of it; read while it is gone through, once; the scan must still be open
    unusual: Iterator[tuple[int, JobHistory]]
    late: list[JobHistory]  #: what was heard of jobs after they had been folded; complete when `unusual` has been gone through


class _Gathered:
    """The rows of one arm as they come by."""

    def __init__(self) -> None:
        self.assigned: list[Columns] = []  #: job, position, time, unit, name, epoch
        self.enqueued: list[Columns] = []  #: job, position, time, how long it took
        self.store: list[Columns] = []  #: job, position, time, detail, native id, kind
        self.worker: list[Columns] = []  #: job, position, time, how long the body ran, native id, process, kind
        self.other: list[Columns] = []  #: job, position

    def take(self, rows: Unpacked, offset: int) -> None:
        """Keep rows, in the columns that their kind needs."""
        kind = rows.kind
        by_us = ~rows.by_store & ~rows.on_store_clock
        assigned, enqueued = (kind == ASSIGNED) & by_us, (kind == ENQUEUED) & by_us
        # The end of a delay is expected of `delayed` alone; where `available` tells of one, the job is looked at by itself.
        told = (kind >= AVAILABLE) & (kind < OTHER) & rows.by_store & ~((kind == AVAILABLE) & (rows.first != NONE))
        worker = by_us & (rows.process != 0) & ((kind == STARTED) | (kind == COMPLETED))
        other = ~assigned & ~enqueued & ~told & ~worker
        self.assigned.append(tuple(c[assigned] for c in (rows.job, rows.position, rows.ts, rows.first, rows.second, rows.epoch)))
        self.enqueued.append(tuple(c[enqueued] for c in (rows.job, rows.position, rows.ts, rows.first)))
        at = np.where(rows.on_store_clock, rows.ts - offset, rows.ts)
        self.store.append(
            (*(c[told] for c in (rows.job, rows.position, at, rows.first)), rows.second[told].astype(np.int32), kind[told].astype(np.int8))
        )
        words = (rows.job, rows.position, rows.ts, rows.first, rows.second.astype(np.int32), rows.process, kind.astype(np.int8))
        self.worker.append(tuple(c[worker] for c in words))
        self.other.append((rows.job[other], rows.position[other]))


def sift(scan: Scan, offsets: Sequence[int]) -> Iterator[tuple[int, Sifted]]:
    """All jobs of a scan in one pass: the number of their arm, and some of its jobs. Every arm comes at least once.

    `offsets`: each arm's store clock minus the host's, in nanoseconds.
    """
    parts = sum(scan.assigned().values()) // PART + 1
    gathered = [[_Gathered() for _ in range(parts)] for _ in offsets]
    for chunk in scan.chunks():
        rows = Unpacked(chunk)
        group = rows.arm * parts + rows.job % parts
        order = np.argsort(group, kind="stable")
        found, edges = np.unique(group[order], return_index=True)
        for number, some in zip(found.tolist(), np.split(order, edges[1:]), strict=True):
            arm, part = divmod(number, parts)
            gathered[arm][part].take(Unpacked(chunk[some]), offsets[arm])
    for arm, offset in enumerate(offsets):
        while gathered[arm]:
            yield arm, _sifted(scan, scan.arms[arm], gathered[arm].pop(), offset)


def _sifted(scan: Scan, arm: str, gathered: _Gathered, offset: int) -> Sifted:
    job, position, assigned, unit, name, epoch = _joined(gathered.assigned, 6)
    keys, first, times = np.unique(job, return_index=True, return_counts=True)
    fine = times == 1
    enqueue_job, enqueue_position, enqueued_at, elapsed = _joined(gathered.enqueued, 4)
    place = _places(keys, enqueue_job)
    known = place >= 0
    fine &= np.bincount(place[known], minlength=len(keys)) <= 1
    enqueued, enqueue_elapsed = np.full(len(keys), NONE), np.full(len(keys), NONE)
    enqueued[place[known]], enqueue_elapsed[place[known]] = enqueued_at[known], elapsed[known]
    other_job, other_position = _joined(gathered.other, 2)
    other_place = _places(keys, other_job)
    fine[other_place[other_place >= 0]] = False
    store_job, store_position, *columns = _joined(gathered.store, 6)
    store_place = _places(keys, store_job)
    stories = Stories(scan, store_place, store_position, columns, offset=offset, jobs=len(keys), wanted=fine)
    worker_job, worker_position, *words = _joined(gathered.worker, 7)
    worker_place = _places(keys, worker_job)
    workers = WorkerWords(worker_place, words, stories)
    fine = stories.ordinary & workers.fine
    # Of starts that the store does not show only the worker knows.
    unseen = workers.told & (stories.attempts == 0)
    kept = np.flatnonzero(fine)
    kept = kept[np.argsort(position[first][kept])]
    row = np.full(len(keys), -1)
    row[kept] = np.arange(len(kept))
    ordinary = Ordinary(
        job=keys[kept],
        position=position[first][kept],
        assigned=assigned[first][kept],
        unit=unit[first][kept],
        name=name[first][kept],
        epoch=epoch[first][kept],
        enqueued=enqueued[kept],
        enqueue_elapsed=enqueue_elapsed[kept],
        available=stories.available[kept],
        due=stories.due[kept],
        started=np.where(unseen, workers.started, stories.started)[kept],
        terminal=stories.terminal[kept],
        attempts=np.where(unseen, 1, stories.attempts)[kept],
        first_failed=np.where(unseen, 0, stories.first_failed)[kept].astype(np.int8),
        events=(1 + np.bincount(place[known], minlength=len(keys)) + stories.events + 2 * workers.told)[kept],
    )
    attempts = _attempts(stories, workers, np.flatnonzero(unseen), row)
    # Of a job that was never assigned the place is -1: the last.
    usual = np.append(fine, False)
    unusual = [
        (jobs[left], positions[left])
        for jobs, positions, left in (
            (job, position, ~usual[_places(keys, job)]),
            (enqueue_job, enqueue_position, ~usual[place]),
            (other_job, other_position, np.ones(len(other_job), np.bool_)),
            (store_job, store_position, ~usual[store_place]),
            (worker_job, worker_position, ~usual[worker_place]),
        )
        if len(jobs)
    ]
    late: list[JobHistory] = []
    return Sifted(ordinary, attempts, _histories(scan, arm, unusual, offset, late), late)


def _attempts(stories: Stories, workers: WorkerWords, unseen: Places, row: Places) -> OrdinaryAttempts:
    """Of ordinary jobs: those that the store saw, as long as their workers told, and those of `unseen` jobs, of which only workers told.

    `row`: of each job; below zero where it is not ordinary.
    """
    job = np.append(stories.attempt_place, unseen)
    order = np.argsort(row[job], kind="stable")
    order = order[np.searchsorted(row[job][order], 0) :]
    job, nothing = job[order], np.zeros(len(unseen), np.int64)
    started = np.append(stories.attempt_started, workers.started[unseen])[order]
    ended = np.append(stories.attempt_ended, workers.ended[unseen])[order]
    return OrdinaryAttempts(
        job=row[job],
        started=started,
        ended=ended,
        run=workers.run(job, ended - started),
        failed=np.append(stories.attempt_failed, nothing > 0)[order],
        error=np.append(stories.attempt_error, nothing)[order],
    )


def _joined(parts: list[Columns], columns: int) -> list[NDArray[Any]]:
    """Column by column, from the last; each is let go of where it was."""
    if not parts:
        return [np.empty(0, np.int64)] * columns
    stacks = [list(part) for part in parts]
    parts.clear()
    return [np.concatenate([stack.pop() for stack in stacks]) for _ in range(columns)][::-1]


def _places(keys: Numbers, jobs: Numbers) -> Places:
    """Where each job stands among the keys; -1 where it does not."""
    if not len(keys):
        return np.full(len(jobs), -1)
    place = np.minimum(np.searchsorted(keys, jobs), len(keys) - 1)
    return np.where(keys[place] == jobs, place, -1)


def _histories(
    scan: Scan, arm: str, rows: Sequence[tuple[Numbers, Numbers]], offset: int, late: list[JobHistory]
) -> Iterator[tuple[int, JobHistory]]:
    """What became of these jobs, by the position of their first event. `rows`: hashes and positions of all their events."""
    if not rows:
        return
    jobs, positions = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.argsort(positions)
    jobs, positions = jobs[order], positions[order]
    keys, first, place = np.unique(jobs, return_index=True, return_inverse=True)
    turn = np.empty(len(keys), np.int64)
    turn[np.argsort(first)] = np.arange(len(keys))
    block = turn[place] // AT_ONCE
    order = np.argsort(block, kind="stable")
    edges = np.searchsorted(block[order], np.arange(len(keys) // AT_ONCE + 2))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        stories: dict[tuple[int, str], list[Event]] = {}
        rows_here = order[start:end]
        for number, event in zip(jobs[rows_here].tolist(), scan.events_at(positions[rows_here].tolist()), strict=True):
            stories.setdefault((number, event.job_key), []).append(event)
        folded = scan.folded_jobs(arm, [key for _, key in stories])
        for (number, key), events in stories.items():
            if key in folded:
                late.append(fold(events, offset))
            else:
                yield number, fold(events, offset)
