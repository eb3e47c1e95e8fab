"""What RQ no longer knows; read in rq 1.16.2 and 2.0.0."""

from __future__ import annotations

from migrator.systems.removed import Removed

REMOVED = (
    Removed(
        form="import",
        names=("rq.Connection", "rq.push_connection", "rq.pop_connection", "rq.use_connection", "rq.get_current_connection"),
        since=2,
        outcome="refused",
        effect="the import fails",
        instead="`connection=` of queues, workers and jobs",
    ),
)
