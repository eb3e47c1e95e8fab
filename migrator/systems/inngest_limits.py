"""Inngest's numbers. Two of its own pages disagree about plans (5, 25, 200 steps at once, or 5, 100, 500): those of the newer page."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_PLANS = "inngest.com/docs/durable-execution/limits"
_USAGE = "inngest.com/docs/usage-limits/inngest"
_SERVER = "inngest/inngest pkg/consts/consts.go, August 2026"
_SDK = "inngest 4.24.0, read and run"

_plan = partial(Limit, source=_PLANS, checked="2026-11-22")
_usage = partial(Limit, source=_USAGE, checked="2026-11-22")
_server = partial(Limit, source=_SERVER, checked="2026-11-21")
_sdk = partial(Limit, source=_SDK, checked="2026-11-21")

LIMITS: tuple[Limit, ...] = (
    _usage(
        id="MIG01",
        name="steps-per-run",
        title="Steps in a run",
        value=1_000,
        unit="count",
        per="run",
        note="the open-source server can be configured up to 10,000",
    ),
    _usage(id="MIG02", name="step-output", title="Result of a step", value=4 * 1024**2, unit="bytes", per="step"),
    _usage(
        id="MIG03",
        name="run-state",
        title="State of a run: its events, all results of its steps, its own result",
        value=32 * 1024**2,
        unit="bytes",
        per="run",
    ),
    _plan(id="MIG04", name="event-size", title="Size of an event", value=256 * 1024, unit="bytes", per="event", plan="Free"),
    _server(
        id="MIG04",
        name="event-size",
        title="Size of an event",
        value=512 * 1024,
        unit="bytes",
        per="event",
        plan="open-source server",
        kind="default",
    ),
    _plan(id="MIG04", name="event-size", title="Size of an event", value=3 * 1024**2, unit="bytes", per="event", plan="Pro"),
    _plan(id="MIG04", name="event-size", title="Size of an event", value=3 * 1024**2, unit="bytes", per="event", plan="Business"),
    _server(id="MIG05", name="events-per-request", title="Events in one `send`", value=5_000, unit="count", per="request"),
    _server(
        id="MIG06",
        name="default-retries",
        title="Retries when nothing is said",
        value=4,
        unit="count",
        per="step",
        kind="default",
        note="a comment of the SDK says 3; the server decides",
    ),
    _server(
        id="MIG06",
        name="retries",
        title="Retries",
        value=20,
        unit="count",
        per="step",
        note="the SDK takes larger numbers without complaint",
    ),
    _server(id="MIG07", name="first-wait", title="Wait before the first retry", value=15, unit="s", per="retry", kind="default"),
    _server(id="MIG07", name="retry-wait-least", title="Least wait of a `RetryAfterError`", value=1, unit="s", per="retry", kind="minimum"),
    _server(id="MIG07", name="retry-wait", title="Longest wait of a `RetryAfterError`", value=86_400, unit="s", per="retry"),
    _usage(id="MIG08", name="sleep", title="Sleep, wait and delayed event", value=366 * 86_400, unit="s", per="step", note="a year"),
    _usage(id="MIG08", name="sleep", title="Sleep, wait and delayed event", value=7 * 86_400, unit="s", per="step", plan="Free"),
    _server(
        id="MIG09",
        name="priority",
        title="Head start by priority",
        value=600,
        unit="s",
        per="run",
        note="-600 to 600 by its documents; the server cuts off at 12 hours either way",
    ),
    _usage(
        id="MIG10",
        name="event-id-window",
        title="Window of an event's `id` and of `idempotency`",
        value=86_400,
        unit="s",
        per="event",
        kind="default",
    ),
    _server(
        id="MIG11",
        name="event-name",
        title="Length of an event's name",
        value=256,
        unit="count",
        per="event",
        note="characters; 512 in newer code of the server; `inngest/` at its beginning is kept for Inngest",
    ),
    _server(id="MIG12", name="cron-length", title="Length of a cron expression", value=255, unit="count", per="trigger"),
    _server(
        id="MIG12", name="cron-period", title="Least time between two runs of a cron", value=60, unit="s", per="trigger", kind="minimum"
    ),
    _usage(
        id="MIG13",
        name="step-time",
        title="One request: a step and the code around it",
        value=7_200,
        unit="s",
        per="step",
        note="the host may end it sooner: Vercel after 10 to 900 s, Netlify after 10 s to 15 min, by the plan",
    ),
    _plan(id="MIG15", name="concurrent-steps", title="Steps at once", value=5, unit="count", per="account", plan="Free"),
    _plan(id="MIG15", name="concurrent-steps", title="Steps at once", value=100, unit="count", per="account", plan="Pro"),
    _plan(id="MIG15", name="concurrent-steps", title="Steps at once", value=500, unit="count", per="account", plan="Business"),
    _server(id="MIG16", name="concurrency-limits", title="Concurrency limits of a function", value=2, unit="count", per="function"),
    _server(id="MIG16", name="triggers", title="Triggers of a function", value=10, unit="count", per="function"),
    _server(id="MIG16", name="cancellations", title="Entries of `cancelOn`", value=5, unit="count", per="function"),
    _server(id="MIG16", name="batch-size", title="Size of a batch of events", value=10 * 1024**2, unit="bytes", per="run"),
    _plan(id="MIG16", name="batch-events", title="Events in a batch", value=5, unit="count", per="run", plan="Free"),
    _plan(id="MIG16", name="batch-events", title="Events in a batch", value=100, unit="count", per="run", plan="Pro"),
    _plan(id="MIG16", name="batch-events", title="Events in a batch", value=500, unit="count", per="run", plan="Business"),
    _server(id="MIG16", name="debounce-period", title="Period of a debounce", value=7 * 86_400, unit="s", per="function"),
    _server(id="MIG16", name="throttle-period", title="Period of a throttle", value=7 * 86_400, unit="s", per="function"),
    _server(id="MIG16", name="rate-limit-period", title="Period of a rate limit", value=86_400, unit="s", per="function"),
    _plan(
        id="MIG16",
        name="executions",
        title="Executions included: one for a run, one for each step",
        value=50_000,
        unit="count",
        per="month",
        plan="Free",
    ),
    _plan(
        id="MIG16",
        name="executions",
        title="Executions included: one for a run, one for each step",
        value=1_000_000,
        unit="count",
        per="month",
        plan="Pro",
    ),
    _plan(
        id="MIG16",
        name="executions",
        title="Executions included: one for a run, one for each step",
        value=10_000_000,
        unit="count",
        per="month",
        plan="Business",
    ),
    _sdk(
        id="MIG16",
        name="checkpoint-time",
        title="Steps done in one request before it answers (version 4)",
        value=10,
        unit="s",
        per="request",
        kind="default",
    ),
)
