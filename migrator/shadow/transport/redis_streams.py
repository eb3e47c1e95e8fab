"""Events through a Redis stream, for applications on many hosts. A consumer group remembers what the ledger has.

Stream `migrator:NAME:events`, group `ledger`; an entry has `lines` (one event a line) or `ended` (a process that is no more).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import redis

from migrator.shadow.redis_store import redis_at
from migrator.shadow.transport.interface import Batch, Ended
from migrator.shadow.transport.line import Line, read_lines
from migrator.shadow.transport.waiting import ENTRIES, LINES, Full

#: seconds that the server may take to answer
PATIENCE = 10.0
GROUP, CONSUMER = "ledger", "collector"


class RedisOutlet:
    """The outlet; see `migrator.shadow.transport.interface.Outlet`."""

    def __init__(self, url: str, name: str, variable: str) -> None:
        self._redis, self._key = redis_at(url, name=variable, timeout=PATIENCE), f"migrator:{name}:events"
        self.place = f"{variable} (Redis), stream {self._key}"

    def send(self, lines: Sequence[bytes], ended: Sequence[Ended] = ()) -> None:
        # Not MAXLEN, which would throw away the oldest without a word: the disk keeps them until there is room again.
        if self._redis.xlen(self._key) >= ENTRIES:
            raise Full(f"{ENTRIES:,} entries wait in the stream, and nobody takes them out")
        pipe = self._redis.pipeline(transaction=True)
        for start in range(0, len(lines), LINES):
            pipe.xadd(self._key, {"lines": b"".join(lines[start : start + LINES])})
        for each in ended:
            pipe.xadd(self._key, {"ended": msgspec.json.encode(each)})
        pipe.execute()

    def close(self) -> None:
        self._redis.close()


class RedisInlet:
    """The inlet; see `migrator.shadow.transport.interface.Inlet`. Entries are deleted once the ledger has them."""

    def __init__(self, url: str, name: str, variable: str) -> None:
        self._redis, self._key = redis_at(url, name=variable, timeout=PATIENCE), f"migrator:{name}:events"
        self.place = f"{variable} (Redis), stream {self._key}"

    def resume(self, cursor: str) -> None:
        """Nothing to do: the group remembers."""

    def read(self, limit: int = 10_000) -> Batch:
        count = max(1, limit // LINES)
        # First what was read before and is not done.
        entries = self._read("0", count) or self._read(">", count)
        lines: list[Line] = []
        ended: list[Ended] = []
        unreadable: list[str] = []
        for id_, fields in entries:
            found, odd = read_lines(fields.get(b"lines", b""), f"{self._key}, entry {id_.decode()}")
            lines += found
            unreadable += odd
            if b"ended" in fields:
                ended.append(msgspec.json.decode(fields[b"ended"], type=Ended))
        return Batch(lines=tuple(lines), ended=tuple(ended), unreadable=tuple(unreadable), token=[id_ for id_, _ in entries])

    def _read(self, after: str, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        try:
            answer: Any = self._redis.xreadgroup(GROUP, CONSUMER, {self._key: after}, count=count)
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self._redis.xgroup_create(self._key, GROUP, id="0", mkstream=True)
            answer = self._redis.xreadgroup(GROUP, CONSUMER, {self._key: after}, count=count)
        # Redis 7 answers with a list, its client's newer protocol with a mapping.
        found = answer.values() if isinstance(answer, dict) else [entries for _, entries in answer or []]
        return [(id_, fields or {}) for entries in found for id_, fields in entries]

    def done(self, batch: Batch) -> None:
        if batch.token:
            pipe = self._redis.pipeline(transaction=True)
            pipe.xack(self._key, GROUP, *batch.token)
            pipe.xdel(self._key, *batch.token)
            pipe.execute()

    def close(self) -> None:
        self._redis.close()
