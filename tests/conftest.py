"""What holds for every test."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# No test depends on how fast the machine is.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure() -> None:
    """Listen to Ctrl-C and to hanging up: what a shell starts in the background, or `nohup`, is deaf to one of them, and so would be
    every program to which a test sends it.
    """
    for signalled, ordinary in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(signalled) is signal.SIG_IGN:
            signal.signal(signalled, ordinary)


@pytest.fixture(autouse=True)
def as_signals_were() -> Iterator[None]:
    """Workers of RQ listen to signals as long as the process lives: no test that comes after one is to be ended by what it left behind."""
    before = {signalled: signal.getsignal(signalled) for signalled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for signalled, handler in before.items():
        if signal.getsignal(signalled) is not handler:
            signal.signal(signalled, handler)
