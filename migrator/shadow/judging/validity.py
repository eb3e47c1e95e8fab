"""Can the numbers of this experiment be trusted at all? Asked before any of them is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from migrator.shadow.judging.check import Check, State
from migrator.shadow.judging.criteria import Metric
from migrator.shadow.ledger import ArmRecord, ClockReading, Epoch, Ledger, Mark
from migrator.shadow.measuring.fallbacks import first_choices
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.measuring.sketch import RELATIVE_ERROR
from migrator.shadow.measuring.units import FEWEST
from migrator.shadow.statistics import sample_ratio
from migrator.shadow.summary import Series
from migrator.shadow.symptoms.interference import interference_check
from migrator.shadow.symptoms.load import load_check
from migrator.shadow.symptoms.ordering import ordering_check
from migrator.shadow.symptoms.poison import poison, poison_check
from migrator.shadow.symptoms.staleness import staleness_check
from migrator.shadow.symptoms.storms import storm_check
from migrator.shadow.wording import count, listed, percent, seconds

SPLIT_ALARM = 0.01  #: of the test that may be looked at every day
SPLIT_ALARM_ONCE = 0.001  #: of the test for a single look, which many make anyway
UNASKED = 0.01  #: share of jobs that may have come to arms of no share: the ledger takes a stray for one of the newest configuration
LOOKS = 1000  #: at the split, spread over all assignments
RECORDER_LOSS = 0.001  #: share of events
OTHER_CAPACITY = 0.01  #: share of jobs that may have been assigned while workers did not match the shares
IMPOSSIBLE_TIMES = 0.01  #: share of durations below zero

REASONS = 3  #: why copies were suppressed, the most frequent

Marks = Sequence[Mark]


def examine(ledger: Ledger, arms: Sequence[ArmMetrics], series: Series) -> tuple[Check, ...]:
    """Every check but that of noise (`migrator.shadow.judging.noise`), in the order in which a reader should worry about them."""
    missing = sum(ledger.missing_sequences().values())
    marks, epochs = ledger.marks(), ledger.epochs()
    mode = epochs[-1].mode if epochs else "split"
    return (
        conservation(arms),
        copies(arms) if mode == "mirror" else split(epochs, arms, first_choices(ledger) if mode == "fallback" else None),
        attrition(arms),
        independence(arms),
        recorder(missing, ledger.recorded() if missing else 0, [mark for mark in marks if mark.kind == "gap"]),
        clocks(arms, ledger.clocks(), [mark for mark in marks if mark.kind == "clock_ahead"]),
        capacity(arms, epochs),
        retries(arms),
        transactions(arms),
        configuration(epochs, jobs_left_behind(ledger, epochs)),
        staleness_check(epochs, [arm.timeline for arm in arms]),
        incidents(marks),
        storm_check([(arm.record.arm, arm.storms) for arm in arms]),
        ordering_check([(arm.record.arm, arm.ordering) for arm in arms]),
        poison_check(poison([job for arm in arms for job in arm.named if job.trouble == "discarded"])),
        load_check([(arm.record.arm, arm.end_to_end) for arm in arms], series.seconds),
        interference_check([(arm.record.arm, [point.p50 for point in series.arms[arm.record.arm]]) for arm in arms]),
        visibility(arms),
        *retention(arms),
    )


def conservation(arms: Sequence[ArmMetrics]) -> Check:
    """Is every assigned job in exactly one class?"""
    broken = [arm for arm in arms if not arm.account.holds]
    if not broken:
        return Check("conservation", "ok", f"every one of {count(sum(a.account.assigned for a in arms), 'assigned job')} is accounted for")
    words = [f"{arm.record.arm}: {arm.account.sentence()}" for arm in broken]
    return Check("conservation", "invalid", f"the books do not add up: {'; '.join(words)}")


def split(epochs: Sequence[Epoch], arms: Sequence[ArmMetrics], routed: Mapping[tuple[str, int], NDArray[np.int64]] | None = None) -> Check:
    """Did each arm get the share that was asked for, in every configuration? Of units, where they have several jobs each.

    `routed`: (arm, configuration) -> when jobs were routed there, where arms have jobs that were not.
    """
    watched, once, unasked = 1.0, 1.0, 0
    by_unit = any(arm.unit_jobs.clustered for arm in arms)
    for epoch in epochs:
        weights = [next((a.share for a in epoch.arms if a.arm == arm.record.arm), 0.0) for arm in arms]
        times = [
            routed.get((arm.record.arm, epoch.config_epoch), np.array([], dtype=np.int64))
            if routed is not None
            else arm.unit_jobs.first_seen_ns(epoch.config_epoch)
            if by_unit
            else arm.timeline.assigned_ns[arm.timeline.epoch == epoch.config_epoch]
            for arm in arms
        ]
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
    total = sum(arm.account.assigned for arm in arms)
    seen = listed([f"{arm.record.arm} {percent(arm.account.assigned / total)}" for arm in arms]) if total else "no jobs"
    figures = f"{seen} of jobs{', split by their units' if by_unit else ''} (p = {watched:.2g} watched, {once:.2g} at one look)"
    if apart := sum(arm.apart for arm in arms):
        figures += f"; {count(apart, 'job')} did not go by the shares (switched off, excluded, named) and count in the books only"
    if unasked:
        figures += f"; {count(unasked, 'unit' if by_unit else 'job')} came to an arm that was to get none"
    if watched < SPLIT_ALARM or once < SPLIT_ALARM_ONCE or unasked > UNASKED * total:
        return Check("split", "invalid", f"the arms did not get the shares asked for: {figures}; something other than routing decides")
    return Check("split", "warning" if unasked else "ok", f"as asked for: {figures}")


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


def attrition(arms: Sequence[ArmMetrics]) -> Check:
    """Do the arms' jobs end alike? A system that keeps its difficult jobs open looks good on the rest."""
    ended = [arm.account.count("completed") + arm.account.count("discarded") for arm in arms]
    chance = sample_ratio.chi_square(ended, [arm.account.assigned for arm in arms])
    words = listed([f"{arm.record.arm} {n:,} of {arm.account.assigned:,}" for arm, n in zip(arms, ended, strict=True)])
    if chance < SPLIT_ALARM_ONCE:
        return Check(
            "attrition", "warning", f"jobs did not come to an end alike: {words} (p = {chance:.2g}); open jobs are counted as open"
        )
    return Check("attrition", "ok", f"about as many came to an end everywhere: {words}")


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


