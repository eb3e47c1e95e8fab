"""What a run, a collector and a report ask of a ledger, wherever it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, Self

from migrator.shadow.ledger.conservation import Account
from migrator.shadow.ledger.event import Event, Mark
from migrator.shadow.ledger.folded import Folded
from migrator.shadow.ledger.history import JobHistory
from migrator.shadow.ledger.records import ArmRecord, ClockReading, Epoch

if TYPE_CHECKING:
    from migrator.shadow.ledger.scan import Scan


class Ledger(Protocol):
    """An append-only record. One instance may be used from several threads. Every method may raise LedgerError."""

    boot_id: str  #: of this recorder: what it stamps on events that carry no stamp of their own

    @property
    def place(self) -> str:
        """What to call it in messages; no password in it."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    # -- writing ------------------------------------------------------------------------------------------------------

    def record(self, events: Sequence[Event], *, cursor: tuple[str, str] | None = None) -> int:
        """Write events, all or none, and with them a new cursor `(name, value)`.

        An event with a `boot_id` was stamped by the process that recorded it and is kept as it is (`boot_id`, `seq`, `host`, `pid`);
        one without gets this recorder's. Returns how many were new: an event id that is known already changes nothing.
        """
        ...

    def mark(self, mark: Mark) -> None:
        """Write down something that concerns an arm or the run."""
        ...

    def begin_epoch(self, experiment: str, config: str, config_hash: str, arms: Sequence[ArmRecord]) -> Epoch:
        """Start a configuration epoch."""
        ...

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def ledger_id(self) -> str:
        """Short random id of this ledger."""
        ...

    def epochs(self) -> tuple[Epoch, ...]:
        """Configurations, oldest first."""
        ...

    def arms(self) -> tuple[ArmRecord, ...]:
        """Arms of the newest configuration."""
        ...

    def events(self, *, arm: str = "", kind: str = "") -> Iterator[Event]:
        """Events in the order of writing, of one arm or kind if named."""
        ...

    def jobs(self, arm: str) -> Iterator[JobHistory]:
        """What became of every job of an arm, by job key. Store times are put on the host's clock."""
        ...

    def unsettled(self, arm: str) -> Iterator[JobHistory]:
        """Those of `jobs` that are in flight, presumed lost, or assigned by nobody; without reading what became of all others.

        Jobs that were folded are not among them, whatever was heard of them since.
        """
        ...

    def unsettled_stories(self, arm: str) -> Iterator[tuple[JobHistory, list[Event]]]:
        """The same with their events."""
        ...

    def made_up(self) -> int:
        """Assignments that a run made up for, because they were lost with the process that made them."""
        ...

    def job(self, arm: str, job_key: str) -> JobHistory | None:
        """What became of one job."""
        ...

    def marks(self, *, kind: str = "", arm: str = "") -> tuple[Mark, ...]:
        """Marks in the order of writing."""
        ...

    def clocks(self) -> dict[str, ClockReading]:
        """arm -> its store's clock, as measured with the shortest round trip."""
        ...

    def cursor(self, name: str) -> str:
        """Where observing had got to; empty at first."""
        ...

    def assigned(self, arm: str = "") -> list[str]:
        """Keys of the `assigned` events, with repeats, in the order of writing."""
        ...

    def conservation(self, arm: str) -> Account:
        """The arm's books. Jobs that completed in the ordinary way are counted, not named."""
        ...

    def scan(self, arms: Sequence[str]) -> AbstractContextManager[Scan]:
        """All events of these arms as they are now, in numbers. Needs numpy."""
        ...

    def recorded(self) -> int:
        """How many events there are, those of folded jobs among them."""
        ...

    def fold_away(self, arm: str, jobs: Sequence[tuple[int, int]], sums: Callable[[list[int]], Sequence[Folded]]) -> int:
        """Remove the events of jobs, all or none, in place of sums; returns of how many jobs.

        `jobs`: position of each one's `assigned` event, and how many events it had. One that has more by now stays as it is; `sums` is
        asked for those of the others, by their places in `jobs`.
        """
        ...

    def missing_sequences(self) -> dict[str, int]:
        """boot id -> events that this recorder numbered but that are not here. Empty when nothing was lost."""
        ...

    def taken(self) -> dict[str, int]:
        """boot id -> the highest number of this recorder's events that are here, or in a ledger before this one."""
        ...

    def taken_before(self) -> dict[str, int]:
        """boot id -> the number up to which this recorder's events are a ledger's that was set aside for this one."""
        ...
