"""BullMQ's numbers. Sizes and delays have no limit but Redis's own."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_run = partial(Limit, source="bullmq 6.7.0, read and run", checked="2026-11-21")

LIMITS: tuple[Limit, ...] = (
    Limit(
        id="MIG04",
        name="job-size",
        title="Size of a job",
        value=512 * 1024**2,
        unit="bytes",
        per="job",
        source="Redis: longest string, from memory",
        checked="2026-11-21",
        note="all jobs share Redis's memory; the option `sizeLimit` of a job sets a limit",
    ),
    _run(
        id="MIG06",
        name="default-attempts",
        title="Runs when nothing is said",
        value=1,
        unit="count",
        per="job",
        kind="default",
    ),
    _run(id="MIG07", name="first-wait", title="Wait before the first retry", value=0, unit="s", per="retry", kind="default"),
    _run(id="MIG09", name="priority", title="Largest number of a priority", value=2_097_151, unit="count", per="job"),
    _run(
        id="MIG13",
        name="lock",
        title="Lock of a running job, renewed every half of it",
        value=30,
        unit="s",
        per="run",
        kind="default",
        note="a handler that keeps the event loop busy for longer is run a second time",
    ),
    _run(id="MIG13", name="stalls", title="Times that a stalled job is run again", value=1, unit="count", per="job", kind="default"),
    _run(id="MIG15", name="concurrency", title="Jobs at once", value=1, unit="count", per="worker", kind="default"),
    _run(
        id="MIG16",
        name="event-stream",
        title="Events kept for listeners and observers",
        value=10_000,
        unit="count",
        per="queue",
        kind="default",
    ),
)
