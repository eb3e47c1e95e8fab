"""An experiment in numbers small enough to print: what the reports are drawn from, and the JSON report itself."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.shadow.judging.check import Check
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.judging.noise import Noise
from migrator.shadow.judging.one_look import OneLook
from migrator.shadow.judging.verdict import Answer, Verdict
from migrator.shadow.ledger import Outcome, Role
from migrator.shadow.measuring.fallbacks import FallbackSummary
from migrator.shadow.measuring.named_jobs import NamedJob, Trouble
from migrator.shadow.measuring.pairs import Pairing
from migrator.shadow.past import Past
from migrator.shadow.statistics.interval import Interval
from migrator.shadow.symptoms.poison import Poison

Measure = OneOf["wait", "run", "end_to_end", "enqueue"]


class ShareSummary(msgspec.Struct, frozen=True, kw_only=True):
    """`events` of `trials`, with an interval for one look. `share` is null where nothing was seen; `unknown`: results nobody could see."""

    events: int
    trials: int
    unknown: int
    share: float | None
    interval: Interval


class QuantileSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds; null where too many jobs are open for it. `needs`: jobs that must have ended before the interval can be quoted."""

    q: float
    value: float | None
    interval: Interval
    needs: int
    enough: bool


class CurveSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Estimated share of jobs done within `seconds[i]`, with a band that holds the whole true curve."""

    seconds: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class DurationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of one arm. `n` = `over` + `open` + `never`; `unknown` more could not be seen."""

    n: int
    over: int
    open: int  #: counted as at least their age
    never: int  #: presumed lost: counted as never ending
    unknown: int
    quantiles: tuple[QuantileSummary, ...]
    curve: CurveSummary


class SortSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The jobs of one sort in one arm. Seconds; null where not reached or not known."""

    jobs: int
    completed: int
    discarded: int
    first_attempt_failure: ShareSummary
    p50: float | None
    p95: float | None
    curve: CurveSummary  #: of the time from assignment to the end


class ArmSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One arm. Null: not visible in this system."""

    arm: str
    system: str
    title: str  #: the system's name as people write it
    role: Role
    latency_floor: str  #: how soon its system can start a job at best, in words; empty = not known
    target_share: float
    max_attempts: int | None
    slots: int | None
    transactional: bool
    assigned: int
    classes: dict[Outcome, int]
    conservation: str
    holds: bool
    started: int | None  #: jobs seen to start
    first_attempt_failure: ShareSummary
    discarded: ShareSummary
    lost: ShareSummary
    attempts: dict[int, int] | None  #: attempts made -> jobs that ended
    attempts_unknown: int
    deliveries: int | None
    extra_deliveries: int | None
    completed_twice: int
    durations: dict[Measure, DurationSummary]
    run_completed_p50: float | None
    run_failed_p50: float | None
    run_seconds: float | None  #: all attempts together
    wasted_seconds: float | None  #: of these, attempts that failed or repeated a finished job
    per_second: float | None  #: jobs that came to an end, from the first assignment in any arm to the last end in this one
    sorts: dict[str, SortSummary]  #: by the workload's label, else the job's name
    errors: dict[str, int]
    enqueue_errors: dict[str, int]


class SeriesPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs of one arm that were assigned in one stretch of time."""

    jobs: int
    first_failed: float | None
    p50: float | None
    p95: float | None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Stretches of `step` seconds from the first assignment; `arms[name][i]` covers `[i * step, (i + 1) * step)`."""

    step: float
    seconds: float  #: from the first assignment to the last
    arms: dict[str, tuple[SeriesPoint, ...]]


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """Cumulative share of every arm after `jobs[i]` assignments, what was asked for, and how far chance alone goes (99 %)."""

    jobs: tuple[int, ...]
    share: dict[str, tuple[float, ...]]
    target: dict[str, tuple[float, ...]]
    reach: dict[str, tuple[float, ...]]


class Moment(msgspec.Struct, frozen=True):
    """Something that happened to the experiment itself, `at` seconds after the first assignment."""

    at: float
    text: str


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs with one sort of trouble; `total` of them, of which `jobs` holds the first."""

    trouble: Trouble
    total: int
    jobs: tuple[NamedJob, ...]


class ExperimentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The report. Times are seconds, moments ISO 8601 in UTC; an infinite bound is null."""

    schema: str = "migrator.experiment/1"
    migrator: str
    experiment: str
    answer: Answer
    exit_status: int
    headline: str
    job_names: tuple[str, ...]
    started: str | None
    last_seen: str | None
    seconds: float  #: from the first assignment to the last
    configurations: int
    criteria: Criteria
    arms: tuple[ArmSummary, ...]  #: the current system first
    verdicts: tuple[Verdict, ...]
    checks: tuple[Check, ...]
    noise: tuple[Noise, ...]  #: arms that run the current system once more
    series: Series
    drift: Drift
    moments: tuple[Moment, ...]
    one_look: tuple[OneLook, ...]  #: one for each candidate
    fallbacks: tuple[FallbackSummary, ...]  #: of mode fallback; one for each candidate
    pairs: tuple[Pairing, ...]  #: of a mirror; one for each candidate
    named: tuple[Named, ...]
    poison: tuple[Poison, ...]  #: the first; jobs that failed for good in more than one arm
    history: tuple[Past, ...]  #: earlier reports, oldest first, and this one

    @property
    def current(self) -> ArmSummary:
        """The system that the others are held against."""
        return self.arms[0]

    @property
    def sorts(self) -> tuple[str, ...]:
        """Every sort of job, the most frequent first."""
        counts: dict[str, int] = {}
        for arm in self.arms:
            for name, sort in arm.sorts.items():
                counts[name] = counts.get(name, 0) + sort.jobs
        return tuple(sorted(counts, key=lambda name: (-counts[name], name)))

    @property
    def assigned(self) -> int:
        """Jobs of all arms."""
        return sum(arm.assigned for arm in self.arms)
