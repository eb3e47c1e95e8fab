"""The report's own vocabulary: the same on the page, in Markdown and on a terminal."""

from __future__ import annotations

import math
import re

from migrator.shadow.judging.check import Name, State
from migrator.shadow.judging.comparison import Comparison
from migrator.shadow.judging.criteria import SHARES, Criteria, Metric
from migrator.shadow.judging.one_look import ShareLook
from migrator.shadow.judging.verdict import Answer, Verdict
from migrator.shadow.ledger import Outcome
from migrator.shadow.measuring.named_jobs import Trouble
from migrator.shadow.measuring.pairs import PairedTimes
from migrator.shadow.modes import outcome
from migrator.shadow.statistics.interval import Interval
from migrator.shadow.summary import ArmSummary, ExperimentSummary, Measure, QuantileSummary, ShareSummary
from migrator.shadow.wording import about, count, percent, points, roughly, seconds, span, times

NOT_VISIBLE = "not visible in this system"

ANSWERS: dict[Answer, tuple[str, str]] = {
    "not-inferior": ("✓", "not worse"),
    "inferior": ("✗", "worse"),
    "inconclusive": ("?", "too early to say"),
    "invalid": ("!", "not to be trusted"),
}
STATES: dict[State, tuple[str, str]] = {
    "ok": ("✓", "in order"),
    "warning": ("!", "mind this"),
    "invalid": ("✗", "not in order"),
    "unknown": ("?", "not known"),
}
CHECKS: dict[Name, str] = {
    "conservation": "Accounts",
    "split": "Split",
    "attrition": "Endings",
    "independence": "Independence",
    "recorder": "Recorder",
    "clocks": "Clocks",
    "capacity": "Workers",
    "retries": "Retries",
    "transactions": "Transactions",
    "configuration": "Configuration",
    "staleness": "Old configuration",
    "incidents": "Incidents",
    "storms": "Retry storms",
    "ordering": "Order",
    "poison": "Poison jobs",
    "load": "Jobs at once",
    "interference": "Interference",
    "visibility": "Visibility",
    "retention": "Kept as sums",
    "fallback": "Fallbacks",
    "noise": "Noise",
}
MEASURES: dict[Measure, tuple[str, str]] = {
    "wait": ("Queue wait", "from enqueued (or due) to the first start"),
    "run": ("Run time", "of every attempt, whatever its result"),
    "end_to_end": ("End to end", "from assigned to completed or discarded, retries included"),
    "enqueue": ("Enqueue call", "how long the caller waited for the system to take the job"),
}
#: those that get a chart; an enqueue is too short and too alike to need one
DRAWN: tuple[Measure, ...] = ("wait", "run", "end_to_end")
OUTCOMES: dict[Outcome, str] = {
    "enqueue_failed": "never enqueued",
    "completed": "completed",
    "discarded": "failed for good",
    "cancelled": "cancelled",
    "in_flight": "still open",
    "presumed_lost": "presumed lost",
}
#: which way a job of mode fallback went
WAYS: dict[outcome.Label, str] = outcome.OUTCOMES
TROUBLES: dict[Trouble, tuple[str, str]] = {
    "lost": ("Presumed lost", "taken by the system, never finished, and no longer known to it"),
    "duplicate effect": ("Ran to the end more than once", "whatever the job does, it did more than once"),
    "stuck": ("Stuck", "overdue, or running for far longer than its like"),
    "never enqueued": ("Never enqueued", "the system did not take them"),
    "duplicate delivery": ("Delivered more than once", "an attempt was started again while it counted as running"),
    "late": ("Ended late", "their deadline was over when they were looked for, and they ended afterwards"),
    "out of order": ("Out of order", "started before a job of their unit that was ready earlier"),
    "found late": ("Found late", "given up as lost, then heard of again"),
    "discarded": ("Failed for good", "every attempt that was allowed has failed"),
}


def metric_title(metric: Metric) -> str:
    """A heading."""
    return {
        "first_attempt_failure": "First attempts that fail",
        "discarded": "Jobs that fail for good",
        "end_to_end_p95": "End to end, 95th percentile",
        "queue_wait_p95": "Queue wait, 95th percentile",
    }[metric]


def metric_question(metric: Metric, criteria: Criteria, current: str) -> str:
    """What is asked, with what is allowed."""
    margin = criteria.margin(metric)
    if metric in SHARES:
        subject = "jobs whose first attempt fails" if metric == "first_attempt_failure" else "jobs that end without success"
        return f"The share of {subject} may be up to {points(margin)} above that of {current}."
    subject = "from assignment to the end" if metric == "end_to_end_p95" else "in the queue before the first start"
    return f"The time {subject} that 19 of 20 jobs stay within may be up to {times(margin)} that of {current}."


def value(comparison: Comparison, side: float | None) -> str:
    """One arm's value of a metric."""
    if comparison.scale == "difference":
        return percent(side)
    return seconds(side) if side is not None else "not reached"


def distance(comparison: Comparison, amount: float | None) -> str:
    """A difference or a ratio."""
    if amount is None:
        return "unknown"
    return points(amount, sign=True) if comparison.scale == "difference" else times(amount)


