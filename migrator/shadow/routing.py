"""Which arm a job goes to: a pure function of salt, job name and unit key, the same in Python, Node and SQL.

The bucket of a unit is the first 32 bits of SHA-256 over `salt ␟ job ␟ unit` (␟ = U+001F, UTF-8); arms own ranges of buckets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal as OneOf

import msgspec

# Python's own SHA-256 begins at once, where OpenSSL's first looks up which one is wanted: four times as long for so short a text.
try:
    from _sha2 import sha256 as _sha256  # pyright: ignore
except ImportError:
    try:
        from _sha256 import sha256 as _sha256  # pyright: ignore
    except ImportError:
        from hashlib import sha256 as _sha256

#: looked up once: in the midst of an enqueue looking it up takes longer than what it does
_number_in = int.from_bytes
BUCKETS = 2**32
SEPARATOR = "\x1f"
Reason = OneOf["split", "resumed"]


class Decision(msgspec.Struct, frozen=True):
    """Where one job goes and why: `split` = the bucket decided, `resumed` = an earlier run had decided already."""

    arm: str
    bucket: int
    reason: Reason


class Split(msgspec.Struct, frozen=True):
    """Who owns which buckets: arm `arms[i]` owns those from `cuts[i - 1]` (0 for the first) up to, not including, `cuts[i]`.

    An arm may stand in several places.
    """

    arms: tuple[str, ...]
    cuts: tuple[int, ...]

    def owner(self, bucket: int) -> str:
        """The arm of a bucket.

        >>> Split(("a", "b"), (10, BUCKETS)).owner(9), Split(("a", "b"), (10, BUCKETS)).owner(10)
        ('a', 'b')
        """
        return self.arms[bisect_right(self.cuts, bucket)]

    def ranges(self, arm: str) -> tuple[tuple[int, int], ...]:
        """The half-open ranges of buckets that an arm owns."""
        return tuple((first, end) for name, first, end in zip(self.arms, (0, *self.cuts), self.cuts, strict=False) if name == arm)

    def share(self, arm: str) -> float:
        """Fraction of all units that an arm gets."""
        return sum(end - first for first, end in self.ranges(arm)) / BUCKETS


def bucket(salt: str, job_name: str, unit_key: str) -> int:
    """The bucket of a unit, 0 … 2³²-1.

    >>> bucket("exp1", "import_article", "article-1")
    546515968
    """
    digest = _sha256(f"{salt}{SEPARATOR}{job_name}{SEPARATOR}{unit_key}".encode()).digest()
    return _number_in(digest[:4], "big")


def by_weight(weights: Sequence[tuple[str, int]]) -> Split:
    """Relative weights: 33/33/33 is exact thirds. Every weight is at least 1.

    >>> by_weight([("a", 33), ("b", 33), ("c", 33)]).cuts
    (1431655765, 2863311530, 4294967296)
    """
    return _split([(arm, Fraction(weight)) for arm, weight in weights])


def by_percent(percents: Sequence[tuple[str, Fraction]], rest: str | None = None) -> Split:
    """Percentages, which total 100; or `rest` names the arm that gets what they leave. Raises ValueError with the reason.

    >>> by_percent([("new", Fraction(1)), ("old", Fraction(0))], rest="old").share("new") == 42949672 / BUCKETS
    True
    >>> by_percent([("a", Fraction(33)), ("b", Fraction(33)), ("c", Fraction(33))])
    Traceback (most recent call last):
    ValueError: the percentages total 99: 1 % of the jobs would be in no arm
    """
    total = sum((share for _, share in percents), Fraction(0))
    if total > 100:
        raise ValueError(f"the percentages total {_number(total)}, which is {_number(total - 100)} % too much")
    if rest is None and total < 100:
        raise ValueError(f"the percentages total {_number(total)}: {_number(100 - total)} % of the jobs would be in no arm")
    return _split([(arm, 100 - total if arm == rest else share) for arm, share in percents])


def route(split: Split, salt: str, job_name: str, unit_key: str) -> Decision:
    """The arm of a unit."""
    found = bucket(salt, job_name, unit_key)
    return Decision(split.owner(found), found, "split")


def _split(shares: list[tuple[str, Fraction]]) -> Split:
    total = sum((share for _, share in shares), Fraction(0))
    cuts: list[int] = []
    passed = Fraction(0)
    for _, share in shares:
        passed += share
        cuts.append(int(BUCKETS * passed / total))
    return Split(tuple(arm for arm, _ in shares), tuple(cuts))


def _number(value: Fraction) -> str:
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
