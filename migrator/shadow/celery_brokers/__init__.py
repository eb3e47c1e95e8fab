"""What Celery's driver asks of a broker beyond what Celery's own client does: where tasks lie, how many, and whether it is there."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec
import redis
from kombu.entity import Queue
from kombu.exceptions import KombuError, OperationalError

from migrator.shadow.drivers.interface import StoreDown


class Lying(msgspec.Struct, frozen=True):
    """Tasks that a broker holds. `hidden`: it holds some whose ids it does not show."""

    ids: frozenset[str]
    hidden: bool = False
    consumers: int = 0  #: programs that take tasks of the queue and may hold some that the broker does not show; 0 where it shows them


class Broker(Protocol):
    """One arm's broker and queue. Any method may raise StoreDown."""

    transport: dict[str, Any]  #: `broker_transport_options` of the driver's own connections

    def destination(self) -> str | Queue:
        """What to hand to Celery as the queue. Raises EnqueueRefused when there is no such queue."""
        ...

    def lying(self) -> Lying:
        """Tasks in the queue, and those that workers have taken and not acknowledged, as far as the broker shows them."""
        ...

    def listeners(self) -> int:
        """Workers, of whichever queue, that a command would reach; 0 where the broker does not tell."""
        ...

    def delays(self) -> bool:
        """Whether delayed tasks may lie in queues of the broker's own until their time."""
        ...

    def counts(self) -> dict[str, int]:
        """Messages of the queue, by the broker's own words."""
        ...

    def ping(self) -> None:
        """A round trip."""
        ...

    def server(self) -> str:
        """Product and version."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


@contextmanager
def plain_errors(refusal: type[Exception] = StoreDown) -> Generator[None]:
    """Errors of the clients as StoreDown; those that are an answer (out of memory, read-only, no such queue, …) as `refusal`."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, OperationalError, OSError) as error:
        raise StoreDown(str(error) or "no answer in time") from error
    except (redis.RedisError, KombuError) as error:
        raise refusal(str(error)) from error
