"""JOB404: nothing ties a job to what asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue, Expression, Literal
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS

_SYSTEMS = ("bullmq", "bull", "pg-boss", "celery", "rq", "dramatiq", "sqs", "arq", "taskiq")
_NAMES = regex(
    r"\b(?:correlation|trace|request|span|causation|operation)_?(?:id|ID|Id|parent|context)\b|\btraceparent\b|\bx-request-id\b|\btrace(?:Context|_context)\b"
)
_MARKERS = (
    b"orrelationId",
    b"orrelation_id",
    b"traceId",
    b"trace_id",
    b"requestId",
    b"request_id",
    b"traceparent",
    b"traceContext",
    b"trace_context",
)
#: packages that carry the trace from the enqueue to the job by themselves
_PACKAGES = (
    *(
        "bullmq-otel",
        "@opentelemetry/sdk-node",
        "@opentelemetry/auto-instrumentations-node",
        "@appsignal/opentelemetry-instrumentation-bullmq",
    ),
    *("@sentry/node", "@sentry/nestjs", "dd-trace", "newrelic", "elastic-apm-node", "applicationinsights"),
    *("opentelemetry-instrumentation-celery", "opentelemetry-distro", "sentry-sdk", "ddtrace", "elastic-apm", "logfire", "scout-apm"),
    *("asgi-correlation-id", "django-guid", "django-structlog", "celery-correlation-id"),
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that jobs are enqueued in."""
    package = evidence.package(*_PACKAGES)
    for system in _SYSTEMS:
        enqueues = [e for e in evidence.of(Enqueue, system) if e.arguments]
        if not enqueues:
            continue
        carrying = next((e for e in enqueues if _NAMES.search(_written(e))), None)
        mentioned = evidence.containing(*_MARKERS)
        if carrying is not None:
            yield Pass(spot(carrying, "carries an id of what asked for it"))
        elif package is not None:
            yield Undecided(f"{package.what} may carry the trace by itself", package)
        elif mentioned:
            yield Undecided(f"{mentioned[0]} knows such an id; whether it reaches the jobs could not be told", spot(enqueues[0]))
        elif any(not _is_written(e) for e in enqueues):
            open_one = next(e for e in enqueues if not _is_written(e))
            yield Undecided("what a job is handed is only known at run time", spot(open_one))
        else:
            title = SYSTEMS[system].title
            message = (
                f"None of {len(enqueues)} enqueues of {title} hands on an id of what asked for the job: a line in the log leads nowhere."
            )
            yield Fail(spot(enqueues[0]), message, (system,), spots(enqueues[1:]), confidence="possible")


def _written(enqueue: Enqueue) -> str:
    values = (*(a.value for a in enqueue.arguments), *enqueue.options.values())
    return " ".join(v.source if isinstance(v, Expression) else str(v.value) for v in values)


def _is_written(enqueue: Enqueue) -> bool:
    """True if all that a job is handed stands in the call: an object without spreads, or plain values."""
    return all(isinstance(a.value, Literal) or (a.value.source.startswith("{") and "..." not in a.value.source) for a in enqueue.arguments)


_CODE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\n'
    'export const join = (request: Request) => mails.add("welcome", { to: request.user.addressID });\n'
)

RULE = Rule(
    id="JOB404",
    name="no-correlation-id",
    title="Nothing ties a job to what asked for it",
    severity="medium",
    systems=_SYSTEMS,
    what="An application none of whose enqueues hands on the id of a request, a trace or an operation, and that has no package which does "
    "so "
    "by itself.",
    why="Somebody writes that a mail did not come. The request is in one log and the job in another, and nothing says which belongs to "
    "which.",
    how="Names such as `correlationId`, `traceId` and `traceparent` in what jobs are handed; packages that carry traces. Where what a job "
    "is "
    "handed is only known at run time, or such a name stands anywhere in production code, the answer is unknown.",
    false_alarms="An id under another name; a job that no request asked for.",
    migration="With such an id the runs before and after a move can be compared one by one.",
    fix="none",
    hint="Hand on the id of the request with every job, and put it into every line that the job writes.",
    effort=Effort(60, 120, "project", "an estimate"),
    sources=("BullMQ guide, Telemetry", "an audit of a BullMQ worker made by hand"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _CODE.replace("ID", "")},
            good={"mail.ts": _CODE.replace("ID", ", correlationId: request.id")},
        ),
    ),
    check=check,
    related=("JOB401",),
)
