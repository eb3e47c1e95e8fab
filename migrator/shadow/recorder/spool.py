"""The writing end of a spool folder: this process's segments. The layout is in `migrator.shadow.transport.segments`.

Used under a lock of the recorder's. What it raises is OSError: the disk is full, the folder cannot be written to.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from migrator.shadow.transport.segments import segment_path, segments

#: bytes after which a segment is closed and another begun
SEGMENT = 4 << 20


class Spool:
    """One process's part of a folder, in which its tally lies already.

    `cap`: bytes that the segments of all processes may take together, give or take one for each.
    """

    def __init__(self, folder: Path, boot_id: str, *, cap: int, segment: int = SEGMENT) -> None:
        self._folder, self._boot_id, self._cap, self._segment = folder, boot_id, cap, segment
        self._file: int | None = None
        self._number = 0
        self._room = 0  #: bytes that may still go into the open segment

    def write(self, data: bytes, *, sync: bool = False) -> None:
        """Append whole lines. Returns once the system has them: a killed process does not take them along. `sync`: nor does a power cut."""
        if self._file is None or self._room <= 0:
            self.rotate()
            self._file = self._begin()
        written = os.write(self._file, data)
        self._room -= written
        if written < len(data):
            # What got in of the last line is nothing, and nothing may come after it.
            self.rotate()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if sync:
            os.fdatasync(self._file)

    def rotate(self) -> None:
        """Close the open segment, if there is one: whoever reads it may delete it then."""
        if self._file is None:
            return
        file, self._file = self._file, None
        os.close(file)
        self._room = 0
        path = segment_path(self._folder, self._boot_id, self._number)
        with contextlib.suppress(FileNotFoundError):
            path.rename(segment_path(self._folder, self._boot_id, self._number, done=True))

    def abandon(self) -> None:
        """In the child of a fork: the file is the parent's."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _begin(self) -> int:
        self._room = min(self._segment, self._cap - self._used())
        if self._room <= 0:
            raise OSError(errno.EDQUOT, f"{self._cap} bytes of events wait to be collected, and no more may be kept")
        self._number += 1
        path = segment_path(self._folder, self._boot_id, self._number)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o666)

    def _used(self) -> int:
        used = 0
        for segment in segments(self._folder):
            with contextlib.suppress(FileNotFoundError):
                used += segment.path.stat().st_size
        return used
