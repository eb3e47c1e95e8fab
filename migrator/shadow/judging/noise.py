"""How much two arms differ that run the same system: what is no larger than that says nothing about a candidate."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.shadow.judging.check import Check
from migrator.shadow.judging.comparison import Comparison, compare
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.wording import METRIC_NAMES, listed, points, times


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """An arm of role `noise` against the current one, measured as a candidate is, and never judged."""

    arm: str
    comparisons: tuple[Comparison, ...]


def measure_noise(arms: Sequence[ArmMetrics], checks: Sequence[Check], criteria: Criteria) -> tuple[Noise, ...]:
    """With intervals as careful as the candidates', so that they can be held side by side."""
    return _measured(arms, checks, criteria, max(1, sum(arm.record.role not in ("current", "noise") for arm in arms)))


def noise_check(arms: Sequence[ArmMetrics], checks: Sequence[Check], criteria: Criteria) -> Check:
    """Do equal arms look equal? If not, something besides the system differs between arms: routing, machines, load."""
    if not any(arm.record.role == "noise" for arm in arms):
        finding = "no arm of this experiment runs the current system twice, so how much two equal arms would differ is not known"
        return Check("noise", "unknown", finding)
    # Each comparison may be wrong at either end; all of them together with a chance of alpha.
    strict = [c for noise in _measured(arms, checks, criteria, 2 * len(criteria.compare)) for c in noise.comparisons if not c.obstacle]
    if not strict:
        return Check("noise", "unknown", "the arms that run the current system twice have nothing to compare yet")
    apart = [c for c in strict if c.interval is not None and c.null not in c.interval]
    words = listed([f"{METRIC_NAMES[c.metric]} by {_amount(c)}" for c in apart or strict])
    if apart:
        return Check("noise", "warning", f"two arms of the current system differ: {words}; something besides the system is not the same")
    return Check("noise", "ok", f"two arms of the current system differ no more than by chance: {words}")


def _measured(arms: Sequence[ArmMetrics], checks: Sequence[Check], criteria: Criteria, claims: int) -> tuple[Noise, ...]:
    spoilt = {metric: check.finding for check in checks for metric in check.spoils}
    return tuple(
        Noise(
            arm=arm.record.arm,
            comparisons=tuple(compare(arms[0], arm, metric, criteria, claims, spoilt.get(metric, "")) for metric in criteria.compare),
        )
        for arm in arms
        if arm.record.role == "noise"
    )


def _amount(comparison: Comparison) -> str:
    if comparison.estimate is None:
        return "more than can be measured"
    return points(comparison.estimate, sign=True) if comparison.scale == "difference" else times(comparison.estimate)
