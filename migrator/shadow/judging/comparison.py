"""A candidate against the current system on one declared metric: how much worse could it be, as far as the data can tell at any look?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal as OneOf

import msgspec
import numpy as np

from migrator.shadow.judging.criteria import RESOLUTION, SHARES, TAIL, Criteria, Metric
from migrator.shadow.judging.share_claims import TIGHTEST_AT, difference_bounds
from migrator.shadow.measuring.durations import Durations
from migrator.shadow.measuring.metrics import ArmMetrics, Share
from migrator.shadow.measuring.pairs import Disagreement, disagreement
from migrator.shadow.measuring.units import FEWEST, UnitJobs
from migrator.shadow.statistics.clusters import bootstrap_ratio_by_cluster
from migrator.shadow.statistics.interval import Interval
from migrator.shadow.statistics.paired import difference_at_one_look, difference_of_pairs
from migrator.shadow.statistics.proportion_difference import newcombe
from migrator.shadow.statistics.quantile_ratio import bootstrap_ratio
from migrator.shadow.statistics.quantiles import Values
from migrator.shadow.statistics.rank_sequence import ranks_in_sequence, values_needed
from migrator.shadow.wording import count

MOST_GROWTH = 1e5  #: an experiment that needs this many times its jobs is not worth forecasting
LARGEST_P = 0.25  #: nobody asks which of two claims is the less likely

Bounds = Callable[[float], Interval]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one candidate. A difference (candidate - current) for shares, a ratio (candidate / current) for durations."""

    metric: Metric
    scale: OneOf["difference", "ratio"]
    margin: float
    n_current: int
    n_candidate: int
    current: float | None = None
    candidate: float | None = None
    estimate: float | None = None
    interval: Interval | None = None  #: either end alone is wrong, at any look ever, with a chance of at most alpha / candidates
    single_look: Interval | None = None  #: what a fixed sample of this size would say; not for watching
    p_not_inferior: float = 1.0  #: smallest chance of error at which "within the margin" can be claimed
    p_inferior: float = 1.0  #: smallest chance of error at which "worse" can be claimed
    growth: float | None = None  #: times as many jobs as now would decide it, if all stays as it is; None: more jobs alone would not
    needs: int = 0  #: jobs in every arm, before a percentile can be bounded
    design_effects: tuple[float, float] = (1.0, 1.0)  #: current, candidate: so many jobs count as one, being of one unit
    obstacle: str = ""  #: why the two cannot be compared; then the rest says nothing
    early: bool = False  #: the obstacle goes away by itself as jobs come and end

    @property
    def null(self) -> float:
        """The value that means "the same"."""
        return 0.0 if self.scale == "difference" else 1.0

    @property
    def matters(self) -> bool:
        """Worse by at least half the margin, as far as can be seen."""
        return _matters(self.estimate, self.null, self.margin)


def compare(
    current: ArmMetrics, candidate: ArmMetrics, metric: Metric, criteria: Criteria, candidates: int, obstacle: str = ""
) -> Comparison:
    """`candidates`: how many the experiment has; each interval is that much more careful. `obstacle`: why not to compare, from outside."""
    early = False
    if metric in SHARES:
        first, second = _share(current, metric), _share(candidate, metric)
        effects = current.unit_jobs.design_effect(metric), candidate.unit_jobs.design_effect(metric)
        if len(candidate.pair_jobs.key):
            comparison = _compare_pairs(disagreement(current.pair_jobs, candidate.pair_jobs, metric), metric, criteria, candidates)
            if not obstacle and not comparison.n_candidate:
                obstacle, early = f"no job has ended in both {current.record.arm} and {candidate.record.arm} yet", True
        else:
            comparison = _compare_shares(first, second, effects, metric, criteria, candidates)
        seen = [(current, first.trials, first.unknown), (candidate, second.trials, second.unknown)]
    else:
        before, after = _durations(current, metric), _durations(candidate, metric)
        comparison = _compare_durations(before, after, (current.unit_jobs, candidate.unit_jobs), metric, criteria, candidates)
        seen = [(current, before.n, before.unknown), (candidate, after.n, after.unknown)]
    for arm in (current, candidate):
        if not obstacle and arm.unit_jobs.clustered and arm.unit_jobs.units < FEWEST:
            obstacle = f"the jobs of {arm.record.arm} belong to {count(arm.unit_jobs.units, 'unit')} of routing; it takes {FEWEST}"
    for arm, n, unknown in seen:
        if not obstacle and not n:
            early = not unknown
            obstacle = f"no job of {arm.record.arm} can be counted yet" if early else f"not visible in {arm.record.arm}"
    return msgspec.structs.replace(comparison, obstacle=obstacle, early=early)


