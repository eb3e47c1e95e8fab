"""The two ends of a transport."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from migrator.shadow.transport.line import Line


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A recording process that is no more, and how many events it numbered: what is not there of them is lost."""

    boot_id: str
    numbered: int


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What had come in. `cursor` goes into the ledger with the events; `token` is for `Inlet.done` only."""

    lines: tuple[Line, ...] = ()
    ended: tuple[Ended, ...] = ()
    unreadable: tuple[str, ...] = ()  #: sentences about lines that hold no event
    cursor: str = ""
    token: Any = None

    @property
    def empty(self) -> bool:
        """Nothing is to be written down."""
        return not (self.lines or self.ended or self.unreadable)


class Outlet(Protocol):
    """Where the recorder of a process hands over. Only the recorder's own thread waits for it."""

    @property
    def place(self) -> str:
        """What to call it in messages; no password in it."""
        ...

    def send(self, lines: Sequence[bytes], ended: Sequence[Ended] = ()) -> None:
        """Hand over encoded lines. Returns once they are safe there; any exception means that some may not be."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Inlet(Protocol):
    """Where the one who writes the ledger takes over. What was read is read again until it is `done`."""

    @property
    def place(self) -> str:
        """What to call it in messages; no password in it."""
        ...

    def resume(self, cursor: str) -> None:
        """Go on after what a ledger has; empty: from the beginning."""
        ...

    def read(self, limit: int = 10_000) -> Batch:
        """About `limit` lines that are not done. Does not wait. Any exception means that it could not be asked."""
        ...

    def done(self, batch: Batch) -> None:
        """The ledger has the batch: it need not be kept."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
