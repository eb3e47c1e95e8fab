"""Do jobs of one unit start in the order in which they became ready? Code that leans on it breaks where a system does not keep it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import msgspec
import numpy as np

from migrator.shadow.check import Check
from migrator.shadow.ledger import JobHistory
from migrator.shadow.ledger.scan import NONE, Scan, named, unit_number
from migrator.shadow.ledger.sifting import Ordinary
from migrator.shadow.statistics.inversions import inversions
from migrator.shadow.wording import listed, percent


class Ordering(msgspec.Struct, frozen=True):
    """Of `pairs` of jobs with the same name and unit, so many in which the later one started first."""

    pairs: int
    inverted: int


class OrderWatch:
    """Watches the histories of one arm; keeps 24 bytes of each job that shares its unit."""

    def __init__(self) -> None:
        self._unit, self._ready, self._start = array("q"), array("q"), array("q")

    def see(self, history: JobHistory) -> None:
        """Jobs that are a unit of their own have no order to keep, nor have those that were not seen to start."""
        ready = history.available_ns if history.available_ns is not None else history.enqueued_ns
        if history.unit_key in ("", history.job_key) or ready is None or not history.attempts:
            return
        self._unit.append(hash(history.job_name) ^ unit_number(history.unit_key))
        self._ready.append(max(ready, history.due_ns or ready))
        self._start.append(history.attempts[0].started_ns)

    def see_ordinary(self, jobs: Ordinary, scan: Scan) -> None:
        """The same of many that completed."""
        kept = np.flatnonzero((jobs.unit != 0) & (jobs.ready != NONE) & (jobs.attempts > 0))
        names, place = np.unique(jobs.name[kept], return_inverse=True)
        hashes = np.array([hash(named(scan, name)[0]) for name in names.tolist()], dtype=np.int64)
        for column, values in (
            (self._unit, jobs.unit[kept] ^ hashes[place]),
            (self._ready, jobs.ready[kept]),
            (self._start, jobs.started[kept]),
        ):
            column.frombytes(values.tobytes())

    def close(self) -> Ordering:
        """Jobs that became ready at the same instant have no order between them."""
        unit, ready, start = (np.array(column, dtype=np.int64) for column in (self._unit, self._ready, self._start))
        if not len(unit):
            return Ordering(0, 0)
        sequence = np.lexsort((start, ready, unit))
        sizes = np.unique(unit, return_counts=True)[1]
        # A job's place among the starts of its unit; units stand one after the other, so no pair crosses from one to the next.
        place = np.empty(len(unit), dtype=np.int64)
        place[np.lexsort((ready, start, unit))] = np.arange(len(unit))
        return Ordering(int((sizes * (sizes - 1) // 2).sum()), inversions(place[sequence]))


def ordering_check(arms: Sequence[tuple[str, Ordering]]) -> Check:
    """`arms`: each by name, the current one first. More overtaking than in the current system is worth a look."""
    seen = [(name, found) for name, found in arms if found.pairs]
    if not seen:
        return Check("ordering", "ok", "no two jobs belong to one unit, so there is no order to keep")
    words = listed([f"{name} {percent(found.inverted / found.pairs)}" for name, found in seen])
    usual = next((found.inverted / found.pairs for name, found in seen if name == arms[0][0]), 0.0)
    worse = [name for name, found in seen if name != arms[0][0] and found.inverted / found.pairs > max(2 * usual, usual + 0.001)]
    text = f"pairs of jobs of one unit in which the later one started first: {words}"
    if worse:
        return Check("ordering", "warning", f"{text}; code that counts on the order of {listed(worse)} would break")
    return Check("ordering", "ok", text)
