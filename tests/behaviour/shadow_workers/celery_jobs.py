"""Tasks of Celery, as an application has them: `celery -A celery_jobs worker -Q tasks`."""

from __future__ import annotations

import os
from typing import Any

from bodies import body
from celery import Celery, Task

address = os.environ["REDIS_URL"]
app = Celery("celery_jobs", broker=address, backend=None if os.environ.get("NO_RESULTS") else address)
app.conf.task_acks_late = bool(os.environ.get("ACKS_LATE"))
app.conf.broker_transport_options = {"visibility_timeout": int(os.environ.get("VISIBILITY", "3600"))}
if os.environ.get("SHADOW_EXPERIMENT"):
    from migrator.shadow.hooks import celery as shadow_hook

    shadow_hook.install()


@app.task(bind=True, name="task", autoretry_for=(IndexError,), max_retries=2, default_retry_delay=1)
def task(self: Task, payload: dict[str, Any] | None = None, **fields: Any) -> str:
    """The one task, called with its fields by name or with all of them as one."""
    body(self.request.retries + 1, os.getppid(), payload or fields)
    return "done"
