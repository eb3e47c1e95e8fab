"""Copies in RQ: a function that its workers find by its import path, with nothing to register."""

from __future__ import annotations

from typing import Any

from rq import get_current_job

from migrator.shadow.modes.copies.copy import decoded
from migrator.shadow.modes.copies.running import run_copy


def run(payload: dict[str, Any] | None = None, **fields: Any) -> None:
    """One attempt. RQ counts the retries that are left of those that the copy was sent with."""
    copy, job = decoded(payload or fields), get_current_job()
    left = job.retries_left if job is not None else None
    run_copy(copy, 1 if left is None else copy.allowed() - left)
