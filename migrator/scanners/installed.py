"""Packages of others that somebody installed into the tree (`pip install --target libs`): pip lists their files in a `RECORD`.

The forms of both files: https://packaging.python.org/en/latest/specifications/recording-installed-packages/.
"""

from __future__ import annotations

import csv
import io
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path

_RECORD = ".dist-info/RECORD"


def installed(root: Path, sizes: Mapping[str, int]) -> Iterator[str]:
    """The files below `root`, of those in `sizes` (path -> bytes), that are as they were installed, but for what tells of the package.

    A wheel that was only unpacked has a `RECORD`, too, and may be the application itself: what installs leaves an `INSTALLER` beside it.
    A file that is no longer as long as it was is somebody's own by now.
    """
    for record in (path for path in sizes if path.endswith(_RECORD)):
        folder = posixpath.dirname(posixpath.dirname(record))
        if posixpath.join(posixpath.dirname(record), "INSTALLER") in sizes:
            for name, size in _listed(root / record):
                path = posixpath.normpath(posixpath.join(folder, name))
                if sizes.get(path) == size and ".dist-info/" not in path:
                    yield path


def _listed(record: Path) -> Iterator[tuple[str, int]]:
    """(path, bytes) of each file of which the length is recorded; of a list that cannot be read nothing, so that all is read."""
    try:
        rows = list(csv.reader(io.StringIO(record.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        return
    yield from ((row[0], int(row[2])) for row in rows if len(row) == 3 and row[2].isdecimal() and row[2].isascii())
