"""What a ledger in SQL tables does alike in every database: its statements, its stamps, its readings."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

import msgspec

from migrator.shadow.ledger.conservation import Account, Bookkeeper
from migrator.shadow.ledger.event import Event, Mark
from migrator.shadow.ledger.folded import Folded
from migrator.shadow.ledger.history import JobHistory, fold
from migrator.shadow.ledger.records import ArmRecord, ClockReading, Epoch, offset_of
from migrator.shadow.ledger.sequences import missing, taken_before

if TYPE_CHECKING:
    from migrator.shadow.ledger.scan import Scan

COLUMNS = tuple(f.name for f in msgspec.structs.fields(Event))
_ARM = tuple(f.name for f in msgspec.structs.fields(ArmRecord))
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM {{t}}event"  # noqa: S608
_SELECT_ARMS = f"SELECT config_epoch, {', '.join(_ARM)} FROM {{t}}arm ORDER BY config_epoch, position"  # noqa: S608
_INSERT_ARM = f"INSERT INTO {{t}}arm (config_epoch, position, {', '.join(_ARM)}) VALUES (?, ?{', ?' * len(_ARM)})"  # noqa: S608
_ARRIVED = """
    SELECT boot_id, max(seq), sum(events) FROM (
        SELECT boot_id, max(seq) AS seq, count(*) AS events FROM {t}event GROUP BY boot_id
        UNION ALL SELECT boot_id, max(seq), count(*) FROM {t}repeated GROUP BY boot_id
        UNION ALL SELECT boot_id, max(last_seq), sum(events) FROM {t}folded_number GROUP BY boot_id
    ) AS numbered GROUP BY boot_id
"""
#: who has been assigned and has completed is settled for good; what was folded is, too
_UNSETTLED = """
    SELECT job_key FROM (
        SELECT job_key FROM {t}event WHERE arm = ? GROUP BY job_key
        HAVING sum(CASE WHEN kind = 'assigned' THEN 1 ELSE 0 END) = 0 OR sum(CASE WHEN kind = 'completed' THEN 1 ELSE 0 END) = 0
    ) AS one WHERE NOT EXISTS (SELECT 1 FROM {t}folded_job AS gone WHERE gone.arm = ? AND gone.job_key = one.job_key)
    ORDER BY job_key