def recorder(missing: int, kept: int, gaps: Marks) -> Check:
    """Did every event that was numbered arrive? `kept` is only asked for where some did not."""
    places = sorted({mark.arm for mark in gaps})
    if missing > RECORDER_LOSS * (missing + kept):
        return Check("recorder", "invalid", f"{count(missing, 'event')} of {missing + kept:,} were lost before they reached the ledger")
    if gaps:
        return Check(
            "recorder",
            "warning",
            f"events of {listed(places)} were gone from the store before they could be read, {count(len(gaps), 'time')}",
        )
    if missing:
        return Check("recorder", "warning", f"{count(missing, 'event')} of {missing + kept:,} did not reach the ledger")
    return Check("recorder", "ok", "every event that was recorded arrived")


def clocks(arms: Sequence[ArmMetrics], readings: dict[str, ClockReading], ahead: Marks = ()) -> Check:
    """Is the time between two machines' clocks known well enough for the durations that span them?

    Of a worker's clock only that it is off can be seen: behind, by durations below zero; ahead, by times that were still to come.
    """
    words: list[str] = []
    state: State = "ok"
    for arm in arms:
        reading = readings.get(arm.record.arm)
        if reading is None:
            words.append(f"{arm.record.arm}: its store's clock was not compared with ours")
            state = "unknown" if state == "ok" else state
            continue
        if reading.offset_ns is None:
            words.append(f"{arm.record.arm}: its workers' machines tell the times, and their clocks were not compared with ours")
            state = "unknown" if state == "ok" else state
            continue
        doubt = reading.rtt_ns / 2e9
        text = f"{arm.record.arm} {_offset(reading.offset_ns)} ± {seconds(doubt)}"
        median = arm.wait.curve().quantile(0.5) if arm.wait.over else np.inf
        if doubt > 0.05 * median:
            text += f" (its median wait is {seconds(median)}: read short waits with care)"
            state = "warning"
        words.append(text)
    for arm in arms:
        leads = [mark.data for mark in ahead if mark.arm == arm.record.arm]
        if leads:
            longest = max(int(lead["lead_ns"] or 0) for lead in leads) / 1e9
            words.append(f"{arm.record.arm} told times that lay up to {seconds(longest)} in the future: a clock of its own is ahead")
            many = int(leads[-1]["events"] or 0) > IMPOSSIBLE_TIMES * arm.account.assigned
            state = "invalid" if many or state == "invalid" else "warning"
    impossible = sum(arm.negative for arm in arms)
    measured = sum(d.n for arm in arms for d in (arm.wait, arm.run, arm.end_to_end)) + impossible
    if impossible:
        where = listed([f"{arm.record.arm} {arm.negative}" for arm in arms if arm.negative])
        words.append(f"{count(impossible, 'duration')} came out below zero and {'was' if impossible == 1 else 'were'} left out ({where})")
        state = "invalid" if impossible > IMPOSSIBLE_TIMES * measured or state == "invalid" else "warning"
    rounded = sum(arm.rounded for arm in arms)
    if rounded:
        words.append(f"{count(rounded, 'duration')} below zero by less than the clocks can tell count as zero")
    return Check("clocks", state, f"stores against ours: {'; '.join(words)}")


