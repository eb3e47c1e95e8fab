"""Netlify's scheduled and background functions."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="netlify",
    title="Netlify Functions",
    languages=("typescript", "javascript"),
    npm=("@netlify/functions", "@netlify/async-workloads"),
    source="the platform's documentation",
)
