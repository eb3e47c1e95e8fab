"""What a run does in mode `mirror`: jobs of the current arm that have ended are replayed by the candidates."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Self

from migrator.shadow.config.reading import Loaded
from migrator.shadow.dispatch import Dispatcher
from migrator.shadow.ledger import Ledger
from migrator.shadow.live.arm import LiveArm
from migrator.shadow.modes.mirror import MirrorWay

#: seconds from the end of a job to its replay: what its worker tells of it comes another way than what its store does
LAG = 1.0


class Replayer:
    """Sends copies, and records that as an application does: through the transport."""

    def __init__(self, loaded: Loaded, ledger: Ledger, on_failure: Callable[[Exception], None]) -> None:
        self._loaded, self._ledger, self._on_failure = loaded, ledger, on_failure
        self._current = loaded.experiment.experiment.current
        self._ended: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._dispatcher: Dispatcher | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def of(cls, loaded: Loaded, ledger: Ledger, on_failure: Callable[[Exception], None]) -> Self | None:
        """None in another mode."""
        return cls(loaded, ledger, on_failure) if loaded.experiment.experiment.mode == "mirror" else None

    def start(self) -> None:
        """Begin. Raises MigratorError where a store has no address."""
        self._dispatcher = Dispatcher.open(self._loaded.file)
        way = self._dispatcher.way
        if isinstance(way, MirrorWay):
            self._thread = threading.Thread(target=self._replay, args=(way,), name="replays", daemon=True)
            self._thread.start()

    def listen(self, arms: Mapping[str, LiveArm]) -> None:
        """Be told of the ends of the current arm's jobs."""
        if self._current in arms:
            arms[self._current].board.on_end = lambda key: self._ended.put((time.monotonic() + LAG, key))

    def close(self) -> None:
        """End, having handed over what was recorded."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LAG + 2.0)
        if self._dispatcher is not None:
            self._dispatcher.close()

    def _replay(self, way: MirrorWay) -> None:
        try:
            self._replay_all(way)
        except Exception as error:  # noqa: BLE001 - a thread that ends unseen would leave candidates without copies, and nobody told
            self._on_failure(error)

    def _replay_all(self, way: MirrorWay) -> None:
        while not (self._stop.is_set() and self._ended.empty()):
            try:
                moment, key = self._ended.get(timeout=0.1)
            except queue.Empty:
                continue
            time.sleep(max(0.0, moment - time.monotonic()))
            if (history := self._ledger.job(self._current, key)) is not None:
                way.replay(history)
