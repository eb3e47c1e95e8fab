"""How many events this process has numbered, in a file that outlives it however it ends: what is lost with it is known exactly."""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable
from pathlib import Path

from migrator.shadow.transport.segments import CELLS, take_count

#: file systems that have set aside for good what a file takes up. On others a full disk may end a process that writes to it as memory.
_SETTLED = ("ext2", "ext3", "ext4", "xfs", "tmpfs")
_MOUNTS = Path("/proc/self/mountinfo")


class Tally:
    """Written as memory where that is safe: a tenth of what the system call costs, and each event pays for it.

    A number goes to a cell of its own, and the largest counts: threads need not wait for one another.
    """

    def __init__(self, folder: Path, boot_id: str, note: Callable[[str], None]) -> None:
        self._folder, self._boot_id, self._note = folder, boot_id, note
        self._file: int | None = None
        self.cells = memoryview(bytearray(8 * CELLS)).cast("Q")
        self.is_memory = False  #: to set a cell is all that `write` does

    @property
    def is_open(self) -> bool:
        """It can be written to, and tells others that this process lives."""
        return self._file is not None

    @property
    def numbered(self) -> int:
        """The largest number."""
        return max(self.cells)

    def open(self) -> None:
        """Make the folder and the file. Raises OSError."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = take_count(self._folder, self._boot_id)
            before = self.cells
            if file_system_of(self._file) in _SETTLED:
                self.cells, self.is_memory = memoryview(mmap.mmap(self._file, 8 * CELLS)).cast("Q"), True
            self.write(max(before))

    def write(self, number: int) -> None:
        """So many are numbered by now. Never fails."""
        self.cells[number % CELLS] = number
        if not self.is_memory and self._file is not None:
            try:
                os.pwrite(self._file, number.to_bytes(8, sys.byteorder), 8 * (number % CELLS))
            except OSError as error:
                self._note(f"what a killed process loses cannot be counted: {error.strerror}")

    def close(self) -> None:
        """In the child of a fork: the file is the parent's, who still numbers."""
        self.cells, self.is_memory = memoryview(bytearray(8 * CELLS)).cast("Q"), False
        if self._file is not None:
            os.close(self._file)
            self._file = None


def file_system_of(file: int) -> str:
    """The sort of file system that an open file lies in; empty where the system does not say."""
    device = os.fstat(file).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = _MOUNTS.read_text("utf-8", "replace")
    except OSError:
        return ""
    for mount in mounts.splitlines():
        # 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
        before, _, after = mount.partition(" - ")
        if before.split()[2:3] == [number]:
            return after.split()[0]
    return ""
