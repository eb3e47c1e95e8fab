"""Every event of a ledger as whole numbers, a few bytes each: what a report over millions of them is made of.

Texts are hashed to 64 bits. Whoever reads takes two jobs of one hash for one job with two beginnings, which is unusual, and what is
unusual is read again event by event, with its true key: see `sifting`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger.event import Event, Kind
from migrator.shadow.ledger.folded import Folded
from migrator.shadow.ledger.history import APART

#: the kinds that an ordinary job's life is made of; all others are `OTHER`
KINDS: tuple[Kind, ...] = ("assigned", "enqueue_ok", "available", "started", "completed", "attempt_failed", "delayed")
ASSIGNED, ENQUEUED, AVAILABLE, STARTED, COMPLETED, FAILED, DELAYED, OTHER = range(8)
NUMBERS = 7  #: in a row of `Scan.chunks`
#: in place of a number that an event does not have
NONE = -(2**62)
#: in place of a text that an event does not have, and between two texts that are hashed together
NO_TEXT, BETWEEN = "\x01", "\x1f"

Numbers = NDArray[np.int64]


def unit_number(unit_key: str) -> int:
    """A number in place of a unit's key, the same in every database.

    >>> unit_number("tenant-7")
    -4775619250115389545
    """
    return int.from_bytes(hashlib.md5(unit_key.encode(), usedforsecurity=False).digest()[:8], "big", signed=True)


class Scan(Protocol):
    """One look at all events of some arms, as they were at one moment."""

    def chunks(self) -> Iterator[Numbers]:
        """Rows of seven numbers, in any order: position; hash of the job key; what it is (see `Unpacked`); time; two that depend on the
        kind; hash of the process that said it, where a worker did, else 0.

        The two are, for `assigned`: `unit_number` of the unit key (0 where the job is a unit of its own), hash of name and label; for
        `enqueue_ok`: how long it took; for the others: what was said about it (attempt of a start, hash of the error's type, end of a
        delay, how long a worker says that the body ran), hash of the native id. What a worker says of any attempt but the first is `OTHER`.
        """
        ...

    def text(self, number: int) -> str | None:
        """The error's type, or name and label with `BETWEEN` between them, of which this is the hash. None: it had none."""
        ...

    def event_ids(self, positions: Sequence[int]) -> dict[int, str]:
        """position -> event id."""
        ...

    def events_at(self, positions: Sequence[int]) -> Iterator[Event]:
        """The events at these positions, which ascend, in their order."""
        ...

    def folded(self, arm: str) -> Iterator[Folded]:
        """What jobs of the arm were folded into."""
        ...

    def folded_jobs(self, arm: str, keys: Sequence[str]) -> set[str]:
        """Which of these jobs were folded."""
        ...

    @property
    def arms(self) -> Sequence[str]:
        """Whose events these are."""
        ...

    def assigned(self) -> dict[str, int]:
        """arm -> `assigned` events, counted by the database."""
        ...


def selection(arms: int, hashed: str, noted: str, no_text: str, unit: str) -> str:
    """The statement behind `chunks`, `{t}` the table, with a parameter for each arm, twice.

    `hashed` and `noted` are calls with a place for their argument, the second for texts that `text` is asked for; `no_text`: `NO_TEXT`;
    `unit`: `unit_number` of `unit_key`.
    """
    kinds = " ".join(f"WHEN '{kind}' THEN {number}" for number, kind in enumerate(KINDS))
    apart = ", ".join(f"'{reason[:4]}'" for reason in APART)
    places = " ".join(f"WHEN ? THEN {number}" for number in range(arms))
    between = no_text.replace(str(ord(NO_TEXT)), str(ord(BETWEEN)))
    return f"""
        SELECT position, {hashed.format("job_key")},
            CAST(config_epoch AS bigint) * 65536 + (CASE arm {places} END) * 32
                + (CASE WHEN step <> '' OR (kind = 'assigned' AND (role = 'fallback' OR substr(reason, 1, 4) IN ({apart})))
                    OR (source = 'worker' AND attempt <> 1) THEN {OTHER}
                    ELSE CASE kind {kinds} ELSE {OTHER} END END) * 4
                + CASE clock WHEN 'store' THEN 2 ELSE 0 END + CASE source WHEN 'store' THEN 1 ELSE 0 END,
            ts_ns,
            CASE kind WHEN 'available' THEN coalesce(until_ns, {NONE}) WHEN 'started' THEN coalesce(attempt, 0)
                WHEN 'completed' THEN CASE source WHEN 'worker' THEN coalesce(elapsed_ns, {NONE}) ELSE 0 END
                WHEN 'assigned' THEN CASE WHEN unit_key IN ('', job_key) THEN 0 ELSE {unit} END
                WHEN 'enqueue_ok' THEN coalesce(elapsed_ns, {NONE})
                WHEN 'attempt_failed' THEN {noted.format(f"coalesce(err_type, {no_text})")}
                WHEN 'delayed' THEN coalesce(until_ns, {NONE}) ELSE 0 END,
            CASE WHEN source IN ('store', 'worker') THEN {hashed.format(f"coalesce(native_id, {no_text})")}
                WHEN kind = 'assigned' THEN {noted.format(f"job_name || {between} || coalesce(label, {no_text})")} ELSE 0 END,
            CASE source WHEN 'worker' THEN {hashed.format("boot_id")} ELSE 0 END
        FROM {{t}} WHERE arm IN ({", ".join("?" * arms)})
    """  # noqa: S608 - numbers and names of our own


class Unpacked:
    """The columns of a chunk."""

    def __init__(self, chunk: Numbers) -> None:
        self.position, self.job, what, self.ts, self.first, self.second, self.process = chunk.T
        self.epoch, self.arm, self.kind = what >> 16, (what >> 5) & 2047, (what >> 2) & 7
        self.on_store_clock, self.by_store = (what & 2) > 0, (what & 1) > 0


def named(scan: Scan, number: int) -> tuple[str, str | None]:
    """A job's name and label."""
    name, _, label = (scan.text(number) or "").partition(BETWEEN)
    return name, None if label == NO_TEXT else label
