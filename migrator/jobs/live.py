"""What was seen at running servers: which were asked, and the count of their queues. What is wrong there is among the findings."""

from __future__ import annotations

import msgspec


class Census(msgspec.Struct, frozen=True):
    """The jobs of one queue that are not over, and those that failed; None where it could not be told.

    `at`: the server, without user and password, and the place there; `oldest_seconds`: for which the first in line has been due;
    `workers`: as far as they can be seen; `names`: job name -> number, of a sample.
    """

    at: str
    system: str
    queue: str
    due: int | None
    delayed: int | None
    active: int | None
    blocked: int | None
    failed: int | None
    oldest_seconds: float | None
    workers: int | None
    names: dict[str, int] = {}


class Live(msgspec.Struct, frozen=True):
    """`servers`: address -> product and version; `window_seconds`: between two looks, None for one look."""

    servers: dict[str, str]
    window_seconds: float | None
    queues: tuple[Census, ...]

    def narrowed(self, systems: tuple[str, ...]) -> Live:
        """Only the queues of these job systems; of all of them if none is named."""
        return msgspec.structs.replace(self, queues=tuple(q for q in self.queues if not systems or q.system in systems))
