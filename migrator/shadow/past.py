"""How the answer came about: every report remembers what the ones before it said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec

from migrator.shadow.judging.comparison import Comparison
from migrator.shadow.judging.criteria import Metric
from migrator.shadow.judging.verdict import Answer, Verdict

KEPT = 200  #: reports, the newest


class PastMetric(msgspec.Struct, frozen=True):
    """What was known of a metric: `low` and `high` of the interval that may be watched; null: open, or could not be compared."""

    metric: Metric
    estimate: float | None
    low: float | None
    high: float | None


class PastVerdict(msgspec.Struct, frozen=True):
    """What was said of a candidate."""

    arm: str
    answer: Answer
    metrics: tuple[PastMetric, ...]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One report: when the ledger was last written to (ISO 8601, UTC), jobs of all arms, and configurations until then."""

    at: str
    assigned: int
    configurations: int
    verdicts: tuple[PastVerdict, ...]


class _Earlier(msgspec.Struct):
    """As much of a JSON report as there must be of it."""

    experiment: str
    history: tuple[Past, ...] = ()


def present(at: str, assigned: int, configurations: int, verdicts: Sequence[Verdict]) -> Past:
    """This report, as later ones will remember it."""
    return Past(
        at=at,
        assigned=assigned,
        configurations=configurations,
        verdicts=tuple(
            PastVerdict(v.arm, v.answer, tuple(PastMetric(c.metric, c.estimate, *_bounds(c)) for c in v.comparisons)) for v in verdicts
        ),
    )


def _bounds(comparison: Comparison) -> tuple[float | None, float | None]:
    if comparison.interval is None or comparison.obstacle:
        return None, None
    # JSON has no infinity: what was open would come back as nothing that is a number.
    low, high = comparison.interval.low, comparison.interval.high
    return low if math.isfinite(low) else None, high if math.isfinite(high) else None


def remembered(experiment: str, now: Sequence[Past], report: Path) -> tuple[Past, ...]:
    """What an earlier JSON report of the same experiment remembers, then `now`; `now` alone where there is none that can be read.

    A report about fewer jobs than the one before is about another run, and begins anew.
    """
    try:
        earlier = msgspec.json.decode(report.read_bytes(), type=_Earlier)
    except (OSError, msgspec.MsgspecError):
        return tuple(now)
    if earlier.experiment != experiment or not now:
        return tuple(now)
    before = [past for past in earlier.history if past.at < now[0].at]
    if before and before[-1].assigned > now[0].assigned:
        return tuple(now)
    return (*before, *now)[-KEPT:]
