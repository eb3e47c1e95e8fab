"""Taking over from a spool folder that processes of this machine (or of a shared disk) write to. The layout is in `segments`."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from migrator.shadow.transport.interface import Batch, Ended
from migrator.shadow.transport.line import Line, read_lines
from migrator.shadow.transport.segments import STALE, Segment, count_path, counts, left_behind, segments

#: bytes read of one segment at a time
CHUNK = 1 << 20
_log = logging.getLogger(__name__)


class Taken(msgspec.Struct, frozen=True):
    """What a batch covers: how far each segment was read, which are at their end, and which processes are."""

    offsets: dict[str, int]
    finished: tuple[Segment, ...]
    ended: tuple[str, ...]


class FolderInlet:
    """The inlet; see `migrator.shadow.transport.interface.Inlet`. `is_ours` tells by their boot ids whose segments it takes."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time, is_ours: Callable[[str], bool] = lambda _: True) -> None:
        self._folder, self._clock, self._is_ours = folder, clock, is_ours
        self._offsets: dict[str, int] = {}
        self._told = False
        self._said: set[str] = set()  #: processes whose end was taken over
        self.place = str(folder)

    def resume(self, cursor: str) -> None:
        self._offsets = msgspec.json.decode(cursor, type=dict[str, int]) if cursor else {}

    def read(self, limit: int = 10_000) -> Batch:
        # Which processes are no more is asked before their segments are read: they write nothing after that.
        with_count = counts(self._folder)
        dead = {boot: numbered for boot in with_count if self._is_ours(boot) and (numbered := left_behind(self._folder, boot)) is not None}
        lines: list[Line] = []
        unreadable: list[str] = []
        finished: list[Segment] = []
        unfinished: set[str] = set()
        offsets: dict[str, int] = {}
        for segment in segments(self._folder):
            if not self._is_ours(segment.boot_id):
                continue
            over = segment.done or segment.boot_id in dead or (segment.boot_id not in with_count and self._is_stale(segment.path))
            offset = self._offsets.get(segment.key, 0)
            at_end = False
            with contextlib.suppress(FileNotFoundError):  # renamed since the folder was listed: the next look finds it
                offset, at_end = _take(segment, offset, limit, lines, unreadable)
            offsets[segment.key] = offset
            if over and at_end:
                finished.append(segment)
            else:
                unfinished.add(segment.boot_id)
        ended = tuple(Ended(boot_id=boot, numbered=numbered) for boot, numbered in dead.items() if boot not in unfinished | self._said)
        return Batch(
            lines=tuple(lines),
            ended=ended,
            unreadable=tuple(unreadable),
            cursor=msgspec.json.encode(offsets).decode(),
            token=Taken(offsets, tuple(finished), tuple(e.boot_id for e in ended)),
        )

    def done(self, batch: Batch) -> None:
        taken = batch.token
        if not isinstance(taken, Taken):
            return
        self._offsets = taken.offsets
        self._said |= set(taken.ended)
        for path in (*(segment.path for segment in taken.finished), *(count_path(self._folder, boot_id) for boot_id in taken.ended)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                # It is the ledger's already, and how far it was read is known: what comes after it is not to wait.
                if not self._told:
                    self._told = True
                    _log.warning("%s cannot be deleted, and fills the folder: %s", path, error)

    def close(self) -> None:
        """Nothing is held open."""

    def _is_stale(self, path: Path) -> bool:
        try:
            return self._clock() - path.stat().st_mtime > STALE
        except FileNotFoundError:
            return False


def _take(segment: Segment, offset: int, limit: int, lines: list[Line], unreadable: list[str]) -> tuple[int, bool]:
    """Read on in a segment; gives how far that is, and whether its last whole line was read."""
    with segment.path.open("rb") as file:
        file.seek(offset)
        while len(lines) < limit:
            data = file.read(CHUNK)
            if not data.endswith(b"\n"):
                data += file.readline()
            whole = data.rfind(b"\n") + 1
            found, odd = read_lines(data[:whole], f"{segment.path.name}, after byte {offset}")
            lines += found
            unreadable += odd
            offset += whole
            if whole < len(data) or not data:
                return offset, True
    return offset, False
