"""Is this table a job queue that somebody rolled by hand? Several independent signals must agree, and each is said."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import msgspec

from migrator.regex import regex

#: how many signals, a status column among them, make a job table
ENOUGH = 4

_NAME = regex(r"(^|_)(jobs?|tasks?|queues?|outbox|work_?items?|background_?\w*)(_|$)")
#: tables that only say what became of jobs
_NOTES = regex(r"_(results?|logs?|history|stats?)$")
_STATUS = regex(r"^(status|state|job_status|job_state)$")
_ATTEMPTS = "counts attempts"
_WHEN = "says when to run"
_LOCKED = "is locked by a worker"
_PAYLOAD = "carries a payload"
_ERROR = "keeps the error"
_KIND = "names the kind of job"
_ORIGIN = "links a retry to its origin"
_SIGNALS = {
    _ATTEMPTS: regex(
        r"^(attempts?|attempt_count|attempts_made|tries|retry_count|retries|max_attempts|max_retries|retries_left|num_attempts|num_failures|failure_count|failures)$"
    ),
    _WHEN: regex(
        r"^(run_at|run_after|run_on|scheduled_(at|for)|available_at|next_(run|attempt|retry)(_at)?|process_after|execute_at|due_at|start_after)$"
    ),
    _PAYLOAD: regex(
        r"^(payload|data|args|kwargs|arguments|params|parameters|input|input_data|data_in|body|job_data|job_args|serialized_(?:args|kwargs)|task_(?:args|kwargs|params))$"
    ),
    _ERROR: regex(r"^(error|last_error|error_message|failed_reason|failure_reason|failure|exception)$"),
    _LOCKED: regex(
        r"^((is_)?locked|locked_(at|by|until|till)|lock_(until|expires_at|expiry)|unlocks?_at|(in)?visible_(at|after|until)|claimed_(at|by)|lease_(owner|token|until|expires_at|expiry)|leased_(at|by|until)|worker_id|lock_token|"
        r"reserved_at|picked_at|heartbeat(_at)?)$"
    ),
    "times the run": regex(r"^(started_at|processing_started_at|finished_at|completed_at|processed_at|failed_at)$"),
    _KIND: regex(
        r"^(type|kind|job_type|task|task_name|task_type|task_identifier|handler|function|func|method|job_class|queue|queue_name|job_name)$"
    ),
    _ORIGIN: regex(r"^(original_job_id|parent_job_id|retry_of|retried_from)$"),
}
_BEGUN = regex(r"^(processing_)?started_at$")
#: what only a machine that works rows off needs
_MACHINERY = frozenset((_ATTEMPTS, _WHEN, _LOCKED, _PAYLOAD, _ERROR))
#: columns that name the kind of job, the most telling first; a plain `name` only counts where there is no better one
_KINDS = (
    "type",
    "kind",
    "job_type",
    "task_type",
    "task",
    "task_name",
    "task_identifier",
    "job_name",
    "handler",
    "function",
    "func",
    "method",
    "job_class",
    "name",
    "queue",
    "queue_name",
)
#: what holds rows apart that a machine takes one after the other
_QUEUE = regex(r"^queue(_name)?$")
_QUEUED = "names the queue of each row"
_MAXIMA = {"max_attempts": 0, "max_tries": 0, "attempts_limit": 0, "max_retries": 1, "retry_limit": 1}

_WAITING = {"pending", "queued", "waiting", "ready", "new", "scheduled", "created", "available", "enqueued", "retry", "retrying"}
_RUNNING = {"running", "processing", "active", "in_progress", "started", "locked", "claimed", "executing", "working"}
_FAILED = {"failed", "error", "errored", "dead", "discarded"}
_OVER = {"completed", "complete", "done", "succeeded", "success", "finished", "processed", "cancelled", "canceled", "skipped", "archived"}
_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")


class JobTable(msgspec.Struct, frozen=True):
    """A table that holds jobs. `model` is its name in code (an ORM's model), `table` in the database.

    `symbol` is `path:name` of the class or value that stands for it in code, `at` the file and byte at which that is made;
    `orm` is who declares it; `defaults` are literal defaults by column.
    """

    model: str
    table: str
    columns: tuple[str, ...]
    evidence: tuple[str, ...]
    symbol: str = ""
    at: tuple[str, int] = ("", 0)
    orm: str = ""
    defaults: Mapping[str, int | str] = msgspec.field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Its columns that name the kind of job, the most telling first; empty when all rows are of one kind."""
        names = {snake(c): c for c in self.columns}
        found = [names[k] for k in _KINDS if k in names]
        # Rows that are gone once they are worked off are not called anything for people to read: the name is what is run.
        gone = not any(map(is_status, self.columns)) and _PAYLOAD in self.evidence
        told = _KIND in self.evidence or (gone and found == [names.get("name")])
        return tuple(found if told else ())

    @property
    def max_attempts(self) -> int | None:
        """Total executions that a row is allowed unless it says otherwise; None where the schema does not tell."""
        for column, default in self.defaults.items():
            if snake(column) in _MAXIMA and isinstance(default, int):
                return default + _MAXIMA[snake(column)]
        return None

    def column(self, *signals: str) -> tuple[str, ...]:
        """Its columns that give one of those signals."""
        return tuple(c for c in self.columns if any(_SIGNALS[s].match(snake(c)) for s in signals))


def snake(name: str) -> str:
    """`runAt`, `RunAt` and `run_at` alike.

    >>> snake("lastError"), snake("JobQueue")
    ('last_error', 'job_queue')
    """
    return _CAMEL.sub("_", name).lower()


def is_waiting(status: str) -> bool:
    """True for the status of a row that is to be run.

    >>> is_waiting("PENDING"), is_waiting("JobStatus.Queued"), is_waiting("paid")
    (True, True, False)
    """
    return _last(status) in _WAITING


def is_running(status: str) -> bool:
    """True for the status of a row that a worker has taken."""
    return _last(status) in _RUNNING


def is_failed(status: str) -> bool:
    """True for the status of a row that will not be run again because it failed."""
    return _last(status) in _FAILED


def is_over(status: str) -> bool:
    """True for the status of a row that is done with and did not fail."""
    return _last(status) in _OVER


def _last(status: str) -> str:
    words = re.findall(r"\w+", snake(status))
    return words[-1] if words else ""


def is_status(column: str) -> bool:
    """True for the name of a status column."""
    return bool(_STATUS.match(snake(column)))


def when(column: str) -> bool:
    """True for the name of a column that says when to run."""
    return bool(_SIGNALS[_WHEN].match(snake(column)))


def begins(column: str) -> bool:
    """True for the name of a column that says when a run began, or who works on it.

    >>> begins("startedAt"), begins("locked_by"), begins("finished_at")
    (True, True, False)
    """
    return bool(_BEGUN.match(snake(column)) or _SIGNALS[_LOCKED].match(snake(column)))


def payload(column: str) -> bool:
    """True for the name of a column that carries what the job is given."""
    return bool(_SIGNALS[_PAYLOAD].match(snake(column)))


def origin(column: str) -> bool:
    """True for the name of a column that links a retry to the job that it retries."""
    return bool(_SIGNALS[_ORIGIN].match(snake(column)))


def sounds_like_jobs(table: str) -> bool:
    """True for the name of a table that may hold jobs, by that name alone.

    >>> sounds_like_jobs("import_jobs"), sounds_like_jobs("orders"), sounds_like_jobs("TaskResult")
    (True, False, False)
    """
    name = snake(table)
    return bool(_NAME.search(name)) and not _NOTES.search(name)


def has_lock(columns: Iterable[str]) -> bool:
    """True if one of the columns says which worker has a row, or until when: then rows need no status to be taken.

    >>> has_lock(["id", "lockedAt"]), has_lock(["id", "run_at"])
    (True, False)
    """
    return _LOCKED in signals(columns)


def retries_added(column: str) -> int | None:
    """What makes total executions of the number in a column of a row; None for any other column.

    >>> retries_added("maxAttempts"), retries_added("max_retries"), retries_added("attempts")
    (0, 1, None)
    """
    return _MAXIMA.get(snake(column))


def signals(columns: Iterable[str]) -> tuple[str, ...]:
    """What columns other than the status say of their table.

    >>> signals(["id", "payload", "lockedAt"])
    ('carries a payload', 'is locked by a worker')
    """
    names = [snake(c) for c in columns]
    return tuple(signal for signal, pattern in _SIGNALS.items() if any(pattern.match(n) for n in names))


def judge(
    name: str, columns: Iterable[str], statuses: Collection[str] = (), *, deletes: bool = False, claimed: bool = False
) -> tuple[str, ...]:
    """The signals that speak for a job table; empty when they are too few or the status column is missing.

    `statuses`: the values that the status column can take, where the schema says so. `deletes`: a table that deletes its rows or
    ticks them off, and so has no status, is one, too, if more of the rest speaks for it. `claimed`: something takes its rows and passes
    over those that others hold, which counts as a signal and as something that only a machine needs.

    >>> judge("Job", ["id", "status", "attempts", "payload", "runAt"], ["PENDING", "RUNNING", "FAILED"])[:2]
    ('has a status that waits and runs or fails', 'is called Job')
    >>> judge("orders", ["id", "status", "error", "payload", "created_at"])
    ()
    >>> judge("tasks", ["id", "title", "status", "type", "due_at", "completed_at"])
    ()
    >>> judge("jobs", ["id", "payload", "run_at", "attempts", "locked_by"], deletes=True)[0]
    'is called jobs'
    >>> judge("job_request", ["id", "payload", "queue_name", "job_type", "status"])[2:]
    ('carries a payload', 'names the kind of job', 'names the queue of each row')
    >>> [judge("job_request", ["id", "status", *rest]) for rest in (["payload", "queue_name"], ["title", "job_type", "queue_name"])]
    [(), ()]
    >>> thin = ["id", "payload", "status", "created_at", "processed_at"]
    >>> judge("jobs", thin), judge("jobs", thin, claimed=True)[:2]
    ((), ('has a status', 'is called jobs'))
    """
    names = [snake(c) for c in columns]
    values = {snake(s) for s in statuses}
    has_status = any(_STATUS.match(n) for n in names)
    if not has_status and not deletes:
        return ()
    # What people work off (a review queue) waits and ends too; only a job runs, or fails.
    if values and not (values & _WAITING and values & (_RUNNING | _FAILED)):
        return ()
    found = ["has a status that waits and runs or fails" if values else "has a status"] if has_status else []
    called = bool(_NAME.search(snake(name)))
    if called:
        found.append(f"is called {name}")
    found += signals(names)
    # A kind, and the queue besides: nobody keeps a list of things to do in queues.
    queued = any(_QUEUE.match(n) for n in names) and any(_SIGNALS[_KIND].match(n) and not _QUEUE.match(n) for n in names)
    # A to-do list has a status, a kind and a date, but nothing that a machine needs.
    if len(_MACHINERY.intersection(found)) + claimed + queued < (1 if values else 2 if has_status else 3):
        return ()
    found += [_QUEUED] if queued else []
    locked = claimed or _LOCKED in found or _WHEN in found
    if not has_status:
        return tuple(found) if called and locked and _ATTEMPTS in found else ()
    return tuple(found) if len(found) + claimed >= ENOUGH and (called or (locked and _ATTEMPTS in found)) else ()
