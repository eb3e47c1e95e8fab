"""Where a rendered report goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from migrator.errors import MigratorError


def deliver(text: str, output: Path | None) -> None:
    """Print `text`, or write it to `output`, replacing what is there only when all of it is on disk.

    Raises:
        MigratorError: the file cannot be written.
    """
    text = text if text.endswith("\n") else f"{text}\n"
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(text.encode(), output)


def write_whole(data: bytes, output: Path) -> None:
    """Write a file, all of it or none; through a link, the file that it leads to.

    Raises:
        MigratorError: it cannot be written.
    """
    try:
        if output.exists() and not output.is_file():
            # A device or a pipe, such as /dev/null: it is written to, and never replaced by a file.
            output.write_bytes(data)
            return
        output = output.resolve()
        handle, temporary = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            # A temporary file is for its owner alone; a report is as readable as any file that the user makes.
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(output)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise MigratorError(
            f"cannot be written: {error.strerror}", place=str(output), remedy="Give a file in a folder that exists and has room."
        ) from None


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    current = os.umask(0o077)
    os.umask(current)
    return current
