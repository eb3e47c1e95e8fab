"""Vercel Cron: `crons` of vercel.json, each a request to a route."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="vercel-cron",
    title="Vercel Cron",
    languages=("typescript", "javascript"),
    environment=("CRON_SECRET",),
    source="the platform's documentation",
)
