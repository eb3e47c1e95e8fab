"""Vercel Queues: topics that are sent to, and routes that a trigger in vercel.json ties to a topic."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="vercel-queue",
    title="Vercel Queues",
    languages=("typescript", "javascript"),
    worker_per_queue=True,
    npm=("@vercel/queue",),
    time_unit="s",
    acknowledgement="late",
    source="@vercel/queue 0.6.0, read, and the platform's documentation",
)
