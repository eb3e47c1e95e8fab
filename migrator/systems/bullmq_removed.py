"""What BullMQ no longer knows; read in bullmq 3.15.8, 4.18.3, 5.81.5 and 6.7.0, `repeat` and `debounce` run with 6.7.0."""

from __future__ import annotations

from migrator.systems.removed import Removed

REMOVED = (
    Removed(
        form="option",
        names=("repeat",),
        since=6,
        outcome="ignored",
        effect="the job runs once, at once, and never again",
        instead="`queue.upsertJobScheduler(id, { pattern }, { name, data, opts })`",
    ),
    Removed(
        form="option",
        names=("debounce",),
        since=6,
        outcome="refused",
        effect="the call throws",
        instead="`deduplication: { id, ttl }`",
    ),
    Removed(
        form="method",
        names=("getRepeatableJobs", "removeRepeatable", "removeRepeatableByKey"),
        since=6,
        outcome="refused",
        effect="the call throws",
        instead="`getJobSchedulers` and `removeJobScheduler`",
    ),
    Removed(
        form="import",
        names=("bullmq.QueueScheduler",),
        since=2,
        outcome="refused",
        effect="it is undefined, and `new` of it throws",
        instead="nothing: workers do what it did",
    ),
)
