"""A question asked of an experiment's data, with its answer."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.shadow.judging.criteria import Metric

State = OneOf["ok", "warning", "invalid", "unknown"]
Name = OneOf[
    "conservation",
    "split",
    "attrition",
    "independence",
    "recorder",
    "clocks",
    "capacity",
    "retries",
    "transactions",
    "configuration",
    "staleness",
    "incidents",
    "storms",
    "ordering",
    "poison",
    "load",
    "interference",
    "visibility",
    "retention",
    "fallback",
    "noise",
]


class Check(msgspec.Struct, frozen=True):
    """One question. `spoils`: metrics that its answer makes incomparable."""

    name: Name
    state: State
    finding: str
    spoils: tuple[Metric, ...] = ()
