"""Jobs that a worker finds by their name."""

from __future__ import annotations

from rq import Retry


def again() -> Retry:
    """Wants to be run again, once."""
    return Retry(max=1)
