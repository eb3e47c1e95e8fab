"""Sending what lies in the spool folder to an outlet: this process's own events, and those that processes left which are no more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from migrator.shadow.transport.folder import FolderInlet
from migrator.shadow.transport.interface import Outlet
from migrator.shadow.transport.line import encoded
from migrator.shadow.transport.segments import left_behind

#: seconds between two looks at the folder
INTERVAL = 0.5
#: lines that are sent at once
BATCH = 1_000


class Shipper:
    """A thread of its own: it may wait for the outlet for as long as that takes."""

    def __init__(self, folder: Path, boot_id: str, make: Callable[[], Outlet], *, alarm: Callable[[str], None]) -> None:
        self._make, self._alarm = make, alarm
        self._inlet = FolderInlet(folder, is_ours=lambda boot: boot == boot_id or left_behind(folder, boot) is not None)
        self._outlet: Outlet | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="migrator-shipper", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def send(self, data: bytes) -> bool:
        """Send whole lines that could not be written to the folder. False where that is not possible either."""
        try:
            with self._lock:
                self._open().send(data.splitlines(keepends=True))
        except Exception as error:  # noqa: BLE001 - whatever a client library raises
            self._failed(error)
            return False
        return True

    def close(self, patience: float) -> None:
        """Send what there is for up to so many seconds; another process sends the rest."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(patience)

    def _work(self) -> None:
        while True:
            ending = self._stop.wait(INTERVAL)
            try:
                while self._ship():
                    pass
            except Exception as error:  # noqa: BLE001 - as above
                self._failed(error)
            if ending:
                return

    def _ship(self) -> bool:
        """One batch; True where there may be more."""
        batch = self._inlet.read(BATCH)
        for words in batch.unreadable:
            self._alarm(words)
        if batch.lines or batch.ended:
            with self._lock:
                self._open().send([encoded(line) for line in batch.lines], batch.ended)
        self._inlet.done(batch)
        return len(batch.lines) >= BATCH

    def _open(self) -> Outlet:
        if self._outlet is None:
            self._outlet = self._make()
        return self._outlet

    def _failed(self, error: Exception) -> None:
        """The next try begins with a new connection."""
        outlet, self._outlet = self._outlet, None
        self._alarm(f"{outlet.place if outlet else 'the transport'} cannot be reached, events wait on disk: {error}")
        if outlet:
            try:
                outlet.close()
            except Exception as again:  # noqa: BLE001 - it was broken before
                self._alarm(f"{outlet.place} could not be closed: {again}")
