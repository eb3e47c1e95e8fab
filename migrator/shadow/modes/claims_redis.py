"""Claims as keys of a Redis."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import redis

from migrator.shadow.modes.claims import DONE_MARK, PREFIX, Claim, ClaimsDown
from migrator.shadow.redis_store import redis_at


class RedisClaims:
    """See `migrator.shadow.modes.claims.Claims`. Claims end with their Redis: one that forgets when it is restarted is no fence then."""

    def __init__(self, address: str, *, name: str, timeout: float, keep: float) -> None:
        self._keep = max(1, round(keep))
        self._redis = redis_at(address, name=name, timeout=timeout, text=True)

    def claim(self, job_key: str, holder: str) -> Claim:
        with _plain_errors():
            while True:
                if self._redis.set(PREFIX + job_key, holder, nx=True, ex=self._keep):
                    return Claim(holder)
                if (found := self._redis.get(PREFIX + job_key)) is not None:
                    return _read(found)

    def done(self, job_key: str, holder: str) -> None:
        with _plain_errors():
            self._redis.set(PREFIX + job_key, holder + DONE_MARK, xx=True, keepttl=True)

    def look(self, job_keys: Iterable[str]) -> dict[str, Claim]:
        keys = list(job_keys)
        if not keys:
            return {}
        with _plain_errors():
            values: Any = self._redis.mget([PREFIX + key for key in keys])
        return {key: _read(value) for key, value in zip(keys, values, strict=True) if value is not None}

    def close(self) -> None:
        self._redis.close()


def _read(value: Any) -> Claim:
    text = str(value)
    return Claim(text.removesuffix(DONE_MARK), text.endswith(DONE_MARK))


@contextmanager
def _plain_errors() -> Generator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise ClaimsDown(str(error) or "no answer in time") from error
