"""Numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence


def span(seconds: float) -> str:
    """A length of time.

    >>> span(0.25), span(42), span(300), span(7_200), span(200_000)
    ('0.25 s', '42 s', '5 min', '2 h', '2.3 d')
    """
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * unit or seconds == unit:
            return f"{seconds / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def size(number: float) -> str:
    """A number of bytes.

    >>> size(900), size(2_048), size(262_144), size(5_000_000)
    ('900 bytes', '2 KiB', '256 KiB', '4.8 MiB')
    """
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if number >= unit:
            return f"{number / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{number:.0f} bytes"


def share(part: float) -> str:
    """A part of one.

    >>> share(0.05), share(0.123), share(0.9999), share(0.001)
    ('5 %', '12 %', '>99 %', '<1 %')
    """
    if 0 < part < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < part < 1 else f"{100 * part:.0f} %"


def quantile(values: Sequence[float], q: float) -> float:
    """The smallest value that at least that part of all are not above.

    >>> quantile([1, 2, 3, 4, 100], 0.95), quantile([7], 0.5)
    (100, 7)
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]
