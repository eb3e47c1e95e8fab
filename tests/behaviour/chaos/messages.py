"""Messages that a store loses, and messages that it has twice: done to the stores past everybody, one function for each system."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import redis

from tests.behaviour.chaos.stage import Stage


def drop(stage: Stage, arm: str, job_key: str) -> None:
    """The store of an arm has the message no more. No worker may be taking messages."""
    _DROP[stage.arms[arm]](stage.stores[arm], job_key)


def double(stage: Stage, arm: str, job_key: str) -> None:
    """The store of an arm has the message once more. No worker may be taking messages."""
    _DOUBLE[stage.arms[arm]](stage.stores[arm], job_key)


def _drop_celery(url: str, key: str) -> None:
    with redis.Redis.from_url(url) as store:
        assert store.lrem("tasks", 1, _message(store, key)) == 1


def _double_celery(url: str, key: str) -> None:
    with redis.Redis.from_url(url) as store:
        store.lpush("tasks", _message(store, key))


def _message(store: redis.Redis, key: str) -> str:
    messages: list[Any] = store.lrange("tasks", 0, -1)
    (found,) = (raw for raw in messages if json.loads(raw)["headers"]["id"] == key)
    return found


def _drop_bullmq(url: str, key: str) -> None:
    with redis.Redis.from_url(url) as store:
        assert (store.lrem("bull:tasks:wait", 1, key), store.delete(f"bull:tasks:{key}")) == (1, 1)


def _double_bullmq(url: str, key: str) -> None:
    with redis.Redis.from_url(url) as store:
        store.copy(f"bull:tasks:{key}", f"bull:tasks:again-{key}")
        store.lpush("bull:tasks:wait", f"again-{key}")


def _drop_rq(url: str, key: str) -> None:
    with redis.Redis.from_url(url) as store:
        assert (store.lrem("rq:queue:tasks", 1, key), store.delete(f"rq:job:{key}")) == (1, 1)


def _double_rq(url: str, key: str) -> None:
    with redis.Redis.from_url(url) as store:
        store.copy(f"rq:job:{key}", f"rq:job:again-{key}")
        store.rpush("rq:queue:tasks", f"again-{key}")


def _drop_table(url: str, key: str) -> None:
    with psycopg.connect(url) as store:
        assert store.execute("DELETE FROM tasks WHERE id = %s", (key,)).rowcount == 1


def _double_table(url: str, key: str) -> None:
    again = "INSERT INTO tasks SELECT (jsonb_populate_record(t, jsonb_build_object('id', 'again-' || t.id))).* FROM tasks t WHERE id = %s"
    with psycopg.connect(url) as store:
        assert store.execute(again, (key,)).rowcount == 1


_DROP: Mapping[str, Callable[[str, str], None]] = {
    "celery": _drop_celery,
    "bullmq": _drop_bullmq,
    "rq": _drop_rq,
    "postgres-table": _drop_table,
}
_DOUBLE: Mapping[str, Callable[[str, str], None]] = {
    "celery": _double_celery,
    "bullmq": _double_bullmq,
    "rq": _double_rq,
    "postgres-table": _double_table,
}
