"""A job of Bull or BullMQ: the options that it is put with, and whose it is. The two write both the same."""

from __future__ import annotations

from typing import Any

import msgspec

from migrator.shadow.drivers.interface import MARKER, Assignment, Target


def job_options(target: Target, job: Assignment) -> dict[str, Any]:
    """What the queue's `add` is told; both count in milliseconds.

    >>> target = Target(arm="a", ledger_id="l", address="", name="", queue="q", job_name="j", timeout=1.0, max_attempts=3, retry_delay=0.5)
    >>> job_options(target, Assignment(job_key="l-1", payload={}))
    {'jobId': 'l-1', 'attempts': 3, 'backoff': {'type': 'fixed', 'delay': 500}}
    """
    options: dict[str, Any] = {"jobId": job.job_key}
    if target.max_attempts is not None:
        options["attempts"] = target.max_attempts
    if target.retry_delay is not None:
        options["backoff"] = {"type": "fixed", "delay": round(target.retry_delay * 1000)}
    if job.delay:
        options["delay"] = round(job.delay * 1000)
    return options


def marked_key(data: str | bytes | None, ledger_id: str) -> str | None:
    """The ledger's key in the mark of a payload, as the field `data` of a job's hash has it; None where it is none of that ledger's.

    >>> marked_key('{"n": 1, "__shadow": {"ledger": "l", "key": "l-1"}}', "l")
    'l-1'
    """
    try:
        marker = msgspec.json.decode(data or "null")[MARKER]
        return marker["key"] if marker["ledger"] == ledger_id else None
    except (msgspec.DecodeError, TypeError, KeyError):
        return None
