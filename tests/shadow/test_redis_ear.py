"""The ear that hears what Redis publishes, where it cannot begin to. Against a real server it is in tests/behaviour."""

from __future__ import annotations

from typing import Any

import pytest
from redis.exceptions import NoPermissionError

from migrator.shadow.redis_ear import Ear


class Deaf:
    """A Redis for a user who may listen and not publish, and its one subscription."""

    def __init__(self) -> None:
        self.closed = False

    def pubsub(self) -> Deaf:
        return self

    def subscribe(self, *_: str) -> None:
        pass

    def get_message(self, **_: Any) -> None:
        pass

    def publish(self, *_: str) -> None:
        raise NoPermissionError("publish")

    def close(self) -> None:
        self.closed = True


def test_one_that_cannot_begin_leaves_no_connection_behind() -> None:
    deaf: Any = Deaf()
    with pytest.raises(NoPermissionError):
        Ear(deaf, channels=["a"], patterns=[], marks="m", timeout=1)
    assert deaf.closed
