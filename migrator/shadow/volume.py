"""What a volume of jobs can show: how many jobs, and days, an answer takes, before an experiment is begun.

Two kinds of figures. *At one look*: a sample of a size fixed beforehand, with the usual power of 80 %. *Watched*: what the verdicts do,
which may be looked at every day; found by simulating experiments with arms that are alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal as OneOf

import msgspec
import numpy as np
from scipy.special import ndtri

from migrator.shadow.judging.criteria import SHARES, TAIL, Criteria, Metric
from migrator.shadow.judging.share_claims import within_margin
from migrator.shadow.statistics.proportions import upper_bound
from migrator.shadow.statistics.rank_sequence import ranks_in_sequence
from migrator.shadow.statistics.sample_size import trials_per_arm
from migrator.shadow.wording import days_long

POWER = 0.8
SPREAD = 1.0  #: sigma of durations on a logarithmic scale: the slowest twentieth takes five times as long as half of the jobs
EXPERIMENTS = 400  #: simulated ones
LOOKS = 60  #: in each, evenly spread
PATIENCE = 28.0  #: days that people wait for an answer

Mode = OneOf["split", "mirror"]


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs that an experiment will get: so many a day, all arms together, of which the two arms that are compared get these shares."""

    jobs_per_day: float
    current_share: float
    candidate_share: float
    candidates: int = 1  #: in the whole experiment; each claim is made that much more carefully

    def per_day(self, mode: Mode) -> tuple[float, float]:
        """Jobs a day of the candidate and of the current system. A mirror hands every job to both."""
        if mode == "mirror":
            return self.jobs_per_day, self.jobs_per_day
        return self.jobs_per_day * self.candidate_share, self.jobs_per_day * self.current_share


