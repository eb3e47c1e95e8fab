"""How a job that has its ticket is sent, in each mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from migrator.shadow.driver_pool import DriverPool
from migrator.shadow.drivers.interface import Assignment, Driver
from migrator.shadow.ledger.event import Role
from migrator.shadow.policy.policy import Decider
from migrator.shadow.ticket import Ticket

#: why jobs that an application enqueues by itself stay with the current arm in mode `fallback`
SENT_ELSEWHERE = "mode `fallback` must know how to send a job elsewhere, and only knows that of `send`"


class Known(Protocol):
    """What is known of a job that has had a ticket."""

    @property
    def key(self) -> str: ...
    @property
    def job(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    @property
    def delay(self) -> float: ...
    @property
    def label(self) -> str | None: ...


class Desk(Protocol):
    """What a mode needs of the dispatcher."""

    @property
    def decider(self) -> Decider:
        """What decides now."""
        ...

    def pool(self, arm: str, job: str, *, timeout: float | None = None, called: str = "") -> DriverPool:
        """How jobs of a name are sent to an arm. Raises MigratorError."""
        ...

    def driver(self, arm: str, job: str, *, timeout: float) -> Driver:
        """A driver of one's own. Raises MigratorError."""
        ...

    def ticket(self, known: Known, arm: str, why: str, role: Role) -> Ticket:
        """A ticket for a job that has had one."""
        ...


class Sending(msgspec.Struct, frozen=True):
    """One job on its way out."""

    ticket: Ticket
    pool: DriverPool
    payload: Mapping[str, Any]
    delay: float

    def assignment(self) -> Assignment:
        """The job, marked."""
        return Assignment(job_key=self.ticket.key, payload={**self.payload, **self.ticket.mark}, delay=self.delay)


class Way(Protocol):
    """One mode."""

    only_sends: str  #: why jobs that the application enqueues itself stay with the current arm; empty: they do not

    def send(self, sending: Sending) -> None:
        """Send a job, in the caller's thread. Raises what the arm's driver raises, if nobody takes the job."""
        ...

    def abandon(self) -> None:
        """In the child of a fork: what was begun is the parent's."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Split:
    """Each job goes to its arm."""

    only_sends = ""

    def send(self, sending: Sending) -> None:
        with sending.ticket as ticket:
            ticket.native_id = sending.pool.enqueue(sending.assignment())

    def abandon(self) -> None:
        """Nothing was begun."""

    def close(self) -> None:
        """Nothing is held."""
