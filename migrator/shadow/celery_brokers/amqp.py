"""Celery's queue in RabbitMQ, asked over AMQP 0-9-1, which tells how many messages wait and not which.

To look at a message is to take it, and to give it back marks it as redelivered; so nothing is looked at.
"""

from __future__ import annotations

import math
import threading
from typing import Any

from kombu.connection import Connection
from kombu.entity import Queue
from kombu.exceptions import ChannelError

from migrator.shadow.celery_brokers import Lying, plain_errors
from migrator.shadow.drivers.interface import EnqueueRefused, Target

#: an exchange that every broker has
_ALWAYS = "amq.direct"
#: an exchange that Celery's workers make where delays are kept by the broker (quorum queues)
_DELAYS = "celery_delayed_delivery"


class AmqpBroker:
    """See `migrator.shadow.celery_brokers.Broker`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        #: with confirms an enqueue has succeeded once the broker has it, not once it is on its way
        self.transport: dict[str, Any] = {"confirm_publish": True, "read_timeout": target.timeout, "write_timeout": target.timeout}
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def delays(self) -> bool:
        return self._exists(lambda channel: channel.exchange_declare(_DELAYS, "topic", passive=True))

    def destination(self) -> Queue:
        """The queue by the default exchange: it is the worker's to declare, with whatever arguments it has there."""
        if self._queue() is None:
            raise EnqueueRefused(f"there is no queue {self._target.queue}: what is sent to it would be dropped")
        return Queue(self._target.queue, exchange="", routing_key=self._target.queue, no_declare=True)

    def lying(self) -> Lying:
        queue = self._queue()
        return Lying(frozenset(), hidden=queue is not None and queue[0] > 0, consumers=queue[1] if queue else 0)

    def listeners(self) -> int:
        return 0  # who takes from the queue is known

    def counts(self) -> dict[str, int]:
        waiting, consumers = self._queue() or (0, 0)
        return {"waiting": waiting, "consumers": consumers}

    def ping(self) -> None:
        self._exists(lambda channel: channel.exchange_declare(_ALWAYS, "direct", passive=True))

    def server(self) -> str:
        self.ping()
        with self._lock, plain_errors():
            opened: Any = self._open().connection
            told: dict[str, str] = opened.server_properties
        return f"{told.get('product', 'AMQP broker')} {told.get('version', '')}".strip()

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _queue(self) -> tuple[int, int] | None:
        """Messages that wait in the queue, and programs that take them; None when there is no such queue."""
        found: list[tuple[int, int]] = []

        def ask(channel: Any) -> None:
            declared = channel.queue_declare(self._target.queue, passive=True)
            found.append((declared.message_count, declared.consumer_count))

        return found[0] if self._exists(ask) else None

    def _exists(self, question: Any) -> bool:
        """Whether the broker knows what a passive declaration names."""
        with self._lock:
            try:
                with plain_errors():
                    connection = self._open()
                    with connection.channel() as channel:
                        try:
                            question(channel)
                        except ChannelError as error:
                            if getattr(error, "code", None) != 404:
                                raise
                            return False
                        return True
            except Exception:
                self._drop()
                raise

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(
                self._target.address, transport_options=self.transport, connect_timeout=math.ceil(self._target.timeout)
            )
            self._connection.ensure_connection(max_retries=1, interval_start=0)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.release()
            self._connection = None