class Answerable(msgspec.Struct, frozen=True, kw_only=True):
    """One metric: jobs and days until a candidate that is as good as the current system is seen to be within the margin.

    `days` of 80 in 100 such experiments at one look; `watched_days` of half of them, at whichever look; None where that takes too long
    to be worth saying. `margin_in_time`: what could be shown at one look within `PATIENCE`.
    """

    metric: Metric
    margin: float
    base: float | None  #: share of jobs that fail anyhow; None for durations
    jobs_per_arm: int
    days: float
    watched_days: float | None
    margin_in_time: float


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What an experiment can hope for in one mode. `days`: the slowest metric's, and the declared minimum's."""

    mode: Mode
    answers: tuple[Answerable, ...]
    days: float
    watched_days: float | None


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """Mirror or split, with both outlooks and the reason."""

    mode: Mode
    reason: str
    split: Outlook
    mirror: Outlook


def days_for_share(base: float, margin: float, per_day: tuple[float, float], alpha: float = 0.05, power: float = POWER) -> float:
    """Days until a share that is `base` in both arms can be shown not to be larger by `margin`, at one look.

    >>> math.ceil(days_for_share(0.05, 0.05, (50 / 3, 50 / 3)))
    15
    """
    candidate, current = per_day
    reach = _reach(alpha, power)
    return reach**2 * base * (1 - base) * (1 / candidate + 1 / current) / margin**2


def margin_for_share(base: float, days: float, per_day: tuple[float, float], alpha: float = 0.05, power: float = POWER) -> float:
    """The smallest margin that so many days can show, at one look."""
    return math.sqrt(days_for_share(base, 1.0, per_day, alpha, power) / days)


def loss_bound(jobs: int, alpha: float = 0.05) -> float:
    """The largest share of lost jobs that is still credible after so many without a loss, at one look.

    >>> round(loss_bound(231), 4)
    0.0129
    """
    return upper_bound(0, jobs, 1 - alpha)


def chance_to_see(share: float, jobs: int) -> float:
    """Chance that a fault which hits this share of jobs shows itself at least once.

    >>> round(chance_to_see(0.01, 231), 2)
    0.9
    """
    return -math.expm1(jobs * math.log1p(-share))


def known_within(jobs: int, q: float, spread: float = SPREAD, alpha: float = 0.05) -> float:
    """The ratio of a quantile of durations is known within times and divided by this, with so many jobs in each arm, at one look.

    >>> round(known_within(231, 0.5), 2), round(known_within(231, 0.95), 2)
    (1.26, 1.47)
    """
    return math.exp(float(ndtri(1 - alpha / 2)) * _log_error(q, spread) * math.sqrt(2 / jobs))


def jobs_for_ratio(q: float, margin: float, spread: float = SPREAD, alpha: float = 0.05, power: float = POWER) -> int:
    """Jobs in each arm to show that a quantile which is the same in both is not larger by the factor `margin`, at one look."""
    return math.ceil(2 * (_reach(alpha, power) * _log_error(q, spread) / math.log(margin)) ** 2)


def watched_jobs_for_ratio(q: float, margin: float, spread: float = SPREAD, alpha: float = 0.05) -> int:
    """Jobs in each arm at which the intervals of the verdict, which may be watched, fit within the factor: half of experiments by then."""

    def fits(jobs: int) -> bool:
        low, high = ranks_in_sequence(jobs, q, alpha / 2)
        if low < 1 or high > jobs:
            return False
        return float(np.exp(spread * (ndtri(high / (jobs + 1)) - ndtri(low / (jobs + 1))))) < margin

    most = 1
    while not fits(most):
        most *= 2
    least = most // 2
    while most - least > max(1, most // 200):
        middle = (most + least) // 2
        least, most = (least, middle) if fits(middle) else (middle, most)
    return most


class Watched(msgspec.Struct, frozen=True):
    """Simulated experiments with two arms that are alike: `decided[i]` of them have shown so by the end of day `days[i]`."""

    days: tuple[float, ...]
    decided: tuple[float, ...]

    def day_of(self, share: float) -> float | None:
        """The first day by which so large a share of experiments is decided; None where that is not reached.

        >>> Watched((7.0, 14.0), (0.2, 0.6)).day_of(0.5)
        14.0
        """
        return next((day for day, decided in zip(self.days, self.decided, strict=True) if decided >= share), None)


def watch(
    base: float, margin: float, per_day: tuple[float, float], days: float, *, alpha: float = 0.05, minimum_jobs: int = 50, seed: int = 1
) -> Watched:
    """How soon experiments with the same share of failures in both arms are seen to be within the margin, looked at over and over."""
    generator = np.random.default_rng(seed)
    # One look a day where there are no more than `LOOKS` days.
    looks = np.unique(np.ceil(np.linspace(1, max(2, math.ceil(days)), LOOKS)))
    sizes = [np.maximum(1, np.round(looks * rate)).astype(np.int64) for rate in per_day]
    steps = [np.diff(size, prepend=0) for size in sizes]
    candidate, current = (generator.binomial(step, base, (EXPERIMENTS, len(looks))).cumsum(axis=1) for step in steps)
    claimed = within_margin(candidate, sizes[0], current, sizes[1], margin, alpha) & (np.minimum(*sizes) >= minimum_jobs)
    decided = np.maximum.accumulate(claimed, axis=1).mean(axis=0)
    return Watched(tuple(float(day) for day in looks), tuple(float(share) for share in decided))


def outlook(criteria: Criteria, traffic: Traffic, base: Mapping[Metric, float], mode: Mode, spread: float = SPREAD) -> Outlook:
    """Every metric of `criteria` in one mode. `base`: the share of jobs that fail anyhow, for each metric that is a share.

    A mirror's arms get the same jobs; that the noise of the jobs then cancels out, which makes it sooner still, is not counted on.
    """
    per_day, alpha = traffic.per_day(mode), criteria.alpha / traffic.candidates
    slowest = min(per_day)
    answers: list[Answerable] = []
    for metric in criteria.compare:
        margin = criteria.margin(metric)
        if metric in SHARES:
            share = base[metric]
            days = days_for_share(share, margin, per_day, alpha)
            watched = watch(share, margin, per_day, 6 * days, alpha=alpha, minimum_jobs=criteria.minimum_jobs).day_of(0.5)
            jobs, in_time = trials_per_arm(share, share, margin, alpha, POWER), margin_for_share(share, PATIENCE, per_day, alpha)
        else:
            share, jobs = None, jobs_for_ratio(TAIL, margin, spread, alpha)
            days, watched = jobs / slowest, watched_jobs_for_ratio(TAIL, margin, spread, alpha) / slowest
            in_time = math.exp(math.log(margin) * math.sqrt(days / PATIENCE))
        answers.append(
            Answerable(metric=metric, margin=margin, base=share, jobs_per_arm=jobs, days=days, watched_days=watched, margin_in_time=in_time)
        )
    least = max(criteria.minimum_days, criteria.minimum_jobs / slowest)
    waits = [answer.watched_days for answer in answers]
    return Outlook(
        mode=mode,
        answers=tuple(answers),
        days=max([least, *(answer.days for answer in answers)]),
        watched_days=None if None in waits else max([least, *(wait for wait in waits if wait is not None)]),
    )


def recommend(criteria: Criteria, traffic: Traffic, base: Mapping[Metric, float], spread: float = SPREAD) -> Recommendation:
    """Split where its answer comes in time, for it shows the real thing; else a mirror, which gives every job to every arm."""
    split, mirror = (outlook(criteria, traffic, base, mode, spread) for mode in ("split", "mirror"))
    days, mirrored = days_long(split.days), days_long(mirror.days)
    if split.days <= PATIENCE:
        return Recommendation(mode="split", reason=f"a split answers within {days}", split=split, mirror=mirror)
    if mirror.days <= PATIENCE:
        reason = f"a split takes {days}, a mirror {mirrored}: there every arm gets every job"
    else:
        hardest = max(mirror.answers, key=lambda answer: answer.days)
        reason = f"a split takes {days}, and even a mirror {mirrored}: allow more for `{hardest.metric}` in [criteria], or compare it later"
    return Recommendation(mode="mirror", reason=reason, split=split, mirror=mirror)


def _reach(alpha: float, power: float) -> float:
    return float(ndtri(1 - alpha)) + float(ndtri(power))


def _log_error(q: float, spread: float) -> float:
    """Standard error of the logarithm of a quantile of lognormal durations, times the square root of their number."""
    z = float(ndtri(q))
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return spread * math.sqrt(q * (1 - q)) / density
