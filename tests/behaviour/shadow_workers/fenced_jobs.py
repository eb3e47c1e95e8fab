"""A body behind the fence, for RQ (`python fenced_jobs.py rq`) and for a job table that the application polls itself (`… table`)."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import psycopg

from migrator.shadow.modes.worker import join

experiment = join(os.environ["EXPERIMENT"])


@experiment.fenced
def mail(payload: dict[str, Any]) -> None:
    """Takes a moment, then leaves a row: the effect."""
    time.sleep(payload["ms"] / 1000)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO effects (n, worker) VALUES (%s, %s)", (payload["n"], os.environ["WORKER"]))


def table() -> None:
    """Poll the job table, as hand-rolled workers do."""
    take = (
        "UPDATE jobs SET status = 'RUNNING' WHERE id = (SELECT id FROM jobs WHERE status = 'PENDING' AND run_at <= now()"
        " ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, payload"
    )
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        print("up", flush=True)  # noqa: T201
        while True:
            row = connection.execute(take).fetchone()
            if row is None:
                time.sleep(0.02)
                continue
            mail(row[1])
            connection.execute("UPDATE jobs SET status = 'COMPLETED' WHERE id = %s", (row[0],))


def rq() -> None:
    """A worker of RQ that has loaded its jobs before it forks for each."""
    import redis
    from rq import Queue, Worker

    sys.modules["fenced_jobs"] = sys.modules["__main__"]
    connection = redis.Redis.from_url(os.environ["REDIS_URL"])
    print("up", flush=True)  # noqa: T201
    Worker([Queue("mail", connection=connection)], connection=connection).work(logging_level="WARNING")


if __name__ == "__main__":
    {"rq": rq, "table": table}[sys.argv[1]]()
