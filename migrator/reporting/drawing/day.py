"""The minutes of a day at which something happens, as ticks on a line of twenty-four hours."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from migrator.reporting.drawing.svg import chart, element, number

WIDTH, HEIGHT = 480, 22
LEFT, RIGHT = 6, 474
_DAY = 1440
#: more ticks than this run into each other and are drawn as a band
_DENSE = 96


def day(minutes: Sequence[int], title: str, said: str) -> Markup:
    """`minutes`: 0 to 1439, sorted."""
    top, bottom = 4, HEIGHT - 4
    hours = "".join(f"M{number(_x(hour * 60))} {bottom}v3" for hour in range(0, 25, 6))
    parts = [element("path", class_="axis", d=f"M{LEFT} {bottom}H{RIGHT}{hours}")]
    if len(minutes) > _DENSE:
        low, high = _x(minutes[0]), _x(minutes[-1])
        parts.append(element("rect", class_="often", x=low, y=top + 4, width=max(2.0, high - low), height=bottom - top - 4))
    elif minutes:
        parts.append(element("path", class_="runs", d="".join(f"M{number(_x(minute))} {top}V{bottom}" for minute in minutes)))
    return chart(WIDTH, HEIGHT, title, said, parts, class_="day")


def hours() -> Markup:
    """The hours above or below such lines."""
    anchors = {0: "start", 24: "end"}
    names = [element("text", f"{hour}:00", x=_x(hour * 60), y=12, text_anchor=anchors.get(hour, "middle")) for hour in range(0, 25, 6)]
    return chart(WIDTH, 16, "hours", "from 0 to 24 hours", names, class_="day hours")


def _x(minute: float) -> float:
    return LEFT + (RIGHT - LEFT) * minute / _DAY
