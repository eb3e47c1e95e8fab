"""What keeps a job from running twice at once: an option, a lock in its body, a decorator."""

from __future__ import annotations

import re

from migrator.jobs import Job, Schedule, literal_of
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.systems import SYSTEMS

_LOCKS = regex(
    rb"(?<![a-z])(?:redlock|lock(?:ed|s|ing)?|un_?lock|mutex|semaphore|advisory|singleton|setnx|only_?one|single_?flight|queue_?once)(?![a-z])"
    rb"|(?-i:[a-z_](?:Lock|Mutex|Semaphore)(?:ed)?(?![a-z]))|_lock\b|\block_"
    rb"|(?<![a-z])(?:is_?)?(?:already_?)?(?:running|in_?progress|processing|busy)\b\s*(?:\)|=|\|\||&&|:|\{)|[\"']NX[\"']|nx=True",
    re.IGNORECASE,
)


def kept_single(evidence: Evidence, schedule: Schedule | None, job: Job | None) -> Spot | None:
    """Where the code sees to it that one run at a time is all; None if nowhere."""
    for item in (schedule, job):
        if item is not None and any(_is_set(item.options.get(option)) for option in SYSTEMS[item.system].one_run_options):
            return spot(item, "one run at a time, by an option")
    if job is None:
        return None
    if _limit(job) == 1:
        return spot(job, "a concurrency of one")
    found = evidence.handler(job)
    if found is None:
        return None
    view, function = found
    whole = function.parent if function.parent is not None and function.parent.type == "decorated_definition" else function
    locked = _LOCKS.search(evidence.code(view.source.path), whole.start_byte, whole.end_byte)
    if locked is not None:
        return Spot(view.source.path, view.source.data.count(b"\n", 0, locked.start()) + 1, "a lock")
    called = next((call for call in evidence.calls(job) if _LOCKS.search(call.callee.text or b"")), None)
    return spot(called.view.source.location(called.node, at=called.callee), f"`{called.written}`") if called is not None else None


def _is_set(value: object) -> bool:
    return value is not None and getattr(value, "value", True) is not False


def _limit(job: Job) -> object:
    known = literal_of(job.concurrency)
    if isinstance(known, list):
        known = known[0] if known else None
    return known.get("limit") if isinstance(known, dict) else known
