"""Celery's queues in Redis: lists of messages, one for each priority, and a hash of what was taken and not acknowledged."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Generator, Iterable
from typing import Any

import msgspec

from migrator.shadow.celery_brokers import Lying, plain_errors
from migrator.shadow.drivers.interface import Target
from migrator.shadow.redis_store import redis_at
from migrator.systems.celery import SEPARATOR

CHUNK = 1000
_PRIORITIES = (3, 6, 9)
#: the exchange of Celery's remote control
_COMMANDS = "celery.pidbox"
#: a command as Kombu writes it
_FOR_NOBODY = json.dumps(
    {
        "body": b64encode(json.dumps({"method": "ping", "arguments": {}, "destination": ["migrator"]}).encode()).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {},
        "properties": {"body_encoding": "base64", "delivery_tag": "migrator", "delivery_info": {"exchange": _COMMANDS, "routing_key": ""}},
    }
)


class RedisBroker:
    """See `migrator.shadow.celery_brokers.Broker`."""

    def __init__(self, target: Target, *, key_prefix: str) -> None:
        self._target, self._prefix = target, key_prefix
        self.redis = redis_at(target.address, name=target.name, timeout=target.timeout)
        prefix = {"global_keyprefix": key_prefix} if key_prefix else {}
        self.transport: dict[str, Any] = {
            **prefix,
            "socket_timeout": target.timeout,
            "socket_connect_timeout": target.timeout,
            "max_retries": 0,
        }

    def destination(self) -> str:
        return self._target.queue

    def lying(self) -> Lying:
        with plain_errors():
            taken = self.redis.hscan_iter(self._key("unacked"), count=CHUNK)
            found = {id_ for _, raw in taken for id_ in _ids(msgspec.json.decode(raw)[:1])}
            for key in self._queues():
                found.update(_ids(map(json.loads, self._messages(key))))
        return Lying(frozenset(found))

    def listeners(self) -> int:
        topic = self._key(f"/{self.redis.get_connection_kwargs().get('db') or 0}.{_COMMANDS}")
        with plain_errors():
            # Redis says whom it reached; addressed to nobody, no worker acts on it.
            reached: Any = self.redis.publish(topic, _FOR_NOBODY)
        return int(reached)

    def take_back(self, native: str) -> bool:
        """Take a task out of the queue; False when it is not in it."""
        with plain_errors():
            for key in self._queues():
                for raw in self._messages(key):
                    if native in _ids((json.loads(raw),)) and self.redis.lrem(key, 1, raw):
                        return True
        return False

    def _messages(self, key: str) -> Generator[Any]:
        """A queue's messages, from the end at which they come in: what is taken away at the other end moves nothing past the reader."""
        start = 0
        while messages := self.redis.lrange(key, start, start + CHUNK - 1):
            yield from messages
            start += CHUNK

    def delays(self) -> bool:
        return False

    def counts(self) -> dict[str, int]:
        with plain_errors():
            pipe = self.redis.pipeline(transaction=True)
            for key in self._queues():
                pipe.llen(key)
            pipe.hlen(self._key("unacked"))
            *waiting, unacked = pipe.execute()
        return {"waiting": sum(waiting), "unacked": unacked}

    def ping(self) -> None:
        with plain_errors():
            self.redis.ping()

    def server(self) -> str:
        with plain_errors():
            return f"Redis {self.redis.info('server')['redis_version']}"

    def close(self) -> None:
        self.redis.close()

    def _queues(self) -> list[str]:
        name = self._key(self._target.queue)
        return [name, *(f"{name}{SEPARATOR}{priority}" for priority in _PRIORITIES)]

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"


def _ids(messages: Iterable[Any]) -> Generator[str]:
    for message in messages:
        yield str(message.get("headers", {}).get("id", ""))
