"""One arm's way out: a thread that reads what the store has noted, and looks for jobs that are overdue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from migrator.shadow.drivers.interface import Driver, Observation, StoreDown
from migrator.shadow.run.board import JobState, patience
from migrator.shadow.run.chronicle import Chronicle

INTERVAL = 0.1
#: open jobs that are gone through in a tenth of a second: with more of them it is done less often
AT_ONCE = 2_000
T = TypeVar("T")


class Observer:
    """Reads until told to finish; then once more, and looks for every job that is still open.

    `inspectors`: which driver to ask about jobs of a name, where the arm has several; other jobs are another observer's. `channel`: the
    name of the cursor. `foresight`: seconds for which news of jobs that nobody has assigned are held back, because the assignment may
    be on its way; nothing counts as read meanwhile.
    """

    def __init__(
        self,
        driver: Driver,
        chronicle: Chronicle,
        *,
        cursor: str,
        on_failure: Callable[[Exception], None],
        inspectors: Mapping[str, Driver] | None = None,
        channel: str = "",
        foresight: float = 0.0,
    ) -> None:
        self._driver, self._chronicle, self._cursor = driver, chronicle, cursor
        self._on_failure, self._inspectors, self._channel, self._foresight = on_failure, inspectors, channel, foresight
        self._overdue_at = 0.0
        self._finish = threading.Event()
        self._look_for_all = False
        self._thread = threading.Thread(target=self._work, name=f"observer {chronicle.board.arm}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def finish(self, patience: float, *, look_for_all: bool) -> bool:
        """Read once more, and end. With `look_for_all`, every open job is looked for. False when the store hangs and the thread with it."""
        self._look_for_all = look_for_all
        self._finish.set()
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            while not self._finish.wait(INTERVAL):
                self._look(everything=False)
            self._look(everything=self._look_for_all)
        except Exception as error:  # noqa: BLE001 - a thread that ends unseen would leave the run waiting
            self._on_failure(error)

    def _look(self, *, everything: bool) -> None:
        board = self._chronicle.board
        try:
            gap = self._read()
            self._look_for_overdue(everything=everything or gap)
        except StoreDown as error:
            if board.down_since is None:
                board.down_since = time.monotonic()
                self._chronicle.mark("store_down", str(error))
            return
        if board.down_since is not None:
            board.down_since = None
            self._chronicle.mark("store_back")

    def _ask(self, question: Callable[[], T]) -> T:
        """Ask the store, and let everybody see for how long it has owed the answer."""
        board = self._chronicle.board
        board.asked = time.monotonic()
        try:
            return question()
        finally:
            board.asked = None

    def _read(self) -> bool:
        """Read all there is; True when something was gone before it could be read."""
        gap = False
        while True:
            observation = self._ask(lambda: self._driver.observe(self._cursor))
            if not observation.sightings and not observation.gap and observation.cursor == self._cursor:
                self._driver.acknowledge(self._cursor)
                return gap
            self._chronicle.heard(observation)
            self._hold_back(observation)
            self._chronicle.observed(observation, self._channel)
            self._driver.acknowledge(observation.cursor)
            self._cursor = observation.cursor
            gap = gap or bool(observation.gap)
            if not observation.sightings:
                return gap

    def _hold_back(self, observation: Observation) -> None:
        """Wait for the assignments of jobs that are news; returns at once when told to finish."""
        chronicle, until = self._chronicle, time.monotonic() + self._foresight
        keys = dict.fromkeys(sighting.job_key for sighting in observation.sightings) if self._foresight else ()
        strangers = [key for key in keys if chronicle.to_come(key) and not chronicle.waited_for(key)]
        while strangers and time.monotonic() < until and not self._finish.wait(INTERVAL / 2):
            strangers = [key for key in strangers if chronicle.to_come(key)]

    def _look_for_overdue(self, *, everything: bool) -> None:
        board, now = self._chronicle.board, time.monotonic()
        if now < self._overdue_at and not everything:
            return
        slow, open_jobs = board.slow(), board.open_jobs()
        self._overdue_at = now + INTERVAL * len(open_jobs) / AT_ONCE
        for state in open_jobs:
            if not (state.sent or state.copies or state.elsewhere):
                continue  # its turn to be sent has not come
            if self._inspectors is not None and state.job_name not in self._inspectors:
                continue
            patient_for = patience(state.deadline, slow)
            overdue = now >= state.ask_at and now >= state.since + patient_for
            if overdue or everything:
                state.ask_at = now + patient_for
                self._look_for(state, overdue=overdue)

    def _look_for(self, state: JobState, *, overdue: bool) -> None:
        key = state.job_key
        driver = self._driver if self._inspectors is None else self._inspectors[state.job_name]
        records = {native_id: self._ask(lambda id_=native_id: driver.inspect(key, id_)) for native_id in state.open_ids()}
        # What happened just before we asked may be noted, but not read yet.
        self._read()
        for native_id in state.open_ids():
            record = records.get(native_id)
            if record is not None and record.standing in ("completed", "discarded", "cancelled"):
                self._chronicle.found_ended(state.job_key, native_id, record, record.standing)
        absent = [native_id for native_id in state.open_ids() if native_id in records and records[native_id].standing == "absent"]
        if state.open and len(absent) == max(1, len(state.copies)):
            if state.sent or state.copies:
                self._chronicle.judged(state.job_key, "presumed_lost")
            else:
                self._chronicle.never_sent(state.job_key)
        for native_id in absent:
            if native_id is not None and len(state.copies) > 1:
                self._chronicle.board.drop_copy(state.job_key, native_id)
        if overdue and not state.asked and state.open:
            state.asked = True
            self._chronicle.judged(state.job_key, "overdue")
