"""The vocabulary of what a job can need from its system. A system's file says of each how far it has it; traps say what a move changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf
from typing import get_args

import msgspec

Group = OneOf["failure", "time", "limits", "identity", "flow", "run", "enqueue", "payload", "operation"]
#: in the order in which they are shown
GROUPS: tuple[Group, ...] = get_args(Group)
GROUP_TITLES: Mapping[Group, str] = {
    "failure": "When a run fails",
    "time": "When a run starts",
    "limits": "How much at a time",
    "identity": "The same job twice",
    "flow": "Work of several parts",
    "run": "While it runs",
    "enqueue": "Putting jobs on their way",
    "payload": "What a job is given and gives",
    "operation": "Running it in production",
}


class Capability(msgspec.Struct, frozen=True):
    """`id` is in kebab case and stable; `title` fits in a column; `explanation` says exactly what a job that needs it expects."""

    id: str
    title: str
    explanation: str
    group: Group


def _all(group: Group, *entries: tuple[str, str, str]) -> tuple[Capability, ...]:
    return tuple(Capability(*entry, group) for entry in entries)


_VOCABULARY = (
    *_all(
        "failure",
        ("retries", "Automatic retries", "A run that raises is tried again without code of the handler's own, a given number of times."),
        ("retry-on-errors", "Retry on chosen errors", "Only errors of chosen kinds are tried again, or all but some."),
        ("no-retry-error", "An error that ends it", "The handler can raise something that uses up all remaining attempts at once."),
        ("retry-from-body", "Retry asked for by the body", "The handler itself asks for another attempt, and can say when."),
        ("backoff", "Growing waits", "The waits between attempts grow, from a first wait and up to a longest one."),
        ("custom-backoff", "Waits of one's own", "The wait before an attempt comes out of a list or a function of the application."),
        ("failure-handler", "Failure handler", "Code runs once for a job that has failed for good, with the error."),
        ("dead-letter", "Dead letters", "Jobs that have failed for good are kept apart, where they can be looked at and tried again."),
    ),
    *_all(
        "time",
        ("delay", "Delay", "A job starts no sooner than so many seconds from now."),
        ("long-delay", "Delay of days", "A job waits for days or weeks before it starts, and the wait survives restarts."),
        ("run-at", "Moment", "A job starts no sooner than a moment that is given as a date."),
        ("expiry", "Expiry", "A job that has not started in time is dropped."),
        ("priority", "Priority", "Of the jobs that wait, some go first."),
        ("cron", "Cron", "A job starts by a cron expression of five fields."),
        ("cron-seconds", "Cron with seconds", "A schedule has a field for seconds, or fires more than once in a minute."),
        ("timezone", "Time zone of a schedule", "Each schedule has a time zone of its own."),
        ("interval", "Interval", "A job starts every so many seconds, also where cron cannot say it (every 90 seconds)."),
        (
            "dynamic-schedule",
            "Schedules made at run time",
            "Schedules are added, changed and removed without a deployment.",
        ),
        ("missed-runs", "Missed runs are made up", "A start that was missed while nothing was running is made up for later."),
    ),
    *_all(
        "limits",
        ("concurrency-limit", "Concurrency limit", "At most so many runs of a job, or of a queue, at once, over all machines."),
        ("concurrency-key", "Concurrency per key", "At most so many runs at once for each value of a key, such as a customer."),
        ("throttle", "Throttle", "At most so many starts in a period; what is more than that waits."),
        ("rate-limit", "Rate limit that drops", "At most so many runs in a period; what is more than that is dropped."),
        ("rate-limit-key", "Throttle or rate limit per key", "A throttle or rate limit counts for each value of a key on its own."),
        ("debounce", "Debounce", "Of several enqueues in a row only the last one runs, after a quiet time."),
        ("batch", "Batches", "Several jobs are handed to one run as a list."),
        ("ordering", "Strict order", "Jobs, or those of one key, run one after the other in the order in which they were enqueued."),
    ),
    *_all(
        "identity",
        ("dedupe", "Duplicates kept out", "A second enqueue with the same id is dropped while the first one waits or runs."),
        (
            "idempotency",
            "Idempotency window",
            "A second enqueue with the same key is dropped for a time, also after the first one's end.",
        ),
        (
            "singleton",
            "One run at a time",
            "A start is skipped, held back or replaces the other while a run of the same job goes on.",
        ),
    ),
    *_all(
        "flow",
        ("steps", "Durable steps", "Parts of a handler that have succeeded are not done again when a later part is tried again."),
        ("step-sleep", "Sleep in the middle", "A run sleeps for minutes or days without holding a worker, and survives restarts."),
        ("wait-for-event", "Wait for an event", "A run waits in the middle until something happens, or a time is up."),
        ("invoke", "Call another job", "A run starts another job, waits for it without holding a worker, and gets its result."),
        ("fan-out-event", "One event, many jobs", "One event starts every job that listens to it; the sender does not know them."),
        ("event-condition", "Condition on a trigger", "An event starts a job only where an expression over its content is true."),
        ("chain", "Chain", "Jobs run one after the other, each given the result of the one before."),
        ("group", "Group", "Jobs are started together and can be looked at as one."),
        ("chord", "Group, then one more", "A job runs when all of a group have finished, and is given their results."),
        ("parent-child", "Parent and children", "A job adds children while it runs and goes on when they have finished."),
    ),
    *_all(
        "run",
        ("timeout", "Time limit", "A run that takes longer than its limit is ended."),
        ("soft-timeout", "Soft time limit", "A run is told shortly before its limit, so that it can clean up."),
        ("cancel", "Cancel what waits", "A job that has not started yet can be taken back."),
        ("cancel-running", "Cancel what runs", "A run that is going on can be ended from outside, by id or by an event."),
        ("progress", "Progress", "A run reports how far it is, and others can read it."),
        ("context", "Questions to its own run", "The handler asks for its id, its attempt, its queue."),
        ("early-acknowledgement", "Never again after a crash", "A job whose worker dies while it runs is lost rather than run twice."),
        ("late-acknowledgement", "Again after a crash", "A job whose worker dies while it runs is run again."),
        (
            "visibility-lease",
            "Lease",
            "A run not confirmed or renewed in time goes to another worker, even while the first still works.",
        ),
        ("sandboxed-handler", "Process of its own", "A run has a process to itself: its main thread, memory and crash are nobody else's."),
        ("async-handler", "Handlers that are coroutines", "The handler is an async function."),
        ("sync-handler", "Handlers that block", "The handler is a plain function that blocks its thread."),
    ),
    *_all(
        "enqueue",
        ("transactional-enqueue", "Enqueue in a transaction", "A job is enqueued if and only if the transaction around the call commits."),
        ("bulk-enqueue", "Many at once", "Many jobs go out in one round trip."),
        ("sync-enqueue", "Enqueue from blocking code", "A plain function can enqueue without an event loop."),
        (
            "call-options",
            "Options of a single call",
            "The call says how often the job is tried, or how long it may take.",
        ),
        ("call-queue", "Queue of a single call", "The call, not the definition, says which queue the job goes to."),
        ("routing", "Routing by pattern", "Names or patterns in the settings decide which queue a job goes to."),
        ("enqueue-by-name", "Enqueue by name", "A job is started by a string, without importing its code."),
    ),
    *_all(
        "payload",
        ("positional-arguments", "Positional arguments", "A job is called with positional arguments, and receives them so."),
        ("typed-arguments", "Dates and decimals", "Dates, times, decimals and UUIDs arrive as what they were."),
        ("pickle-payload", "Any object", "Arguments can be objects of any class, such as a model's rows."),
        ("binary-payload", "Bytes", "Arguments can be bytes."),
        ("result", "Results", "What a run returns is kept, and can be fetched by the job's id."),
        ("result-wait", "Waiting for a result", "The code that enqueued a job waits for its result."),
    ),
    *_all(
        "operation",
        ("serverless", "No worker process", "Jobs run without a process that is always up."),
        ("middleware", "Code around every job", "Code of the application runs before and after every job, and can change what it sees."),
        ("lifecycle-events", "Lifecycle events", "Code is told when jobs start, succeed and fail."),
        ("pause-resume", "Pause and resume", "A queue is paused without stopping its workers, and loses nothing."),
        ("inspection", "Look and mend", "Jobs can be listed, looked at, tried again and removed through an API."),
        ("dashboard", "Dashboard", "A page that shows queues and jobs comes with it, or exists for it."),
        ("retention", "Finished jobs go by themselves", "Finished jobs are removed after a time or above a number."),
        ("worker-recycling", "Workers that are renewed", "A worker process is replaced after so many jobs or above a size."),
        ("test-mode", "Jobs at once in tests", "Jobs run in the caller's process, or are only recorded, for tests."),
    ),
)

#: id -> what it means, in the order in which they are shown
CAPABILITIES: Mapping[str, Capability] = {c.id: c for c in _VOCABULARY}
