"""Writing a file so that nobody ever reads half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace(data: bytes, file: Path) -> None:
    """Write a file, all of it or none; through a link, the file that it leads to. It is as readable as any file that the user makes.

    Raises:
        OSError: it cannot be written, and is as it was.
    """
    if file.exists() and not file.is_file():
        # A device or a pipe, such as /dev/null: it is written to, and never replaced by a file.
        file.write_bytes(data)
        return
    file = file.resolve()
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # A temporary file is for its owner alone.
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    current = os.umask(0o077)
    os.umask(current)
    return current
