"""For workers of Procrastinate: exact times of every attempt. Where the application is made:

from migrator.shadow.hooks.procrastinate import attempts
app = App(connector=…, worker_defaults={"task_middleware": attempts("experiment.toml")})
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.exceptions import JobAborted

from migrator.shadow.hooks.attempts import Attempts, Running, mark_among
from migrator.shadow.ledger.event import Kind


def attempts(file: str | Path | None = None, *, arm: str = "") -> list[Callable[..., Any]]:
    """Middleware for tasks, plain and async. `file`: the experiment; without it the one that SHADOW_EXPERIMENT names.

    `arm`: which one these workers are of, where several arms are Procrastinate with the same queue.
    """
    attempts = Attempts.open("procrastinate", file, arm=arm)
    return [] if attempts is None else [plain(attempts), awaited(attempts)]


def plain(attempts: Attempts) -> Callable[..., Any]:
    """Around tasks that are functions."""

    def attempted(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:  # noqa: ARG001 - Procrastinate's signature
        running = _began(attempts, context)
        if running is None:
            return call_next()
        try:
            result = call_next()
        except BaseException as error:
            running.ended(_kind(error, context), error)
            raise
        running.ended("completed")
        return result

    return attempted


def awaited(attempts: Attempts) -> Callable[..., Awaitable[Any]]:
    """Around tasks that are coroutines."""

    async def attempted(call_next: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:  # noqa: ARG001 - as above
        running = _began(attempts, context)
        if running is None:
            return await call_next()
        try:
            result = await call_next()
        except BaseException as error:
            running.ended(_kind(error, context), error)
            raise
        running.ended("completed")
        return result

    return attempted


def _began(attempts: Attempts, context: Any) -> Running | None:
    job = context.job
    return attempts.began(
        job.id, job.task_name, queue=job.queue, attempt=job.attempts + 1, mark=mark_among(job.task_kwargs), key=job.queueing_lock
    )


def _kind(error: BaseException, context: Any) -> Kind:
    """Whether a failed attempt is tried again, as far as that can be told without asking code of the application's own twice."""
    if isinstance(error, JobAborted | asyncio.CancelledError):
        return "cancelled"
    try:
        strategy = context.task.retry_strategy
        if strategy is None:
            return "discarded"
        if type(strategy) is RetryStrategy and isinstance(error, Exception):
            return "attempt_failed" if strategy.get_retry_decision(exception=error, job=context.job) else "discarded"
    except Exception:  # noqa: BLE001 - the database says it as well
        return "attempt_failed"
    return "attempt_failed"