#: below this an offset is written as none: thousandths of a millisecond are the last that `seconds` shows
SHOWN_NS = 1_000


def _offset(nanoseconds: int) -> str:
    """With its sign, unless it is shown as none.

    >>> _offset(-12_000_000), _offset(2_000), _offset(-400), _offset(0)
    ('−12 ms', '+0.002 ms', '0 ms', '0 ms')
    """
    if abs(nanoseconds) < SHOWN_NS:
        return "0 ms"
    return f"{'+' if nanoseconds > 0 else '−'}{seconds(abs(nanoseconds) / 1e9)}"


def capacity(arms: Sequence[ArmMetrics], epochs: Sequence[Epoch] = ()) -> Check:
    """Can the arms run equally many jobs at once, for their share? Asked of every configuration that had a part of the jobs."""
    slots = [arm.record.slots for arm in arms]
    words = listed([f"{arm.record.arm} {arm.record.slots if arm.record.slots is not None else 'unknown'}" for arm in arms])
    if None in slots:
        return Check(
            "capacity", "unknown", f"jobs that can run at once: {words}; where it is unknown, waits may differ for want of workers"
        )
    spoils: tuple[Metric, ...] = ("queue_wait_p95", "end_to_end_p95")
    if _unlike([arm.record for arm in arms]):
        finding = f"jobs that can run at once do not match the arms' shares: {words}; waits cannot be compared until they do"
        return Check("capacity", "warning", finding, spoils)
    total = sum(len(arm.timeline.epoch) for arm in arms)
    unlike = [epoch.config_epoch for epoch in epochs if _unlike(epoch.arms)]
    before = sum(int(np.isin(arm.timeline.epoch, unlike).sum()) for arm in arms)
    if before > OTHER_CAPACITY * total:
        finding = (
            f"jobs that can run at once: {words}; they did not match the arms' shares when {before:,} of {count(total, 'job')} were "
            "assigned, under an earlier configuration, and waits of then and now cannot be told apart"
        )
        return Check("capacity", "warning", finding, spoils)
    return Check("capacity", "ok", f"jobs that can run at once: {words}")


def _unlike(arms: Sequence[ArmRecord]) -> bool:
    per_share = [arm.slots / arm.share for arm in arms if arm.slots is not None and arm.share > 0]
    return bool(per_share) and max(per_share) > 1.01 * min(per_share)


def retries(arms: Sequence[ArmMetrics]) -> Check:
    """Do all arms try equally often?"""
    words = listed(
        [f"{arm.record.arm} {arm.record.max_attempts if arm.record.max_attempts is not None else 'unlimited or unknown'}" for arm in arms]
    )
    beyond = [arm.record.arm for arm in arms if arm.record.max_attempts is not None and _p99(arm.attempts) > arm.record.max_attempts]
    if beyond:
        return Check(
            "retries",
            "warning",
            f"attempts allowed: {words}; more than one in a hundred jobs of {listed(beyond)} took more",
            ("discarded",),
        )
    if len({arm.record.max_attempts for arm in arms}) > 1:
        return Check(
            "retries",
            "warning",
            f"attempts allowed differ: {words}; how often jobs fail for good cannot be compared, first attempts can",
            ("discarded",),
        )
    return Check("retries", "ok", f"attempts allowed: {words}")


def _p99(attempts: dict[int, int]) -> int:
    """Attempts that 99 of 100 jobs stay within; 0 where none has ended."""
    reached, needed = 0, 0.99 * sum(attempts.values())
    for made, jobs in sorted(attempts.items()):
        reached += jobs
        if reached >= needed:
            return made
    return 0


