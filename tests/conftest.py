"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Listen to Ctrl-C: what a shell starts in the background is deaf to it, and so would be every program that a test interrupts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
