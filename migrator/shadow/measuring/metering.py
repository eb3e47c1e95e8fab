"""From a ledger to its metrics, in one pass over each arm's jobs."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger import Account, ArmRecord, Bookkeeper, ClockReading, JobHistory, Ledger, offset_of
from migrator.shadow.ledger.folded import Folded
from migrator.shadow.ledger.scan import NONE, Scan, named
from migrator.shadow.ledger.sifting import Ordinary, OrdinaryAttempts, Sifted, sift
from migrator.shadow.measuring.durations import Gathering
from migrator.shadow.measuring.metrics import ArmMetrics, Share, SortMetrics, Timeline
from migrator.shadow.measuring.named_jobs import NamedJob, may_be_stuck, stuck, troubles
from migrator.shadow.measuring.pairs import PairWatch
from migrator.shadow.measuring.sketch import Sketch
from migrator.shadow.measuring.units import UnitWatch
from migrator.shadow.statistics.quantiles import quantile
from migrator.shadow.symptoms.ordering import OrderWatch
from migrator.shadow.symptoms.storms import StormWatch

MILLISECOND = 1_000_000  # nanoseconds: the finest that every store's clock tells
UNNAMED = "(type not visible)"
STUCK_AFTER = 10  # times as long as 99 in 100 attempts took; at least a second
AGE_CUT = 3  # times as long as 999 in 1000 jobs took


def measure(ledger: Ledger) -> tuple[tuple[ArmMetrics, ...], int]:
    """Every arm of the newest configuration, the current one first, noise last; and when the ledger was last written to, in nanoseconds.

    Open durations are as old as that: nobody has looked since.
    """
    clocks = ledger.clocks()
    epochs = ledger.epochs()
    in_pairs = bool(epochs) and epochs[-1].mode == "mirror"
    meters = [_Meter(record, clocks.get(record.arm), in_pairs) for record in sorted(ledger.arms(), key=_place)]
    with ledger.scan([meter.record.arm for meter in meters]) as scan:
        found = sift(scan, [offset_of(clocks.get(meter.record.arm)) for meter in meters])
        # Not by a loop's variable: it would hold what has been taken while the next is sifted.
        while part := next(found, None):
            meters[part[0]].take(part[1], scan)
            del part
        for meter in meters:
            for sums in scan.folded(meter.record.arm):
                meter.take_folded(sums)
            meter.named += meter.order.named(scan)
        assigned = scan.assigned()
    accounts = [meter.books.close(assigned[meter.record.arm] + meter.folded) for meter in meters]
    until_ns = max([meter.newest for meter in meters] + [mark.ts_ns for mark in ledger.marks()], default=0)
    settled_ns = _settled(meters, until_ns)
    return tuple(m.finish(books, until_ns, settled_ns) for m, books in zip(meters, accounts, strict=True)), until_ns


def _place(record: ArmRecord) -> int:
    return {"current": 0, "noise": 2}.get(record.role, 1)


def _settled(meters: list[_Meter], until_ns: int) -> int:
    """Jobs assigned before this are old enough to have ended in any arm.

    A share of failures among the finished alone would favour whichever arm fails slowly: jobs that will fail are retried first.
    Where nothing is open there is nothing to cut.
    """
    if not any(meter.still_open for meter in meters):
        return until_ns
    longest = [quantile(np.sort(np.array(meter.ended_after, dtype=np.float64)), 0.999) for meter in meters if meter.ended_after]
    return until_ns - int(AGE_CUT * max(longest, default=0.0) * 1e9)


def _end_to_end(history: JobHistory, into: Gathering) -> None:
    if history.assigned_ns is None or (history.outcome == "cancelled" and history.terminal_ns is None):
        into.unknown += 1
    elif history.outcome == "presumed_lost":
        into.watched(np.inf)
    elif history.outcome == "in_flight":
        into.open_since(history.assigned_ns)
    elif history.outcome == "cancelled":
        # Taken away, not ended: when it would have ended is not known.
        into.watched((history.end_to_end_ns or 0) / 1e9)
    elif history.outcome != "enqueue_failed":
        into.over(history.end_to_end_ns)


def tolerance_of(clock: ClockReading | None) -> int:
    """Nanoseconds by which a duration may come out below zero though nothing is wrong.

    Half a round trip is what a clock's offset may be wrong by; a millisecond is what many stores round to.
    """
    return MILLISECOND + (clock.rtt_ns // 2 if clock else 0)


KINDS = 50  #: of errors, or of reasons, that are told one by one


class _Sort:
    """Watches the histories of one sort of job."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.end_to_end = Gathering(MILLISECOND)

    def see(self, history: JobHistory) -> None:
        failed = history.first_attempt_failed
        self.counts.update(("jobs", history.outcome))
        if failed is not None:
            self.counts.update(("first_ended", "first_failed") if failed else ("first_ended",))
        elif history.outcome in ("completed", "discarded"):
            self.counts["first_unknown"] += 1
        _end_to_end(history, self.end_to_end)

    def take_ordinary(self, first_failed: NDArray[np.int8], end_to_end: NDArray[np.int64]) -> None:
        """What `see` does, for jobs that completed in the ordinary way."""
        number, unknown = len(end_to_end), int((first_failed < 0).sum())
        self.counts.update(jobs=number, completed=number, first_failed=int((first_failed == 1).sum()))
        self.counts.update(first_ended=number - unknown, first_unknown=unknown)
        self.end_to_end.all_over(end_to_end)

    def take_folded(self, sums: Folded, end_to_end: NDArray[np.float64]) -> None:
        """Jobs of which sums and sketches are left."""
        self.counts.update(jobs=sums.jobs, completed=sums.jobs, first_failed=sums.first_failed)
        self.counts.update(first_ended=sums.started, first_unknown=sums.jobs - sums.started)
        self.end_to_end.sketched(end_to_end, sums.times["end_to_end"])

    def close(self, until_ns: int) -> SortMetrics:
        counts = self.counts
        return SortMetrics(
            jobs=counts["jobs"],
            completed=counts["completed"],
            discarded=counts["discarded"],
            first_attempt=Share(counts["first_failed"], counts["first_ended"], counts["first_unknown"]),
            end_to_end=self.end_to_end.close(until_ns),
        )


