"""QStash's numbers. Its documents are at odds with each other in two places, which are named."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

#: entries that the service keeps in its log, by its documents
LOG_ENTRIES = 10_000

_docs = partial(Limit, source="upstash.com/docs/qstash", checked="2026-11-22")
_listing = partial(Limit, source="a third party's listing of its plans (api-evangelist/qstash)", checked="2026-11-22")

LIMITS: tuple[Limit, ...] = (
    _listing(id="MIG04", name="message-size", title="Size of a message", value=1_000_000, unit="bytes", per="message", plan="Free"),
    _listing(
        id="MIG04", name="message-size", title="Size of a message", value=10_000_000, unit="bytes", per="message", plan="Pay as you go"
    ),
    Limit(
        id="MIG06",
        name="default-retries",
        title="Retries when nothing is said",
        value=3,
        unit="count",
        per="message",
        kind="default",
        source="@upstash/qstash 2.12.0",
        checked="2026-11-21",
        note="its documents also say: as many as the plan allows",
    ),
    _docs(id="MIG07", name="first-wait", title="Wait before the first retry", value=12, unit="s", per="retry", kind="default"),
    _docs(id="MIG07", name="retry-wait", title="Longest wait before a retry", value=86_400, unit="s", per="retry"),
    _docs(id="MIG08", name="delay", title="Delay of a message", value=7 * 86_400, unit="s", per="message", plan="Free"),
    _docs(id="MIG08", name="delay", title="Delay of a message", value=365 * 86_400, unit="s", per="message", plan="Pay as you go"),
    _docs(
        id="MIG10",
        name="deduplication",
        title="Window of deduplication",
        value=600,
        unit="s",
        per="message",
        kind="default",
        note="a comment of the SDK says 90 days",
    ),
    _docs(
        id="MIG12",
        name="schedule-period",
        title="Least time between two runs of a schedule",
        value=60,
        unit="s",
        per="schedule",
        kind="minimum",
    ),
    _docs(id="MIG15", name="queue-parallelism", title="Deliveries of a queue at once", value=1, unit="count", per="queue", kind="default"),
    _listing(id="MIG16", name="schedules", title="Schedules", value=10, unit="count", per="account", plan="Free"),
    _listing(id="MIG16", name="messages", title="Messages", value=1_000, unit="count", per="day", plan="Free"),
)
