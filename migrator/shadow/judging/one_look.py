"""Tests for a single look, at sizes fixed beforehand: what a statistician would ask of finished data. The verdicts do not lean on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal as OneOf

import msgspec
import numpy as np

from migrator.shadow.judging.criteria import Criteria, Metric
from migrator.shadow.measuring.durations import Durations
from migrator.shadow.measuring.metrics import ArmMetrics, Share
from migrator.shadow.statistics.exact_tables import barnard, boschloo, fisher
from migrator.shadow.statistics.interval import Interval
from migrator.shadow.statistics.location_shift import cliffs_delta, common_language_effect, hodges_lehmann, mann_whitney, shift_interval
from migrator.shadow.statistics.multiplicity import holm
from migrator.shadow.statistics.proportion_difference import not_larger_by, score_interval
from migrator.shadow.statistics.quantiles import Values
from migrator.shadow.statistics.survival import log_rank

TINY = 60  #: jobs in each arm up to which the costly exact tests are made
MOST = 20_000  #: values of which shifts are worked out; of more, so many are drawn
FEWEST = 5  #: durations in each arm

Timed = OneOf["wait", "run", "end_to_end"]
TIMED: tuple[Timed, ...] = ("wait", "run", "end_to_end")


class ShareLook(msgspec.Struct, frozen=True, kw_only=True):
    """`interval`: of the difference, Miettinen and Nurminen's. `p_within`: of being within the margin (Farrington and Manning); the others
    of being the same."""

    metric: Metric
    interval: Interval
    p_within: float
    p_fisher: float
    p_barnard: float | None  #: None: too many jobs for it to matter
    p_boschloo: float | None


class TimeLook(msgspec.Struct, frozen=True, kw_only=True):
    """`shift`: how many seconds longer a typical job takes (Hodges and Lehmann); None while jobs are open. `longer`: chance that a job of
    the candidate takes longer than one of the current system; `delta` is Cliff's. `p_same`: by `test`."""

    measure: Timed
    n_current: int
    n_candidate: int
    test: OneOf["Mann-Whitney", "log-rank"]
    p_same: float
    shift: float | None = None
    interval: Interval | None = None
    longer: float | None = None
    delta: float | None = None


class OneLook(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate. `errors`: type -> p-value of its share of attempts being the same, corrected over all types and candidates."""

    arm: str
    shares: tuple[ShareLook, ...]
    times: tuple[TimeLook, ...]
    errors: dict[str, float]


def look(arms: Sequence[ArmMetrics], criteria: Criteria) -> tuple[OneLook, ...]:
    """Every candidate against the first arm, in that order."""
    asked: tuple[Metric, ...] = ("first_attempt_failure", "discarded")
    current, candidates = arms[0], [arm for arm in arms[1:] if arm.record.role != "noise"]
    questions = [(i, error) for i, arm in enumerate(candidates) for error in {**current.errors, **arm.errors}]
    corrected = holm([_error(current, candidates[i], error) for i, error in questions])
    return tuple(
        OneLook(
            arm=arm.record.arm,
            shares=tuple(
                found
                for metric in asked
                if (found := _share(metric, _counted(current, metric), _counted(arm, metric), criteria)) is not None
            ),
            times=tuple(
                found for measure in TIMED if (found := _time(measure, _measured(current, measure), _measured(arm, measure))) is not None
            ),
            errors={error: p for (of, error), p in zip(questions, corrected, strict=True) if of == i},
        )
        for i, arm in enumerate(candidates)
    )


def _share(metric: Metric, before: Share, after: Share, criteria: Criteria) -> ShareLook | None:
    if not before.trials or not after.trials:
        return None
    counts = after.events, after.trials, before.events, before.trials
    # Columns are the arms: that is how the exact tests take a table whose groups have sizes of their own.
    table = [[after.events, before.events], [after.trials - after.events, before.trials - before.events]]
    tiny = max(before.trials, after.trials) <= TINY and 0 < after.events + before.events < after.trials + before.trials
    return ShareLook(
        metric=metric,
        interval=score_interval(*counts, unbiased_variance=True),
        p_within=not_larger_by(*counts, criteria.margin(metric)),
        p_fisher=fisher(table),
        p_barnard=barnard(table) if tiny else None,
        p_boschloo=boschloo(table) if tiny else None,
    )


def _time(measure: Timed, before: Durations, after: Durations) -> TimeLook | None:
    if min(before.over, after.over) < FEWEST:
        return None
    if before.over < before.n or after.over < after.n:
        _, chance = log_rank(after.values, after.ended, before.values, before.ended)
        return TimeLook(measure=measure, test="log-rank", p_same=chance, n_current=before.n, n_candidate=after.n)
    first, second = _drawn(after.values), _drawn(before.values)
    return TimeLook(
        measure=measure,
        test="Mann-Whitney",
        p_same=mann_whitney(first, second),
        shift=hodges_lehmann(first, second),
        interval=shift_interval(first, second),
        longer=common_language_effect(first, second),
        delta=cliffs_delta(first, second),
        n_current=before.n,
        n_candidate=after.n,
    )


def _error(current: ArmMetrics, candidate: ArmMetrics, error: str) -> float:
    """Of the attempts that were seen to start, so many failed in this way: is that the same in both?"""
    failed = [arm.errors.get(error, 0) for arm in (candidate, current)]
    others = [max(0, arm.deliveries - n) for arm, n in zip((candidate, current), failed, strict=True)]
    return fisher([failed, others])


def _counted(arm: ArmMetrics, metric: Metric) -> Share:
    return arm.first_attempt if metric == "first_attempt_failure" else arm.discarded


def _measured(arm: ArmMetrics, measure: Timed) -> Durations:
    return {"wait": arm.wait, "run": arm.run, "end_to_end": arm.end_to_end}[measure]


def _drawn(values: Values) -> Values:
    return values if len(values) <= MOST else np.random.default_rng(0).choice(values, MOST, replace=False)
