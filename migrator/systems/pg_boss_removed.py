"""What pg-boss no longer knows; read in pg-boss 9.0.3, 10.4.2, 11.1.2 and 12.35.0, options of old run with 12.31.0."""

from __future__ import annotations

from migrator.systems.removed import Removed

REMOVED = (
    Removed(
        form="method",
        names=("sendOnce", "sendSingleton", "onComplete", "offComplete", "fetchCompleted"),
        since=10,
        outcome="refused",
        effect="the call throws",
        instead="`send` with a queue's `policy`; for what comes after a failure, `deadLetter`",
    ),
    Removed(
        form="option",
        names=("teamSize", "teamConcurrency", "teamRefill"),
        since=10,
        outcome="ignored",
        matters="how jobs run",
        effect="the worker takes one job every two seconds",
        instead="`batchSize`, or from version 12 on `localConcurrency`",
    ),
    Removed(
        form="option",
        names=("newJobCheckInterval", "newJobCheckIntervalSeconds"),
        since=10,
        outcome="ignored",
        matters="how jobs run",
        effect="the worker asks every two seconds",
        instead="`pollingIntervalSeconds`",
    ),
    Removed(
        form="option",
        names=("enforceSingletonQueueActiveLimit", "useSingletonQueue"),
        since=10,
        outcome="ignored",
        matters="how jobs run",
        effect="a second job of the same kind is taken",
        instead="a queue with a `policy`",
    ),
    Removed(
        form="option",
        names=("expireInMinutes", "expireInHours", "expireInDays"),
        since=11,
        outcome="ignored",
        matters="how jobs run",
        effect="a job is given up and tried again after 15 minutes",
        instead="`expireInSeconds`, at most 24 hours",
    ),
    Removed(
        form="option",
        names=("singletonMinutes", "singletonHours"),
        since=11,
        outcome="ignored",
        matters="how jobs run",
        effect="every job is taken",
        instead="`singletonSeconds`",
    ),
    Removed(
        form="option",
        names=(
            *("retentionMinutes", "retentionHours", "retentionDays", "deleteAfterMinutes", "deleteAfterHours", "deleteAfterDays"),
            *("archiveCompletedAfterSeconds", "archiveFailedAfterSeconds"),
        ),
        since=11,
        outcome="ignored",
        matters="what is kept",
        effect="jobs are kept as long as pg-boss keeps them by itself",
        instead="`retentionSeconds` and `deleteAfterSeconds`",
    ),
    Removed(
        form="option",
        names=("noSupervisor", "noScheduling"),
        since=10,
        outcome="ignored",
        matters="how jobs run",
        effect="the process supervises and schedules all the same",
        instead="`supervise: false` and `schedule: false`",
    ),
)
