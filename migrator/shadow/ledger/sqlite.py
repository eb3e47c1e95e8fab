"""The ledger: an append-only SQLite file with one writer and any number of readers.

A commit has reached the operating system before `record` returns, so killing the process loses nothing that was recorded.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import msgspec

from migrator.shadow.ledger.conservation import Account, account
from migrator.shadow.ledger.event import Event, Mark
from migrator.shadow.ledger.failures import LedgerError, plain_errors
from migrator.shadow.ledger.history import JobHistory, fold
from migrator.shadow.ledger.opening import bring_up_to_date, make, take_lock, version_of
from migrator.shadow.ledger.records import ArmRecord, ClockReading, Epoch
from migrator.shadow.ledger.schema import VERSION

_COLUMNS = tuple(f.name for f in msgspec.structs.fields(Event))
_INSERT = f"INSERT INTO event ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (event_id) DO NOTHING"  # noqa: S608
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM event"  # noqa: S608
_ARM = tuple(f.name for f in msgspec.structs.fields(ArmRecord))
_INSERT_ARM = f"INSERT INTO arm (config_epoch, position, {', '.join(_ARM)}) VALUES (?, ?{', ?' * len(_ARM)})"  # noqa: S608
_SELECT_ARMS = f"SELECT config_epoch, {', '.join(_ARM)} FROM arm ORDER BY config_epoch, position"  # noqa: S608


class SqliteLedger:
    """A `Ledger` in a file. Open with `SqliteLedger.open` (to read) or `SqliteLedger.create` (the one writer)."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock_file: IO[bytes] | None) -> None:
        self.path = path
        self.boot_id = uuid.uuid4().hex
        self._connection = connection
        self._lock_file = lock_file
        self._lock = threading.RLock()
        self._seq = 0
        self._host, self._pid = socket.gethostname(), os.getpid()

    @classmethod
    def open(cls, path: Path) -> SqliteLedger:
        """Read an existing ledger; a run may be writing to it meanwhile."""
        if not path.is_file():
            raise LedgerError(
                "there is no ledger here", place=str(path), remedy="Run `migrate shadow run` first, or name it with --ledger."
            )
        with plain_errors(path):
            # Not `mode=ro`: SQLite needs to write its shared-memory file to read a ledger whose writer was killed.
            connection = sqlite3.connect(path, timeout=10, check_same_thread=False, isolation_level=None)
            version = version_of(path, connection)
            if version < VERSION:
                connection.close()
                raise LedgerError(
                    f"this ledger is of schema version {version}",
                    place=str(path),
                    remedy="A `migrate shadow run` on it brings it up to date.",
                )
            connection.execute("PRAGMA query_only = ON")
        return cls(path, connection, None)

    @classmethod
    def create(cls, path: Path, *, timeout: float = 10.0) -> SqliteLedger:
        """Open for writing, making the file (and bringing an older one up to date). `timeout`: seconds to wait for a lock."""
        with plain_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock_file = take_lock(path)
            try:
                make(path)
                connection = sqlite3.connect(path, timeout=timeout, check_same_thread=False, isolation_level=None)
                bring_up_to_date(path, connection)
            except BaseException:
                lock_file.close()
                raise
        return cls(path, connection, lock_file)

    @property
    def place(self) -> str:
        """See `Ledger`."""
        return str(self.path)

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        with self._lock:
            self._connection.close()
            if self._lock_file:
                self._lock_file.close()

    def __enter__(self) -> SqliteLedger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- writing ------------------------------------------------------------------------------------------------------

    def record(self, events: Sequence[Event], *, cursor: tuple[str, str] | None = None) -> int:
        """See `Ledger`."""
        with self._lock, self._transaction():
            seq, new = self._seq, 0
            for event in events:
                stamped = event if event.boot_id else self._stamped(event, seq + 1)
                written = self._connection.execute(_INSERT, msgspec.structs.astuple(stamped)).rowcount
                new += written
                seq += 0 if event.boot_id else written
            if cursor:
                self._connection.execute("INSERT INTO cursor VALUES (?, ?) ON CONFLICT (arm) DO UPDATE SET value = excluded.value", cursor)
            self._seq = seq
        return new

    def _stamped(self, event: Event, seq: int) -> Event:
        pid = event.pid if event.pid is not None else self._pid
        return msgspec.structs.replace(event, boot_id=self.boot_id, seq=seq, host=event.host or self._host, pid=pid)

    def mark(self, mark: Mark) -> None:
        """Write down something that concerns an arm or the run."""
        with self._lock, self._transaction():
            data = msgspec.json.encode(mark.data).decode()
            self._connection.execute(
                "INSERT INTO mark (kind, ts_ns, arm, text, data, boot_id) VALUES (?, ?, ?, ?, ?, ?)",
                (mark.kind, mark.ts_ns, mark.arm, mark.text, data, self.boot_id),
            )

    def begin_epoch(self, experiment: str, config: str, config_hash: str, arms: Sequence[ArmRecord]) -> Epoch:
        """Start a configuration epoch."""
        with self._lock, self._transaction():
            (last,) = self._connection.execute("SELECT coalesce(max(config_epoch), 0) FROM epoch").fetchone()
            started = time.time_ns()
            self._connection.execute("INSERT INTO epoch VALUES (?, ?, ?, ?, ?)", (last + 1, experiment, config_hash, config, started))
            for position, arm in enumerate(arms):
                fields = {**msgspec.structs.asdict(arm), "ranges": msgspec.json.encode(arm.ranges).decode()}
                self._connection.execute(_INSERT_ARM, (last + 1, position, *fields.values()))
        return Epoch(
            config_epoch=last + 1, experiment=experiment, config_hash=config_hash, config=config, started_ns=started, arms=tuple(arms)
        )

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with plain_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def ledger_id(self) -> str:
        """Short random id of this ledger; job keys begin with it, so that two runs never share one."""
        return self._rows("SELECT ledger_id FROM ledger")[0][0]

    def epochs(self) -> tuple[Epoch, ...]:
        """Configurations, oldest first."""
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
                "SELECT config_epoch, experiment, config_hash, config, started_ns FROM epoch ORDER BY config_epoch"
            )
        )

    def arms(self) -> tuple[ArmRecord, ...]:
        """Arms of the newest configuration."""
        epochs = self.epochs()
        return epochs[-1].arms if epochs else ()

    def events(self, *, arm: str = "", kind: str = "") -> Iterator[Event]:
        """Events in the order of writing, of one arm or kind if named."""
        yield from self._events("WHERE (? = '' OR arm = ?) AND (? = '' OR kind = ?) ORDER BY position", (arm, arm, kind, kind))

    def jobs(self, arm: str) -> Iterator[JobHistory]:
        """What became of every job of an arm, by job key. Store times are put on the host's clock."""
        clock = self.clocks().get(arm)
        offset = clock.offset_ns if clock else 0
        for _, events in groupby(self._events("WHERE arm = ? ORDER BY job_key", (arm,)), key=lambda event: event.job_key):
            yield fold(events, offset)

    def job(self, arm: str, job_key: str) -> JobHistory | None:
        """What became of one job."""
        clock = self.clocks().get(arm)
        events = list(self._events("WHERE arm = ? AND job_key = ?", (arm, job_key)))
        return fold(events, clock.offset_ns if clock else 0) if events else None

    def marks(self, *, kind: str = "", arm: str = "") -> tuple[Mark, ...]:
        """Marks in the order of writing."""
        rows = self._rows(
            "SELECT kind, ts_ns, arm, text, data, boot_id FROM mark WHERE (? = '' OR kind = ?) AND (? = '' OR arm = ?) ORDER BY position",
            (kind, kind, arm, arm),
        )
        names = ("kind", "ts_ns", "arm", "text", "data", "boot_id")
        return tuple(msgspec.convert({**dict(zip(names, row, strict=True)), "data": msgspec.json.decode(row[4])}, Mark) for row in rows)

    def clocks(self) -> dict[str, ClockReading]:
        """arm -> its store's clock, as measured with the shortest round trip."""
        best: dict[str, ClockReading] = {}
        for mark in self.marks(kind="clock"):
            reading = msgspec.convert(mark.data, ClockReading)
            if mark.arm not in best or reading.rtt_ns < best[mark.arm].rtt_ns:
                best[mark.arm] = reading
        return best

    def cursor(self, name: str) -> str:
        """See `Ledger`."""
        rows = self._rows("SELECT value FROM cursor WHERE arm = ?", (name,))
        return rows[0][0] if rows else ""

    def assigned(self, arm: str = "") -> list[str]:
        """Keys of the `assigned` events, with repeats, in the order of writing."""
        return [
            key
            for (key,) in self._rows(
                "SELECT job_key FROM event WHERE kind = 'assigned' AND (? = '' OR arm = ?) ORDER BY position", (arm, arm)
            )
        ]

    def conservation(self, arm: str) -> Account:
        """The arm's books."""
        return account(arm, self.assigned(arm), self.jobs(arm))

    def missing_sequences(self) -> dict[str, int]:
        """boot id -> events that this recorder numbered but that are not here. Empty when nothing was lost."""
        rows = self._rows("SELECT boot_id, max(seq) - count(*) FROM event GROUP BY boot_id HAVING max(seq) > count(*)")
        return dict(rows)

    def _events(self, where: str, parameters: tuple[object, ...]) -> Iterator[Event]:
        with plain_errors(self.path):
            with self._lock:
                found = self._connection.execute(f"{_SELECT} {where}", parameters)
            for row in found:
                yield Event(**dict(zip(_COLUMNS, row, strict=True)))

    def _rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with plain_errors(self.path), self._lock:
            return self._connection.execute(sql, parameters).fetchall()
