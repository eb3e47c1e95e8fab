"""How many events this process has numbered, in a file that outlives it however it ends: what is lost with it is known exactly."""

from __future__ import annotations

import os
from pathlib import Path

from migrator.shadow.transport.segments import packed, take_count


class Tally:
    """Not memory that is shared with a file: to write to that on a full disk ends the process."""

    def __init__(self, folder: Path, boot_id: str) -> None:
        self._folder, self._boot_id = folder, boot_id
        self._file: int | None = None
        self._written = -1

    @property
    def is_open(self) -> bool:
        """It can be written to, and tells others that this process lives."""
        return self._file is not None

    def open(self) -> None:
        """Make the folder and the file. Raises OSError."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = take_count(self._folder, self._boot_id)

    def write(self, numbered: int) -> None:
        """Raises OSError. Nothing is done while the file is not open."""
        if self._file is not None and numbered != self._written:
            os.pwrite(self._file, packed(numbered), 0)
            self._written = numbered

    def close(self) -> None:
        """This process numbers no more; in the child of a fork: the file is the parent's, who still does."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
