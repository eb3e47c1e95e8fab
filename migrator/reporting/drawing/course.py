"""Something that changes over time or from job to job: one line an arm, with bands and moments where there are any."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec
from markupsafe import Markup

from migrator.reporting.drawing.scales import Linear, Logarithmic, Scale, durations_between, steps_between
from migrator.reporting.drawing.svg import below, chart, element, polyline

WIDTH, HEIGHT = 340, 200
LEFT, RIGHT, TOP, BOTTOM = 42, 332, 12, 172


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`ys[i]` at `xs[i]`; None leaves a gap. `faint`: drawn thin, as a companion of another."""

    arm: int
    xs: Sequence[float]
    ys: Sequence[float | None]
    faint: bool = False


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Where chance alone would keep a line; `arm` None: every line."""

    arm: int | None
    xs: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]


def course(
    lines: Sequence[Line],
    *,
    title: str,
    described: str,
    across: Callable[[float], str],
    up: Callable[[float], str],
    bands: Sequence[Band] = (),
    moments: Sequence[tuple[float, str]] = (),
    seconds: bool = False,
    from_zero: bool = True,
    below_zero: bool = False,
    last: float | None = None,
    level: tuple[float, str] | None = None,
) -> Markup | None:
    """`across` and `up` put values of the axes in words; `seconds`: heights are durations, on a logarithmic axis.

    `from_zero`: the upward axis begins at zero; `below_zero`: it may begin below. `moments`: (place, short sign) drawn as upright lines.
    `last`: where the axis ends, if not at the last value. `level`: a height that matters, with its name.
    """
    heights = [y for line in lines for y in line.ys if y is not None] + [y for band in bands for y in (*band.lows, *band.highs)]
    heights += [level[0]] if level and heights else []
    places = [x for line in lines for x in line.xs]
    if not heights or not places:
        return None
    flat = Linear(min(0.0, *places) if min(places) > 0 else min(places), max([*places, last or 0.0]), LEFT, RIGHT)
    tall = _heights(heights, seconds, from_zero, below_zero)
    parts = _axes(flat, tall, across, up, seconds=seconds)
    for band in bands:
        there = polyline(zip(map(flat, band.xs), map(tall, band.highs), strict=True))
        back = polyline(zip(map(flat, reversed(band.xs)), map(tall, reversed(band.lows)), strict=True))
        parts.append(element("path", class_="band any" if band.arm is None else f"band arm{band.arm}", d=f"{there}L{back[1:]}Z"))
    if level:
        parts.append(element("path", class_="margin", d=f"M{LEFT} {tall(level[0]):.1f}H{RIGHT}"))
        parts.append(element("text", level[1], class_="mark", x=RIGHT - 3, y=tall(level[0]) - 4, text_anchor="end"))
    for place, sign in moments:
        if flat.low <= place <= flat.high:
            parts.append(element("path", class_="moment", d=f"M{flat(place):.1f} {TOP}V{BOTTOM}"))
            parts.append(element("text", sign, class_="mark", x=flat(place), y=TOP - 2, text_anchor="middle"))
    for line in lines:
        points = [None if y is None else (flat(x), tall(y)) for x, y in zip(line.xs, line.ys, strict=True)]
        parts.append(element("path", class_=f"line arm{line.arm}{' faint' if line.faint else ''}", d=polyline(points)))
        parts += _lonely(points, line)
    return chart(WIDTH, HEIGHT, title, described, parts, class_="course")


def _lonely(points: Sequence[tuple[float, float] | None], line: Line) -> list[Markup]:
    """Points with a gap on either side would be lines of no length."""
    padded = [None, *points, None]
    return [
        element("circle", class_=f"dot arm{line.arm}", cx=here[0], cy=here[1], r=1.5 if line.faint else 2.5)
        for before, here, after in zip(padded, padded[1:], padded[2:], strict=False)
        if here and not before and not after
    ]


def _heights(values: Sequence[float], seconds: bool, from_zero: bool, below_zero: bool) -> Scale:
    if not seconds:
        room = 0.1 * (max(values) - (0.0 if from_zero else min(values)))
        least = min(values) - room
        return Linear(0.0 if from_zero else least if below_zero else max(0.0, least), max(values) + room or 1.0, BOTTOM, TOP)
    low, high = max(1e-4, min(values)) / 1.3, max(2e-4, *values) * 1.3
    middle = math.sqrt(low * high)
    return Logarithmic(min(low, middle / 5), max(high, middle * 5), BOTTOM, TOP)


def _axes(flat: Linear, tall: Scale, across: Callable[[float], str], up: Callable[[float], str], *, seconds: bool) -> list[Markup]:
    parts = [element("rect", class_="plane", x=LEFT, y=TOP, width=RIGHT - LEFT, height=BOTTOM - TOP)]
    upward = durations_between(tall.low, tall.high) if seconds else [(y, up(y)) for y in steps_between(tall.low, tall.high)]
    for value, text in upward:
        parts.append(element("path", class_="grid", d=f"M{LEFT} {tall(value):.1f}H{RIGHT}"))
        parts.append(element("text", text, class_="tick", x=LEFT - 5, y=tall(value) + 3.5, text_anchor="end"))
    places = steps_between(flat.low, flat.high)
    parts += [below(across(x), flat(x), BOTTOM + 15, RIGHT) for x in places]
    return parts
