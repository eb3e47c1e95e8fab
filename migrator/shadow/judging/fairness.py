"""Did every arm get its share of the jobs, do they all end, and is each of them evidence of its own?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from migrator.shadow.judging.check import Check
from migrator.shadow.ledger import Epoch
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.measuring.units import FEWEST
from migrator.shadow.statistics import sample_ratio
from migrator.shadow.statistics.exact_tables import fisher
from migrator.shadow.wording import count, listed, percent

SPLIT_ALARM = 0.01  #: of the test that may be looked at every day
SPLIT_ALARM_ONCE = 0.001  #: of the test for a single look, which many make anyway
UNASKED = 0.01  #: share of jobs that may have come to arms of no share: the ledger takes a stray for one of the newest configuration
ENDS_ALARM = 0.001  #: of the test of whether jobs end alike, over all arms
LOOKS = 1000  #: at the split, spread over all assignments
REASONS = 3  #: why copies were suppressed, the most frequent


def split(epochs: Sequence[Epoch], arms: Sequence[ArmMetrics]) -> Check:
    """Did each arm get the share that was asked for, in every configuration? Of units, where they have several jobs each."""
    watched, once, unasked = 1.0, 1.0, 0
    by_unit = any(arm.unit_jobs.clustered for arm in arms)
    for epoch in epochs:
        weights = [next((a.share for a in epoch.arms if a.arm == arm.record.arm), 0.0) for arm in arms]
        times = _draws(arms, epoch.config_epoch, by_unit=by_unit)
        if not any(len(t) for t in times):
            continue
        # To the tests an arm of no share is no arm: what came to it all the same is evidence of its own.
        unasked += sum(len(t) for t, weight in zip(times, weights, strict=True) if not weight)
        moments = np.sort(np.concatenate(times))
        looks = moments[np.unique(np.linspace(0, len(moments) - 1, min(LOOKS, len(moments))).astype(int))]
        counts = np.stack([np.searchsorted(np.sort(t), looks, side="right") for t in times], axis=1)
        watched = min(watched, sample_ratio.sequential(counts.tolist(), weights))
        once = min(once, sample_ratio.chi_square([len(t) for t in times], weights))
    watched, once = min(1.0, watched * len(epochs)), min(1.0, once * len(epochs))
    # Not of the books: the current arm has more there, what it did in place of a candidate for one.
    parts = [len(arm.timeline.assigned_ns) for arm in arms]
    total = sum(parts)
    seen = listed([f"{arm.record.arm} {percent(part / total)}" for arm, part in zip(arms, parts, strict=True)]) if total else "no jobs"
    figures = f"{seen} of jobs{', split by their units' if by_unit else ''} (p = {watched:.2g} watched, {once:.2g} at one look)"
    if apart := sum(arm.apart for arm in arms):
        figures += f"; {count(apart, 'job')} did not go by the shares (switched off, excluded, named) and count in the books only"
    if unasked:
        figures += f"; {count(unasked, 'unit' if by_unit else 'job')} came to an arm that was to get none"
    if watched < SPLIT_ALARM or once < SPLIT_ALARM_ONCE or unasked > UNASKED * total:
        return Check("split", "invalid", f"the arms did not get the shares asked for: {figures}; something other than routing decides")
    return Check("split", "warning" if unasked else "ok", f"as asked for: {figures}")


def _draws(arms: Sequence[ArmMetrics], epoch: int, *, by_unit: bool) -> list[NDArray[np.int64]]:
    """When something was drawn for each arm under a configuration: a unit with its first job, or a job that is a unit of its own."""
    jobs = [arm.timeline.assigned_ns[arm.timeline.epoch == epoch] for arm in arms]
    if not by_unit:
        return jobs
    units = [arm.unit_jobs.first_seen_ns(epoch) for arm in arms]
    if any(arm.folded for arm in arms):
        # Of what was folded nobody knows any more which jobs shared a unit.
        return units
    alone: list[NDArray[np.int64]] = []
    for arm, moments in zip(arms, jobs, strict=True):
        found, times = np.unique(moments, return_counts=True)
        shared = arm.unit_jobs.assigned_ns[arm.unit_jobs.epoch == epoch]
        np.subtract.at(times, np.searchsorted(found, shared), 1)
        alone.append(np.repeat(found, times))
    return [np.concatenate(pair) for pair in zip(units, alone, strict=True)]


def copies(arms: Sequence[ArmMetrics]) -> Check:
    """Which jobs of the current system have a copy in each candidate? A mirror has no split that could go wrong."""
    jobs, words = arms[0].pair_jobs, list[str]()
    for arm in arms[1:]:
        matched = int(np.isin(arm.pair_jobs.key, jobs.key).sum())
        words.append(f"{arm.record.arm} has copies of {matched:,} of {count(len(jobs.key), 'job')}")
        strangers = len(arm.pair_jobs.key) - matched
        if strangers:
            return Check("split", "warning", f"{words[-1]}, and {count(strangers, 'job')} that {arms[0].record.arm} never had")
        if arm.suppressed:
            reasons = "; ".join(f"{number:,} × {why}" for why, number in list(arm.suppressed.items())[:REASONS])
            words[-1] += f" ({sum(arm.suppressed.values()):,} suppressed: {reasons})"
    return Check("split", "ok", f"a mirror: {listed(words)}")


def attrition(arms: Sequence[ArmMetrics], *, in_place: bool = False) -> Check:
    """Do the arms' jobs end alike? A system that keeps its difficult jobs open looks good on the rest.

    `in_place`: the current arm does what a candidate does not take up.
    """
    current, *others = [arm.ended for arm in arms]
    tables = [[[each.events, current.events], [each.trials - each.events, current.trials - current.events]] for each in others]
    chance = min([1.0, *(len(tables) * fisher(table) for table in tables)])
    words = listed([f"{arm.record.arm} {arm.ended.events:,} of {arm.ended.trials:,}" for arm in arms])
    if chance < ENDS_ALARM:
        why = "what fell back did not end in its candidate" if in_place else "the others are open, lost, cancelled or were never enqueued"
        finding = f"of the jobs that are old enough, not as many have ended everywhere: {words} (p = {chance:.2g}); {why}"
        return Check("attrition", "warning", finding)
    return Check("attrition", "ok", f"of the jobs that are old enough, about as many have ended everywhere: {words}")


def independence(arms: Sequence[ArmMetrics]) -> Check:
    """Is every job a piece of evidence of its own? Jobs of one tenant share its fate, and ten of them are not ten looks."""
    sharing = [(arm.record.arm, arm.unit_jobs) for arm in arms if arm.unit_jobs.clustered]
    if sharing:
        words = [
            f"{len(jobs.unit):,} jobs of {name} belong to {count(jobs.units, 'unit')} of routing and count for about "
            f"{len(jobs.unit) / jobs.design_effect('first_attempt_failure'):,.0f}"
            for name, jobs in sharing
        ]
        few = min(jobs.units for _, jobs in sharing) < FEWEST
        return Check("independence", "warning" if few else "ok", f"jobs of one unit are alike: {listed(words)}")
    return Check("independence", "ok", "jobs were routed one by one, or nearly so")
