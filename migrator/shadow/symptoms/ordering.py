"""Do jobs of one unit start in the order in which they became ready? Code that leans on it breaks where a system does not keep it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from migrator.shadow.judging.check import Check
from migrator.shadow.ledger import JobHistory
from migrator.shadow.ledger.scan import NONE, Scan, named, unit_number
from migrator.shadow.ledger.sifting import Ordinary
from migrator.shadow.measuring.named_jobs import NamedJob, overtook
from migrator.shadow.statistics.inversions import inversions
from migrator.shadow.wording import listed, percent

#: so many jobs that overtook are named: where there are more, order is not what the system keeps
NAMED = 10_000


class Ordering(msgspec.Struct, frozen=True):
    """Of `pairs` of jobs with the same name and unit, so many in which the later one started first."""

    pairs: int
    inverted: int


class OrderWatch:
    """Watches the histories of one arm; keeps 32 bytes of each job that shares its unit, and of unusual ones what names them."""

    def __init__(self) -> None:
        self._unit, self._ready, self._start = array("q"), array("q"), array("q")
        self._who = array("q")  #: the position of its `assigned` event; below zero: -1 - its place among the unusual
        self._unusual: list[NamedJob] = []

    def see(self, history: JobHistory) -> None:
        """Jobs that are a unit of their own have no order to keep, nor have those that were not seen to start."""
        ready = history.available_ns if history.available_ns is not None else history.enqueued_ns
        if history.unit_key in ("", history.job_key) or ready is None or not history.attempts:
            return
        self._unit.append(hash(history.job_name) ^ unit_number(history.unit_key))
        self._ready.append(max(ready, history.due_ns or ready))
        self._start.append(history.attempts[0].started_ns)
        self._unusual.append(overtook(history))
        self._who.append(-len(self._unusual))

    def see_ordinary(self, jobs: Ordinary, scan: Scan) -> None:
        """The same of many that completed."""
        kept = np.flatnonzero((jobs.unit != 0) & (jobs.ready != NONE) & (jobs.attempts > 0))
        names, place = np.unique(jobs.name[kept], return_inverse=True)
        hashes = np.array([hash(named(scan, name)[0]) for name in names.tolist()], dtype=np.int64)
        for column, values in (
            (self._unit, jobs.unit[kept] ^ hashes[place]),
            (self._ready, jobs.ready[kept]),
            (self._start, jobs.started[kept]),
            (self._who, jobs.position[kept]),
        ):
            column.frombytes(values.tobytes())

    def close(self) -> Ordering:
        """Jobs that became ready at the same instant have no order between them."""
        if not len(self._unit):
            return Ordering(0, 0)
        sizes = np.unique(np.array(self._unit, dtype=np.int64), return_counts=True)[1]
        return Ordering(int((sizes * (sizes - 1) // 2).sum()), inversions(self._places()[1]))

    def named(self, scan: Scan) -> Iterator[NamedJob]:
        """The jobs that started before one of their unit that was ready earlier, `NAMED` of them at most. The scan must still be open."""
        sequence, places = self._places()
        jumped = places < np.maximum.accumulate(places) if len(places) else np.zeros(0, dtype=np.bool_)
        who = np.array(self._who, dtype=np.int64)[sequence[jumped]][:NAMED]
        yield from (self._unusual[-1 - number] for number in who[who < 0].tolist())
        yield from map(overtook, scan.events_at(np.sort(who[who >= 0]).tolist()))

    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The jobs, unit by unit, in the order in which they became ready; and of each its place among the starts.

        Units stand one after the other in both, so no pair crosses from one to the next.
        """
        unit, ready, start = (np.array(column, dtype=np.int64) for column in (self._unit, self._ready, self._start))
        sequence = np.lexsort((start, ready, unit))
        place = np.empty(len(unit), dtype=np.int64)
        place[np.lexsort((ready, start, unit))] = np.arange(len(unit))
        return sequence, place[sequence]


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
