"""Jobs that share a unit of routing, a tenant for one: they share its fate, and ten of them are not ten pieces of evidence."""

from __future__ import annotations

from array import array

import msgspec
import numpy as np
from numpy.typing import NDArray

from migrator.shadow.judging.criteria import SHARES, TAIL, Metric
from migrator.shadow.ledger import JobHistory
from migrator.shadow.ledger.scan import NONE, unit_number
from migrator.shadow.ledger.sifting import Ordinary
from migrator.shadow.measuring.columns import as_array
from migrator.shadow.statistics.clusters import Labels, design_effect
from migrator.shadow.statistics.quantiles import Values, quantile

FEW_TO_A_UNIT = 1.1  #: jobs a unit, on average: as good as one
FEWEST = 10  #: units in an arm; how much units differ cannot be told from fewer


class UnitJobs(msgspec.Struct, frozen=True):
    """One arm's jobs that are not a unit of their own. Flags: 1, 0, or -1 unknown; seconds: infinite while open, not-a-number unknown."""

    unit: Labels
    assigned_ns: NDArray[np.int64]
    epoch: NDArray[np.int64]
    first_failed: NDArray[np.int8]
    discarded: NDArray[np.int8]
    wait: Values
    end_to_end: Values

    @property
    def units(self) -> int:
        """Different ones."""
        return len(np.unique(self.unit))

    @property
    def clustered(self) -> bool:
        """Are there more than a few units with several jobs?"""
        return len(self.unit) > FEW_TO_A_UNIT * self.units

    def first_seen_ns(self, epoch: int) -> NDArray[np.int64]:
        """When each unit's first job of a configuration was assigned."""
        of_epoch = self.epoch == epoch
        moments, unit = self.assigned_ns[of_epoch], self.unit[of_epoch]
        order = np.argsort(moments, kind="stable")
        return moments[order][np.unique(unit[order], return_index=True)[1]]

    def design_effect(self, metric: Metric) -> float:
        """So many jobs tell as much about the metric as one that is a unit of its own."""
        if not self.clustered:
            return 1.0
        if metric in SHARES:
            flags = self.first_failed if metric == "first_attempt_failure" else self.discarded
            known = flags >= 0
            return design_effect(flags[known] == 1, self.unit[known])
        values, cluster = self.durations(metric)
        return design_effect(values <= quantile(np.sort(values), TAIL), cluster) if len(values) else 1.0

    def durations(self, metric: Metric) -> tuple[Values, Labels]:
        """Seconds that are known, or known to be open, and their units."""
        values = self.end_to_end if metric == "end_to_end_p95" else self.wait
        known = ~np.isnan(values)
        return values[known], self.unit[known]


class UnitWatch:
    """Watches the histories of one arm; keeps 42 bytes of each job that shares its unit."""

    def __init__(self) -> None:
        self._unit, self._assigned, self._epoch = array("q"), array("q"), array("q")
        self._first, self._discarded = array("b"), array("b")
        self._wait, self._took = array("d"), array("d")

    def see(self, history: JobHistory) -> None:
        """Jobs that are a unit of their own need no such care."""
        if history.unit_key in ("", history.job_key) or history.assigned_ns is None:
            return
        failed, is_open = history.first_attempt_failed, history.outcome in ("in_flight", "presumed_lost")
        self._unit.append(unit_number(history.unit_key))
        self._assigned.append(history.assigned_ns)
        self._epoch.append(history.config_epoch)
        self._first.append(-1 if failed is None else int(failed))
        self._discarded.append({"completed": 0, "discarded": 1}.get(history.outcome, -1))
        self._wait.append(_seconds(history.wait_ns, is_open and not history.attempts))
        self._took.append(_seconds(history.end_to_end_ns if history.outcome in ("completed", "discarded") else None, is_open))

    def see_ordinary(self, jobs: Ordinary) -> None:
        """The same of many that completed."""
        shared = jobs.unit != 0
        wait = jobs.wait[shared]
        for column, values in (
            (self._unit, jobs.unit[shared]),
            (self._assigned, jobs.assigned[shared]),
            (self._epoch, jobs.epoch[shared]),
            (self._first, jobs.first_failed[shared]),
            (self._discarded, np.zeros(len(wait), dtype=np.int8)),
            (self._wait, np.where(wait == NONE, np.nan, np.maximum(0, wait) / 1e9)),
            (self._took, np.maximum(0, jobs.end_to_end[shared]) / 1e9),
        ):
            column.frombytes(values.tobytes())

    def close(self) -> UnitJobs:
        """All that were seen."""
        return UnitJobs(
            unit=as_array(self._unit),
            assigned_ns=as_array(self._assigned),
            epoch=as_array(self._epoch),
            first_failed=as_array(self._first),
            discarded=as_array(self._discarded),
            wait=as_array(self._wait),
            end_to_end=as_array(self._took),
        )


def _seconds(nanoseconds: int | None, is_open: bool) -> float:
    if is_open:
        return np.inf
    return np.nan if nanoseconds is None else max(0, nanoseconds) / 1e9
