"""Hears what a Redis server publishes: every message with the moment at which it came in."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
import redis

from migrator.shadow.drivers.interface import StoreDown


class Message(msgspec.Struct, frozen=True):
    """`at`: nanoseconds since the epoch, by this machine's clock."""

    at: int
    channel: str
    text: str


class Ear:
    """A connection of its own and a thread that listens. Redis says everything once: what is published while it is broken is gone."""

    def __init__(self, client: redis.Redis, *, channels: Sequence[str], patterns: Sequence[str], marks: str, timeout: float) -> None:
        """Returns once it hears. `marks`: the beginning of a channel for messages to itself. Raises StoreDown, or errors of redis."""
        self._timeout = timeout
        self._marks = f"{marks}{uuid.uuid4().hex[:12]}"
        self._heard: deque[Message] = deque()
        self._news = threading.Condition()
        self._broken: str | None = None
        self._closed = False
        self._pubsub = client.pubsub()
        try:
            self._pubsub.subscribe(*channels, self._marks)
            if patterns:
                self._pubsub.psubscribe(*patterns)
            threading.Thread(target=self._listen, name="redis ear", daemon=True).start()
            self.until(client.publish)
        except BaseException:
            # Whoever tries again, as a user without the right to publish would, must not leave a connection behind each time.
            self.close()
            raise

    def until(self, publish: Callable[[str, str], object]) -> list[Message]:
        """All that was published before `publish` put its mark into its channel, and was not returned before.

        Raises StoreDown when the connection is broken, or the mark does not come back in time.
        """
        mark = uuid.uuid4().hex
        publish(self._marks, mark)
        until = time.monotonic() + self._timeout
        found: list[Message] = []
        with self._news:
            while True:
                while self._heard:
                    message = self._heard.popleft()
                    if message.channel != self._marks:
                        found.append(message)
                    elif message.text == mark:
                        return found
                if self._broken is not None:
                    raise StoreDown(self._broken)
                left = until - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    raise StoreDown("it does not hand on what is published")

    def close(self) -> None:
        """Stop listening."""
        self._closed = True
        self._pubsub.close()

    def _listen(self) -> None:
        try:
            while not self._closed:
                message = self._pubsub.get_message(ignore_subscribe_messages=True, timeout=1.0)
                if message is not None:
                    with self._news:
                        self._heard.append(Message(time.time_ns(), str(message["channel"]), str(message["data"])))
                        self._news.notify()
        except Exception as error:  # noqa: BLE001 - however it ends, whoever waits for it must be told
            with self._news:
                self._broken = str(error) or type(error).__name__
                self._news.notify()
