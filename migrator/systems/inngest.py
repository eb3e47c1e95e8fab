"""Inngest 2 to 4 (TypeScript SDK): facts, and the conversions between its units and the model's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.jobs import Backoff, Value, affine
from migrator.systems.facts import RetryFacts, System
from migrator.systems.inngest_capabilities import CAPABILITIES
from migrator.systems.inngest_limits import LIMITS
from migrator.systems.inngest_removed import REMOVED

#: seconds before the first, second, … retry; the last one holds for all later ones. Each gets 0 to 30 s on top.
BACKOFF = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 2400.0, 3600.0, 7200.0)
#: bounds of what a `RetryAfterError` may ask for, in seconds
RETRY_AFTER = (1, 86_400)
#: how long an event's `id`, and a function's `idempotency` key, keep a second one out, in seconds
DEDUPLICATION = 86_400
#: retries of the function that the SDK makes of an `onFailure`
FAILURE_HANDLER_RETRIES = 1

#: subpath of the package that holds `serve` -> the framework it is for
FRAMEWORKS: Mapping[str, str] = {
    "astro": "Astro",
    "bun": "Bun",
    "cloudflare": "Cloudflare Workers",
    "deno/fresh": "Deno",
    "digitalocean": "DigitalOcean Functions",
    "edge": "an edge runtime",
    "express": "Express",
    "fastify": "Fastify",
    "h3": "H3",
    "hono": "Hono",
    "koa": "Koa",
    "lambda": "AWS Lambda",
    "next": "Next.js",
    "nitro": "Nitro",
    "node": "Node's http",
    "nuxt": "Nuxt",
    "redwood": "RedwoodJS",
    "remix": "Remix",
    "sveltekit": "SvelteKit",
}

#: environment name that turns the SDK to a development server, which signs nothing, and the values that do not (an address does)
DEV_SWITCH, DEV_OFF = "INNGEST_DEV", frozenset(("", "0", "false", "no", "off"))
#: option of a client -> the value with which it takes unsigned requests, in TypeScript and in Python
DEV_OPTIONS: Mapping[str, bool] = {"isDev": True, "is_production": False}
#: environment names of the keys with which requests are checked
SIGNING_KEYS = ("INNGEST_SIGNING_KEY", "INNGEST_SIGNING_KEY_FALLBACK")

#: packages around the SDK; to use one is to use Inngest
SATELLITES = (
    "@inngest/agent-kit",
    "@inngest/ai",
    "@inngest/middleware-encryption",
    "@inngest/middleware-sentry",
    "@inngest/middleware-validation",
    "@inngest/realtime",
    "@inngest/test",
    "@inngest/workflow-kit",
    "nest-inngest",
)

#: every module name under which code imports Inngest
MODULES = (
    "inngest",
    *(f"inngest/{name}" for name in FRAMEWORKS),
    *(f"inngest/{name}" for name in ("connect", "experimental", "internals", "react", "realtime", "types")),
    *SATELLITES,
    *("@inngest/realtime/hooks", "@inngest/realtime/middleware"),
)

#: options that limit, order, merge or end runs, and the model's name for what they do
FLOW_CONTROL = (
    "batchEvents",
    "cancelOn",
    "concurrency",
    "debounce",
    "idempotency",
    "priority",
    "rateLimit",
    "singleton",
    "throttle",
    "timeouts",
)

#: events that the server itself makes
SYSTEM_EVENTS = "inngest/"
#: the event that a function that failed for good makes, and the fields of its data (`events` where a batch started the function)
FAILURE = "inngest/function.failed"
FAILURE_DATA = frozenset(("function_id", "run_id", "error", "event", "events", "_inngest"))

SYSTEM = System(
    name="inngest",
    title="Inngest",
    overlapping_runs="yes",
    one_run_options=("singleton",),
    languages=("typescript", "javascript", "python"),
    bulk="`inngest.send([…])`, up to 5,000 events",
    list_forms=("send", "sendEvent", "send_sync"),
    npm=("inngest", "inngest-cli", "@inngest/eslint-plugin", "netlify-plugin-inngest", *SATELLITES),
    pypi=("inngest",),
    environment=("INNGEST_*",),
    retry=RetryFacts(
        option="retries",
        counts="retries",
        default=4,
        automatic=True,
        backoff=Backoff("table", jitter="add30", table=BACKOFF),
    ),
    time_unit="ms",
    priority="higher sooner",
    default_timeout=7200,
    default_timezone="UTC",
    cron_seconds="no",
    acknowledgement="late",
    latency_floor="tens of milliseconds over HTTP; the dev server looks at its queue every 150 ms",
    infrastructure="Inngest's service, or its server with your Postgres and Redis; your HTTP endpoint",
    parallelism="steps of all runs, each an HTTP request, up to the plan's limit",
    cost="by executions (runs and steps), with a free plan; nothing for your own server",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    removed=REMOVED,
    source="inngest 4.24.0 and 3.54.2, read and run against the open-source server",
)


def max_attempts(retries: Value) -> Value:
    """`retries` counts the runs after the first."""
    return affine(retries, offset=1)


def slug(text: str) -> str:
    """How version 2 made an id of a name.

    >>> slug("My App: daily")
    'my-app-daily'
    """
    return re.sub(r"^-+|-+$", "", re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]+", "-", text.lower())))
