"""Netlify's scheduled and background functions, and its async workloads."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

#: the end of a file's name that makes its function run in the background
BACKGROUND = "-background"
#: where functions stand if nothing else is said; the first is today's, the others were once
FUNCTION_FOLDERS = ("netlify/functions", "netlify-automatic-functions")
#: seconds that a background function, and a scheduled one, may take
BACKGROUND_TIMEOUT = 900
SCHEDULED_TIMEOUT = 30
#: a background function that fails runs again after these seconds
RETRIES = (60.0, 120.0)

SYSTEM = System(
    name="netlify",
    title="Netlify Functions",
    languages=("typescript", "javascript"),
    npm=("@netlify/functions", "@netlify/async-workloads"),
    retry=RetryFacts(option="", counts="executions", default=1 + len(RETRIES), automatic=True, backoff=Backoff("table", table=RETRIES)),
    default_timezone="UTC",
    acknowledgement="late",
    source="the platform's documentation",
)
