"""The drawings of an experiment's page."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from migrator.reporting.drawing.columns import columns
from migrator.reporting.drawing.course import Band, Line, course
from migrator.reporting.drawing.curves import curves
from migrator.reporting.drawing.forest import forest
from migrator.reporting.experiment_words import DRAWN, MEASURES, distance
from migrator.shadow.judging.comparison import Comparison
from migrator.shadow.judging.criteria import SHARES, Metric
from migrator.shadow.summary import ArmSummary, CurveSummary, ExperimentSummary, Measure
from migrator.shadow.wording import percent, points

SORTS = 8  #: sorts of job that get a chart, the most frequent ones
MOST_ATTEMPTS = 8  #: more share the last column
TIME_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


class Charts(msgspec.Struct, frozen=True, kw_only=True):
    """None where there is nothing to draw."""

    forests: dict[Metric, Markup | None]
    curves: dict[Measure, Markup | None]
    attempts: dict[str, Markup | None]
    times: Markup | None
    failures: Markup | None
    split: Markup | None
    sorts: dict[str, Markup | None]
    history: dict[Metric, Markup | None]
    signs: list[tuple[str, str]]  #: sign of each upright line -> what happened


def draw(summary: ExperimentSummary) -> Charts:
    """Everything that is drawn of an experiment."""
    signs = [(_sign(i), moment.text) for i, moment in enumerate(summary.moments)]
    marks = [(moment.at, sign) for moment, (sign, _) in zip(summary.moments, signs, strict=True)]
    return Charts(
        forests={metric: _forest(summary, metric) for metric in summary.criteria.compare},
        curves={m: curves([(arm.arm, arm.durations[m].curve) for arm in summary.arms], MEASURES[m][0], m) for m in DRAWN},
        attempts={arm.arm: _attempts(arm, i) for i, arm in enumerate(summary.arms)},
        times=_over_time(summary, marks, "times"),
        failures=_over_time(summary, marks, "failures"),
        split=_split(summary),
        sorts={name: _sort(summary, name) for name in summary.sorts[:SORTS]} if len(summary.sorts) > 1 else {},
        history={metric: _history(summary, metric) for metric in summary.criteria.compare} if len(summary.history) > 1 else {},
        signs=signs,
    )


def _sign(place: int) -> str:
    """① to ⑳, then plain numbers."""
    return chr(ord("①") + place) if place < 20 else str(place + 1)


def _forest(summary: ExperimentSummary, metric: Metric) -> Markup | None:
    rows: list[tuple[int, str, Comparison]] = []
    for i, verdict in enumerate(summary.verdicts, start=1):
        rows += [(i, verdict.arm, c) for c in verdict.comparisons if c.metric == metric]
    for i, noise in enumerate(summary.noise, start=1 + len(summary.verdicts)):
        rows += [(i, f"{noise.arm} (noise)", c) for c in noise.comparisons if c.metric == metric]
    return forest(rows, lambda amount: distance(rows[0][2], amount)) if rows else None


def _sort(summary: ExperimentSummary, name: str) -> Markup | None:
    nothing = CurveSummary(seconds=(), share=(), low=(), high=())
    arms = [(arm.arm, arm.sorts[name].curve if name in arm.sorts else nothing) for arm in summary.arms]
    return curves(arms, f"End to end of {name}", "")


def _history(summary: ExperimentSummary, metric: Metric) -> Markup | None:
    """The interval of each candidate at each report: a line through what was seen, its interval as a band, and what is allowed."""
    share, margin = metric in SHARES, summary.criteria.margin(metric)
    lines: list[Line] = []
    bands: list[Band] = []
    for i, verdict in enumerate(summary.verdicts, start=1):
        found = [
            (float(past.assigned), known)
            for past in summary.history
            for candidate in past.verdicts
            if candidate.arm == verdict.arm
            for known in candidate.metrics
            if known.metric == metric
        ]
        lines.append(Line(arm=i, xs=[x for x, _ in found], ys=[known.estimate for _, known in found]))
        bounded = [(x, known.low, known.high) for x, known in found if known.low is not None and known.high is not None]
        if len(bounded) > 1:
            xs, lows, highs = zip(*bounded, strict=True)
            bands.append(Band(arm=i, xs=xs, lows=lows, highs=highs))
    return course(
        lines,
        title="Difference from the current system at each report, by number of jobs",
        described=f"{len(summary.history)} reports; the newest values are in the comparison above",
        across=lambda x: f"{x:,.0f}",
        up=(lambda y: points(y, sign=True).replace(" points", "").replace(" point", "")) if share else (lambda y: f"{y:g} ×"),
        bands=bands,
        from_zero=False,
        below_zero=share,
        level=(margin, "allowed"),
    )


def _attempts(arm: ArmSummary, place: int) -> Markup | None:
    if not arm.attempts:
        return None
    total = sum(arm.attempts.values())
    last = min(MOST_ATTEMPTS, max(*arm.attempts, arm.max_attempts or 1))
    counts = [arm.attempts.get(n, 0) for n in range(1, last)] + [sum(jobs for n, jobs in arm.attempts.items() if n >= last)]
    labels = [str(n) for n in range(1, last)] + [f"{last}+" if max(arm.attempts) > last else str(last)]
    values = [(label, jobs / total, percent(jobs / total)) for label, jobs in zip(labels, counts, strict=True)]
    return columns(values, place, f"Attempts that a job of {arm.arm} needed")


def _over_time(summary: ExperimentSummary, marks: Sequence[tuple[float, str]], what: str) -> Markup | None:
    series = summary.series
    length = max((len(points) for points in series.arms.values()), default=0) * series.step
    size, unit = next((s, u) for s, u in TIME_UNITS if length >= 2 * s or u == "s")
    lines: list[Line] = []
    for i, arm in enumerate(summary.arms):
        points = series.arms[arm.arm]
        xs = [(n + 0.5) * series.step / size for n in range(len(points))]
        if what == "times":
            lines.append(Line(arm=i, xs=xs, ys=[p.p50 for p in points], faint=True))
            lines.append(Line(arm=i, xs=xs, ys=[p.p95 for p in points]))
        else:
            lines.append(Line(arm=i, xs=xs, ys=[p.first_failed for p in points]))
    title = "End to end over time, 95th percentile and median" if what == "times" else "Share of first attempts that failed, over time"
    return course(
        lines,
        title=title,
        described=f"{len(summary.arms)} arms in stretches of {series.step:g} s; the values are in the table below",
        across=lambda x: f"{x:g} {unit}",
        up=percent,
        moments=[(at / size, sign) for at, sign in marks],
        seconds=what == "times",
        last=length / size,
    )


def _split(summary: ExperimentSummary) -> Markup | None:
    drift = summary.drift
    lines = [Line(arm=i, xs=drift.jobs, ys=drift.share[arm.arm]) for i, arm in enumerate(summary.arms)]
    # Arms that were to get the same share have the same band: to draw it once is enough.
    targets = [drift.target[arm.arm] for arm in summary.arms]
    same = all(abs(a - b) < 0.001 for target in targets for a, b in zip(target, targets[0], strict=True))
    bands = [
        Band(
            arm=None if same else i,
            xs=drift.jobs,
            lows=[max(0.0, t - r) for t, r in zip(drift.target[arm.arm], drift.reach[arm.arm], strict=True)],
            highs=[min(1.0, t + r) for t, r in zip(drift.target[arm.arm], drift.reach[arm.arm], strict=True)],
        )
        for i, arm in enumerate(summary.arms[:1] if same else summary.arms)
    ]
    final = "; ".join(f"{arm.arm} {percent(drift.share[arm.arm][-1])}" for arm in summary.arms if drift.share[arm.arm])
    return course(
        lines,
        title="Share of all jobs so far, by number of jobs",
        described=f"In the end: {final}",
        across=lambda x: f"{x:,.0f}",
        up=lambda y: percent(y, 0),
        bands=bands,
        from_zero=False,
    )
