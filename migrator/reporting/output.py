"""Where a rendered report goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path

from migrator import whole_file
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
        whole_file.replace(data, output)
    except OSError as error:
        raise MigratorError(
            f"cannot be written: {error.strerror}", place=str(output), remedy="Give a file in a folder that exists and has room."
        ) from None
