"""Signals around work that must not stop half-way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a write. `written` tells which of the two trees is there now."""

    def __init__(self, *, written: bool) -> None:
        self.written = written
        super().__init__("Everything had been written." if written else "Nothing was changed.")


@contextmanager
def stoppable() -> Generator[None, None, None]:
    """Inside, SIGTERM and SIGHUP raise SystemExit (128 + signal), as Ctrl-C raises KeyboardInterrupt, so that work can be undone."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # One that is ignored (as under nohup) stays ignored.
    ours = [s for s in _STOPPING[1:] if signal.getsignal(s) is not signal.SIG_IGN]
    before = {s: signal.signal(s, stop) for s in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def deferred() -> Generator[None, None, None]:
    """Inside, Ctrl-C, SIGTERM and SIGHUP wait; the first that came takes effect at the end."""
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {s: signal.signal(s, note) for s in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])
