"""What every driver does, and what it hands over. A driver tells what its store says: it neither judges nor remembers the experiment.

`enqueue` may be called from one thread while everything else is called from another.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable
from typing import Literal as OneOf

import msgspec

from migrator.shadow.ledger import ClockReading

#: the field of every payload that ties a job in a store to the ledger
MARKER = "__shadow"

SightingKind = OneOf[
    "available", "delayed", "started", "attempt_failed", "stalled", "completed", "discarded", "cancelled", "removed"
]  # as in `migrator.shadow.ledger.event`
#: `unknown`: the system has no way to tell; `absent`: it knows that there is no such job
Standing = OneOf["waiting", "active", "completed", "discarded", "cancelled", "absent", "unknown"]

#: `removed`: it was there, no worker had begun it, and now it is gone; `taken`: a worker has it, or has had it; `unknown`: anything else
Removal = OneOf["removed", "taken", "unknown"]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where an arm's jobs go. `name` is the environment variable that `address` came from."""

    arm: str
    ledger_id: str
    address: str
    name: str
    queue: str
    job_name: str
    timeout: float  #: seconds that one call to the store may take
    max_attempts: int | None = None  #: total executions; None: as the queue is set
    retry_delay: float | None = None  #: seconds; None: as the queue is set
    folder: str = "."  #: of the experiment file: what options name by a relative path is found from there


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """One job to enqueue. `payload` carries the marker; an enqueue with a `job_key` that the store already has is no second job."""

    job_key: str
    payload: dict[str, Any]
    delay: float = 0.0  #: seconds


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a job, by the store's own clock. `id` is unique in the arm, and ids sort as things happened.

    `dated` is False for an end, of a job or of an attempt, that was found without its time: `ts_ns` is then its place among the others.
    """

    id: str
    job_key: str
    native_id: str
    kind: SightingKind
    ts_ns: int
    until_ns: int | None = None
    err_type: str | None = None
    err_message: str | None = None
    dated: bool = True


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What was new since a cursor. `gap` says in words what was gone before it could be read."""

    sightings: tuple[Sighting, ...]
    cursor: str
    gap: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A store's answer about one job. What the store does not keep is None."""

    standing: Standing
    ended_ns: int | None = None
    err_message: str | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """A store that answered."""

    clock: ClockReading
    server: str  #: product and version


class StoreDown(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The store cannot be reached or does not answer in time."""


class EnqueueRefused(Exception):  # noqa: N818 - as above
    """The store answered, and said no."""


class Driver(Protocol):
    """One arm's system. It connects when it is first asked something. Any method may raise StoreDown; the next call tries again."""

    transactional: bool  #: an enqueue can be part of the application's own transaction
    sees_every_queue: bool  #: one driver sees the jobs of all queues of its arm: from a log of the whole store, events of a whole broker

    def watch(self, cursor: str) -> str:
        """Begin to observe, or go on from an earlier cursor. Returns the cursor to begin with.

        Raises MigratorError when the system is not set up as the arm says.
        """
        ...

    def enqueue(self, job: Assignment) -> str:
        """Put a job on its way; returns its native id. Raises EnqueueRefused."""
        ...

    def expect(self, job_key: str, native_id: str | None) -> None:
        """Another process has put this job on its way, or is about to: look out for it. Asks nobody; may be told twice.

        Nothing to do where the store itself tells of every job.
        """
        ...

    def observe(self, cursor: str) -> Observation:
        """Everything that the store has noted since the cursor. Does not wait."""
        ...

    def acknowledge(self, cursor: str) -> None:
        """What was observed up to the cursor is safely written down: the store need not keep it."""
        ...

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        """How a job stands now. `native_id` as far as it is known."""
        ...

    def counts(self) -> dict[str, int]:
        """Jobs of the queue by the system's own states, the experiment's or not."""
        ...

    def health(self) -> Health:
        """A round trip to the store."""
        ...

    def unwatch(self) -> None:
        """Take away whatever `watch` put into the store."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


@runtime_checkable
class Remover(Protocol):
    """A driver whose system can take back a job before a worker begins it. Where it cannot, the driver has no such method."""

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        """Take a job back. `removed` is said only where the system itself sees to it that no worker gets the job any more."""
        ...


@runtime_checkable
class Staffed(Protocol):
    """A driver whose system can say at once how many workers there are."""

    def workers(self) -> int:
        """Workers of the queue that the system knows of; some may have died a moment ago."""
        ...
