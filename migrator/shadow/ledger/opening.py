"""How a ledger file is opened: one writer at a time, only files that are ledgers, older ones brought up to date."""

from __future__ import annotations

import fcntl
import sqlite3
import time
import uuid
from pathlib import Path
from typing import IO

from migrator.shadow.ledger.failures import LedgerError
from migrator.shadow.ledger.schema import APPLICATION_ID, STEPS, VERSION


def take_lock(path: Path) -> IO[bytes]:
    lock_file = path.with_name(path.name + ".lock").open("ab")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock_file.close()
        raise LedgerError(
            "another run is writing to this ledger", place=str(path), remedy="Wait for it to end, or name another with --ledger."
        ) from error
    return lock_file


def version_of(path: Path, connection: sqlite3.Connection) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        connection.close()
        raise LedgerError("this is a database, but not a ledger", place=str(path), remedy="Name another file with --ledger.")
    if version > VERSION:
        connection.close()
        raise LedgerError(
            f"this ledger is of schema version {version}, newer than this program's {VERSION}", place=str(path), remedy="Update migrator."
        )
    return version


def migrate(path: Path, connection: sqlite3.Connection) -> None:
    version = version_of(path, connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if version == VERSION:
        return
    steps = "".join(STEPS[version:])
    birth = f"INSERT INTO ledger VALUES ('{uuid.uuid4().hex[:8]}', {time.time_ns()});" if version == 0 else ""  # noqa: S608
    stamps = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    connection.executescript(f"BEGIN IMMEDIATE; {steps} {birth} {stamps} COMMIT;")