def shape(comparison: Comparison) -> str:
    """The interval in words."""
    if comparison.obstacle:
        return comparison.obstacle
    if comparison.interval is None:
        return "unknown"
    if math.isinf(comparison.interval.high) and comparison.interval.low < 0.01:
        return "not bounded yet"
    if math.isinf(comparison.interval.high):
        return f"{distance(comparison, comparison.interval.low)} or more"
    return span(distance(comparison, comparison.interval.low), distance(comparison, comparison.interval.high))


def conclusion(comparison: Comparison, claimed: float) -> str:
    """What the interval says about the margin; `claimed` is the level at which each end may be wrong."""
    if comparison.obstacle or comparison.interval is None:
        return "cannot be compared"
    if comparison.p_not_inferior <= claimed:
        return "within the margin"
    if comparison.p_inferior <= claimed:
        return "worse, beyond the margin" if comparison.interval.low >= comparison.margin else "worse"
    return "not settled"


def needed(verdict: Verdict) -> str:
    """How much more it takes; empty where it is decided or more would not help."""
    if not verdict.jobs_needed and not verdict.seconds_needed:
        return ""
    jobs = about(verdict.jobs_needed, "more job") if verdict.jobs_needed else ""
    time = roughly(verdict.seconds_needed) if verdict.seconds_needed else ""
    return f"needs {' ≈ '.join(part for part in (jobs, time) if part)}"


def epoch(summary: ExperimentSummary) -> str:
    """Which configuration it is about, and since when there is data."""
    since = f"since {summary.started[:10]}" if summary.started else "no data yet"
    return f"configuration {summary.configurations}, {since}"


def chance(p: float) -> str:
    """A p-value.

    >>> chance(0.0312), chance(0.00012), chance(1.0), chance(1e-12)
    ('p = 0.031', 'p = 0.00012', 'p = 1', 'p < 0.0001')
    """
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def signed(value: float) -> str:
    """
    >>> signed(0.251), signed(-0.5), signed(0.0)
    ('+0.25', '−0.50', '0.00')
    """
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):.2f}"


def share_tests(look: ShareLook) -> list[tuple[str, float]]:
    """What was asked of a share at one look, by which test, and the p-value."""
    exact = (("Barnard", look.p_barnard), ("Boschloo", look.p_boschloo))
    return [
        ("not within the margin (Farrington, Manning)", look.p_within),
        ("the same (Fisher)", look.p_fisher),
        *((f"the same ({name})", p) for name, p in exact if p is not None),
    ]


def points_between(interval: Interval) -> str:
    """A difference of shares that lies between two values."""
    return span(points(interval.low, sign=True), points(interval.high, sign=True))


def longer(shift: float) -> str:
    """How much longer something takes."""
    return f"{'+' if shift > 0 else '−' if shift < 0 else ''}{seconds(abs(shift))}" if shift else "0 s"


def seconds_between(interval: Interval) -> str:
    """A shift of durations that lies between two values."""
    return span(longer(interval.low), longer(interval.high))


def paired(found: PairedTimes) -> tuple[str, str]:
    """The ratio of copies to jobs, and its interval."""
    if found.ratio is None or found.interval is None:
        return f"{count(found.pairs, 'pair')}", "too few to tell"
    interval = span(times(found.interval.low), times(found.interval.high)) if found.interval.bounded else "not bounded yet"
    watched = f", watched {span(times(found.watched.low), times(found.watched.high))}" if found.watched else ""
    return times(found.ratio), f"{interval}{watched}; {count(found.pairs, 'pair')}"


def quantile(found: QuantileSummary) -> tuple[str, str]:
    """The value and, where enough jobs have ended, its interval."""
    if not found.enough:
        return seconds(found.value) if found.value is not None else "not reached", f"needs {found.needs} jobs"
    low, high = seconds(found.interval.low), seconds(found.interval.high)
    interval = f"{low} or more" if math.isinf(found.interval.high) else span(low, high)
    return seconds(found.value) if found.value is not None else "not reached", interval


def share(found: ShareSummary) -> tuple[str, str]:
    """A share and its interval, or that it cannot be seen."""
    if found.share is None:
        return (NOT_VISIBLE if found.unknown else "none yet"), ""
    unseen = f", {found.unknown:,} not visible" if found.unknown else ""
    return percent(
        found.share
    ), f"{found.events:,} of {found.trials:,}{unseen}; {span(percent(found.interval.low), percent(found.interval.high))}"


def books(arm: ArmSummary) -> str:
    """The conservation law with the arm's numbers."""
    classes = " + ".join(f"{jobs:,} {outcome.replace('_', ' ')}" for outcome, jobs in arm.classes.items())
    return f"{arm.assigned:,} assigned {'=' if arm.holds else '≠'} {classes}"


def tied(text: str) -> str:
    """Numbers tied to their units, so that no line ends between them.

    >>> tied("at least 1.36 × (allowed 1.25 ×)").count(chr(160))
    2
    """
    return re.sub(r"(?<=\d) (?=(?:×|%|points?|ms|s|min|h|d|jobs?)\b|[×%])", "\u00a0", text)


def funnel(arm: ArmSummary) -> list[tuple[str, int | None]]:
    """How far the jobs of an arm got; None = not visible."""
    return [
        ("assigned", arm.assigned),
        ("accepted", arm.assigned - arm.classes["enqueue_failed"]),
        ("started", arm.started),
        ("completed", arm.classes["completed"]),
    ]
