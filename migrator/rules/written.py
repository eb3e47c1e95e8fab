"""How code says something, where no more is needed than to know that it does."""

from __future__ import annotations

import re

import msgspec

from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence


class Forms(msgspec.Struct, frozen=True):
    """Files with one of `markers` are searched for `pattern`."""

    markers: tuple[bytes, ...]
    pattern: re.Pattern[bytes]


def forms(markers: str, pattern: str) -> Forms:
    """Markers apart by blanks, and a pattern."""
    return Forms(tuple(m.encode() for m in markers.split()), regex(pattern.encode()))


def first(evidence: Evidence, wanted: Forms) -> Spot | None:
    """A place of production code that is written like this, in the first file that has one; None if there is none."""
    for path in evidence.with_one_of(wanted.markers):
        match = evidence.said(path, wanted.pattern)
        if match is not None:
            text = " ".join(match[0].decode("utf-8", "replace").split())
            return Spot(path, match.string.count(b"\n", 0, match.start()) + 1, f"`{text}`")
    return None
