"""Did every process route by the newest configuration? One with an old file sends jobs where nobody wants them any more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from migrator.shadow.judging.check import Check
from migrator.shadow.ledger import Epoch
from migrator.shadow.measuring.metrics import Timeline
from migrator.shadow.wording import count, percent

GRACE = 2_000_000_000  # nanoseconds that a change is given to reach every process
FEW = 0.01  #: share of decisions


def staleness_check(epochs: Sequence[Epoch], timelines: Sequence[Timeline]) -> Check:
    """Decisions that were made by a configuration after the next one had been in force for `GRACE`."""
    numbers = np.array([epoch.config_epoch for epoch in epochs], dtype=np.int64)
    since = np.array([epoch.started_ns for epoch in epochs], dtype=np.int64) + GRACE
    made, stale = 0, 0
    for line in timelines:
        # The first configuration was in force before it was written down.
        in_force = numbers[np.maximum(0, np.searchsorted(since, line.assigned_ns, side="right") - 1)]
        made += len(line.assigned_ns)
        stale += int((line.epoch < in_force).sum())
    if not stale:
        return Check("staleness", "ok", "every job was routed by the configuration that held")
    state = "warning" if stale > FEW * made else "ok"
    return Check("staleness", state, f"{count(stale, 'job')} ({percent(stale / made)}) went by a configuration that no longer held")
