"""Vercel Queues."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="vercel-queue",
    title="Vercel Queues",
    languages=("typescript", "javascript"),
    npm=("@vercel/queue",),
    source="the platform's documentation",
)
