"""What workers told of jobs whose body ran once: column by column, as `fold` would put it beside what the store saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger.scan import COMPLETED, NONE, STARTED, Numbers
from migrator.shadow.ledger.stories import Flags, Places, Stories


class WorkerWords:
    """Of every job of which one process told a start and then a completion, of the copy that its store had and beside one attempt of the
    store's at most: when the two were (nanoseconds on the host's clock), and how long the body ran (`NONE` where the process did not say).

    `fine`: jobs of which nothing else was told by workers, if anything. What stands at jobs that are not `told` of means nothing.
    """

    def __init__(self, place: Places, columns: Sequence[NDArray[Any]], stories: Stories) -> None:
        at, elapsed, native, process, kind = columns
        jobs = len(stories.ordinary)
        counts = np.bincount(place[place >= 0], minlength=jobs)
        order = np.lexsort((kind, place))
        order = order[np.searchsorted(place[order], 0) :]
        first = np.append(0, np.cumsum(counts))[:-1]
        pairs = np.flatnonzero(counts == 2)
        start, end = order[first[pairs]], order[first[pairs] + 1]
        fits = (kind[start] == STARTED) & (kind[end] == COMPLETED) & (at[start] < at[end]) & (process[start] == process[end])
        fits &= (native[start] == stories.native[pairs]) & (native[end] == stories.native[pairs]) & (stories.attempts[pairs] <= 1)
        pairs, start, end = pairs[fits], start[fits], end[fits]
        self.told: Flags = np.zeros(jobs, np.bool_)
        self.told[pairs] = True
        self.fine: Flags = self.told | (counts == 0)
        self.started, self.ended, self.elapsed = (np.full(jobs, NONE) for _ in range(3))
        self.started[pairs], self.ended[pairs], self.elapsed[pairs] = at[start], at[end], elapsed[end]

    def run(self, job: Places, between: Numbers) -> Numbers:
        """How long the only attempts of these jobs ran: as the worker says, else `between` start and end."""
        return np.where(self.told[job] & (self.elapsed[job] != NONE), self.elapsed[job], between)
