"""Pending jobs on disk, so that they find their way back although the process that sent them is no more.

Every process has files of its own, `<32 hex digits>.jsonl`, and keeps them locked; a file that nobody has locked was left behind, and is
taken over by whoever finds it. A line is a pending job (the newest line of a job counts), or `{"over": KEY}`.

The files hold payloads: they are readable by their owner alone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import math
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from migrator.shadow.modes.pending import Pending

#: bytes after which a file is begun anew, with what is still open
LARGE = 4 << 20


class Over(msgspec.Struct, frozen=True):
    """The job found its way."""

    over: str


class Journal:
    """`alarm` is told, once for each trouble, where the folder cannot be written to: jobs go on, remembered by this process only."""

    def __init__(self, folder: Path, *, alarm: Callable[[str], None], large: int = LARGE) -> None:
        self._folder, self._alarm, self._large = folder, alarm, large
        self._lock = threading.RLock()
        self._told: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self._file: int | None = None
        self._path: Path | None = None
        self._size = 0
        self._open: dict[str, Pending] = {}
        self._lengths: dict[str, int] = {}  #: bytes of the newest line of each that is open
        self._needed = 0  #: their sum

    def put(self, pending: Pending) -> bool:
        """Remember a job, or what is new about it. False: in this process only."""
        with self._lock:
            self._open[pending.key] = pending
            return self._write(pending)

    def over(self, key: str) -> None:
        """Forget a job."""
        with self._lock:
            if self._open.pop(key, None) is not None:
                self._needed -= self._lengths.pop(key, 0)
                self._write(Over(key))

    def adopt(self) -> list[Pending]:
        """Take over what processes left behind that are no more."""
        found: list[Pending] = []
        try:
            paths = sorted(self._folder.glob("*.jsonl"))
        except OSError:
            return []
        for path in paths:
            if path == self._path or (left := _locked(path)) is None:
                continue
            try:
                # One by one: whoever dispatches does not wait for all of them.
                jobs = [job for job in read(path) if job.key not in self._open]
                kept = [self.put(job) for job in jobs]
                found += jobs
                if all(kept):
                    path.unlink()
            except OSError as error:
                self._tell(f"{path} cannot be taken over: {error}")
            finally:
                os.close(left)
        return found

    def abandon(self) -> None:
        """In the child of a fork: what is pending is the parent's."""
        if self._file is not None:
            os.close(self._file)
        self._lock = threading.RLock()
        self._begin()

    def close(self) -> None:
        """Leave to others what is pending."""
        with self._lock:
            if self._file is not None:
                if not self._open and self._path is not None:
                    with contextlib.suppress(OSError):
                        self._path.unlink(missing_ok=True)
                os.close(self._file)
            self._begin()

    def _write(self, entry: Pending | Over) -> bool:
        try:
            if isinstance(entry, Pending) and not _is_json(entry.payload):
                raise TypeError("a payload holds what JSON has no word for")
            data = msgspec.json.encode(entry) + b"\n"
            if self._file is None:
                self._file, self._path = self._made()
            # One call: a line is there as a whole, or not at all but for its beginning.
            self._append(self._file, data)
            self._size += len(data)
            if isinstance(entry, Pending):
                self._needed += len(data) - self._lengths.get(entry.key, 0)
                self._lengths[entry.key] = len(data)
            if self._size > max(self._large, 2 * self._needed):
                self._anew()
        except (OSError, TypeError, ValueError, OverflowError, RecursionError) as error:
            # Also a payload that is no JSON: its system may know how to write it, a file does not.
            self._tell(f"pending jobs are remembered by this process only: {error}")
            return False
        return True

    def _tell(self, words: str) -> None:
        if words not in self._told and len(self._told) < 100:
            self._told.add(words)
            self._alarm(words)

    def _append(self, file: int, data: bytes) -> None:
        if (written := os.write(file, data)) < len(data):
            # The disk is full. The next line is not to begin in the middle of this one.
            os.ftruncate(file, os.fstat(file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _anew(self) -> None:
        data = b"".join(msgspec.json.encode(pending) + b"\n" for pending in self._open.values() if _is_json(pending.payload))
        file, path = self._made()
        try:
            self._append(file, data)
        except OSError:
            path.unlink(missing_ok=True)
            os.close(file)
            raise
        old, old_path = self._file, self._path
        self._file, self._path, self._size = file, path, len(data)
        if old is not None and old_path is not None:
            old_path.unlink(missing_ok=True)
            os.close(old)

    def _made(self) -> tuple[int, Path]:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{uuid.uuid4().hex}.jsonl"
        # Under another name until it is locked: a file that nobody has locked is taken for left behind.
        new = path.with_suffix(".new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            new.rename(path)
        except OSError:
            # A file system without locks, a full disk: it is tried again for every job.
            os.close(file)
            new.unlink(missing_ok=True)
            raise
        return file, path


def _is_json(value: Any) -> bool:
    """It comes out of JSON as it went in: a moment or a tuple would not."""
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_json(inner) for key, inner in value.items())
    return all(map(_is_json, value)) if kind is list else kind in (str, int, bool, type(None)) or (kind is float and math.isfinite(value))


def read(path: Path) -> list[Pending]:
    """What is open in a file. A line without its end was never acknowledged, and is nothing; as is one that holds no job."""
    jobs: dict[str, Pending] = {}
    for line in path.read_bytes().split(b"\n")[:-1]:
        try:
            jobs.pop(msgspec.json.decode(line, type=Over).over, None)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            try:
                job = msgspec.json.decode(line, type=Pending)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
            jobs[job.key] = job
    return list(jobs.values())


def _locked(path: Path) -> int | None:
    """A lock on a file that nobody has; None where its process lives."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.exists():
            return file
    except OSError:
        pass
    os.close(file)
    return None
