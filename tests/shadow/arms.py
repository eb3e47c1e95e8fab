"""Arms made up from the numbers that a test is about; everything else about them is in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from migrator.shadow.ledger import OUTCOMES, Account, ArmRecord, Epoch, Outcome
from migrator.shadow.measuring.durations import Durations
from migrator.shadow.measuring.metrics import ArmMetrics, Share, Timeline
from migrator.shadow.measuring.pairs import PairJobs, PairWatch
from migrator.shadow.measuring.units import UnitJobs, UnitWatch
from migrator.shadow.routing import BUCKETS
from migrator.shadow.statistics.quantiles import Values
from migrator.shadow.symptoms.ordering import Ordering

SECOND = 1_000_000_000


def durations(values: Sequence[float] | Values, open_at: Sequence[float] = (), lost: int = 0) -> Durations:
    """`values` ended; `open_at` are the ages of those that did not; `lost` will never."""
    everything = np.concatenate([np.array(values, dtype=float), np.array(open_at, dtype=float), np.full(lost, np.inf)])
    return Durations(everything, np.arange(len(everything)) < len(values))


def arm(
    name: str,
    *,
    jobs: int = 200,
    first_failed: int = 10,
    discarded: int = 1,
    lost: int = 0,
    twice: int = 0,
    wait: Durations | None = None,
    end_to_end: Durations | None = None,
    max_attempts: int | None = 3,
    slots: int | None = 4,
    share: float = 0.5,
    assigned_at: Sequence[float] | None = None,
    negative: int = 0,
    first_unknown: int = 0,
    unassigned: tuple[str, ...] = (),
    transactional: bool = False,
    unit_jobs: UnitJobs | None = None,
    pair_jobs: PairJobs | None = None,
) -> ArmMetrics:
    """An arm; times are lognormal, the same for every arm, unless given."""
    spread = np.exp(np.linspace(-2, 2, jobs))
    wait, end_to_end = wait or durations(0.1 * spread), end_to_end or durations(1.0 * spread)
    keys = [f"{name}-{i}" for i in range(jobs)]
    classes: dict[Outcome, tuple[str, ...]] = dict.fromkeys(OUTCOMES, ())
    classes["presumed_lost"], classes["discarded"] = tuple(keys[:lost]), tuple(keys[lost : lost + discarded])
    classes["completed"] = tuple(keys[lost + discarded :])
    record = ArmRecord(
        arm=name,
        system="bullmq",
        role="current" if name == "current" else "candidate",
        ranges=((0, int(BUCKETS * share)),),
        max_attempts=max_attempts,
        slots=slots,
        transactional=transactional,
    )
    moments = np.array([int(t * SECOND) for t in (assigned_at if assigned_at is not None else np.arange(jobs))], dtype=np.int64)
    return ArmMetrics(
        record=record,
        job_names=("import_article",),
        account=Account(arm=name, assigned=jobs, jobs=classes, unassigned=unassigned),
        started=jobs - lost,
        start_unknown=0,
        first_attempt=Share(first_failed, jobs - lost - first_unknown, first_unknown),
        ended=Share(jobs - lost, jobs),
        discarded=Share(discarded, jobs - lost),
        lost=Share(lost, jobs),
        attempts={1: jobs - lost},
        deliveries=jobs - lost,
        extra_deliveries=0,
        completed_twice=twice,
        wait=wait,
        run=end_to_end,
        run_completed=end_to_end,
        run_failed=durations([]),
        end_to_end=end_to_end,
        enqueue=durations([0.002] * jobs),
        negative=negative,
        rounded=0,
        waits_below_zero=negative,
        wasted_seconds=0.0,
        sorts={},
        errors={},
        enqueue_errors={},
        last_end_ns=None,
        unit_jobs=unit_jobs or UnitWatch().close(),
        pair_jobs=pair_jobs or PairWatch().close(),
        ordering=Ordering(0, 0),
        storms=(),
        timeline=Timeline(
            assigned_ns=moments,
            epoch=np.ones(len(moments), dtype=np.int64),
            first_failed=np.zeros(len(moments), dtype=np.int8),
            end_to_end=np.ones(len(moments)),
        ),
        named=(),
    )


def epoch(arms: list[ArmMetrics], number: int = 1) -> Epoch:
    """The configuration that has these arms."""
    return Epoch(config_epoch=number, experiment="x", config_hash="", config="{}", started_ns=0, arms=tuple(a.record for a in arms))
