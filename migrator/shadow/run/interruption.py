"""Ctrl-C and SIGTERM, taken as a wish."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_interrupt(stop: threading.Event) -> Generator[None]:
    """The first Ctrl-C (or SIGTERM) sets `stop`, so that a run ends in good order; a second one ends it at once."""

    def wish(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.default_int_handler)
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
