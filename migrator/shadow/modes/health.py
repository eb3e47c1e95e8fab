"""A thread that looks at the candidates, so that who dispatches need not: do their stores answer, have they workers?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from migrator.shadow.drivers.interface import Driver, Staffed, StoreDown
from migrator.shadow.modes.gate import Gate

#: seconds that a store has for one answer
ANSWER = 0.25


class HealthWatch:
    """`drivers` are its own (one for each candidate, made for `ANSWER`), `gates` are told what it finds."""

    def __init__(
        self, drivers: Mapping[str, Callable[[], Driver]], gates: Mapping[str, Gate], *, every: float, ask_for_workers: bool
    ) -> None:
        self._open, self._gates, self._every, self._ask_for_workers = drivers, gates, every, ask_for_workers
        self._drivers: dict[str, Driver] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="migrator-health", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; what was found stays."""
        self._stop.set()

    def look(self) -> None:
        """Look at every candidate once."""
        for arm, gate in self._gates.items():
            gate.trouble = self._trouble(arm)

    def _work(self) -> None:
        while True:
            self.look()
            if self._stop.wait(self._every):
                break
        for driver in self._drivers.values():
            driver.close()

    def _trouble(self, arm: str) -> str:
        try:
            if arm not in self._drivers:
                self._drivers[arm] = self._open[arm]()
            driver = self._drivers[arm]
            driver.health()
            if self._ask_for_workers and isinstance(driver, Staffed) and driver.workers() == 0:
                return "it has no workers"
        except StoreDown as error:
            return f"its store does not answer: {error}"
        except Exception as error:  # noqa: BLE001 - whatever a client raises: the candidate is not to be relied on
            return f"it cannot be looked at: {error}"
        return ""
