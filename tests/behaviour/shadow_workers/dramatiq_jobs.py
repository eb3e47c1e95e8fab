"""Actors of Dramatiq, as an application has them: `dramatiq dramatiq_jobs -Q tasks`."""

from __future__ import annotations

import os
from typing import Any

import dramatiq
from bodies import body
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import CurrentMessage
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

address = os.environ["REDIS_URL"]
broker = RedisBroker(
    url=address, heartbeat_timeout=int(os.environ.get("HEARTBEAT", "60000")), maintenance_chance=int(os.environ.get("MAINTENANCE", "1000"))
)
broker.add_middleware(CurrentMessage())
if os.environ.get("RESULTS"):
    broker.add_middleware(Results(backend=RedisBackend(url=address)))
if os.environ.get("SHADOW_EXPERIMENT"):
    from migrator.shadow.hooks.dramatiq import Attempting

    broker.add_middleware(Attempting())
dramatiq.set_broker(broker)


@dramatiq.actor(actor_name="task", queue_name="tasks")
def task(payload: dict[str, Any] | None = None, **fields: Any) -> None:
    """The one actor, called with its fields by name or with all of them as one."""
    message = CurrentMessage.get_current_message()
    assert message is not None
    body(message.options.get("retries", 0) + 1, os.getppid(), payload or fields)
