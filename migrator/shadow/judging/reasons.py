"""Why a verdict is what it is, in a sentence with its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from migrator.shadow.judging.comparison import Comparison
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.wording import METRIC_NAMES, about, count, listed, percent, points, roughly, sentence, times

DAY = 86400.0


def fine(current: str, comparisons: Sequence[Comparison]) -> str:
    """Within every margin."""
    return sentence(f"at worst, against {current}: {'; '.join(f'{METRIC_NAMES[c.metric]} {_at_worst(c)}' for c in comparisons)}")


def worse(current: str, comparisons: Sequence[Comparison]) -> str:
    """Beyond the margin, surely."""
    return sentence("; ".join(_worse(c, current) for c in comparisons))


def too_early(lacking: Sequence[str]) -> str:
    """Within every margin, but on too little."""
    return sentence(f"within every margin so far, but on {listed(list(lacking))}: too early to say so")


def unsettled(current: str, comparisons: Sequence[Comparison]) -> str:
    """Neither one nor the other: the hardest question in full, the others by name."""
    hardest = max(comparisons, key=lambda c: math.inf if c.growth is None else c.growth)
    others = [METRIC_NAMES[c.metric] for c in comparisons if c is not hardest]
    also = f"; not settled either: {listed(others)}" if others else ""
    return sentence(f"{_open(hardest, current)}{also}")


def incomparable(comparisons: Sequence[Comparison]) -> str:
    """Something stands in the way of comparing; what only time can mend comes last."""
    found: dict[tuple[bool, str], list[str]] = {}
    for comparison in comparisons:
        found.setdefault((comparison.early, comparison.obstacle), []).append(METRIC_NAMES[comparison.metric])
    said = {
        early: [f"{listed(names)} cannot be compared: {why}" for (e, why), names in found.items() if e == early] for early in (False, True)
    }
    remedy = ["mend that, or take it out of `compare` in [criteria]"] if said[False] else []
    return " ".join(sentence(words) for words in (*said[False], *remedy, *said[True]))


def forecast(more: int | None, at_this_pace: float | None, days_left: float, hopeless: Sequence[Comparison]) -> str:
    """How much longer: in jobs, in the seconds in which they will come, and in the seconds until the declared minimum has passed."""
    if more is None:
        names = listed([METRIC_NAMES[c.metric] for c in hopeless])
        return sentence(f"as things stand, more jobs alone would not settle it ({names})")
    if days_left > (at_this_pace or 0.0):
        amount = f"{about(more, 'more job')}, and {_length(days_left)} more at least," if more else f"{_length(days_left)} more"
    else:
        amount = about(more, "more job") + (f", {roughly(at_this_pace)} at this pace," if at_this_pace is not None else "")
    return sentence(f"{amount} would settle it if all stays as it is")


def lacking(least: int, seconds: float, criteria: Criteria) -> list[str]:
    """Which minimum of evidence is not there yet."""
    found: list[str] = []
    if least < criteria.minimum_jobs:
        found.append(f"{least} of at least {count(criteria.minimum_jobs, 'job')} in every arm")
    if seconds < criteria.minimum_days * DAY:
        found.append(f"{_length(seconds)} of at least {_length(criteria.minimum_days * DAY)} with jobs in both arms")
    return found


def _at_worst(comparison: Comparison) -> str:
    high = comparison.interval.high if comparison.interval else math.inf
    return f"{_amount(comparison, high)} (allowed {_amount(comparison, comparison.margin)})"


def _worse(comparison: Comparison, current: str) -> str:
    low = comparison.interval.low if comparison.interval else comparison.null
    name, allowed = METRIC_NAMES[comparison.metric], _amount(comparison, comparison.margin)
    if comparison.scale == "difference":
        shares = f"{percent(comparison.candidate)} against {percent(comparison.current)} in {current}"
        return f"{name}: {shares}, worse by at least {points(low)} (allowed {allowed})"
    seen = times(comparison.estimate) if comparison.estimate is not None else "more than can be measured"
    return f"{name}: {seen} that of {current}, at least {times(low)} (allowed {allowed})"


def _open(comparison: Comparison, current: str) -> str:
    interval, name = comparison.interval, METRIC_NAMES[comparison.metric]
    allowed = _amount(comparison, comparison.margin)
    if interval is None or not math.isfinite(interval.high):
        counting = (n / effect for n, effect in zip((comparison.n_current, comparison.n_candidate), comparison.design_effects, strict=True))
        few = min(counting) < comparison.needs
        return f"{name} cannot be bounded yet{f', it takes {comparison.needs} jobs in every arm' if few else ', too many jobs are open'}"
    if comparison.scale == "difference":
        return f"{name} may be up to {points(interval.high)} above those of {current} (allowed {allowed})"
    return f"{name} may be up to {times(interval.high)} that of {current} (allowed {allowed})"


def _amount(comparison: Comparison, value: float) -> str:
    return points(value, sign=True) if comparison.scale == "difference" else times(value)


def _length(seconds: float) -> str:
    return count(round(seconds / DAY), "day") if seconds >= DAY else roughly(seconds)
