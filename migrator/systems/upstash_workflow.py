"""Upstash Workflow: durable steps over QStash."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

#: subpaths of the npm package: one for each framework
SUBPATHS = ("astro", "cloudflare", "express", "h3", "hono", "nextjs", "react-router", "solidjs", "svelte", "tanstack")
#: every module name under which TypeScript imports the SDK; it began inside that of QStash
MODULES = (
    "@upstash/workflow",
    *(f"@upstash/workflow/{folder}{name}" for folder in ("", "dist/") for name in SUBPATHS),
    *(f"@upstash/qstash/{name}" for name in ("cloudflare", "h3", "hono", "nextjs", "solidjs", "svelte", "workflow")),
)
#: the tools of a workflow's context that make a durable step
STEPS = ("run", "sleep", "sleepUntil", "call", "waitForEvent", "waitForWebhook", "notify", "invoke", "createWebhook")

SYSTEM = System(
    name="upstash-workflow",
    title="Upstash Workflow",
    languages=("typescript", "javascript", "python"),
    npm=("@upstash/workflow",),
    pypi=("upstash-workflow",),
    environment=("UPSTASH_WORKFLOW_*",),
    retry=RetryFacts(
        option="retries", counts="retries", default=3, automatic=True, backoff=Backoff("table", table=(12, 148, 1_808, 22_026))
    ),
    time_unit="s",
    acknowledgement="late",
    source="the SDK and the service's documentation",
)
