"""Vercel Cron: `crons` of vercel.json, each a GET request to a route of the production deployment. Nothing is tried again."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

#: the name of the secret that Vercel sends along as a bearer token, where the project sets it
SECRET = "CRON_SECRET"  # noqa: S105 - the name of a variable

#: seconds that a function may run where nothing is said, with fluid compute
DEFAULT_DURATION = 300

SYSTEM = System(
    name="vercel-cron",
    title="Vercel Cron",
    overlapping_runs="yes",
    languages=("typescript", "javascript", "python"),
    npm=("@vercel/config",),
    environment=(SECRET,),
    retry=RetryFacts(option="", counts="executions", default=1, automatic=False, backoff=Backoff("none")),
    default_timezone="UTC",
    cron_seconds="no",
    acknowledgement="early",
    source="the platform's documentation",
)
