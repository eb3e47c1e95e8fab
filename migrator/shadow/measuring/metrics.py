"""What one arm did, in numbers. Unknown is counted as unknown, never taken for zero."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger import Account, ArmRecord
from migrator.shadow.measuring.durations import Durations
from migrator.shadow.measuring.named_jobs import NamedJob
from migrator.shadow.measuring.pairs import PairJobs
from migrator.shadow.measuring.units import UnitJobs
from migrator.shadow.symptoms.ordering import Ordering
from migrator.shadow.symptoms.storms import Storm


class Share(msgspec.Struct, frozen=True):
    """`events` of `trials`; `unknown` more trials took place whose result could not be seen."""

    events: int
    trials: int
    unknown: int = 0


class Timeline(msgspec.Struct, frozen=True):
    """Jobs in the order of assignment. `first_failed`: 1, 0, or -1 unknown. `end_to_end`: seconds, not-a-number while open."""

    assigned_ns: NDArray[np.int64]
    epoch: NDArray[np.int64]
    first_failed: NDArray[np.int8]
    end_to_end: NDArray[np.float64]


class SortMetrics(msgspec.Struct, frozen=True):
    """The jobs of one sort: the workload's own label, else the job's name."""

    jobs: int
    completed: int
    discarded: int
    first_attempt: Share
    end_to_end: Durations


class ArmMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """One arm's numbers. Durations in seconds."""

    record: ArmRecord
    job_names: tuple[str, ...]
    account: Account  #: of all jobs; every other number is of those that went by the shares
    started: int  #: jobs whose body was seen to start
    start_unknown: int  #: jobs that ended without a start having been seen
    first_attempt: Share  #: failed, of first attempts that ended
    ended: Share  #: completed or discarded, of all that are past the age at which nearly every job has ended
    discarded: Share  #: of those that ended, past that age
    lost: Share  #: of those that the system took
    attempts: dict[int, int]  #: attempts made -> jobs, of those that completed or were discarded
    deliveries: int  #: starts seen
    extra_deliveries: int  #: starts beyond the first of each attempt
    completed_twice: int  #: jobs that completed more than once
    wait: Durations  #: first start - max(enqueued, due)
    run: Durations  #: every attempt, whatever its result
    run_completed: Durations
    run_failed: Durations
    end_to_end: Durations  #: completed or discarded - assigned
    enqueue: Durations  #: how long the call took
    negative: int  #: durations below zero by more than the clocks allow; left out
    rounded: int  #: durations below zero by less; counted as zero
    waits_below_zero: int  #: of `negative`, waits
    wasted_seconds: float  #: run time of attempts that failed or repeated a completed job
    sorts: dict[str, SortMetrics]
    errors: dict[str, int]  #: error type -> attempts, most frequent first
    enqueue_errors: dict[str, int]
    last_end_ns: int | None  #: when the last job completed or was discarded
    unit_jobs: UnitJobs
    pair_jobs: PairJobs  #: empty unless the experiment is a mirror
    suppressed: dict[str, int] = {}  #: mode `mirror`: why copies were not sent, or did not do what the job does -> copies
    ordering: Ordering
    storms: tuple[Storm, ...]
    timeline: Timeline
    named: tuple[NamedJob, ...]
    folded: int = 0  #: jobs of which only sums and sketches are left; their times are known to within `sketch.RELATIVE_ERROR`
    late: tuple[str, ...] = ()  #: jobs that were heard of after they had been folded
    late_completions: int = 0  #: of these, such as completed (again, or were told of again)
    apart: int = 0  #: jobs that did not go by the shares
