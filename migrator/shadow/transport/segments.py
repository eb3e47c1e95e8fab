"""The files of a spool folder. Whoever writes them, in whatever language, keeps to this:

- A process has a `boot_id` of its own (32 hex digits, new after every fork) and appends lines to `<boot_id>-<number>.jsonl`, a *segment*.
- A segment that is done with is renamed to `<boot_id>-<number>.done.jsonl`, and nothing is written to it any more.
- `<boot_id>.count` holds 512 numbers of 8 bytes, in the order of the machine: the largest is how many events the process has numbered. Its
  writer keeps a lock on it (`flock`): a file without one is of a process that is no more. A process that cannot lock (Node) writes none,
  and renames its segment at the latest `STALE` seconds after its last line.
- A line without its end waits for it; in a segment that nobody writes to any more it was never acknowledged, and is nothing.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
from pathlib import Path

import msgspec

from migrator.regex import regex

#: seconds after which a segment that nobody has locked, renamed or written to is taken for done
STALE = 600.0
_NAME = regex(r"([0-9a-f]{32})-(\d{6,})(\.done)?\.jsonl")
#: numbers in a count: a page, which some file systems would otherwise keep beside the file's name, and have to find room for later
CELLS = 512
_COUNT = struct.Struct(f"={CELLS}Q")


class Segment(msgspec.Struct, frozen=True):
    """One file of lines."""

    path: Path
    boot_id: str
    number: int
    done: bool

    @property
    def key(self) -> str:
        """The same before and after it is renamed."""
        return f"{self.boot_id}-{self.number:06d}"


def segment_path(folder: Path, boot_id: str, number: int, *, done: bool = False) -> Path:
    """Where a segment lies."""
    return folder / f"{boot_id}-{number:06d}{'.done' if done else ''}.jsonl"


def count_path(folder: Path, boot_id: str) -> Path:
    """Where a process says how many events it has numbered."""
    return folder / f"{boot_id}.count"


def segments(folder: Path) -> list[Segment]:
    """The segments of a folder, each process's in the order of writing; none where there is no folder."""
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    found = [(name, match) for name in names if (match := _NAME.fullmatch(name))]
    return sorted((Segment(folder / name, m[1], int(m[2]), bool(m[3])) for name, m in found), key=lambda s: (s.boot_id, s.number))


def counts(folder: Path) -> list[str]:
    """The boot ids that have a count."""
    try:
        return sorted(path.stem for path in folder.iterdir() if re.fullmatch(r"[0-9a-f]{32}\.count", path.name))
    except FileNotFoundError:
        return []


def left_behind(folder: Path, boot_id: str) -> int | None:
    """How many events a process that is no more had numbered (0: it was killed before it wrote that down); None while it lives."""
    try:
        file = os.open(count_path(folder, boot_id), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        data = os.pread(file, _COUNT.size, 0)
    except BlockingIOError:
        return None
    finally:
        os.close(file)
    return max(_COUNT.unpack(data)) if len(data) == _COUNT.size else 0


def take_count(folder: Path, boot_id: str) -> int:
    """Make a process's count, locked. Gives the open file, which keeps the lock. It appears locked: nobody can take it for left behind."""
    unborn = folder / f".{boot_id}.count"
    file = os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.pwrite(file, bytes(_COUNT.size), 0)
        unborn.rename(count_path(folder, boot_id))
    except BaseException:
        os.close(file)
        unborn.unlink(missing_ok=True)
        raise
    return file
