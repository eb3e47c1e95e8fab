"""The numbers of AWS SQS and Lambda."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

#: messages in one request, whether they are sent, received or deleted
BATCH = 10

_model = partial(Limit, source="botocore 1.44.5, its model of SQS and Lambda", checked="2026-11-21")
_docs = partial(Limit, source="AWS documentation, quotas of SQS and Lambda", checked="2026-11-22")

LIMITS: tuple[Limit, ...] = (
    _docs(
        id="MIG02",
        name="response",
        title="Answer of a function",
        value=6 * 1024**2,
        unit="bytes",
        per="run",
        note="of calls that are waited for; SQS only reads which messages have failed",
    ),
    _model(
        id="MIG04", name="message-size", title="Size of a message", value=1024**2, unit="bytes", per="message", note="256 KiB before 2025"
    ),
    _docs(id="MIG05", name="batch-send", title="Messages in one `SendMessageBatch`", value=BATCH, unit="count", per="request"),
    _docs(id="MIG05", name="batch-send-size", title="Size of one `SendMessageBatch`", value=1024**2, unit="bytes", per="request"),
    _model(
        id="MIG06",
        name="default-receives",
        title="Runs where the redrive policy does not say",
        value=10,
        unit="count",
        per="message",
        kind="default",
        note="without a redrive policy a message comes again until it is too old",
    ),
    _model(
        id="MIG07",
        name="visibility",
        title="Visibility timeout, which is the wait before a retry",
        value=30,
        unit="s",
        per="queue",
        kind="default",
    ),
    _model(id="MIG07", name="longest-visibility", title="Longest visibility timeout", value=43_200, unit="s", per="queue"),
    _model(id="MIG08", name="delay", title="Delay of a message", value=900, unit="s", per="message"),
    _model(id="MIG10", name="deduplication", title="Window of deduplication (FIFO)", value=300, unit="s", per="queue", kind="default"),
    _docs(
        id="MIG11",
        name="queue-name",
        title="Length of a queue's name",
        value=80,
        unit="count",
        per="queue",
        note="letters, digits, - and _",
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
    _docs(id="MIG13", name="function-time", title="Longest run of a function", value=900, unit="s", per="run"),
    _model(id="MIG13", name="default-function-time", title="Time limit when nothing is said", value=3, unit="s", per="run", kind="default"),
    _docs(
        id="MIG15",
        name="account-concurrency",
        title="Functions at once",
        value=1_000,
        unit="count",
        per="account",
        kind="default",
        note="for each region; new accounts begin with less; can be raised",
    ),
    _docs(
        id="MIG15",
        name="in-flight",
        title="Messages that were received and are not deleted yet",
        value=120_000,
        unit="count",
        per="queue",
        note="about; for standard queues",
    ),
    _model(
        id="MIG15",
        name="least-maximum-concurrency",
        title="Least `MaximumConcurrency`",
        value=2,
        unit="count",
        per="event source",
        kind="minimum",
    ),
    _model(id="MIG15", name="maximum-concurrency", title="Largest `MaximumConcurrency`", value=1_000, unit="count", per="event source"),
    _model(id="MIG16", name="batch-size", title="Messages handed to one run", value=10, unit="count", per="event source", kind="default"),
    _model(
        id="MIG16",
        name="largest-batch",
        title="Most messages handed to one run",
        value=10_000,
        unit="count",
        per="event source",
        note="10 for FIFO queues",
    ),
    _model(id="MIG16", name="retention", title="Messages are kept for", value=4 * 86_400, unit="s", per="queue", kind="default"),
    _model(id="MIG16", name="longest-retention", title="Messages are kept at most for", value=14 * 86_400, unit="s", per="queue"),
)