"""
AT_ONCE = 500  #: values in one list of a statement
LONGEST = 4_000  #: characters that are kept of an error's text
Row = tuple[Any, ...]


class SqlLedger(ABC):
    """In statements, `?` is a parameter and `{t}` stands before the name of a table."""

    def __init__(self) -> None:
        self.boot_id = uuid.uuid4().hex
        self._lock = threading.RLock()
        self._seq = 0
        self._host, self._pid = socket.gethostname(), os.getpid()

    @property
    @abstractmethod
    def place(self) -> str:
        """See `Ledger`."""

    @abstractmethod
    def close(self) -> None:
        """See `Ledger`."""

    @abstractmethod
    def _transaction(self) -> AbstractContextManager[None]:
        """All or none of what is executed inside; the lock is held."""

    @abstractmethod
    def _execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        """Inside of a transaction."""

    @abstractmethod
    def _rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Everything that a query finds."""

    @abstractmethod
    def _stream(self, statement: str, parameters: Sequence[object]) -> Iterator[Row]:
        """The same without holding all of it."""

    @abstractmethod
    def _insert(self, events: Sequence[Event]) -> set[str]:
        """Write events whose id is not known yet, inside of a transaction; returns the ids of those that were."""

    @abstractmethod
    def scan(self, arms: Sequence[str]) -> AbstractContextManager[Scan]:
        """See `Ledger`."""

    @abstractmethod
    def _alone(self) -> None:
        """Of the writers that call this, let one at a time be in its transaction."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- writing ------------------------------------------------------------------------------------------------------

    def record(self, events: Sequence[Event], *, cursor: tuple[str, str] | None = None) -> int:
        """See `Ledger`."""
        with self._lock:
            with self._transaction():
                stamped = self._stamped(self._without_folded(events))
                new = self._insert(list({event.event_id: event for event in reversed(stamped)}.values())[::-1]) if stamped else set[str]()
                self._note_repeated(stamped, new)
                if cursor:
                    self._execute("INSERT INTO {t}cursor VALUES (?, ?) ON CONFLICT (arm) DO UPDATE SET value = excluded.value", cursor)
            self._seq = max([self._seq, *(event.seq for event in stamped if event.boot_id == self.boot_id)])
            return len(new)

    def _without_folded(self, events: Sequence[Event]) -> Sequence[Event]:
        """Without assignments of jobs that were folded: they are here already, in the sums, and were only handed over once more."""
        assigned: dict[str, list[str]] = {}
        for event in events:
            if event.kind == "assigned":
                assigned.setdefault(event.arm, []).append(event.job_key)
        of_arm = "SELECT job_key FROM {t}folded_job WHERE arm = ? AND job_key IN (%)"
        folded = {(arm, key) for arm, keys in assigned.items() for (key,) in self._in_lists(of_arm, keys, arm)}
        return [event for event in events if event.kind != "assigned" or (event.arm, event.job_key) not in folded] if folded else events

    def _stamped(self, events: Sequence[Event]) -> list[Event]:
        """Events with a stamp; of those that carry none, only the ones that are new get a number, so that numbers have no gaps."""
        known = self._stamps([event.event_id for event in events if not event.boot_id])
        stamped, seq = [], self._seq
        for event in events:
            if event.boot_id:
                stamped.append(event)
            elif event.event_id not in known:
                seq += 1
                known[event.event_id] = self.boot_id, seq
                pid = event.pid if event.pid is not None else self._pid
                stamped.append(msgspec.structs.replace(event, boot_id=self.boot_id, seq=seq, host=event.host or self._host, pid=pid))
        return [_storable(event) for event in stamped]

    def _note_repeated(self, stamped: Sequence[Event], new: set[str]) -> None:
        """A number that was given to an event which somebody else had reported is not missing."""
        if len(new) == len(stamped):
            return
        kept = self._stamps([event.event_id for event in stamped])
        for event in stamped:
            if kept[event.event_id] != (event.boot_id, event.seq):
                self._execute("INSERT INTO {t}repeated VALUES (?, ?) ON CONFLICT DO NOTHING", (event.boot_id, event.seq))

    def _stamps(self, ids: Sequence[str]) -> dict[str, tuple[str, int]]:
        """event id -> boot id and number, of the events that are here."""
        found = self._in_lists("SELECT event_id, boot_id, seq FROM {t}event WHERE event_id IN (%)", ids)
        return {event_id: (boot_id, seq) for event_id, boot_id, seq in found}

    def mark(self, mark: Mark) -> None:
        """See `Ledger`."""
        data = msgspec.json.encode(mark.data).decode()
        with self._lock, self._transaction():
            self._execute(
                "INSERT INTO {t}mark (kind, ts_ns, arm, text, data, boot_id) VALUES (?, ?, ?, ?, ?, ?)",
                (mark.kind, mark.ts_ns, mark.arm, mark.text, data, mark.boot_id or self.boot_id),
            )

    def begin_epoch(self, experiment: str, config: str, config_hash: str, arms: Sequence[ArmRecord]) -> Epoch:
        """See `Ledger`."""
        with self._lock, self._transaction():
            self._alone()
            ((last,),) = self._rows("SELECT coalesce(max(config_epoch), 0) FROM {t}epoch")
            started = time.time_ns()
            self._execute("INSERT INTO {t}epoch VALUES (?, ?, ?, ?, ?)", (last + 1, experiment, config_hash, config, started))
            for position, arm in enumerate(arms):
                fields = {
                    **msgspec.structs.asdict(arm),
                    "ranges": msgspec.json.encode(arm.ranges).decode(),
                    "transactional": int(arm.transactional),
                }
                self._execute(_INSERT_ARM, (last + 1, position, *fields.values()))
        return Epoch(
            config_epoch=last + 1, experiment=experiment, config_hash=config_hash, config=config, started_ns=started, arms=tuple(arms)
        )

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def ledger_id(self) -> str:
        """See `Ledger`."""
        return self._rows("SELECT ledger_id FROM {t}ledger")[0][0]

    def epochs(self) -> tuple[Epoch, ...]:
        """See `Ledger`."""
        arms: dict[int, list[ArmRecord]] = {}
        for number, *fields in self._rows(_SELECT_ARMS):
            record = dict(zip(_ARM, fields, strict=True))
            arms.setdefault(number, []).append(
                msgspec.convert({**record, "ranges": msgspec.json.decode(record["ranges"])}, ArmRecord, strict=False)
            )
        return tuple(
            Epoch(
                config_epoch=number,
                experiment=experiment,
                config_hash=digest,
                config=config,
                started_ns=started,
                arms=tuple(arms.get(number, ())),
            )
            for number, experiment, digest, config, started in self._rows(
                "SELECT config_epoch, experiment, config_hash, config, started_ns FROM {t}epoch ORDER BY config_epoch"
            )
        )

    def arms(self) -> tuple[ArmRecord, ...]:
        """See `Ledger`."""
        epochs = self.epochs()
        return epochs[-1].arms if epochs else ()

    def events(self, *, arm: str = "", kind: str = "") -> Iterator[Event]:
        """See `Ledger`."""
        yield from self._events("WHERE (? = '' OR arm = ?) AND (? = '' OR kind = ?) ORDER BY position", (arm, arm, kind, kind))

    def jobs(self, arm: str) -> Iterator[JobHistory]:
        """See `Ledger`."""
        offset = offset_of(self.clocks().get(arm))
        for _, events in groupby(self._events("WHERE arm = ? ORDER BY job_key", (arm,)), key=lambda event: event.job_key):
            yield fold(events, offset)

    def unsettled(self, arm: str) -> Iterator[JobHistory]:
        """See `Ledger`."""
        return (history for history, _ in self.unsettled_stories(arm))

    def unsettled_stories(self, arm: str) -> Iterator[tuple[JobHistory, list[Event]]]:
        """See `Ledger`."""
        offset = offset_of(self.clocks().get(arm))
        for some, places in in_lists([key for (key,) in self._stream(_UNSETTLED, (arm, arm))]):
            rows = self._events(f"WHERE arm = ? AND job_key IN ({places}) ORDER BY job_key", (arm, *some))
            for _, group in groupby(rows, key=lambda event: event.job_key):
                events = list(group)
                history = fold(events, offset)
                if history.assigned_ns is None or history.outcome in ("in_flight", "presumed_lost"):
                    yield history, events

    def made_up(self) -> int:
        """See `Ledger`."""
        return int(self._rows("SELECT count(*) FROM {t}event WHERE kind = 'assigned' AND source = 'runner'")[0][0])

    def job(self, arm: str, job_key: str) -> JobHistory | None:
        """See `Ledger`."""
        events = list(self._events("WHERE arm = ? AND job_key = ?", (arm, job_key)))
        return fold(events, offset_of(self.clocks().get(arm))) if events else None

    def marks(self, *, kind: str = "", arm: str = "") -> tuple[Mark, ...]:
        """See `Ledger`."""
        rows = self._rows(
            "SELECT kind, ts_ns, arm, text, data, boot_id FROM {t}mark "
            "WHERE (? = '' OR kind = ?) AND (? = '' OR arm = ?) ORDER BY position",
            (kind, kind, arm, arm),
        )
        names = ("kind", "ts_ns", "arm", "text", "data", "boot_id")
        return tuple(msgspec.convert({**dict(zip(names, row, strict=True)), "data": msgspec.json.decode(row[4])}, Mark) for row in rows)

    def clocks(self) -> dict[str, ClockReading]:
        """See `Ledger`."""
        best: dict[str, ClockReading] = {}
        for mark in self.marks(kind="clock"):
            reading = msgspec.convert(mark.data, ClockReading)
            if mark.arm not in best or reading.rtt_ns < best[mark.arm].rtt_ns:
                best[mark.arm] = reading
        return best

    def cursor(self, name: str) -> str:
        """See `Ledger`."""
        rows = self._rows("SELECT value FROM {t}cursor WHERE arm = ?", (name,))
        return rows[0][0] if rows else ""

    def assigned(self, arm: str = "") -> list[str]:
        """See `Ledger`."""
        rows = self._rows("SELECT job_key FROM {t}event WHERE kind = 'assigned' AND (? = '' OR arm = ?) ORDER BY position", (arm, arm))
        return [key for (key,) in rows]

    def conservation(self, arm: str) -> Account:
        """See `Ledger`."""
        from migrator.shadow.ledger.sifting import sift

        books = Bookkeeper(arm)
        with self.scan((arm,)) as scan:
            for _, sifted in sift(scan, [offset_of(self.clocks().get(arm))]):
                books.add("completed", len(sifted.ordinary.assigned))
                for _, history in sifted.unusual:
                    books.see(history)
            folded = sum(sums.jobs for sums in scan.folded(arm))
            books.add("completed", folded)
            return books.close(scan.assigned()[arm] + folded)

    def missing_sequences(self) -> dict[str, int]:
        """See `Ledger`."""
        arrived = {boot: (last, int(count)) for boot, last, count in self._rows(_ARRIVED)}
        return missing(arrived, self.marks(kind="recorder_ended"), self.taken_before())

    def taken_before(self) -> dict[str, int]:
        """See `Ledger`."""
        return taken_before(self.marks(kind="taken_before"))

    def taken(self) -> dict[str, int]:
        """See `Ledger`."""
        return self.taken_before() | {boot: last for boot, last, _ in self._rows(_ARRIVED)}

    def recorded(self) -> int:
        """See `Ledger`."""
        ((kept, folded),) = self._rows("SELECT (SELECT count(*) FROM {t}event), (SELECT coalesce(sum(events), 0) FROM {t}folded_number)")
        return kept + int(folded)

    def fold_away(self, arm: str, jobs: Sequence[tuple[int, int]], sums: Callable[[list[int]], Sequence[Folded]]) -> int:
        """See `Ledger`."""
        with self._lock, self._transaction():
            self._alone()
            keys = dict(self._in_lists("SELECT position, job_key FROM {t}event WHERE position IN (%)", [position for position, _ in jobs]))
            of_job = "FROM {t}event WHERE arm = ? AND job_key IN (%)"
            counted = dict(self._in_lists(f"SELECT job_key, count(*) {of_job} GROUP BY job_key", list(keys.values()), arm))
            kept = [i for i, (position, events) in enumerate(jobs) if counted.get(keys.get(position)) == events]
            if not kept:
                return 0
            going = [keys[jobs[i][0]] for i in kept]
            for folded in sums(kept):
                self._execute("INSERT INTO {t}folded (arm, sums) VALUES (?, ?)", (arm, msgspec.json.encode(folded).decode()))
            for key in going:
                self._execute("INSERT INTO {t}folded_job VALUES (?, ?)", (arm, key))
            for some, places in in_lists(going):
                rows = of_job.replace("%", places)
                self._execute(f"INSERT INTO {{t}}folded_number SELECT boot_id, max(seq), count(*) {rows} GROUP BY boot_id", (arm, *some))
                self._execute(f"DELETE {rows}", (arm, *some))
        return len(kept)

    def _in_lists(self, statement: str, values: Sequence[object], *before: object) -> Iterator[Row]:
        for some, places in in_lists(values):
            yield from self._rows(statement.replace("%", places), (*before, *some))

    def _events(self, where: str, parameters: Sequence[object]) -> Iterator[Event]:
        for row in self._stream(f"{_SELECT} {where}", parameters):
            yield Event(**dict(zip(COLUMNS, row, strict=True)))


def in_lists(values: Sequence[object]) -> Iterator[tuple[Sequence[object], str]]:
    """Some of the values, and places for them in a statement, until all have been."""
    for start in range(0, len(values), AT_ONCE):
        some = values[start : start + AT_ONCE]
        yield some, ", ".join("?" * len(some))


def _storable(event: Event) -> Event:
    """An exception's text may hold bytes that are no text (the name of a file): they are spelt out, for no database takes them. It may be
    a whole page of a server: what is beyond `LONGEST` is left out, and said."""
    text = event.err_message
    if text is None or (text.isascii() and len(text) <= LONGEST):
        return event
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}… ({len(text):,} characters)"
    return msgspec.structs.replace(event, err_message=text.encode("utf-8", "backslashreplace").decode())
