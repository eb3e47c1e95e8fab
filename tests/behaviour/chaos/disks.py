"""A folder whose disk is full when a test wants it to be."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

BYTES = 8 << 20


class SmallDisk:
    """`real`: the folder is a file system of its own, which can be full. Else the kernel lets files of given processes grow no further."""

    def __init__(self, folder: Path, *, real: bool) -> None:
        self.real, self._filler = real, folder / "filler"
        self._limited: tuple[int, ...] = ()

    def fill(self, *processes: int) -> None:
        """From now on nothing more can be written."""
        self._limited = processes
        if self.real:
            with self._filler.open("wb", buffering=0) as filler:
                for size in (1 << 20, 4096, 1):
                    with contextlib.suppress(OSError):
                        while filler.write(bytes(size)) == size:
                            pass
                with pytest.raises(OSError, match="No space left"):
                    filler.write(b"x")
        for process in () if self.real else processes:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def free(self) -> None:
        """There is room again."""
        self._filler.unlink(missing_ok=True)
        for process in () if self.real else self._limited:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def small_disk(folder: Path) -> Generator[SmallDisk]:
    """The folder is made. Only root can mount."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={BYTES},mode=0755", "tmpfs", str(folder)]
    real = os.getuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield SmallDisk(folder, real=real)
    finally:
        if real:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
