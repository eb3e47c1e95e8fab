"""What hears of jobs that failed for good: hooks, dead letters and error trackers. Facts as data, and where an application has one."""

from __future__ import annotations

import re

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Undecided
from migrator.rules.written import Forms, first, forms
from migrator.syntax.tree import enclosing
from migrator.systems import SYSTEMS

_LISTENERS = forms(
    "failed Failed FAILED",
    r"""\.(?:on|once|addListener)\(\s*["'](?:global:)?failed["']|@On(?:Worker|Queue|QueueEvents)?Event\(\s*["']failed["']"""
    r"""|@On(?:Global)?QueueFailed\b|@OnQueueEvent\([^)]*FAILED""",
)
#: system -> the forms in which code hears of a job that failed, in the words of that system
HOOKS: dict[str, Forms] = {
    "bullmq": _LISTENERS,
    "bull": _LISTENERS,
    "celery": forms(
        "task_failure on_failure link_error on_error task_postrun",
        r"\btask_failure\b|\bdef on_failure\b|\blink_error\b|\.on_error\(|\btask_postrun\b",
    ),
    "rq": forms(
        "exception_handlers push_exc_handler on_failure handle_job_failure handle_exception",
        r"\bexception_handlers\b|\bpush_exc_handler\b|\bon_failure\s*=|\bdef handle_(?:job_failure|exception)\b",
    ),
    "dramatiq": forms(
        "on_retry_exhausted after_process_message on_failure",
        r"\bon_retry_exhausted\b|\bdef after_process_message\b|\bon_failure\s*=",
    ),
    "inngest": forms("onFailure on_failure inngest/function.failed", r"\bonFailure\b|\bon_failure\b|inngest/function\.failed"),
    "pg-boss": forms("onComplete onFail", r"\bonComplete\(|\bonFail\w*\("),
    "qstash": forms(
        "ailureCallback failure_callback ailure-Callback failureFunction",
        r"\b[fF]ailureCallback\b|\bfailure_callback\b|\bUpstash-Failure-Callback\b|\bfailureFunction\b",
    ),
}
_REGISTRY = forms("getFailed failed", r"""\bgetFailed\(|\bgetJobs\([^)]*["']failed["']""")
#: system -> the forms in which jobs that failed for good are put somewhere, or are taken from where the system keeps them
DEAD_LETTERS: dict[str, Forms] = {
    "bullmq": _REGISTRY,
    "bull": _REGISTRY,
    "celery": forms("x-dead-letter dead_letter deadletter", r"\bx-dead-letter|\bdead_?letter"),
    "rq": forms("FailedJobRegistry failed_job_registry failed_queue", r"\bFailedJobRegistry\b|\bfailed_job_registry\b|\bfailed_queue\b"),
    "dramatiq": forms("dead_letter dq_name", r"\bdead_letter|\bdq_name\b"),
    "inngest": forms("", r"(?!)"),
    "pg-boss": forms("deadLetter", r"\bdeadLetter\b"),
    "qstash": forms("dlq", r"\.dlq\b|/dlq\b"),
}
_CATCHES = ("catch_clause", "except_clause")
_RECORDS = regex(
    r"fail|error|alert|notif|report|captur|dead|dlq|status|mark|slack|metric|counter|track|query|updat|save|writ|insert|creat|record|stor|final",
    re.IGNORECASE,
)
_LOGS = regex(r"(?:[\w.]*\.)?(?:console|log|logger|logging|_logger|LOG|LOGGER)\.\w+$|(?:\w+\.)*[A-Z]\w*(?:Error|Exception)$")
#: what sends errors to a service that counts them and tells somebody; packages for browsers are none of it
TRACKERS = (
    *("@sentry/node", "@sentry/nestjs", "@sentry/nextjs", "@sentry/bun", "@sentry/deno", "@sentry/aws-serverless", "@sentry/serverless"),
    *("@sentry/remix", "@sentry/sveltekit", "@sentry/nuxt", "@sentry/astro", "@sentry/cloudflare", "@sentry/react-router", "@sentry/core"),
    *("sentry-sdk", "raven", "@bugsnag/node", "@bugsnag/js", "bugsnag", "rollbar", "@honeybadger-io/js", "honeybadger", "@airbrake/node"),
    *("pybrake", "newrelic", "dd-trace", "ddtrace", "elastic-apm-node", "elastic-apm", "@appsignal/nodejs", "appsignal", "scout-apm"),
    *("@google-cloud/error-reporting", "google-cloud-error-reporting", "applicationinsights", "@highlight-run/node", "raygun", "raygun4py"),
    *("@inngest/middleware-sentry", "logfire", "azure-monitor-opentelemetry", "django-errors"),
)


def hook(evidence: Evidence, system: str) -> Spot | None:
    """Where code hears of a failed job of `system`; None if nowhere."""
    handled = next((j for j in evidence.of(Job, system) if j.failure_handler is not None), None)
    return spot(handled, "has a handler for failures") if handled is not None else first(evidence, HOOKS[system])


def dead_letter(evidence: Evidence, system: str) -> Spot | None:
    """Where jobs of `system` that failed for good are put, or taken from; None if nowhere."""
    return first(evidence, DEAD_LETTERS[system])


def unclear(evidence: Evidence, system: str) -> Undecided | None:
    """Why nothing can be said of a system without hooks: its jobs catch errors and may record them, or their code was not found."""
    unread: Job | None = None
    for job in evidence.of(Job, system):
        if evidence.handler(job) is None:
            unread = unread or job
        for call in evidence.calls(job):
            if enclosing(call.node, _CATCHES) is not None and _RECORDS.search(call.written) and not _LOGS.match(call.written):
                reason = f"a job of {SYSTEMS[system].title} catches errors and may record them itself"
                return Undecided(reason, spot(call.view.source.location(call.node)))
    return Undecided(f"the code of a job of {SYSTEMS[system].title} was not found", spot(unread)) if unread is not None else None


def tracker(evidence: Evidence) -> Spot | None:
    """Which manifest asks for an error tracker; None if none does."""
    found = evidence.package(*TRACKERS)
    return Spot(found.path, found.line, f"reports errors with {found.what}") if found is not None else None
