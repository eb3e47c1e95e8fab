"""Copies in Celery: a task for the candidate's application.

from migrator.shadow.modes.copies.celery import register
register(app)
"""

from __future__ import annotations

from typing import Any

from celery import Celery, Task

from migrator.shadow.modes.copies.copy import NAME, decoded
from migrator.shadow.modes.copies.running import run_copy


def register(app: Celery) -> None:
    """Let the application's workers run copies. Celery's tasks say themselves how often they are tried; the copy says it for this one."""

    def run(self: Task[..., None], payload: dict[str, Any] | None = None, **fields: Any) -> None:
        copy, attempt = decoded(payload or fields), self.request.retries + 1
        try:
            run_copy(copy, attempt)
        except Exception as error:
            if attempt >= copy.allowed():
                raise
            raise self.retry(exc=error, countdown=copy.retry_delay or 0) from error

    app.task(name=NAME, bind=True, max_retries=None)(run)
