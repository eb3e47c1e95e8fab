"""Which major versions of a package a manifest allows."""

from __future__ import annotations

import re

from migrator.regex import regex

_PART = regex(r"(<=|>=|==|~=|!=|[<>^~=])?\s*v?(\d+)(?:\.(\d+|[x*]))?[\w.*+-]*")


def majors(written: str) -> tuple[int, int | None] | None:
    """(lowest, highest) major version; highest None where there is none; None where nothing is said.

    >>> majors("^5.1.0"), majors("5.1.0"), majors("==4.4.7"), majors("~=5.2"), majors("5.x")
    ((5, 5), (5, 5), (4, 4), (5, 5), (5, 5))
    >>> majors(">=4.4,<6"), majors(">=4.4"), majors("<6"), majors(">5"), majors(">=4.4,!=5.1")
    ((4, 5), (4, None), (0, 5), (5, None), (4, None))
    >>> majors("latest"), majors("*"), majors("workspace:^"), majors("")
    (None, None, None, None)
    """
    low, high = 0, None
    parts = list(_PART.finditer(written.partition(";")[0].rpartition("@")[2]))
    if not parts or "||" in written or not re.match(r"[\s<>=~^v\d(]", written.rpartition("@")[2] or "x"):
        return None
    for part in parts:
        sign, number, minor = part[1] or "=", int(part[2]), part[3]
        if sign == "!=":
            continue
        if sign in (">", ">="):
            low = max(low, number)
        elif sign == "<":
            most = number if minor not in (None, "0") else number - 1
            high = most if high is None else min(high, most)
        elif sign == "<=":
            high = number if high is None else min(high, number)
        else:
            low, high = number, number
    return low, high
