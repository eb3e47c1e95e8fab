"""Can the numbers of this experiment be trusted at all? Asked before any of them is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from migrator.shadow.judging.check import Check, State
from migrator.shadow.judging.equal_terms import capacity, configuration, jobs_left_behind, retries, transactions
from migrator.shadow.judging.fairness import attrition, copies, independence, split
from migrator.shadow.ledger import ClockReading, Ledger, Mark
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.measuring.sketch import RELATIVE_ERROR
from migrator.shadow.summary import Series
from migrator.shadow.symptoms.interference import interference_check
from migrator.shadow.symptoms.load import load_check
from migrator.shadow.symptoms.ordering import ordering_check
from migrator.shadow.symptoms.poison import poison, poison_check
from migrator.shadow.symptoms.staleness import staleness_check
from migrator.shadow.symptoms.storms import storm_check
from migrator.shadow.wording import count, listed, percent, seconds

RECORDER_LOSS = 0.001  #: share of events
IMPOSSIBLE_TIMES = 0.01  #: share of durations below zero

Marks = Sequence[Mark]


def examine(ledger: Ledger, arms: Sequence[ArmMetrics], series: Series) -> tuple[Check, ...]:
    """Every check but that of noise (`migrator.shadow.judging.noise`), in the order in which a reader should worry about them."""
    missing = sum(ledger.missing_sequences().values())
    marks, epochs = ledger.marks(), ledger.epochs()
    mode = epochs[-1].mode if epochs else "split"
    return (
        conservation(arms),
        copies(arms) if mode == "mirror" else split(epochs, arms),
        attrition(arms, in_place=mode == "fallback"),
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


def recorder(missing: int, kept: int, gaps: Marks) -> Check:
    """Did every event that was numbered arrive? `kept` is only asked for where some did not."""
    if missing > RECORDER_LOSS * (missing + kept):
        return Check("recorder", "invalid", f"{count(missing, 'event')} of {missing + kept:,} were lost before they reached the ledger")
    words: list[str] = []
    if places := [mark.arm for mark in gaps if mark.arm]:
        words.append(
            f"events of {listed(sorted(set(places)))} were gone from the store before they could be read, {count(len(places), 'time')}"
        )
    if unreadable := len(gaps) - len(places):
        words.append(f"{count(unreadable, 'line')} that processes recorded could not be read")
    if missing:
        words.append(f"{count(missing, 'event')} of {missing + kept:,} did not reach the ledger")
    return Check("recorder", "warning", "; ".join(words)) if words else Check("recorder", "ok", "every event that was recorded arrived")


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
