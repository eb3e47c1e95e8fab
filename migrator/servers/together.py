"""Several servers in one block."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from migrator.servers.places import HERE, Places
from migrator.servers.postgres import postgres as start_postgres
from migrator.servers.redis import redis as start_redis


@dataclass(frozen=True)
class Servers:
    """Addresses of the servers that were asked for; an empty one was not."""

    postgres: str
    redis: str


@contextmanager
def servers(places: Places = HERE, *, postgres: bool = True, redis: bool = True) -> Generator[Servers]:
    """Yields the URLs of the servers that are wanted, each as `postgres()` and `redis()` give it."""
    with ExitStack() as stack:
        yield Servers(
            postgres=stack.enter_context(start_postgres(places)) if postgres else "",
            redis=stack.enter_context(start_redis(places)) if redis else "",
        )
