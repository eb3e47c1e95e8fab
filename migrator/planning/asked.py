"""Which option of a system asks for which capability, where the neutral model has no field for it: by system and the option's own name.

A system's features that are read into the model (retries, delays, time limits, …) are not here: `usage` knows them for all systems alike.
"""

from __future__ import annotations

from collections.abc import Mapping

_TIMES = ("expireInSeconds", "expireInMinutes", "expireInHours")
_REDIS = {
    "limiter": "throttle",
    "group": "concurrency-key",
    "parent": "parent-child",
    "lifo": "ordering",
    "debounce": "debounce",
    "removeOnComplete": "retention",
    "removeOnFail": "retention",
}
#: of QStash and of Upstash Workflow
_UPSTASH = {
    "flowControl": "rate-limit-key",
    "callback": "chain",
    "failureCallback": "failure-handler",
    "failureFunction": "failure-handler",
    "timeout": "timeout",
    "contentBasedDeduplication": "idempotency",
}

#: system -> option of a definition, an enqueue or an endpoint -> id of a capability
ASKED: Mapping[str, Mapping[str, str]] = {
    "inngest": {
        "concurrency": "concurrency-limit",
        "throttle": "throttle",
        "rateLimit": "rate-limit",
        "rate_limit": "rate-limit",
        "debounce": "debounce",
        "batchEvents": "batch",
        "batch_events": "batch",
        "cancelOn": "cancel-running",
        "cancel": "cancel-running",
        "idempotency": "idempotency",
        "singleton": "singleton",
        "priority": "priority",
        "timeouts": "timeout",
    },
    "bullmq": _REDIS,
    "bull": {**_REDIS, "timeout": "timeout"},
    "pg-boss": {
        **dict.fromkeys(_TIMES, "timeout"),
        **dict.fromkeys(("singletonSeconds", "singletonMinutes", "singletonHours"), "idempotency"),
        **dict.fromkeys(("singletonNextSlot", "debounce"), "debounce"),
        "deadLetter": "dead-letter",
        "group": "concurrency-key",
        **dict.fromkeys(("retentionSeconds", "retentionMinutes", "retentionHours", "retentionDays"), "retention"),
    },
    "celery": {
        "soft_time_limit": "soft-timeout",
        "link": "chain",
        "link_error": "failure-handler",
        "acks_late": "late-acknowledgement",
        "throws": "no-retry-error",
    },
    "rq": {
        "depends_on": "chain",
        "on_failure": "failure-handler",
        "at_front": "priority",
        "result_ttl": "result",
        "unique": "dedupe",
    },
    "dramatiq": {
        "max_age": "expiry",
        "on_failure": "failure-handler",
        "on_retry_exhausted": "failure-handler",
        "store_results": "result",
        "throws": "no-retry-error",
        "retry_when": "retry-on-errors",
    },
    "arq": {"_job_id": "dedupe", "_expires": "expiry"},
    "procrastinate": {"lock": "ordering", "queueing_lock": "dedupe"},
    "django-tasks": {"takes_context": "context"},
    "qstash": {**_UPSTASH, "queueName": "ordering", "retries": "call-options"},
    "upstash-workflow": _UPSTASH,
    "sqs": {"MessageGroupId": "ordering"},
    "agenda": {"lockLimit": "concurrency-limit", "unique": "dedupe"},
    "graphile-worker": {"jobKey": "dedupe", "queueName": "ordering"},
    "trigger.dev": {"concurrencyLimit": "concurrency-limit", "idempotencyKey": "idempotency", "maxDuration": "timeout"},
}

#: options under which more than one is a list of jobs for one run
BATCH_SIZES = frozenset(("batchSize", "BatchSize", "teamBatchSize"))
#: step of a handler -> capability that it asks for, beside that of having steps
STEP_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("sleep", "sleepUntil", "sleep_until"), "step-sleep"),
    **dict.fromkeys(("waitForEvent", "wait_for_event", "waitForSignal", "waitForWebhook"), "wait-for-event"),
    **dict.fromkeys(("invoke", "invoke_by_id"), "invoke"),
}
#: steps that ask for nothing beside having steps
PLAIN_STEPS = frozenset(("run", "call", "sendEvent", "send_event", "fetch"))
#: forms that put other enqueues together -> capability
COMPOSED: Mapping[str, str] = {
    "chain": "chain",
    "pipeline": "chain",
    "chord": "chord",
    "group": "group",
    "chunks": "group",
    "starmap": "group",
    "map": "group",
    "FlowProducer.add": "parent-child",
    "flow": "parent-child",
}
#: what the body asks of its run, by the beginning of what is used -> capability
BODY_USES: Mapping[str, str] = {
    "manual-retry": "retry-from-body",
    "context.retry": "retry-from-body",
    "context.update_state": "progress",
    "current_task.update_state": "progress",
    "context.replace": "chain",
    "context.request": "context",
    "context.attempt": "context",
    "context.runId": "context",
    "context.run_id": "context",
    "current_task": "context",
    "context.events": "batch",
    "sandboxed processor": "sandboxed-handler",
    "exception.SoftTimeLimitExceeded": "soft-timeout",
    "exception.Ignore": "no-retry-error",
    "exception.Reject": "no-retry-error",
    "depends": "middleware",
}
#: calls in a body, by the last names in what is called -> capability
BODY_CALLS: Mapping[str, str] = {
    "inngest.NonRetriableError": "no-retry-error",
    "inngest.RetryAfterError": "retry-from-body",
    "bullmq.UnrecoverableError": "no-retry-error",
    "bullmq.RateLimitError": "throttle",
    "bullmq.DelayedError": "retry-from-body",
    "bullmq.WaitingChildrenError": "parent-child",
    "arq.Retry": "retry-from-body",
    "dramatiq.errors.Retry": "retry-from-body",
    "dramatiq.Retry": "retry-from-body",
    "huey.CancelExecution": "no-retry-error",
    "huey.RetryTask": "retry-from-body",
}
