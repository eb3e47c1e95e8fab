"""Difficulty and risk of one job on one target, with the parts that they are made of. Pure arithmetic; the weights are in `weights`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.planning import weights
from migrator.planning.weights import Band


class Part(msgspec.Struct, frozen=True):
    """One summand: `points` of the score, and where they come from in words. `known` is false for the middle of what is not known."""

    name: str
    points: float
    why: str = ""
    known: bool = True


class Score(msgspec.Struct, frozen=True):
    """`points` is the sum of the parts, at most 100."""

    points: float
    parts: tuple[Part, ...]


class Hours(msgspec.Struct, frozen=True):
    """A range of working hours."""

    low: float
    high: float

    def __add__(self, other: Hours) -> Hours:
        return Hours(self.low + other.low, self.high + other.high)


NOTHING = Hours(0, 0)


def total(parts: Sequence[Part]) -> Score:
    """The sum of parts, at most 100."""
    return Score(min(100, round(sum(part.points for part in parts), 1)), tuple(parts))


def opacity(facts: int, resolved: int) -> float:
    """Share of facts that are not known, on the scale of 0 to 4.

    >>> opacity(10, 8)
    0.8
    """
    return round(weights.MOST_OPACITY * (facts - resolved) / facts, 2) if facts else 0.0


def limit_points(share: float | None) -> int:
    """What a limit counts of which `share` is used: half of it is something, four fifths are much. What is not known is in the middle.

    >>> limit_points(0.3), limit_points(0.6), limit_points(0.804), limit_points(None)
    (0, 1, 2, 1)
    """
    if share is None:
        return weights.MOST_LIMIT // 2
    return (share >= weights.NEAR) + (share >= weights.CLOSE)


def band(difficulty: float, *, blocked: bool, mechanical: bool) -> Band:
    """The band of a job. Without a rewrite (`mechanical` false) a person writes what it would have written: the lowest is not to be had.

    >>> band(12, blocked=False, mechanical=True), band(12, blocked=False, mechanical=False), band(0, blocked=True, mechanical=True)
    ('codemod', 'assisted', 'redesign')
    """
    if blocked:
        return "redesign"
    for name, (highest, _, _) in weights.BANDS.items():
        if difficulty <= highest and (mechanical or name != "codemod"):
            return name
    return "redesign"


def hours(of: Band) -> Hours:
    """The range of a band."""
    _, low, high = weights.BANDS[of]
    return Hours(low, high)