class _Meter:
    """Watches the histories of one arm go by."""

    def __init__(self, record: ArmRecord, clock: ClockReading | None, in_pairs: bool) -> None:
        tolerance = tolerance_of(clock)
        self.record = record
        self.newest = 0
        self.last_end: int | None = None
        self.job_names: set[str] = set()
        self.books = Bookkeeper(record.arm)
        self.folded, self.late, self.late_completions = 0, list[str](), 0
        self.sorts: dict[str, _Sort] = {}
        self.still_open = False
        self.open: list[JobHistory] = []  #: those that may be stuck
        self.ended_after = array("d")
        self.wait, self.run, self.run_completed, self.run_failed, self.end_to_end, self.enqueue = (Gathering(tolerance) for _ in range(6))
        self.counts: Counter[str] = Counter()
        self.attempts: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self.enqueue_errors: Counter[str] = Counter()
        self.wasted_ns = 0
        self.settled_at = {"completed": array("q"), "discarded": array("q")}
        self.named: list[NamedJob] = []
        self.in_pairs, self.pair_jobs = in_pairs, PairWatch()
        self.suppressed: Counter[str] = Counter()
        self.unit_jobs, self.order, self.storms = UnitWatch(), OrderWatch(), StormWatch()
        self.assigned, self.epoch, self.first_failed, self.took = array("q"), array("q"), array("b"), array("d")

    def take(self, sifted: Sifted, scan: Scan) -> None:
        """Some of the arm's jobs."""
        self._take_ordinary(sifted.ordinary, sifted.attempts, scan)
        for number, history in sifted.unusual:
            self.books.see(history)
            if not self._set_aside(history):
                self._see(history, number)
        self.late += [history.job_key for history in sifted.late]
        self.late_completions += sum(history.completions > 0 for history in sifted.late)

    def _take_ordinary(self, jobs: Ordinary, attempts: OrdinaryAttempts, scan: Scan) -> None:
        """What `_see` does, for jobs that completed in the ordinary way."""
        number, seen = len(jobs.assigned), jobs.attempts > 0
        if not number:
            return
        self.books.add("completed", number)
        seen_at = (jobs.assigned, jobs.enqueued, jobs.terminal, attempts.ended)
        self.newest = max([self.newest, *(int(times.max()) for times in seen_at if len(times))])
        self.last_end = max(self.last_end or 0, int(jobs.terminal.max()))
        starts = int(seen.sum())
        waits = jobs.wait
        self.wait.all_over(waits[waits != NONE])
        self.wait.unknown += int((waits == NONE).sum())
        self.end_to_end.all_over(jobs.end_to_end)
        self.ended_after.frombytes((jobs.end_to_end / 1e9).tobytes())
        self.settled_at["completed"].frombytes(jobs.assigned.tobytes())
        told = jobs.enqueue_elapsed != NONE
        self.enqueue.all_over(jobs.enqueue_elapsed[told])
        self.enqueue.unknown += number - int(told.sum())
        self.run.all_over(attempts.run)
        self.run.unknown += number - starts
        self.run_failed.all_over(attempts.run[attempts.failed])
        self.run_completed.all_over(attempts.run[~attempts.failed])
        self.wasted_ns += int(np.maximum(0, attempts.run[attempts.failed]).sum())
        for error, times in _counted(attempts.error[attempts.failed]):
            self.errors[scan.text(error) or UNNAMED] += times
        for made, times in _counted(jobs.attempts):
            self.attempts[made] += times
        failed = int((jobs.first_failed == 1).sum())
        self.counts.update(started=starts, start_unknown=number - starts, deliveries=len(attempts.run))
        self.counts.update(first_ended=starts, first_failed=failed, first_unknown=number - starts)
        for name, _ in _counted(jobs.name):
            job_name, label = named(scan, name)
            self.job_names.add(job_name)
            sort = self.sorts.setdefault(label or job_name, _Sort())
            sort.take_ordinary(jobs.first_failed[jobs.name == name], jobs.end_to_end[jobs.name == name])
        self.assigned.frombytes(jobs.assigned.tobytes())
        self.epoch.frombytes(jobs.epoch.tobytes())
        self.first_failed.frombytes(jobs.first_failed.tobytes())
        self.took.frombytes((jobs.end_to_end / 1e9).tobytes())
        if self.in_pairs:
            self.pair_jobs.see_ordinary(jobs)
        self.unit_jobs.see_ordinary(jobs)
        self.order.see_ordinary(jobs, scan)
        self.storms.see_ordinary(attempts)

    def take_folded(self, sums: Folded) -> None:
        """Jobs that were ordinary, and of which sums and sketches are left: every duration counts as its bucket's estimate."""
        seconds = {what: Sketch.read(times.buckets).values() for what, times in sums.times.items()}
        self.folded += sums.jobs
        self.books.add("completed", sums.jobs)
        self.newest, self.last_end = max(self.newest, sums.newest_ns), max(self.last_end or 0, sums.newest_ns)
        self.job_names.add(sums.job_name)
        sort = self.sorts.setdefault(sums.label or sums.job_name, _Sort())
        sort.take_folded(sums, seconds["end_to_end"])
        into = {"wait": self.wait, "run_completed": self.run_completed, "run_failed": self.run_failed}
        for what, gathering in {**into, "end_to_end": self.end_to_end, "enqueue": self.enqueue}.items():
            gathering.sketched(seconds[what], sums.times[what])
        for what in ("run_completed", "run_failed"):
            self.run.sketched(seconds[what], sums.times[what])
        # Where no start was seen it is the attempt that is unknown, not one that completed.
        self.run_completed.unknown -= sums.times["run_completed"].unknown
        self.wasted_ns += sums.wasted_ns
        self.errors.update({error or UNNAMED: times for error, times in sums.errors.items()})
        self.attempts.update(sums.attempts)
        unseen = sums.jobs - sums.started
        self.counts.update(started=sums.started, start_unknown=unseen, deliveries=sum(n * jobs for n, jobs in sums.attempts.items()))
        self.counts.update(first_ended=sums.started, first_failed=sums.first_failed, first_unknown=unseen)
        # When each was assigned, and which of them failed first, is known to the hour: spread evenly over what is known.
        assigned = np.linspace(sums.first_ns, sums.last_ns, sums.jobs).astype(np.int64)
        flags = np.repeat(np.array([1, 0, -1], dtype=np.int8), [sums.first_failed, sums.started - sums.first_failed, unseen])
        shuffled = np.random.default_rng(sums.jobs)
        took = np.concatenate([seconds["end_to_end"], np.full(sums.jobs - len(seconds["end_to_end"]), np.nan)])
        self.ended_after.frombytes(seconds["end_to_end"].tobytes())
        self.settled_at["completed"].frombytes(assigned.tobytes())
        self.assigned.frombytes(assigned.tobytes())
        self.epoch.frombytes(np.full(sums.jobs, sums.config_epoch, dtype=np.int64).tobytes())
        self.first_failed.frombytes(shuffled.permutation(flags).tobytes())
        self.took.frombytes(shuffled.permutation(took).tobytes())

    def _set_aside(self, history: JobHistory) -> bool:
        """Count what its mode has done with a job; True for one that tells nothing about the arm itself."""
        if history.suppressed is not None:
            self.suppressed[history.suppressed] += 1
        if history.role == "fallback":
            # It came here when the candidate was in trouble: no fair sample of anything.
            self.named += troubles(history)
        return history.role == "fallback" or (history.suppressed is not None and not history.assignments)

    def _see(self, history: JobHistory, number: int) -> None:
        times = (history.assigned_ns, history.enqueued_ns, history.available_ns, history.terminal_ns)
        self.newest = max([self.newest, *(t for t in times if t is not None), *(a.ended_ns or a.started_ns for a in history.attempts)])
        self.job_names.add(history.job_name)
        self.named += troubles(history)
        if history.outcome == "in_flight":
            self.still_open = True
            if may_be_stuck(history):
                self.open.append(history)
        if history.apart:
            self.counts["apart"] += 1
            return
        self.sorts.setdefault(history.label or history.job_name, _Sort()).see(history)
        if history.outcome == "enqueue_failed":
            self.enqueue_errors[history.enqueue_error or UNNAMED] += 1
        else:
            self._see_wait(history)
            self._see_end(history)
            self.enqueue.over(history.enqueue_elapsed_ns)
        self._see_attempts(history)
        self._see_first(history)
        if self.in_pairs:
            self.pair_jobs.see(history, number)
        self.unit_jobs.see(history)
        self.order.see(history)
        self.storms.see(history)

    def _see_wait(self, history: JobHistory) -> None:
        ready = history.available_ns if history.available_ns is not None else history.enqueued_ns
        if history.attempts:
            self.counts["started"] += 1
            self.wait.over(history.wait_ns)
        elif history.outcome in ("completed", "discarded"):
            self.counts["start_unknown"] += 1
            self.wait.unknown += 1
        elif history.outcome == "presumed_lost":
            self.wait.watched(np.inf)
        elif ready is None or (history.outcome == "cancelled" and history.terminal_ns is None):
            self.wait.unknown += 1
        elif history.terminal_ns is not None:
            self.wait.watched((history.terminal_ns - max(ready, history.due_ns or ready)) / 1e9)
        else:
            self.wait.open_since(max(ready, history.due_ns or ready))

    def _see_end(self, history: JobHistory) -> None:
        _end_to_end(history, self.end_to_end)
        if history.assigned_ns is not None and history.outcome in ("completed", "discarded"):
            if history.terminal_ns is not None:
                self.last_end = max(self.last_end or 0, history.terminal_ns)
            if history.end_to_end_ns is not None:
                self.ended_after.append(history.end_to_end_ns / 1e9)
            self.settled_at[history.outcome].append(history.assigned_ns)

    def _see_attempts(self, history: JobHistory) -> None:
        self.counts["deliveries"] += len(history.attempts)
        self.counts["extra_deliveries"] += history.duplicate_deliveries
        self.counts["completed_twice"] += history.duplicate_effects > 0
        if history.outcome in ("completed", "discarded"):
            self.attempts[history.attempts_made] += 1
            # Several attempts may have run unseen where the system tells only of the last.
            self.run.unknown += not history.attempts
        completed = 0
        for attempt in history.attempts:
            if attempt.result == "failed":
                self.errors[attempt.err_type or UNNAMED] += 1
            if attempt.run_ns is None:
                if history.outcome == "in_flight":
                    self.run.open_since(attempt.started_ns)
                elif history.outcome == "presumed_lost":
                    self.run.watched(np.inf)
                else:
                    self.run.unknown += 1
                continue
            if attempt.result in ("stalled", "cancelled"):
                self.run.watched(attempt.run_ns / 1e9)
                continue
            self.run.over(attempt.run_ns)
            (self.run_failed if attempt.result == "failed" else self.run_completed).over(attempt.run_ns)
            completed += attempt.result == "completed"
            if attempt.result == "failed" or completed > 1:
                self.wasted_ns += max(0, attempt.run_ns)

    def _see_first(self, history: JobHistory) -> None:
        failed = history.first_attempt_failed
        if failed is not None:
            self.counts["first_ended"] += 1
            self.counts["first_failed"] += failed
        elif history.outcome in ("completed", "discarded"):
            self.counts["first_unknown"] += 1
        if history.assigned_ns is not None:
            self.assigned.append(history.assigned_ns)
            self.epoch.append(history.config_epoch)
            self.first_failed.append(-1 if failed is None else int(failed))
            ended = history.end_to_end_ns if history.outcome in ("completed", "discarded") else None
            self.took.append(np.nan if ended is None else ended / 1e9)

    def finish(self, books: Account, until_ns: int, settled_ns: int) -> ArmMetrics:
        """`settled_ns`: jobs assigned later are too young for their failures to be counted against their successes."""
        counts, run = self.counts, self.run.close(until_ns)
        limit = max(1.0, STUCK_AFTER * quantile(np.sort(run.values[run.ended]), 0.99)) if run.over else np.inf
        open_troubles = (stuck(history, until_ns, limit) for history in self.open)
        completed, discarded = (
            int((np.array(self.settled_at[kind], dtype=np.int64) <= settled_ns).sum()) for kind in ("completed", "discarded")
        )
        lost, gathered = books.count("presumed_lost"), (self.wait, self.run, self.end_to_end, self.enqueue)
        moments = np.array(self.assigned, dtype=np.int64)
        order = np.argsort(moments, kind="stable")
        return ArmMetrics(
            record=self.record,
            apart=counts["apart"],
            job_names=tuple(sorted(self.job_names)),
            account=books,
            started=counts["started"],
            start_unknown=counts["start_unknown"],
            first_attempt=Share(counts["first_failed"], counts["first_ended"], counts["first_unknown"]),
            ended=Share(completed + discarded, int((moments <= settled_ns).sum())),
            discarded=Share(discarded, completed + discarded),
            lost=Share(lost, books.assigned - books.count("enqueue_failed")),
            attempts=dict(sorted(self.attempts.items())),
            deliveries=counts["deliveries"],
            extra_deliveries=counts["extra_deliveries"],
            completed_twice=counts["completed_twice"],
            wait=self.wait.close(until_ns),
            run=run,
            run_completed=self.run_completed.close(until_ns),
            run_failed=self.run_failed.close(until_ns),
            end_to_end=self.end_to_end.close(until_ns),
            enqueue=self.enqueue.close(until_ns),
            negative=sum(g.negative for g in gathered),
            rounded=sum(g.rounded for g in gathered),
            waits_below_zero=self.wait.negative,
            wasted_seconds=self.wasted_ns / 1e9,
            sorts={name: sort.close(until_ns) for name, sort in sorted(self.sorts.items())},
            errors=_most_frequent(self.errors),
            enqueue_errors=_most_frequent(self.enqueue_errors),
            last_end_ns=self.last_end,
            unit_jobs=self.unit_jobs.close(),
            pair_jobs=self.pair_jobs.close(),
            suppressed=_most_frequent(self.suppressed),
            ordering=self.order.close(),
            storms=self.storms.close(),
            timeline=Timeline(
                assigned_ns=moments[order],
                epoch=np.array(self.epoch, dtype=np.int64)[order],
                first_failed=np.array(self.first_failed, dtype=np.int8)[order],
                end_to_end=np.array(self.took, dtype=np.float64)[order],
            ),
            folded=self.folded,
            late=tuple(sorted(self.late)),
            late_completions=self.late_completions,
            named=tuple(sorted([*self.named, *(job for job in open_troubles if job)], key=lambda job: job.job_key)),
        )


def _counted(values: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    found, times = np.unique(values, return_counts=True)
    yield from zip(found.tolist(), times.tolist(), strict=True)


def _most_frequent(counts: Counter[str]) -> dict[str, int]:
    """Of texts with a number in each there are as many as jobs: of the rarest it is told how often there were any."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rest = ordered[KINDS:]
    return dict(ordered[:KINDS]) | ({f"({len(rest):,} other kinds)": sum(n for _, n in rest)} if rest else {})
