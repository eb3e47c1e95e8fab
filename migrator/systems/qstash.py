"""Upstash QStash: HTTP messages that a service delivers."""

from __future__ import annotations

import re

from migrator.jobs import Backoff, Literal, Value, affine
from migrator.regex import regex
from migrator.systems.cron_zone import split_zone
from migrator.systems.facts import RetryFacts, System
from migrator.systems.qstash_capabilities import CAPABILITIES
from migrator.systems.qstash_limits import LIMITS

#: subpaths of the npm package; each has the signature check for one framework
SUBPATHS = (
    *("cloudflare", "h3", "hono", "nextjs", "nuxt", "solidjs", "svelte", "workflow"),
    # of the versions before 1.0
    *("nextjs-serverless", "nextjs-edge", "nextjs-app-router"),
)
#: every module name under which TypeScript imports the SDK
MODULES = ("@upstash/qstash", *(f"@upstash/qstash/{folder}{name}" for folder in ("", "dist/") for name in SUBPATHS))

#: where messages are published over HTTP, and what an address of the service contains
PUBLISH = regex(r"/v[12]/(publish|enqueue|batch|schedules)\b/?")
HOST = regex(r"qstash[\w.-]*\.upstash\.io", re.IGNORECASE)

#: request headers of the HTTP interface, and the SDK's options that they stand for
HEADERS = {
    "upstash-delay": "delay",
    "upstash-not-before": "notBefore",
    "upstash-retries": "retries",
    "upstash-cron": "cron",
    "upstash-callback": "callback",
    "upstash-failure-callback": "failureCallback",
    "upstash-deduplication-id": "deduplicationId",
    "upstash-content-based-deduplication": "contentBasedDeduplication",
    "upstash-method": "method",
    "upstash-timeout": "timeout",
    "upstash-schedule-id": "scheduleId",
    "upstash-flow-control-key": "flowControl",
    "upstash-label": "label",
    "upstash-queue-name": "queueName",
}
#: the Python SDK's names of options -> the TypeScript SDK's, which the inventory keeps
OPTIONS = {
    "not_before": "notBefore",
    "deduplication_id": "deduplicationId",
    "content_based_deduplication": "contentBasedDeduplication",
    "failure_callback": "failureCallback",
    "retry_delay": "retryDelay",
    "schedule_id": "scheduleId",
    "flow_control": "flowControl",
    "url_group": "urlGroup",
    "queue": "queueName",
}
#: the header with which a request shows that it comes from the service
SIGNATURE = "upstash-signature"
#: environment names of the keys with which it is checked
SIGNING_KEYS = ("QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY")

_DURATION = regex(r"(\d+)(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

SYSTEM = System(
    name="qstash",
    title="Upstash QStash",
    overlapping_runs="yes",
    one_run_options=("flowControl", "flow_control"),
    languages=("typescript", "javascript", "python"),
    cron_seconds="no",
    bulk="`client.batchJSON([…])`",
    bulk_forms=("batch", "batchJSON"),
    npm=("@upstash/qstash", "@upstash/qstash-cli"),
    pypi=("qstash", "django-qstash"),
    environment=("QSTASH_*", "UPSTASH_QSTASH_*"),
    retry=RetryFacts(
        option="retries",
        counts="retries",
        default=3,
        automatic=True,
        backoff=Backoff("table", table=(12, 148, 1_808, 22_026, 86_400)),
    ),
    time_unit="s",
    acknowledgement="late",
    infrastructure="Upstash's service; your HTTP routes",
    parallelism="requests, up to the plan's limit or the queue's parallelism",
    cost="by messages, with a free plan",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    source="the SDK and the service's documentation",
)


def seconds(value: Value | None) -> Value | None:
    """A delay or timeout: a number of seconds, or a text such as `1h30m`.

    >>> seconds(Literal("1h30m")), seconds(Literal(5))
    (Literal(value=5400), Literal(value=5))
    """
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        return value
    if value.value.isdigit():
        return Literal(int(value.value))
    found = _DURATION.findall(value.value)
    whole = bool(found) and "".join(n + u for n, u in found) == value.value.replace(" ", "")
    return Literal(sum(int(n) * _SECONDS[u] for n, u in found)) if whole else value


def max_attempts(retries: Value) -> Value:
    """`retries` counts the deliveries after the first."""
    if isinstance(retries, Literal) and isinstance(retries.value, str) and retries.value.isdigit():
        retries = Literal(int(retries.value))
    return affine(retries, offset=1)


def split_cron(expression: str) -> tuple[str, str]:
    """(the five fields, the IANA time zone or empty for UTC).

    >>> split_cron("CRON_TZ=Europe/Berlin 30 2 * * *"), split_cron("0 */6 * * *")
    (('30 2 * * *', 'Europe/Berlin'), ('0 */6 * * *', ''))
    """
    # `TZ=` alone means nothing to it.
    return split_zone(expression) if expression.lstrip().startswith("CRON_TZ=") else (expression.strip(), "")