def transactions(arms: Sequence[ArmMetrics]) -> Check:
    """Does an enqueue vanish with the caller's transaction in some arms and not in others?"""
    inside = [arm.record.arm for arm in arms if arm.record.transactional]
    outside = [arm.record.arm for arm in arms if not arm.record.transactional]
    if inside and outside:
        finding = (
            f"an enqueue can join the caller's transaction in {listed(inside)}, not in {listed(outside)}: there, enqueue after the commit"
        )
        return Check("transactions", "warning", finding)
    return Check("transactions", "ok", f"an enqueue {'can' if inside else 'cannot'} join the caller's transaction, in every arm")


def configuration(epochs: Sequence[Epoch], left_behind: Mapping[str, int] | None = None) -> Check:
    """Did the question change while it was being answered? `left_behind`: arms that are no longer in it -> their jobs."""
    if len(epochs) <= 1:
        return Check("configuration", "ok", "one configuration throughout")
    words = f"changed {count(len(epochs) - 1, 'time')}; the numbers mix what came before and after"
    for arm, jobs in (left_behind or {}).items():
        words += f"; {count(jobs, 'job')} of {arm}, which is no longer an arm, {'is' if jobs == 1 else 'are'} in the ledger and not in them"
    if len({_declared(epoch) for epoch in epochs}) > 1:
        words += "; what counts as not worse was declared anew after jobs had come, and the newest holds"
    return Check("configuration", "warning", words)


def jobs_left_behind(ledger: Ledger, epochs: Sequence[Epoch]) -> dict[str, int]:
    """Arm -> its jobs, of those that an earlier configuration had and the newest has not."""
    now = {arm.arm for arm in epochs[-1].arms} if epochs else set[str]()
    gone = list(dict.fromkeys(arm.arm for epoch in epochs for arm in epoch.arms if arm.arm not in now))
    if not gone:
        return {}
    with ledger.scan(gone) as scan:
        found = {arm: jobs + sum(sums.jobs for sums in scan.folded(arm)) for arm, jobs in scan.assigned().items()}
    return {arm: jobs for arm, jobs in found.items() if jobs}


def _declared(epoch: Epoch) -> str:
    """The criteria of a configuration; they were read before, so what is no JSON is another error's."""
    config: dict[str, object] = msgspec.json.decode(epoch.config or "{}")
    return msgspec.json.encode(config.get("criteria"), order="sorted").decode()


def incidents(marks: Marks) -> Check:
    """Did a worker or a store go away?"""
    kinds = {"worker_died": "a worker of {} died", "store_down": "the store of {} could not be reached"}
    found: dict[str, list[str]] = {}
    for mark in marks:
        if mark.kind in kinds:
            found.setdefault(kinds[mark.kind].format(mark.arm or "an arm"), []).append(mark.text)
    if found:
        words = [
            (sentence if len(texts) == 1 else f"{sentence} {len(texts)} times") + (f" ({texts[0]})" if texts[0] else "")
            for sentence, texts in found.items()
        ]
        return Check("incidents", "warning", listed(words))
    return Check("incidents", "ok", "no worker died, every store could be reached")


def visibility(arms: Sequence[ArmMetrics]) -> Check:
    """What could not be seen?"""
    words: list[str] = []
    for arm in arms:
        dark = {"first starts": arm.start_unknown, "results of first attempts": arm.first_attempt.unknown, "run times": arm.run.unknown}
        words += [f"{what} of {count(n, 'job')} in {arm.record.arm}" for what, n in dark.items() if n]
    if words:
        return Check("visibility", "unknown", f"not visible: {listed(words)}; they are left out where it says so, not guessed")
    return Check("visibility", "ok", "starts, results and run times were visible in every arm")


def retention(arms: Sequence[ArmMetrics]) -> tuple[Check, ...]:
    """What is no longer kept job by job? Said only where something was folded."""
    folded = [arm for arm in arms if arm.folded]
    if not folded:
        return ()
    words = listed([f"{arm.folded:,} of {arm.account.assigned:,} jobs of {arm.record.arm}" for arm in folded])
    text = (
        f"{words} completed long ago and are kept as hourly sums and sketches: their times are known to within {percent(RELATIVE_ERROR, 2)}"
    )
    text += "; order, units, copies and storms are looked for in the others"
    late = [key for arm in arms for key in arm.late]
    if late:
        again = sum(arm.late_completions for arm in arms)
        named = listed(late[:3] + ([f"{len(late) - 3} more"] if len(late) > 3 else []))
        told = f"; {again} of these as completed, which may be a second time" if again else ""
        return (Check("retention", "warning", f"{text}; {count(len(late), 'job')} heard of again since: {named}{told}"),)
    return (Check("retention", "ok", text),)
