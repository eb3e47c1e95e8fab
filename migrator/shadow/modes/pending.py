"""A job that was sent to a candidate, and of which nobody knows yet whether it will be taken up."""

from __future__ import annotations

from typing import Any

import msgspec


class Pending(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is needed to send it to the current arm instead. Times are seconds since the epoch."""

    key: str
    job: str
    unit: str
    arm: str  #: the candidate
    holder: str  #: whom the candidate's copy is claimed for
    payload: dict[str, Any]  #: without the mark
    due: float  #: when it is to have been claimed
    delay: float = 0.0  #: as it was sent with
    native: str | None = None  #: its id in the candidate's store, where that is known
    looks: int = 0  #: how often it was found to be at a worker that had not claimed it
    label: str | None = None
    size: int | None = None
