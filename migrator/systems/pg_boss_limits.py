"""pg-boss's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="pg-boss 12.35.0, read; 12.31.0, run", checked="2026-11-21")

LIMITS: tuple[Limit, ...] = (
    Limit(
        id="MIG04",
        name="job-size",
        title="Size of a job",
        value=1024**3,
        unit="bytes",
        per="job",
        source="Postgres: largest field, from memory",
        checked="2026-11-21",
        note="a theoretical figure",
    ),
    Limit(
        id="MIG04",
        name="advised-job-size",
        title="Size of a job that Postgres handles with ease",
        value=1024**2,
        unit="bytes",
        per="job",
        kind="advice",
        source="our own estimate, without a source",
        checked="2026-11-21",
    ),
    _read(id="MIG06", name="default-retries", title="Retries when nothing is said", value=2, unit="count", per="job", kind="default"),
    _read(id="MIG07", name="first-wait", title="Wait before the first retry", value=0, unit="s", per="retry", kind="default"),
    _read(
        id="MIG08",
        name="retention",
        title="A job that waits is kept for so long after its moment",
        value=14 * 86_400,
        unit="s",
        per="job",
        kind="default",
    ),
    _read(
        id="MIG12",
        name="schedule-tick",
        title="Time between two looks at the schedules",
        value=30,
        unit="s",
        per="schedule",
        kind="default",
    ),
    _read(
        id="MIG12", name="cron-period", title="Least time between two runs of a cron", value=60, unit="s", per="schedule", kind="minimum"
    ),
    _read(id="MIG13", name="expiry", title="Time limit when nothing is said", value=900, unit="s", per="run", kind="default"),
    _read(id="MIG13", name="longest-expiry", title="Longest time limit", value=86_400, unit="s", per="run"),
    _read(
        id="MIG13", name="expiry-check", title="Time between two looks for expired jobs", value=60, unit="s", per="queue", kind="default"
    ),
    _read(id="MIG13", name="heartbeat", title="Least `heartbeatSeconds`", value=10, unit="s", per="run", kind="minimum"),
    _read(
        id="MIG15",
        name="concurrency",
        title="Jobs at once",
        value=1,
        unit="count",
        per="worker",
        kind="default",
        note="and one for each look at the queue, so 30 a minute unless `localConcurrency` or `batchSize` say more",
    ),
    _read(id="MIG15", name="polling", title="Time between two looks at a queue", value=2, unit="s", per="worker", kind="default"),
    _read(id="MIG15", name="least-polling", title="Least time between two looks", value=0.5, unit="s", per="worker", kind="minimum"),
    _read(id="MIG16", name="connections", title="Connections of one instance", value=10, unit="count", per="instance", kind="default"),
    _read(id="MIG16", name="kept", title="Finished jobs are kept for", value=7 * 86_400, unit="s", per="job", kind="default"),
)
