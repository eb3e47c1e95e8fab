"""From a ledger to the summary of its experiment: measure, examine, judge, and thin out to what a page can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from migrator import __version__
from migrator.errors import MigratorError
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.judging.noise import measure_noise, noise_check
from migrator.shadow.judging.one_look import look
from migrator.shadow.judging.validity import examine
from migrator.shadow.judging.verdict import STATUS, Pace, Verdict, answer_of, judge
from migrator.shadow.ledger import OUTCOMES, Ledger, Mark
from migrator.shadow.measuring.course import drift, series
from migrator.shadow.measuring.durations import Durations
from migrator.shadow.measuring.fallbacks import fallback_check, fallbacks
from migrator.shadow.measuring.metering import measure
from migrator.shadow.measuring.metrics import ArmMetrics, Share, SortMetrics
from migrator.shadow.measuring.named_jobs import TROUBLES, NamedJob
from migrator.shadow.measuring.pairs import pairing
from migrator.shadow.past import present
from migrator.shadow.statistics.proportions import clopper_pearson, wilson
from migrator.shadow.statistics.quantiles import quantile, trials_needed
from migrator.shadow.summary import (
    ArmSummary,
    CurveSummary,
    DurationSummary,
    ExperimentSummary,
    Moment,
    Named,
    QuantileSummary,
    ShareSummary,
    SortSummary,
)
from migrator.shadow.symptoms.poison import poison
from migrator.systems import SYSTEMS

QUANTILES = (0.5, 0.95, 0.99)
NEEDED = {q: trials_needed(q) for q in QUANTILES}
CURVE_POINTS = 72
SORT_POINTS = 24
NAMED_AT_MOST = 100
MOMENTS = {
    "worker_died": "a worker of {arm} died",
    "store_down": "the store of {arm} went away",
    "store_back": "the store of {arm} came back",
    "gap": "events of {arm} were gone before they could be read",
}
#: marks whose own text says what happened
SAID = ("ramp", "switched", "configured")
NEAR_NS = 5 * 10**9


def summarize(ledger: Ledger) -> ExperimentSummary:
    """The experiment so far. Raises MigratorError where there is none."""
    return summarize_by_name(ledger)[0]


def summarize_by_name(ledger: Ledger) -> tuple[ExperimentSummary, tuple[NamedJob, ...]]:
    """The same with every job that something happened to; the summary itself names the first of each trouble."""
    epochs = ledger.epochs()
    if not epochs or not epochs[-1].arms:
        raise MigratorError("this ledger holds no experiment yet", place=str(ledger.place), remedy="Start one with `migrate shadow run`.")
    criteria = _criteria(epochs[-1].config, str(ledger.place))
    arms, until_ns = measure(ledger)
    assigned = np.sort(np.concatenate([arm.timeline.assigned_ns for arm in arms]))
    first_ns, last_ns = (int(assigned[0]), int(assigned[-1])) if len(assigned) else (0, 0)
    pace = Pace(len(assigned), (last_ns - first_ns) / 1e9)
    went = series(arms, first_ns, last_ns)
    found = examine(ledger, arms, went)
    noise = measure_noise(arms, found, criteria)
    ways = fallbacks(ledger, [arm.record for arm in arms]) if epochs[-1].mode == "fallback" else ()
    checks = (*found, *([fallback_check(ways)] if ways else []), noise_check(arms, found, criteria))
    verdicts = judge(arms, checks, criteria, pace)
    answer = answer_of(verdicts)
    jobs = tuple(job for arm in arms for job in arm.named)
    dead = poison([job for job in jobs if job.trouble == "discarded"])
    seen = _moment(until_ns)
    summary = ExperimentSummary(
        migrator=__version__,
        experiment=epochs[-1].experiment,
        answer=answer,
        exit_status=int(STATUS[answer]),
        headline=_headline(verdicts),
        job_names=tuple(sorted({name for arm in arms for name in arm.job_names})),
        started=_moment(first_ns),
        last_seen=seen,
        seconds=pace.seconds,
        configurations=len(epochs),
        criteria=criteria,
        arms=tuple(_arm(arm, first_ns) for arm in arms),
        verdicts=verdicts,
        checks=checks,
        noise=noise,
        series=went,
        drift=drift(arms, epochs),
        moments=_moments(ledger.marks(), [epoch.started_ns for epoch in epochs[1:]], first_ns),
        one_look=look(arms, criteria),
        fallbacks=ways,
        pairs=tuple(pairing(arm.record.arm, arms[0].pair_jobs, arm.pair_jobs) for arm in arms[1:]) if epochs[-1].mode == "mirror" else (),
        named=_named(jobs),
        poison=dead[:NAMED_AT_MOST],
        history=(present(seen, pace.jobs, len(epochs), verdicts),) if seen else (),
    )
    return summary, jobs


def _criteria(config: str, place: str) -> Criteria:
    """As the newest configuration declares them; the defaults where it does not. That they changed is told by a check."""
    try:
        written: dict[str, Any] = msgspec.json.decode(config or "{}")
        return msgspec.convert(written.get("criteria", {}), Criteria)
    except (msgspec.MsgspecError, AttributeError) as error:
        remedy = "The ledger was written by another version of this program; report with that one."
        raise MigratorError(f"the experiment's criteria cannot be read: {error}", place=place, remedy=remedy) from error


def _headline(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return "There is no candidate to judge"
    words = {"not-inferior": "not inferior"}
    return "; ".join(f"{verdict.arm}: {words.get(verdict.answer, verdict.answer)}" for verdict in verdicts)


def _moment(at_ns: int) -> str | None:
    return datetime.fromtimestamp(at_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at_ns else None


def _moments(marks: Sequence[Mark], changes: Sequence[int], first_ns: int) -> tuple[Moment, ...]:
    # Before the first job there is nothing to count from but the first mark.
    first_ns = first_ns or min((mark.ts_ns for mark in marks), default=0)
    said = [(mark.ts_ns, mark.text) for mark in marks if mark.kind in SAID and mark.ts_ns >= first_ns]
    # A change that has been told of in its own words is not told of twice.
    silent = [at for at in changes if not any(abs(at - ts_ns) < NEAR_NS for ts_ns, _ in said)]
    found = [Moment((at - first_ns) / 1e9, "the configuration changed") for at in silent]
    found += [Moment((ts_ns - first_ns) / 1e9, text) for ts_ns, text in said]
    found += [Moment((mark.ts_ns - first_ns) / 1e9, _happened(mark)) for mark in marks if mark.kind in MOMENTS]
    return tuple(sorted(found, key=lambda moment: moment.at))


def _happened(mark: Mark) -> str:
    if mark.kind == "gap" and not mark.arm:
        return "a line that a process recorded could not be read"
    return MOMENTS[mark.kind].format(arm=mark.arm or "an arm")


def _named(jobs: Sequence[NamedJob]) -> tuple[Named, ...]:
    found: list[Named] = []
    for trouble in TROUBLES:
        troubled = [job for job in jobs if job.trouble == trouble]
        if troubled:
            found.append(Named(trouble=trouble, total=len(troubled), jobs=tuple(troubled[:NAMED_AT_MOST])))
    return tuple(found)


def _arm(arm: ArmMetrics, first_ns: int) -> ArmSummary:
    books, record = arm.account, arm.record
    facts = SYSTEMS.get(record.system)
    ended = books.count("completed") + books.count("discarded")
    # Nothing seen of what must have been there: the system does not show it.
    starts_visible = bool(arm.started) or not arm.start_unknown
    runs_visible = bool(arm.run.n) or not arm.run.unknown
    attempts = {number: jobs for number, jobs in arm.attempts.items() if number}
    return ArmSummary(
        arm=record.arm,
        system=record.system,
        role=record.role,
        title=facts.title if facts else record.system,
        latency_floor=facts.latency_floor if facts else "",
        target_share=record.share,
        max_attempts=record.max_attempts,
        slots=record.slots,
        transactional=record.transactional,
        assigned=books.assigned,
        classes={outcome: books.count(outcome) for outcome in OUTCOMES},
        conservation=books.sentence(),
        holds=books.holds,
        started=arm.started if starts_visible else None,
        first_attempt_failure=_share(arm.first_attempt),
        discarded=_share(arm.discarded),
        lost=_share(arm.lost),
        attempts=attempts if starts_visible else None,
        attempts_unknown=arm.attempts.get(0, 0),
        deliveries=arm.deliveries if starts_visible else None,
        extra_deliveries=arm.extra_deliveries if starts_visible else None,
        completed_twice=arm.completed_twice,
        durations={
            "wait": _durations(arm.wait),
            "run": _durations(arm.run),
            "end_to_end": _durations(arm.end_to_end),
            "enqueue": _durations(arm.enqueue),
        },
        run_completed_p50=_finite(quantile(np.sort(arm.run_completed.values), 0.5)),
        run_failed_p50=_finite(quantile(np.sort(arm.run_failed.values), 0.5)),
        run_seconds=float(arm.run.values[arm.run.ended].sum()) if runs_visible else None,
        wasted_seconds=arm.wasted_seconds if runs_visible else None,
        per_second=ended / ((arm.last_end_ns - first_ns) / 1e9) if arm.last_end_ns and arm.last_end_ns > first_ns else None,
        sorts={name: _sort(sort) for name, sort in arm.sorts.items()},
        errors=arm.errors,
        enqueue_errors=arm.enqueue_errors,
    )


def _sort(sort: SortMetrics) -> SortSummary:
    curve = sort.end_to_end.curve()
    return SortSummary(
        jobs=sort.jobs,
        completed=sort.completed,
        discarded=sort.discarded,
        first_attempt_failure=_share(sort.first_attempt),
        p50=_finite(curve.quantile(0.5)),
        p95=_finite(curve.quantile(0.95)),
        curve=_curve(sort.end_to_end, SORT_POINTS),
    )


def _share(share: Share) -> ShareSummary:
    exact = share.events in (0, share.trials)
    interval = (clopper_pearson if exact else wilson)(share.events, share.trials)
    return ShareSummary(
        events=share.events,
        trials=share.trials,
        unknown=share.unknown,
        share=share.events / share.trials if share.trials else None,
        interval=interval,
    )


def _durations(durations: Durations) -> DurationSummary:
    never = int(np.isinf(durations.values).sum())
    curve = durations.curve()
    quantiles = tuple(
        QuantileSummary(
            q=q,
            value=_finite(curve.quantile(q)),
            interval=durations.quantile_interval(q),
            needs=NEEDED[q],
            enough=durations.over >= NEEDED[q],
        )
        for q in QUANTILES
    )
    return DurationSummary(
        n=durations.n,
        over=durations.over,
        open=durations.n - durations.over - never,
        never=never,
        unknown=durations.unknown,
        quantiles=quantiles,
        curve=_curve(durations),
    )


def _curve(durations: Durations, points: int = CURVE_POINTS) -> CurveSummary:
    """At most so many points, evenly spaced in share: where the curve is steep they are dense."""
    times, shares = durations.curve().times, 1 - durations.curve().remaining
    kept = np.unique(np.searchsorted(shares, np.linspace(shares[0], shares[-1], points))) if len(times) else np.array([], dtype=int)
    kept = np.minimum(kept, max(0, len(times) - 1))
    low, high = durations.share_within(times[kept])
    return CurveSummary(
        seconds=tuple(float(f"{t:.4g}") for t in times[kept]),
        share=tuple(round(float(s), 4) for s in shares[kept]),
        low=tuple(round(float(s), 4) for s in low),
        high=tuple(round(float(s), 4) for s in high),
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
