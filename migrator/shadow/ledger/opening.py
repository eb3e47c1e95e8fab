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
    """The right to write to a ledger, held until the file is closed or the process ends."""
    if path.is_dir():
        raise LedgerError("this is a folder, and a ledger is a file", place=str(path), remedy="Name a file in it with --ledger.")
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
    """The schema version of a ledger; closes the connection and raises LedgerError when it is none, or one that we do not know."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        connection.close()
        raise LedgerError("this is a database, but not a ledger", place=str(path), remedy="Name another file with --ledger.")
    if version > VERSION:
        connection.close()
        raise LedgerError(
            f"this ledger is of schema version {version}, newer than this program's {VERSION}", place=str(path), remedy="Update migrator."
        )
    return version


def make(path: Path) -> None:
    """Make a ledger, unless there is one. It appears whole: a reader that looks at this moment finds none or all of it."""
    if path.exists() and path.stat().st_size:
        return
    unborn = path.with_name(f"{path.name}.new")
    unborn.unlink(missing_ok=True)
    connection = sqlite3.connect(unborn, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        _take_steps(connection, 0)
        connection.execute("INSERT INTO ledger VALUES (?, ?)", (uuid.uuid4().hex[:8], time.time_ns()))
    finally:
        connection.close()
    unborn.replace(path)


def bring_up_to_date(path: Path, connection: sqlite3.Connection) -> None:
    """Take the steps of the schema that an older version of this program did not know, all or none."""
    version = version_of(path, connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if version < VERSION:
        _take_steps(connection, version)


def _take_steps(connection: sqlite3.Connection, version: int) -> None:
    stamps = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    connection.executescript(f"BEGIN IMMEDIATE; {''.join(STEPS[version:])} {stamps} COMMIT;")
