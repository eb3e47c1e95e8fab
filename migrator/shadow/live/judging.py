"""Judging while it goes on: a thread reads the ledger now and then, and says how the candidates stand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from migrator.errors import MigratorError
from migrator.shadow.ledger import Ledger
from migrator.shadow.summarizing import summarize
from migrator.shadow.summary import ExperimentSummary

#: seconds between two judgements; a large ledger takes longer to read, and is read less often
EVERY = 5.0
RATIO = 10


class Judge:
    """`answer` gives each new judgement once. It never waits."""

    def __init__(self, reader: Callable[[], Ledger]) -> None:
        self._reader = reader
        self._due = time.monotonic() + EVERY
        self._answer: ExperimentSummary | None = None
        self.trouble = ""  #: why there was none the last time
        self._thread: threading.Thread | None = None

    def answer(self) -> ExperimentSummary | None:
        """The newest judgement, if it was not given yet; begins with another when it is time."""
        if (self._thread is None or not self._thread.is_alive()) and time.monotonic() >= self._due:
            self._thread = threading.Thread(target=self._judge, name="judge", daemon=True)
            self._thread.start()
        found, self._answer = self._answer, None
        return found

    def close(self, say: Callable[[str], None]) -> None:
        """Begin with no other, and wait for the one that is under way: Python aborts where it ends while a thread computes with numpy."""
        self._due = float("inf")
        if self._thread is not None:
            self._thread.join(1.0)
            if self._thread.is_alive():
                say("ending: a judgement is under way, and is waited for")
                self._thread.join()

    def _judge(self) -> None:
        began = time.monotonic()
        try:
            with self._reader() as ledger:
                self._answer = summarize(ledger)
            self.trouble = ""
        except MigratorError as error:
            self.trouble = str(error)
        except Exception as error:  # noqa: BLE001 - a thread that ends unseen would leave the ramp without a judge, and nobody told
            self.trouble = f"{type(error).__name__}: {error}"
        finally:
            took = time.monotonic() - began
            self._due = max(self._due, time.monotonic() + max(EVERY, RATIO * took))
