"""A Redis that is asked, with commands that read."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from migrator.errors import MigratorError
from migrator.scanners.runtime.addresses import hidden, label

if TYPE_CHECKING:
    from redis import Redis

T = TypeVar("T")
#: keys looked at in one step of a scan, which lets others through between steps
_STEP = 1_000
#: questions that are sent together
_TOGETHER = 500
#: every command that may be asked for with `many`: none of them changes anything, none looks at all keys at once
READS = frozenset(
    (
        *("ACL GETUSER", "CLIENT LIST", "CONFIG GET", "INFO", "TIME"),
        *("EXISTS", "TTL", "TYPE"),
        *("GET", "HEXISTS", "HGET", "HLEN", "HMGET", "HSTRLEN", "LINDEX", "LLEN", "LRANGE", "SCARD", "SMEMBERS", "STRLEN"),
        *("XLEN", "XRANGE", "ZCARD", "ZCOUNT", "ZRANGE", "ZRANGEBYSCORE", "ZREVRANGE"),
    )
)


class Store:
    """A connection of which only reading can be asked. Keys and values are bytes."""

    def __init__(self, client: Redis, address: str) -> None:
        self._client, self.address = client, address

    def keys(self, pattern: str) -> list[str]:
        """The keys that match a pattern, sorted; found step by step, so that the server is never held up."""
        found = self._asked(lambda: [cast("bytes", key) for key in self._client.scan_iter(match=pattern, count=_STEP)])
        return sorted(key.decode("utf-8", "replace") for key in found)

    def kind(self, key: str) -> str:
        """`hash`, `zset`, `string`, …, or `none`."""
        return cast("bytes", self._asked(lambda: self._client.type(key))).decode()

    def hash(self, key: str) -> dict[str, bytes]:
        """The fields of a hash; empty for a key that is none, or is not there."""
        if self.kind(key) != "hash":
            return {}
        found = cast("dict[bytes, bytes]", self._asked(lambda: self._client.hgetall(key)))
        return {name.decode("utf-8", "replace"): value for name, value in found.items()}

    def sorted_set(self, key: str) -> list[str]:
        """The members of a sorted set; empty for a key that is none, or is not there."""
        if self.kind(key) != "zset":
            return []
        found = cast("list[bytes]", self._asked(lambda: self._client.zrange(key, 0, -1)))
        return [member.decode("utf-8", "replace") for member in found]

    def pages(self) -> Generator[list[bytes]]:
        """All keys, some at a time, so that the server is never held up."""
        cursor = 0
        while True:
            cursor, page = cast("tuple[int, list[bytes]]", self._asked(lambda at=cursor: self._client.scan(at, count=_STEP)))
            yield page
            if not cursor:
                return

    def many(self, questions: Sequence[tuple[object, ...]]) -> list[Any]:
        """The answers to many questions, each a command of `READS` with its arguments, sent together some at a time.

        Raises:
            MigratorError: the server refuses one of them.
            ValueError: a command may do more than read.
        """
        if foreign := {str(command) for command, *_ in questions} - READS:
            raise ValueError(f"{', '.join(sorted(foreign))} may do more than read")
        answers: list[Any] = []
        for start in range(0, len(questions), _TOGETHER):
            pipeline: Any = self._client.pipeline(transaction=False)
            for question in questions[start : start + _TOGETHER]:
                pipeline.execute_command(*question)
            answers += cast("list[Any]", self._asked(pipeline.execute))
        return answers

    def _asked(self, question: Callable[[], T]) -> T:
        from redis import RedisError

        try:
            return question()
        except RedisError as error:
            raise MigratorError(f"does not answer a question: {error}", place=self.address) from None


@contextmanager
def connected(url: str) -> Generator[Store]:
    """Yields the Redis at `url`.

    Raises:
        MigratorError: it cannot be reached, or refuses.
    """
    try:
        from redis import Redis, RedisError
    except ImportError as error:
        raise MigratorError(f"asking Redis needs the package redis: {error}", remedy="pip install 'migrator[servers]'") from None
    address = label(url)
    try:
        client: Any = Redis.from_url(url, socket_connect_timeout=5, socket_timeout=10)
        client.ping()
    except (RedisError, ValueError) as error:
        cause = f"Redis cannot be asked: {hidden(str(error), url)}"
        raise MigratorError(cause, place=address, remedy="Check the address and the password.") from None
    with client:
        yield Store(client, address)
