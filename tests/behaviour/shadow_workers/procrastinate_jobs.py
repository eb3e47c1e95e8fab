"""Tasks of Procrastinate, as an application has them: `procrastinate --app=procrastinate_jobs.app worker -q tasks`."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import psycopg
from bodies import body
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy, SyncPsycopgConnector

address = os.environ["DATABASE_URL"]
defaults = {}
if os.environ.get("SHADOW_EXPERIMENT"):
    from migrator.shadow.hooks.procrastinate import attempts

    defaults["task_middleware"] = attempts()
app = App(connector=PsycopgConnector(conninfo=address), worker_defaults=defaults)


@app.task(name="task", queue="tasks", pass_context=True, retry=RetryStrategy(max_attempts=2, wait=1, retry_exceptions=(IndexError,)))
def task(context: JobContext, **payload: Any) -> str:
    """The one task. Procrastinate counts the attempts that were made before."""
    body(context.job.attempts + 1, os.getpid(), payload)
    return "done"


@app.task(name="later", queue="tasks")
async def later(**payload: Any) -> None:
    """One that is awaited."""
    await asyncio.sleep(payload.get("ms", 5) / 1000)


def apply_schema() -> None:
    """Make the tables where there are none: what `procrastinate schema --apply` does, once for all workers of a test."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,):
            owner = App(connector=SyncPsycopgConnector(conninfo=address))
            with owner.open():
                owner.schema_manager.apply_schema()


apply_schema()