def _share(arm: ArmMetrics, metric: Metric) -> Share:
    return arm.first_attempt if metric == "first_attempt_failure" else arm.discarded


def _durations(arm: ArmMetrics, metric: Metric) -> Durations:
    return arm.end_to_end if metric == "end_to_end_p95" else arm.wait


def _compare_shares(
    current: Share, candidate: Share, effects: tuple[float, float], metric: Metric, criteria: Criteria, candidates: int
) -> Comparison:
    margin, alpha = criteria.margin(metric), criteria.alpha / candidates
    blank = Comparison(metric=metric, scale="difference", margin=margin, n_current=current.trials, n_candidate=candidate.trials)
    if not current.trials or not candidate.trials:
        return blank

    def grown(growth: float) -> Bounds:
        counts = (*_counting(candidate, effects[1], growth), *_counting(current, effects[0], growth))
        return lambda alpha: difference_bounds(*counts, alpha)

    before, after = current.events / current.trials, candidate.events / candidate.trials
    return msgspec.structs.replace(
        blank,
        current=before,
        candidate=after,
        estimate=after - before,
        design_effects=effects,
        single_look=newcombe(*_counting(candidate, effects[1]), *_counting(current, effects[0]), 1 - criteria.alpha),
        **_judged(grown, margin, 0.0, alpha, after - before),
    )


def _compare_pairs(found: Disagreement, metric: Metric, criteria: Criteria, candidates: int) -> Comparison:
    """Copies of the same jobs are no independent samples: what counts is the pairs that disagree."""
    margin, alpha, n = criteria.margin(metric), criteria.alpha / candidates, found.pairs
    blank = Comparison(metric=metric, scale="difference", margin=margin, n_current=n, n_candidate=n)
    if not n:
        return blank

    def grown(growth: float) -> Bounds:
        counts = [round(count * growth) for count in (found.only_candidate, found.only_current, n)]
        return lambda alpha: difference_of_pairs(counts[0], counts[1], counts[2], alpha, TIGHTEST_AT)

    before, after = (found.both + found.only_current) / n, (found.both + found.only_candidate) / n
    return msgspec.structs.replace(
        blank,
        current=before,
        candidate=after,
        estimate=after - before,
        single_look=difference_at_one_look(found.only_candidate, found.only_current, n, 1 - criteria.alpha),
        **_judged(grown, margin, 0.0, alpha, after - before),
    )


def _counting(share: Share, effect: float, growth: float = 1.0) -> tuple[int, int]:
    """Events and trials, as many as they count for: `growth` times as many, of which `effect` tell as much as one."""
    trials = max(1, round(share.trials * growth / effect))
    return round(trials * share.events / share.trials) if effect > 1 else round(share.events * growth), trials


