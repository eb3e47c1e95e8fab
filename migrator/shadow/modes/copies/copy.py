"""What a candidate is sent in a mirror: a job of its own name, so that no body is ever run by mistake.

A worker that does not know the job `migrator.shadow` fails it, and has done nothing. The payload is `{"copy": …}` with the fields of
`Copy`, beside the mark; times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import Literal as OneOf

import msgspec

from migrator.shadow.config.mirror import Level
from migrator.shadow.ledger import JobHistory

#: what the job is called; RQ knows jobs by import paths only
NAME = "migrator.shadow"
NAMES: Mapping[str, str] = {"rq": "migrator.shadow.modes.copies.rq.run"}
#: the field of the payload
FIELD = "copy"


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of the job that is copied: how long it ran and whether it failed."""

    seconds: float
    failed: bool = False
    error: str = ""  #: the type of the error, as far as it is known


class Copy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A copy of one job for one arm."""

    level: Level
    job: str  #: the experiment's name of it
    arm: str
    attempts: tuple[Replayed, ...] = ()  #: `replay`
    max_attempts: int | None = None  #: total executions of the copy; None: as many as there were
    retry_delay: float | None = None  #: None: at once
    fill: str = ""  #: `replay`: dots, as many as the payload had bytes
    path: str = ""  #: what the arm's system calls the job: where to find its body
    payload: dict[str, Any] = {}  #: `dry_run`, `full`
    arguments: OneOf["keywords", "payload"] = "keywords"  #: how the body is called

    def allowed(self) -> int:
        """Executions that the copy may have."""
        return self.max_attempts or max(1, len(self.attempts))


def name_in(system: str) -> str:
    """What the copies' job is called in a system.

    >>> name_in("celery")
    'migrator.shadow'
    """
    return NAMES.get(system, NAME)


def encoded(copy: Copy) -> dict[str, Any]:
    """The payload of a copy, without the mark."""
    return {FIELD: msgspec.to_builtins(copy)}


def decoded(payload: Mapping[str, Any]) -> Copy:
    """The copy in a payload. Raises msgspec.ValidationError where there is none."""
    return msgspec.convert(payload.get(FIELD), Copy)


def replay_of(history: JobHistory, *, arm: str, max_attempts: int | None, retry_delay: float | None, fill: bool = False) -> Copy | str:
    """A copy that does as an ended job did; or a sentence why there can be none. `fill`: it is to be as large.

    Attempts that the system took back (`stalled`), and second deliveries of one attempt, are the system's own doing and not replayed.
    """
    if history.outcome not in ("completed", "discarded"):
        return f"the job was {history.outcome.replace('_', ' ')}"
    ended = {a.number: a for a in reversed(history.attempts) if a.result in ("completed", "failed")}
    if not ended or set(ended) != set(range(1, max(ended) + 1)):
        return "not all of its attempts were seen"
    if any(attempt.run_ns is None or attempt.run_ns < 0 for attempt in ended.values()):
        return "how long it ran was not seen"
    attempts = tuple(
        Replayed(seconds=(a.run_ns or 0) / 1e9, failed=a.result == "failed", error=a.err_type or "") for _, a in sorted(ended.items())
    )
    if attempts[-1].failed != (history.outcome == "discarded"):
        return "its last attempt was not seen"
    return Copy(
        level="replay",
        job=history.job_name,
        arm=arm,
        attempts=attempts,
        max_attempts=max_attempts,
        retry_delay=retry_delay,
        fill="." * (history.bytes or 0) if fill else "",
    )
