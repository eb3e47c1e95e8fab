"""A worker of BullMQ's Python edition, as an application has one: `python -m bullmq_jobs`."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from bodies import body
from bullmq import Job, Worker


async def task(job: Job, _token: str) -> dict[str, Any]:
    """The one job. BullMQ counts attempts that are over."""
    await asyncio.to_thread(body, job.attemptsMade + 1, os.getpid(), {"deep": None, **job.data})
    return {"n": job.data["n"]}


async def main() -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    concurrency = int(os.environ.get("CONCURRENCY", "4"))
    options: dict[str, Any] = {"connection": os.environ["REDIS_URL"], "concurrency": concurrency}
    if ms := os.environ.get("LOCK_MS"):
        options |= {"lockDuration": int(ms), "stalledInterval": int(ms)}
    if os.environ.get("REMOVE"):
        options["removeOnComplete"] = True
    worker = Worker(os.environ.get("QUEUE", "tasks"), task, options)
    await worker.backend.conn.ping()
    print("up", flush=True)  # noqa: T201 - what the tests wait for
    await stopped.wait()
    await worker.close()


asyncio.run(main())
