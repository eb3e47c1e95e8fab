"""Keeping a ledger small: jobs that completed long ago become hourly sums and sketches, and their events are removed.

Only what went the ordinary way is folded. Whatever somebody may want to look at one by one stays: lost, open, failed, cancelled and
duplicated jobs, and all that was odd about a job in any other way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger import ClockReading, Ledger, offset_of
from migrator.shadow.ledger.folded import DAY, HOUR, Folded, FoldedTimes
from migrator.shadow.ledger.scan import NONE, Scan, named
from migrator.shadow.ledger.sifting import Sifted, sift
from migrator.shadow.measuring.durations import Gathering
from migrator.shadow.measuring.metering import tolerance_of
from migrator.shadow.measuring.sketch import Sketch

AT_ONCE = 2_000  #: jobs that are folded in one transaction


def fold_away(ledger: Ledger, keep_days: int, now_ns: int, enough: Callable[[], bool] = lambda: False) -> int:
    """Fold the jobs of every arm that completed more than so many days ago; returns how many. A second call finds none of them.

    In mode fallback none are: which way each job went is counted from its events. `now_ns`: nanoseconds since the epoch.
    Others may write meanwhile; what was heard of a job since it was looked at keeps it. Once it is `enough`, the rest is left for later.
    """
    clocks = ledger.clocks()
    epochs = ledger.epochs()
    arms = list(dict.fromkeys(arm.arm for epoch in epochs for arm in epoch.arms))
    offsets = [offset_of(clocks.get(arm)) for arm in arms]
    before, folded = now_ns - keep_days * DAY, 0
    if not arms or epochs[-1].mode == "fallback":
        return 0
    with ledger.scan(arms) as scan:
        for number, sifted in sift(scan, offsets):
            summing = _Summing(arms[number], sifted, scan, clocks.get(arms[number]))
            rows = np.flatnonzero(sifted.ordinary.terminal < before)
            for start in range(0, len(rows), AT_ONCE):
                if enough():
                    return folded
                some = rows[start : start + AT_ONCE]
                jobs = sifted.ordinary
                seen = list(zip(jobs.position[some].tolist(), jobs.events[some].tolist(), strict=True))
                folded += ledger.fold_away(arms[number], seen, lambda kept, some=some, summing=summing: summing.of(some[kept]))
    return folded


class _Summing:
    """Sums over some of an arm's ordinary jobs."""

    def __init__(self, arm: str, sifted: Sifted, scan: Scan, clock: ClockReading | None) -> None:
        self._arm, self._jobs, self._attempts, self._scan = arm, sifted.ordinary, sifted.attempts, scan
        self._tolerance = tolerance_of(clock)

    def of(self, rows: NDArray[np.intp]) -> list[Folded]:
        """One for each hour, name, label and configuration."""
        jobs = self._jobs
        kinds = np.stack([jobs.assigned[rows] // HOUR, jobs.name[rows], jobs.epoch[rows]], axis=1)
        found, place = np.unique(kinds, axis=0, return_inverse=True)
        return [self._sum(rows[place.reshape(-1) == i], name, epoch) for i, (_, name, epoch) in enumerate(found.tolist())]

    def _sum(self, rows: NDArray[np.intp], name: int, epoch: int) -> Folded:
        jobs, attempts = self._jobs, self._attempts
        low, high = np.searchsorted(attempts.job, rows, side="left"), np.searchsorted(attempts.job, rows, side="right")
        tried = np.concatenate([np.arange(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True)]).astype(np.intp)
        failed, run = attempts.failed[tried], attempts.run[tried]
        job_name, label = named(self._scan, name)
        errors, times = np.unique(attempts.error[tried][failed], return_counts=True)
        made, jobs_made = np.unique(jobs.attempts[rows], return_counts=True)
        assigned, wait, elapsed = jobs.assigned[rows], jobs.wait[rows], jobs.enqueue_elapsed[rows]
        return Folded(
            arm=self._arm,
            job_name=job_name,
            label=label,
            config_epoch=epoch,
            jobs=len(rows),
            first_ns=int(assigned.min()),
            last_ns=int(assigned.max()),
            newest_ns=int(jobs.terminal[rows].max()),
            started=int((jobs.attempts[rows] > 0).sum()),
            first_failed=int((jobs.first_failed[rows] == 1).sum()),
            attempts=dict(zip(made.tolist(), jobs_made.tolist(), strict=True)),
            errors={self._scan.text(error) or "": n for error, n in zip(errors.tolist(), times.tolist(), strict=True)},
            wasted_ns=int(np.maximum(0, run[failed]).sum()),
            times={
                "wait": self._times(wait[wait != NONE], int((wait == NONE).sum())),
                "run_completed": self._times(run[~failed], int((jobs.attempts[rows] == 0).sum())),
                "run_failed": self._times(run[failed], 0),
                "end_to_end": self._times(jobs.end_to_end[rows], 0),
                "enqueue": self._times(elapsed[elapsed != NONE], int((elapsed == NONE).sum())),
            },
        )

    def _times(self, nanoseconds: NDArray[np.int64], unknown: int) -> FoldedTimes:
        gathering = Gathering(self._tolerance)
        gathering.all_over(nanoseconds)
        sketch = Sketch.of(gathering.close(0).values)
        return FoldedTimes(buckets=tuple(sketch.pairs()), unknown=unknown, rounded=gathering.rounded, negative=gathering.negative)
