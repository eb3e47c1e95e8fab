"""A time in which nobody listened to a system that says everything once."""

from __future__ import annotations

from datetime import UTC, datetime


class Deafness:
    """What was said meanwhile is gone: a gap, told once, when there is listening again."""

    def __init__(self) -> None:
        self._since = ""

    def begin(self, since: str) -> None:
        """Nobody listens, `since` a moment; empty: from now on. One that goes on has begun before."""
        self._since = self._since or since or now()

    def over(self, what: str) -> str:
        """The gap in words, empty where there was none. `what`: what was said."""
        since, self._since = self._since, ""
        return f"nobody listened to {what} between {since} and now" if since else ""


def now() -> str:
    """This moment, as people and cursors read it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
