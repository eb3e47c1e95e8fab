"""From the transport into the ledger: a thread that takes over what the application's processes recorded, and tells the arms of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from migrator.shadow.ledger import Event, LedgerError
from migrator.shadow.transport.collecting import Collector

INTERVAL = 0.2
#: seconds that a run's beginning waits for what was recorded before
CATCHING_UP = 5.0


class Hearing(Protocol):
    """An arm."""

    def heard(self, events: Iterable[Event]) -> None:
        """What processes said of its jobs, once it is in the ledger."""
        ...


class CollectorThread:
    """Takes over until told to finish, then once more. `say` is for troubles, each told once."""

    def __init__(
        self,
        collector: Collector,
        arms: Callable[[], Mapping[str, Hearing]],
        *,
        place: str,
        say: Callable[[str], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._collector, self._arms, self._place, self._say, self._on_failure = collector, arms, place, say, on_failure
        self._finish, self._caught_up = threading.Event(), threading.Event()
        self._told = ""
        self._strangers: set[str] = set()
        self._thread = threading.Thread(target=self._work, name="collector", daemon=True)

    def start(self) -> None:
        """Go on from where the ledger has got to; returns once what waited there is taken over, or a moment has passed."""
        self._thread.start()
        self._caught_up.wait(CATCHING_UP)

    def finish(self, patience: float) -> bool:
        """Take over what is there, and end. False when the transport hangs and the thread with it."""
        self._finish.set()
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            while not self._finish.is_set():
                self._take_over()
                self._caught_up.set()
                self._finish.wait(INTERVAL)
            self._take_over()
        except Exception as error:  # noqa: BLE001 - a thread that ends unseen would leave the run waiting
            self._on_failure(error)

    def _take_over(self) -> None:
        while True:
            try:
                events = self._collector.collect()
            except LedgerError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a transport throws, it keeps what it has, and is asked again
                self._complain(f"{self._place} cannot be read: {error}")
                return
            self._complain("")
            if not events:
                return
            arms = self._arms()
            for name in {event.arm for event in events}:
                if name in arms:
                    arms[name].heard(event for event in events if event.arm == name)
                elif name not in self._strangers:
                    self._strangers.add(name)
                    self._say(f"processes send jobs to arm `{name}`, which the file does not have: written down, not watched")

    def _complain(self, words: str) -> None:
        """Once for each trouble, not five times a second."""
        if words != self._told:
            self._say(words or f"{self._place} can be read again")
            self._told = words
