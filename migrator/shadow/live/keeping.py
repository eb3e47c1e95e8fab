"""What a run does about the size of its ledger: once a day, jobs that completed long ago are folded (`[ledger] keep_days`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from migrator.errors import MigratorError
from migrator.shadow.ledger import Ledger
from migrator.shadow.retention import fold_away
from migrator.shadow.wording import count

EVERY = 86_400.0  # seconds


@contextmanager
def keeper(ledger: Ledger, keep_days: int | None, say: Callable[[str], None]) -> Generator[None]:
    """Begins at once, beside whatever else is done; a ledger that cannot be folded is said, and tried again the next day.

    `keep_days` None: everything is kept.
    """
    if keep_days is None:
        yield
        return
    stop = threading.Event()

    def keep() -> None:
        while True:
            try:
                folded = fold_away(ledger, keep_days, time.time_ns(), stop.is_set)
                if folded:
                    old = f"{count(folded, 'job')} that completed more than {count(keep_days, 'day')} ago"
                    say(f"{old}: now kept as hourly sums and sketches")
            except MigratorError as error:
                say(f"old jobs stay in the ledger as they are, for today: {error}")
            if stop.wait(EVERY):
                return

    thread = threading.Thread(target=keep, name="keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        # A fold is all or nothing every few jobs, and the rest is left for later. Python aborts where it ends while a thread uses numpy.
        stop.set()
        thread.join(1.0)
        if thread.is_alive():
            say("ending: old jobs are looked for, and that is waited for")
            thread.join()
