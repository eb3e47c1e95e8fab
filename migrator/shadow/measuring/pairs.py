"""Mirrored jobs: the same job in the current system and, as a copy, in a candidate. What differs between the two is the systems' doing."""

from __future__ import annotations

from array import array

import msgspec
import numpy as np
from numpy.typing import NDArray

from migrator.shadow.judging.criteria import RESOLUTION, Metric
from migrator.shadow.judging.share_claims import TIGHTEST_AT
from migrator.shadow.ledger import JobHistory
from migrator.shadow.ledger.scan import NONE
from migrator.shadow.ledger.sifting import Ordinary
from migrator.shadow.measuring.columns import as_array
from migrator.shadow.statistics.interval import Interval
from migrator.shadow.statistics.paired import mcnemar, ratio_of_pairs, watched_ratio_of_pairs
from migrator.shadow.statistics.quantiles import Values

FEWEST = 10  #: pairs, before a ratio is told


class PairJobs(msgspec.Struct, frozen=True):
    """One arm's jobs by a hash of their keys. Flags: 1, 0, or -1 unknown or open; seconds: not-a-number unknown or open."""

    key: NDArray[np.int64]
    first_failed: NDArray[np.int8]
    discarded: NDArray[np.int8]
    wait: Values
    end_to_end: Values


class Disagreement(msgspec.Struct, frozen=True):
    """Pairs by which of the two failed."""

    pairs: int
    both: int
    only_current: int
    only_candidate: int

    @property
    def p_value(self) -> float:
        """Is it as often the one as the other?"""
        return mcnemar(self.only_candidate, self.only_current)


class PairedTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How many times as long the candidate takes for the same jobs, typically; `interval` and `p_value` for one look, `watched`, of the
    geometric mean, however often one looks. Null: too few pairs.
    """

    pairs: int
    ratio: float | None
    interval: Interval | None
    p_value: float | None
    watched: Interval | None = None


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate's copies beside the current system's jobs. `copied`: of `jobs` of the current system, so many have a copy here."""

    arm: str
    jobs: int
    copied: int
    first_attempts: Disagreement
    first_attempts_p: float
    discarded: Disagreement
    discarded_p: float
    wait: PairedTimes
    end_to_end: PairedTimes


class PairWatch:
    """Watches the histories of one arm of a mirror; keeps 26 bytes of each."""

    def __init__(self) -> None:
        self._key, self._first, self._discarded = array("q"), array("b"), array("b")
        self._wait, self._took = array("d"), array("d")

    def see(self, history: JobHistory, number: int) -> None:
        """A job that never got into the store has nothing to be compared, nor has a copy that was kept from doing what the job does.

        `number`: the hash of its key, the same in every arm.
        """
        if history.outcome == "enqueue_failed" or history.suppressed is not None:
            return
        failed = history.first_attempt_failed
        self._key.append(number)
        self._first.append(-1 if failed is None else int(failed))
        self._discarded.append({"completed": 0, "discarded": 1}.get(history.outcome, -1))
        self._wait.append(_seconds(history.wait_ns))
        self._took.append(_seconds(history.end_to_end_ns if history.outcome in ("completed", "discarded") else None))

    def see_ordinary(self, jobs: Ordinary) -> None:
        """The same of many that completed."""
        wait = jobs.wait
        for column, values in (
            (self._key, jobs.job),
            (self._first, jobs.first_failed),
            (self._discarded, np.zeros(len(wait), dtype=np.int8)),
            (self._wait, np.where(wait == NONE, np.nan, np.maximum(0, wait) / 1e9)),
            (self._took, np.maximum(0, jobs.end_to_end) / 1e9),
        ):
            column.frombytes(values.tobytes())

    def close(self) -> PairJobs:
        """All that were seen."""
        return PairJobs(*(as_array(values) for values in (self._key, self._first, self._discarded, self._wait, self._took)))


def disagreement(current: PairJobs, candidate: PairJobs, metric: Metric) -> Disagreement:
    """Of a share; only pairs of which both results are known."""
    here, there = _matched(current, candidate)
    flags = (
        (current.first_failed, candidate.first_failed) if metric == "first_attempt_failure" else (current.discarded, candidate.discarded)
    )
    first, second = flags[0][here], flags[1][there]
    known = (first >= 0) & (second >= 0)
    first, second = first[known] == 1, second[known] == 1
    return Disagreement(
        pairs=len(first),
        both=int((first & second).sum()),
        only_current=int((first & ~second).sum()),
        only_candidate=int((~first & second).sum()),
    )


def pairing(arm: str, current: PairJobs, candidate: PairJobs) -> Pairing:
    """Everything that is told of a candidate's copies."""
    here, there = _matched(current, candidate)
    first, dead = (disagreement(current, candidate, metric) for metric in ("first_attempt_failure", "discarded"))
    return Pairing(
        arm=arm,
        jobs=len(current.key),
        copied=len(here),
        first_attempts=first,
        first_attempts_p=first.p_value,
        discarded=dead,
        discarded_p=dead.p_value,
        wait=_times(current.wait[here], candidate.wait[there]),
        end_to_end=_times(current.end_to_end[here], candidate.end_to_end[there]),
    )


def _times(before: Values, after: Values) -> PairedTimes:
    known = ~(np.isnan(before) | np.isnan(after))
    pairs = int(known.sum())
    if pairs < FEWEST:
        return PairedTimes(pairs=pairs, ratio=None, interval=None, p_value=None)
    both = np.maximum(after[known], RESOLUTION), np.maximum(before[known], RESOLUTION)
    ratio, interval, chance = ratio_of_pairs(*both)
    watched = watched_ratio_of_pairs(*both, tightest_at=TIGHTEST_AT)
    return PairedTimes(pairs=pairs, ratio=ratio, interval=interval, p_value=chance, watched=watched if watched.bounded else None)


def _matched(current: PairJobs, candidate: PairJobs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    _, here, there = np.intersect1d(current.key, candidate.key, return_indices=True)
    return here, there


def _seconds(nanoseconds: int | None) -> float:
    return np.nan if nanoseconds is None else max(0, nanoseconds) / 1e9
