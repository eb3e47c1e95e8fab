"""Is this table a job queue that somebody rolled by hand? Several independent signals must agree, and each is said."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

#: how many signals, a status column among them, make a job table
ENOUGH = 4

_NAME = re.compile(r"(^|_)(jobs?|tasks?|queues?|outbox|work_?items?|background_?\w*)(_|$)")
_STATUS = re.compile(r"^(status|state|job_status|job_state)$")
_SIGNALS = {
    "counts attempts": re.compile(r"^(attempts?|attempt_count|tries|retry_count|retries|max_attempts|max_retries|retries_left)$"),
    "says when to run": re.compile(
        r"^(run_at|run_after|scheduled_(at|for)|available_at|next_(run|attempt)(_at)?|process_after|execute_at|due_at)$"
    ),
    "carries a payload": re.compile(r"^(payload|data|args|arguments|params|parameters|input|body|job_data|meta(data)?)$"),
    "keeps the error": re.compile(r"^(error|last_error|error_message|failed_reason|failure_reason|failure|exception)$"),
    "is locked by a worker": re.compile(r"^(locked_(at|by|until)|claimed_(at|by)|worker_id|lock_token|reserved_at|heartbeat(_at)?)$"),
    "times the run": re.compile(r"^(started_at|processing_started_at|finished_at|completed_at|processed_at|failed_at)$"),
    "names the kind of job": re.compile(r"^(type|kind|job_type|task|task_name|handler|queue|queue_name|job_name)$"),
    "links a retry to its origin": re.compile(r"^(original_job_id|parent_job_id|retry_of|retried_from)$"),
}
_WAITING = {"pending", "queued", "waiting", "ready", "new", "scheduled", "created", "available"}
_RUNNING = {"running", "processing", "active", "in_progress", "started", "locked", "claimed"}
_FAILED = {"failed", "error", "errored", "dead", "discarded"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class JobTable:
    """A table that holds jobs. `model` is its name in code (an ORM's model), `table` in the database."""

    model: str
    table: str
    columns: tuple[str, ...]
    evidence: tuple[str, ...]


def snake(name: str) -> str:
    """`runAt`, `RunAt` and `run_at` alike.

    >>> snake("lastError"), snake("JobQueue")
    ('last_error', 'job_queue')
    """
    return _CAMEL.sub("_", name).lower()


def judge(name: str, columns: Iterable[str], statuses: Collection[str] = ()) -> tuple[str, ...]:
    """The signals that speak for a job table; empty when they are too few or the status column is missing.

    `statuses`: the values that the status column can take, where the schema says so.

    >>> judge("Job", ["id", "status", "attempts", "payload", "runAt"], ["PENDING", "RUNNING", "FAILED"])[:2]
    ('has a status that waits and runs or fails', 'is called Job')
    >>> judge("orders", ["id", "status", "error", "payload", "created_at"])
    ()
    """
    names = [snake(c) for c in columns]
    values = {snake(s) for s in statuses}
    if not any(_STATUS.match(n) for n in names):
        return ()
    # What people work off (a review queue) waits and ends too; only a job runs, or fails.
    if values and not (values & _WAITING and values & (_RUNNING | _FAILED)):
        return ()
    found = ["has a status that waits and runs or fails" if values else "has a status"]
    called = bool(_NAME.search(snake(name)))
    if called:
        found.append(f"is called {name}")
    found += [signal for signal, pattern in _SIGNALS.items() if any(pattern.match(n) for n in names)]
    locked = "is locked by a worker" in found or "says when to run" in found
    return tuple(found) if len(found) >= ENOUGH and (called or (locked and "counts attempts" in found)) else ()