def _compare_durations(
    current: Durations, candidate: Durations, units: tuple[UnitJobs, UnitJobs], metric: Metric, criteria: Criteria, candidates: int
) -> Comparison:
    margin, alpha = criteria.margin(metric), criteria.alpha / candidates
    needs = values_needed(TAIL, alpha / 2)
    blank = Comparison(metric=metric, scale="ratio", margin=margin, n_current=current.n, n_candidate=candidate.n, needs=needs)
    if not current.n or not candidate.n:
        return blank
    before, after = current.curve().quantile(TAIL), candidate.curve().quantile(TAIL)
    estimate = max(after, RESOLUTION) / max(before, RESOLUTION) if math.isfinite(before) and math.isfinite(after) else None
    after_least, after_most, before_least, before_most = (
        np.maximum(bound, RESOLUTION) for bound in (candidate.at_least, candidate.at_most, current.at_least, current.at_most)
    )

    effects = units[0].design_effect(metric), units[1].design_effect(metric)

    def grown(growth: float) -> Bounds:
        sizes = growth / effects[1], growth / effects[0]
        return lambda alpha: _ratio_bounds(after_least, after_most, before_least, before_most, sizes, alpha)

    if max(effects) > 1:
        (others, other_unit), (values, unit) = (jobs.durations(metric) for jobs in units)
        look = bootstrap_ratio_by_cluster(
            np.maximum(values, RESOLUTION), unit, np.maximum(others, RESOLUTION), other_unit, TAIL, 1 - criteria.alpha
        )
    else:
        lows = bootstrap_ratio(after_least, before_most, TAIL, 1 - criteria.alpha)
        look = Interval(lows.low, bootstrap_ratio(after_most, before_least, TAIL, 1 - criteria.alpha).high)
    return msgspec.structs.replace(
        blank,
        current=before if math.isfinite(before) else None,
        candidate=after if math.isfinite(after) else None,
        estimate=estimate,
        design_effects=effects,
        single_look=look,
        **_judged(grown, margin, 1.0, alpha, estimate),
    )


def _ratio_bounds(
    after_least: Values, after_most: Values, before_least: Values, before_most: Values, growth: tuple[float, float], alpha: float
) -> Interval:
    """Both quantiles bounded at half of `alpha`, so that both hold together; of samples so many times as large with the same shape."""
    after = _quantile_bounds(after_least, after_most, growth[0], alpha / 2)
    before = _quantile_bounds(before_least, before_most, growth[1], alpha / 2)
    return Interval(
        after.low / before.high if math.isfinite(after.low) else math.inf,
        after.high / before.low if math.isfinite(before.low) else math.inf,
    )


def _quantile_bounds(at_least: Values, at_most: Values, growth: float, alpha: float) -> Interval:
    n = len(at_least)
    size = max(1, round(n * growth))
    low, high = ranks_in_sequence(size, TAIL, alpha)
    return Interval(
        RESOLUTION if low < 1 else _at_rank(at_least, low * n / size),
        math.inf if high > size else _at_rank(at_most, high * n / size),
    )


def _at_rank(ordered: Values, rank: float) -> float:
    """The value at a 1-based rank; between two, which only a forecast asks for, on the line between their values."""
    below = min(len(ordered), max(1, math.floor(rank)))
    low, high = float(ordered[below - 1]), float(ordered[min(len(ordered), below + 1) - 1])
    return low if rank <= below else low + (rank - below) * (high - low)


def _judged(grown: Callable[[float], Bounds], margin: float, null: float, alpha: float, estimate: float | None) -> dict[str, object]:
    bounds = grown(1.0)
    return {
        "interval": bounds(alpha),
        "p_not_inferior": _least_alpha(lambda a: bounds(a).high < margin),
        "p_inferior": _least_alpha(lambda a: bounds(a).low > null),
        "growth": _growth(grown, margin, null, alpha, estimate),
    }


def _matters(estimate: float | None, null: float, margin: float) -> bool:
    # Half of a factor is its square root. No estimate: too many jobs are open for there to be one.
    half = margin / 2 if null == 0 else math.sqrt(margin)
    return estimate is None or estimate >= half


def _least_alpha(claimed: Callable[[float], bool]) -> float:
    """The smallest chance of error at which a claim can be made: its p-value, valid at every look. Above `LARGEST_P` it is 1."""
    if not claimed(LARGEST_P):
        return 1.0
    low, high = math.log(1e-12), math.log(LARGEST_P)
    while high - low > 0.001:
        middle = (low + high) / 2
        low, high = (low, middle) if claimed(math.exp(middle)) else (middle, high)
    return math.exp(high)


def _growth(grown: Callable[[float], Bounds], margin: float, null: float, alpha: float, estimate: float | None) -> float | None:
    """How many times the present data would decide the question either way, were they to go on looking as they do."""

    def decided(growth: float) -> bool:
        interval = grown(growth)(alpha)
        return interval.high < margin or (interval.low > null and _matters(estimate, null, margin))

    if decided(1.0):
        return 1.0
    low, high = 1.0, 2.0
    while not decided(high):
        low, high = high, high * 2
        if high > MOST_GROWTH:
            return None
    while high / low > 1.01:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if decided(middle) else (middle, high)
    return high
