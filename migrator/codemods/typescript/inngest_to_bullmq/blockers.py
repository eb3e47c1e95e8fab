"""Why something stays on Inngest."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.jobs import Location


@dataclass(frozen=True)
class Blocker:
    """`reason` is a clause that follows "stays on Inngest: ". `unsafe`: it depends on what code cannot show, so `--unsafe` may go on.

    `location` is the place that is meant, where it is not the function's own.
    """

    trap: str
    reason: str
    unsafe: bool = False
    location: Location | None = None
