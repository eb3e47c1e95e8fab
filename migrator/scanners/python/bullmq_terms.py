"""BullMQ's names in Python."""

from __future__ import annotations

from migrator.regex import regex

SYSTEM = "bullmq"

_PREFIX = regex(r"^bullmq\.(?:(?:queue|worker|job|flow_producer|queue_events|job_scheduler)\.)?(?=[A-Z])")


def api(key: str) -> str:
    """`Queue().add` of `bullmq.Queue().add` and of `bullmq.queue.Queue().add`; empty for anything else.

    >>> api("bullmq.worker.Worker"), api("bullmq.Queue().add"), api("rq.Queue().add")
    ('Worker', 'Queue().add', '')
    """
    match = _PREFIX.match(key)
    return key[match.end() :] if match else ""
