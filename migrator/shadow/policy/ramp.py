"""Ramps: candidates grow, and whoever has gone to a candidate stays there as they do."""

from __future__ import annotations

from fractions import Fraction

from migrator.regex import regex
from migrator.shadow.how_long import seconds_of
from migrator.shadow.routing import BUCKETS, Split

_SHARE = regex(r"\s*(\d+(?:\.\d+)?)\s*%\s*")


def step_of(text: str) -> tuple[Fraction, float | None]:
    """(fraction of the final share, seconds that it is held at least; None: to the end). Raises ValueError with the reason.

    >>> step_of("1%/1d"), step_of("100%")
    ((Fraction(1, 100), 86400.0), (Fraction(1, 1), None))
    """
    written, with_time, time = text.partition("/")
    match, held = _SHARE.fullmatch(written), seconds_of(time)
    if match is None or (with_time and held is None):
        raise ValueError(f"`{text}` is no step: write `5%/2d`, or `100%` for the last")
    share = Fraction(match[1]) / 100
    if not 0 <= share <= 1:
        raise ValueError(f"{match[1]} % is no part of the final share")
    return share, held


def ramped(final: Split, current: str, progress: Fraction) -> Split:
    """`final` with each candidate at `progress` of its share, and the rest with `current`.

    Each candidate grows from the beginning of its own range, so that more progress only moves units from `current` to a candidate, never
    between candidates.

    >>> final = Split(("old", "a", "b"), (100, 200, BUCKETS))
    >>> ramped(final, "old", Fraction(1, 2)).ranges("a"), ramped(final, "old", Fraction(1, 4)).ranges("a")
    (((100, 150),), ((100, 125),))
    """
    arms: list[str] = []
    cuts: list[int] = []
    start = 0
    for arm, end in zip(final.arms, final.cuts, strict=True):
        if arm != current:
            arms.append(arm)
            cuts.append(start + int((end - start) * progress))
        arms.append(current)
        cuts.append(end)
        start = end
    assert cuts[-1] == BUCKETS  # noqa: S101 - the final shares are the whole
    return Split(tuple(arms), tuple(cuts))
