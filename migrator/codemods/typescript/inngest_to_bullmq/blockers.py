"""Why something stays on Inngest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from migrator.jobs import Location

#: how many places that keep a function for one reason are named
_PLACES = 3


@dataclass(frozen=True)
class Blocker:
    """`reason` is a clause that follows "stays on Inngest: ". `unsafe`: it depends on what code cannot show, so `--unsafe` may go on.

    `location` is the place that is meant, where it is not the function's own. `place` is said behind the reason, once for all places that
    have the same.
    """

    trap: str
    reason: str
    unsafe: bool = False
    location: Location | None = None
    place: str = ""


def said(blockers: Iterable[Blocker]) -> str:
    """All reasons, each once.

    >>> said([Blocker("MIG444", "it has middleware", place=p) for p in ("a.ts", "b.ts", "c.ts", "d.ts", "e.ts")])
    'it has middleware (a.ts, b.ts, c.ts and 2 more)'
    """
    places: dict[str, dict[str, None]] = {}
    for blocker in blockers:
        known = places.setdefault(blocker.reason, {})
        if blocker.place:
            known[blocker.place] = None
    return "; ".join(f"{reason}{_listed([*found])}" for reason, found in places.items())


def _listed(places: list[str]) -> str:
    more = len(places) - _PLACES
    return f" ({', '.join(places[:_PLACES])}{f' and {more} more' if more > 0 else ''})" if places else ""
