"""A function's options: which of them BullMQ can be told, and in what numbers."""

from __future__ import annotations

from migrator.codemods.typescript.inngest_to_bullmq.conditions import UntranslatableError, path
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function
from migrator.jobs import Value, literal_of

#: what says nothing about how the function runs, and what the runtime keeps as it is
_HARMLESS = ("id", "name", "description", "retries", "concurrency", "idempotency", "triggers", "onFailure")
#: switches of the SDK's own machinery, taken out
DROPPED = ("checkpointing", "experimentalCheckpointing", "optimizeParallelism")
_REFUSED = {
    "batchEvents": ("MIG439", "it takes events in batches"),
    "cancelOn": ("MIG442", "events cancel its runs (cancelOn)"),
    "debounce": ("MIG438", "it is debounced"),
    "middleware": ("MIG444", "it has middleware of its own"),
    "priority": ("MIG440", "its runs have priorities computed from the event"),
    "rateLimit": ("MIG437", "a rate limit drops some of its runs"),
    "singleton": ("MIG441", "it is a singleton"),
    "throttle": ("MIG436", "it is throttled"),
    "timeouts": ("MIG443", "it has timeouts that cancel a run"),
}
_MOST_RETRIES = 20


def read_options(function: Function) -> None:
    """Fill in the facts that options give; block what has no counterpart."""
    options = function.job.options
    for name in options:
        if name in _REFUSED:
            function.block(*_REFUSED[name])
        elif name not in (*_HARMLESS, *DROPPED):
            what = "options that are spread in" if name == "..." else f"the option `{name}`"
            function.block("MIG447", f"the rewrite does not know {what}")
    if not function.job.name:
        function.block("MIG447", "its id is only known at run time")
    _attempts(function)
    _concurrency(function, options.get("concurrency"))
    _idempotency(function, options.get("idempotency"))


def _attempts(function: Function) -> None:
    retry = function.job.retry
    attempts = literal_of(retry.max_attempts) if retry is not None else None
    if not isinstance(attempts, int) or not 1 <= attempts <= _MOST_RETRIES + 1:
        function.block("MIG447", "its number of retries is computed; routes.ts needs the number")
        return
    function.facts.attempts = attempts


def _concurrency(function: Function, value: Value | None) -> None:
    if value is None:
        return
    known: object = literal_of(value)
    if isinstance(known, list) and len(known) == 1:
        known = known[0]
    if isinstance(known, dict):
        if not set(known) <= {"limit", "scope"} or known.get("scope", "fn") != "fn":
            function.block("MIG435", "its concurrency limit is per key or shared between functions")
            return
        known = known.get("limit")
    if not isinstance(known, int) or isinstance(known, bool) or known < 0:
        function.block("MIG435", "its concurrency limit is not a plain number")
        return
    function.facts.concurrency = known or None


def _idempotency(function: Function, value: Value | None) -> None:
    if value is None:
        return
    known = literal_of(value)
    try:
        function.facts.idempotency = path(known if isinstance(known, str) else "")
    except UntranslatableError as error:
        function.block("MIG446", f"its idempotency key is not one field of the event: {error}")
