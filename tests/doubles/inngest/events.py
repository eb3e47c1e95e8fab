"""Events as they arrive and as functions get to see them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FAILED = "inngest/function.failed"
FINISHED = "inngest/function.finished"
INVOKED = "inngest/function.invoked"
TIMER = "inngest/scheduled.timer"

_numbers = itertools.count(1)


def new_id(letter: str) -> str:
    """An id of 26 characters that sorts by age, as the real ones do."""
    return f"01{letter}{next(_numbers):023d}"


@dataclass(frozen=True)
class Event:
    """`key` is the sender's own id, which makes a second event with the same one a duplicate; empty if there is none."""

    id: str
    name: str
    data: Mapping[str, Any]
    at: datetime
    key: str = ""
    received: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """What a function is called with."""
        return {"id": self.key or self.id, "name": self.name, "data": dict(self.data), "ts": int(self.at.timestamp() * 1000), "user": {}}


def parse_event(payload: Mapping[str, Any], now: datetime) -> Event:
    """An event as the SDK sends it. A `ts` in the future is when it takes effect."""
    name = payload.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError(f"an event needs a name: {dict(payload)!r}")
    ts = payload.get("ts")
    at = datetime.fromtimestamp(ts / 1000, UTC) if isinstance(ts, int | float) and ts else now
    return Event(new_id("E"), name, payload.get("data") or {}, max(at, now), str(payload.get("id") or ""), now)
