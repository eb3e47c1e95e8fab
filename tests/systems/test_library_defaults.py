"""The numbers that we write down, asked of the libraries themselves: those that are installed with the tests."""

from __future__ import annotations

import asyncio
import inspect

import rq
from apscheduler.schedulers.background import BackgroundScheduler
from bullmq import Worker
from celery import Celery
from celery.app.task import Task
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries, TimeLimit
from huey import MemoryHuey
from kombu.transport.redis import Channel
from rq.defaults import DEFAULT_FAILURE_TTL, DEFAULT_RESULT_TTL

from migrator.systems import SYSTEMS


def limit(system: str, name: str, plan: str = "") -> float:
    """The value that we give for a limit, in seconds, bytes or as a count."""
    (found,) = (one for one in SYSTEMS[system].limits if (one.name, one.plan) == (name, plan))
    return found.value


def test_celery() -> None:
    app = Celery("app", set_as_current=False)
    assert Task.max_retries == limit("celery", "default-retries")
    assert Task.default_retry_delay == limit("celery", "first-wait")
    assert app.conf.result_expires.total_seconds() == limit("celery", "result-expiry")
    assert app.conf.worker_prefetch_multiplier == limit("celery", "prefetch")
    assert app.conf.task_acks_late is False
    assert SYSTEMS["celery"].acknowledgement == "early"
    assert Channel.visibility_timeout == limit("celery", "visibility-redis", "Redis")
    assert len(Channel.priority_steps) == limit("celery", "priority-redis", "Redis")


def test_dramatiq() -> None:
    assert Retries().max_retries == limit("dramatiq", "default-retries")
    assert Retries().min_backoff / 1000 == limit("dramatiq", "first-wait")
    assert Retries().max_backoff / 1000 == limit("dramatiq", "backoff")
    assert TimeLimit().time_limit / 1000 == limit("dramatiq", "time-limit")
    redis = inspect.signature(RedisBroker.__init__).parameters
    assert redis["heartbeat_timeout"].default / 1000 == limit("dramatiq", "heartbeat", "Redis")
    assert redis["dead_message_ttl"].default / 1000 == limit("dramatiq", "dead-letters", "Redis")


def test_rq() -> None:
    assert limit("rq", "time-limit") == rq.Queue.DEFAULT_TIMEOUT
    assert limit("rq", "result-expiry") == DEFAULT_RESULT_TTL
    assert limit("rq", "failure-expiry") == DEFAULT_FAILURE_TTL


def test_huey() -> None:
    task = MemoryHuey().task()(lambda: None).s()
    assert task.retries == limit("huey", "default-retries")
    assert task.retry_delay == limit("huey", "first-wait")


def test_apscheduler() -> None:
    scheduler = BackgroundScheduler()
    scheduler.start(paused=True)
    try:
        job = scheduler.add_job(len, "interval", seconds=5, args=("",))
        assert job.misfire_grace_time == limit("apscheduler", "misfire")
        assert job.max_instances == limit("apscheduler", "instances")
    finally:
        scheduler.shutdown()


def test_bullmq() -> None:
    async def options() -> dict[str, int]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        worker = Worker("queue", lambda *_: done, {"connection": "redis://127.0.0.1:1", "autorun": False})
        return worker.opts

    found = asyncio.run(options())
    assert found["lockDuration"] / 1000 == limit("bullmq", "lock")
    assert found["maxStalledCount"] == limit("bullmq", "stalls")
    assert found["concurrency"] == limit("bullmq", "concurrency")
