"""A dictionary that remembers what is newest, for what a long run cannot keep for ever."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")
#: jobs that a driver has sent and still knows, where the store itself would take one a second time
SENT = 200_000


class Newest(dict[K, V]):
    """Holds `limit` entries; one more, and the one that was set longest ago goes.

    >>> newest = Newest(2)
    >>> newest["a"], newest["b"], newest["a"], newest["c"] = 1, 2, 3, 4
    >>> dict(newest)
    {'a': 3, 'c': 4}
    """

    def __init__(self, limit: int = 20_000) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, key: K, value: V) -> None:
        self.pop(key, None)
        super().__setitem__(key, value)
        if len(self) > self._limit:
            del self[next(iter(self))]
