"""Tasks of Celery, as an application has them: `celery -A celery_jobs worker -Q tasks`."""

from __future__ import annotations

import os
from typing import Any

from bodies import body
from celery import Celery, Task
from kombu import Exchange, Queue

results = os.environ.get("REDIS_URL", "")
broker = os.environ.get("AMQP_URL") or results
app = Celery("celery_jobs", broker=broker, backend=None if os.environ.get("NO_RESULTS") else results)
app.conf.task_acks_late = bool(os.environ.get("ACKS_LATE"))
if broker == results:
    app.conf.broker_transport_options = {"visibility_timeout": int(os.environ.get("VISIBILITY", "3600"))}
if kind := os.environ.get("QUEUE_TYPE"):
    name = os.environ["QUEUE"]
    app.conf.task_queues = [Queue(name, Exchange(name, type="topic"), routing_key=name, queue_arguments={"x-queue-type": kind})]
if os.environ.get("SHADOW_EXPERIMENT"):
    from migrator.shadow.hooks import celery as shadow_hook

    shadow_hook.install()
retry_delay = int(os.environ.get("RETRY_DELAY", "1"))


@app.task(bind=True, name="task", autoretry_for=(IndexError,), max_retries=2, default_retry_delay=retry_delay)
def task(self: Task, payload: dict[str, Any] | None = None, **fields: Any) -> str:
    """The one task, called with its fields by name or with all of them as one."""
    body(self.request.retries + 1, os.getppid(), payload or fields)
    return "done"
