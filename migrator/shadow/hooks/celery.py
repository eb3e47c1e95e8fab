"""For workers of Celery: exact times of every attempt, from its signals. In the module that makes the application:

    from migrator.shadow.hooks import celery as shadow_hook
    shadow_hook.install("experiment.toml")

In every pool: prefork, threads, solo, eventlet, gevent. The run time holds the storing of the result, as Celery's own `runtime` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import signals
from celery.exceptions import Reject

from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.hooks.attempts import Attempts, Running, mark_among


class Hook:
    """Connected to Celery's signals."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._running: dict[str, Running] = {}
        # Celery keeps no receiver alive that it is not asked to.
        for signal, receiver in (
            (signals.task_prerun, self.began),
            (signals.task_success, self.succeeded),
            (signals.task_retry, self.retried),
            (signals.task_failure, self.failed),
            (signals.task_postrun, self.over),
        ):
            signal.connect(receiver, weak=False)

    def began(self, task_id: str, task: Any, args: Any = (), kwargs: Any = None, **_: Any) -> None:
        """A body is about to run."""
        request = task.request
        if request.is_eager:
            return
        running = self._attempts.began(
            task_id,
            task.name,
            queue=(request.delivery_info or {}).get("routing_key") or "",
            attempt=(request.retries or 0) + 1,
            mark=getattr(request, MARKER, None) or (request.headers or {}).get(MARKER) or mark_among(*args, kwargs),
        )
        if running is not None:
            self._running[task_id] = running

    def succeeded(self, sender: Any, **_: Any) -> None:
        """It came to its end."""
        self._ended(sender.request.id, "completed")

    def retried(self, request: Any, reason: Any = None, **_: Any) -> None:
        """It failed and is tried again."""
        self._ended(request.id, "attempt_failed", getattr(reason, "exc", None) or reason)

    def failed(self, task_id: str, exception: BaseException | None = None, **_: Any) -> None:
        """It failed for good."""
        self._ended(task_id, "discarded", exception)

    def over(self, task_id: str, retval: Any = None, state: str | None = None, **_: Any) -> None:
        """Whatever has not been said: a task that is rejected or ignores itself. An interrupted one has no end that anybody knows."""
        if state == "REJECTED" and isinstance(retval, Reject):
            self._ended(task_id, "attempt_failed" if retval.requeue else "discarded", retval)
        elif state in ("IGNORED", "SUCCESS"):
            self._ended(task_id, "completed")
        elif (running := self._running.pop(task_id, None)) is not None:
            running.abandoned()

    def _ended(self, task_id: str, kind: Any, error: object = None) -> None:
        running = self._running.pop(task_id, None)
        if running is not None:
            running.ended(kind, error if isinstance(error, BaseException) else None)


def install(file: str | Path | None = None, *, arm: str = "") -> None:
    """Record attempts from here on. `file`: the experiment; without it the one that SHADOW_EXPERIMENT names.

    `arm`: which one these workers are of, where several arms are Celery with the same queue.
    """
    attempts = Attempts.open("celery", file, arm=arm)
    if attempts is not None:
        Hook(attempts)
