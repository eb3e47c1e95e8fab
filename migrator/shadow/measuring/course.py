"""How an experiment went over time: stretch by stretch, and the split job by job."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from migrator.shadow.ledger import Epoch
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.statistics.quantiles import quantile
from migrator.shadow.summary import Drift, Series, SeriesPoint

#: seconds: lengths of a stretch that a reader can name
STEPS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0, 86400.0, 604800.0)
STRETCHES = 30  #: at most
JOBS_IN_A_STRETCH = 12  #: of every arm, on average: a percentile of three jobs is noise
DRIFT_POINTS = 80
REACH_99 = 2.5758


def series(arms: Sequence[ArmMetrics], first_ns: int, last_ns: int) -> Series:
    """Jobs by the time of their assignment, in stretches that hold enough jobs to say something.

    There are at most `STRETCHES` of them, more only beyond the longest step.
    """
    span = (last_ns - first_ns) / 1e9
    fewest = min((len(arm.timeline.assigned_ns) for arm in arms), default=0)
    most = min(STRETCHES, max(4, fewest // JOBS_IN_A_STRETCH))
    step = next((s for s in STEPS if span / s < most), STEPS[-1])
    stretches = math.floor(span / step) + 1
    found: dict[str, tuple[SeriesPoint, ...]] = {}
    for arm in arms:
        line = arm.timeline
        place = ((line.assigned_ns - first_ns) / 1e9 // step).astype(np.int64)
        edges = np.searchsorted(place, np.arange(stretches + 1), side="left")
        found[arm.record.arm] = tuple(_point(line.first_failed[a:b], line.end_to_end[a:b]) for a, b in pairwise(edges))
    return Series(step=step, seconds=span, arms=found)


def _point(first_failed: np.ndarray, end_to_end: np.ndarray) -> SeriesPoint:
    known = first_failed[first_failed >= 0]
    # An open job is longer than all that have ended.
    ordered = np.sort(np.where(np.isnan(end_to_end), np.inf, end_to_end))
    middle, tail = quantile(ordered, 0.5), quantile(ordered, 0.95)
    return SeriesPoint(
        jobs=len(end_to_end),
        first_failed=float(known.mean()) if len(known) else None,
        p50=middle if math.isfinite(middle) else None,
        p95=tail if math.isfinite(tail) else None,
    )


def drift(arms: Sequence[ArmMetrics], epochs: Sequence[Epoch]) -> Drift:
    """What was asked for may change with every configuration: the target is the mean of what held when each job was assigned."""
    moments = np.concatenate([arm.timeline.assigned_ns for arm in arms])
    order = np.argsort(moments, kind="stable")
    total = len(order)
    owner = np.concatenate([np.full(len(arm.timeline.assigned_ns), i) for i, arm in enumerate(arms)])[order]
    epoch = np.concatenate([arm.timeline.epoch for arm in arms])[order]
    numbers, place = np.unique(epoch, return_inverse=True)
    kept = (
        np.unique(np.linspace(min(max(20, total // 20), total), total, DRIFT_POINTS).astype(np.int64))
        if total
        else np.array([], dtype=np.int64)
    )
    share: dict[str, tuple[float, ...]] = {}
    target: dict[str, tuple[float, ...]] = {}
    reach: dict[str, tuple[float, ...]] = {}
    for i, arm in enumerate(arms):
        asked = {e.config_epoch: next((a.share for a in e.arms if a.arm == arm.record.arm), 0.0) for e in epochs}
        chance = np.array([asked.get(e, 0.0) for e in numbers.tolist()])[place]
        mine, expected, variance = (np.cumsum(column) for column in (owner == i, chance, chance * (1 - chance)))
        share[arm.record.arm] = _rounded(mine[kept - 1] / kept)
        target[arm.record.arm] = _rounded(expected[kept - 1] / kept)
        reach[arm.record.arm] = _rounded(REACH_99 * np.sqrt(variance[kept - 1]) / kept)
    return Drift(jobs=tuple(int(n) for n in kept), share=share, target=target, reach=reach)


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)
