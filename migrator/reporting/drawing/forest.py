"""One metric of every candidate against the current system: what was seen, where the truth may lie, and where it may not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from migrator.reporting.drawing.scales import Linear, Logarithmic, factors_between, steps_between
from migrator.reporting.drawing.svg import chart, element
from migrator.shadow.judging.comparison import Comparison
from migrator.shadow.statistics.interval import Interval

WIDTH, LEFT, RIGHT = 340, 8, 332
TOP, ROW, FOOT = 22, 40, 24
SMALLEST_RATIO, LARGEST_RATIO = 1e-3, 1e3

Place = Callable[[float], float]
Words = Callable[[float], str]


def forest(rows: Sequence[tuple[int, str, Comparison]], words: Words) -> Markup | None:
    """`rows`: (number of the arm, its name, its comparison), all of one metric. None where none could be compared."""
    drawn = [(arm, name, c) for arm, name, c in rows if c.interval and not c.obstacle]
    if not drawn:
        return None
    first = drawn[0][2]
    scale = _ratio_scale(drawn) if first.scale == "ratio" else _difference_scale(drawn)
    bottom = TOP + ROW * len(drawn)
    margin, null = scale(first.margin), scale(first.null)
    parts = [
        element("rect", class_="allowed", x=LEFT, y=TOP, width=margin - LEFT, height=bottom - TOP),
        element("rect", class_="beyond", x=margin, y=TOP, width=RIGHT - margin, height=bottom - TOP),
        element("path", class_="null", d=f"M{null:.1f} {TOP}V{bottom}"),
        element("path", class_="margin", d=f"M{margin:.1f} {TOP - 4}V{bottom}"),
        element("text", f"allowed {words(first.margin)}", class_="mark", x=min(max(margin, 60), RIGHT - 60), y=12, text_anchor="middle"),
    ]
    for value in factors_between(scale.low, scale.high) if first.scale == "ratio" else steps_between(scale.low, scale.high):
        x = scale(value)
        if LEFT + 8 <= x <= RIGHT - 8:
            parts.append(element("text", _tick(value, first), class_="tick", x=x, y=bottom + 15, text_anchor="middle"))
    for row, (arm, name, comparison) in enumerate(drawn):
        parts += _row(arm, name, comparison, scale, TOP + ROW * row, words)
    described = "; ".join(f"{name}: {_said(c, words)}" for _, name, c in drawn)
    return chart(WIDTH, bottom + FOOT, "Difference from the current system, with the margin", described, parts, class_="forest")


def _row(arm: int, name: str, comparison: Comparison, place: Place, top: float, words: Words) -> list[Markup]:
    y = top + 27
    seen = words(comparison.estimate) if comparison.estimate is not None else "not measurable yet"
    parts = [
        element("text", name, class_=f"name arm{arm}", x=LEFT + 4, y=top + 14),
        element("text", seen, class_="seen", x=RIGHT - 4, y=top + 14, text_anchor="end"),
    ]
    if comparison.interval:
        parts += _bar(comparison.interval, place, y, f"always arm{arm}")
    if comparison.single_look:
        parts += _bar(comparison.single_look, place, y, f"once arm{arm}")
    if comparison.estimate is not None:
        parts.append(element("circle", class_=f"dot arm{arm}", cx=place(comparison.estimate), cy=y, r=4.2))
    return parts


def _bar(interval: Interval, place: Place, y: float, kind: str) -> list[Markup]:
    low, high = place(interval.low), place(interval.high)
    parts = [element("path", class_=kind, d=f"M{low:.1f} {y}H{high:.1f}")]
    if not math.isfinite(interval.high):
        # An arrow head: it goes on beyond the chart.
        parts.append(element("path", class_=f"head {kind}", d=f"M{high - 6:.1f} {y - 4}L{high:.1f} {y}L{high - 6:.1f} {y + 4}"))
    return parts


def _difference_scale(rows: Sequence[tuple[int, str, Comparison]]) -> Linear:
    margin = rows[0][2].margin
    ends = [end for _, _, c in rows for i in (c.interval, c.single_look) if i for end in (i.low, i.high)]
    reach = max(abs(end) for end in ends)
    # Both sides of zero get room: better is as good to know as worse.
    return Linear(max(-1.0, -max(reach, margin * 1.5) * 1.05), min(1.0, max(reach, margin * 2) * 1.05), LEFT, RIGHT)


def _ratio_scale(rows: Sequence[tuple[int, str, Comparison]]) -> Logarithmic:
    margin = rows[0][2].margin
    ends = [end for _, _, c in rows for i in (c.interval, c.single_look) if i for end in (i.low, i.high)]
    inside = [end for end in ends if SMALLEST_RATIO <= end <= LARGEST_RATIO]
    open_ended = any(end > LARGEST_RATIO for end in ends)
    low, high = min([0.6, *inside]), max([margin * 1.5, *inside])
    return Logarithmic(low / 1.15, high * (2.0 if open_ended else 1.15), LEFT, RIGHT)


def _tick(value: float, comparison: Comparison) -> str:
    if comparison.scale == "ratio":
        return "same" if value == 1 else f"{value:g} ×"
    return "same" if value == 0 else f"{'+' if value > 0 else '−'}{abs(value) * 100:g}"


def _said(comparison: Comparison, words: Words) -> str:
    if not comparison.interval or comparison.estimate is None:
        return "not measurable yet"
    return f"{words(comparison.estimate)}, between {words(comparison.interval.low)} and {words(comparison.interval.high)}"
