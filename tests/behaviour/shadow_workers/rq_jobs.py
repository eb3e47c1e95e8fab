"""Jobs of RQ, as an application has them: `rq worker tasks --with-scheduler`."""

from __future__ import annotations

import os
from typing import Any

from bodies import body
from rq import get_current_job


def task(**payload: Any) -> str:
    """The one job. RQ counts retries that are left, of the two that tests ask for."""
    job = get_current_job()
    assert job is not None
    attempt = 1 if job.retries_left is None else 3 - job.retries_left
    body(attempt, os.getppid() if os.environ.get("KILL") == "worker" else os.getpid(), payload)
    return "done"
