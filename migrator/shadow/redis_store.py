"""A Redis that is asked once and in time: no retries behind the caller's back, and errors that say whether it answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import Health, StoreDown
from migrator.shadow.ledger import ClockReading, shortest

#: questions of which the shortest round trip counts
PROBES = 5


def redis_at(address: str, *, name: str, timeout: float, text: bool = False, waits: bool = False) -> redis.Redis:
    """A client, not connected yet. `name`: the setting that the address is from; `text`: answers are str; `waits`: for what is published.

    Raises MigratorError when the address is none.
    """
    options: dict[str, Any] = {"socket_connect_timeout": timeout, "socket_timeout": None if waits else timeout}
    try:
        return redis.Redis.from_url(address, decode_responses=text, retry=Retry(NoBackoff(), 0), **options)
    except ValueError as error:  # its text may quote the address, password and all
        raise MigratorError("this is not a Redis address", place=name, remedy="It looks like redis://host:6379/0.") from error


@contextmanager
def plain_errors(refusal: type[Exception] = StoreDown) -> Generator[None]:
    """Errors of the client as StoreDown; those that are an answer (out of memory, read-only, …) as `refusal`."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        raise StoreDown(str(error) or "no answer in time") from error
    except redis.RedisError as error:
        raise refusal(str(error)) from error


def health_of(client: redis.Redis, *, dates: bool) -> Health:
    """Redis's version and clock. `dates`: Redis itself dates what happens to jobs, not the machines of the workers. Raises StoreDown."""

    def clock() -> ClockReading:
        begin = time.time_ns()
        seconds, microseconds = client.time()
        return ClockReading.between(begin, (seconds * 1_000_000 + microseconds) * 1000, time.time_ns())

    with plain_errors():
        reading = shortest(clock() for _ in range(PROBES)) if dates else round_trip(client.ping)
        version = client.info("server")["redis_version"]
    return Health(clock=reading, server=f"Redis {version}")


def round_trip(ask: Callable[[], object]) -> ClockReading:
    """The shortest way to a store and back, where jobs have the times of the workers' machines: nobody compares those with this one."""

    def clock() -> ClockReading:
        begin = time.time_ns()
        ask()
        return ClockReading(offset_ns=None, rtt_ns=time.time_ns() - begin)

    return shortest(clock() for _ in range(PROBES))
