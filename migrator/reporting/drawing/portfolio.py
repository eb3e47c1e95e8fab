"""Jobs by difficulty and risk: one mark each, in a square from 0 to 100."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from migrator.planning import weights
from migrator.reporting.drawing.scales import Linear
from migrator.reporting.drawing.svg import chart, element, number

WIDTH, HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 544, 12, 254
#: where one band of difficulty ends and the next begins
_TICKS = (0, *(most for most, _, _ in weights.BANDS.values()))


class Mark(msgspec.Struct, frozen=True):
    """A job. `kind` decides its colour and shape; `about` is what a pointer shows."""

    difficulty: float
    risk: float
    kind: str
    about: str


def portfolio(marks: Sequence[Mark], title: str, said: str) -> Markup:
    """The drawing, with a line at every end of a band."""
    across, up = Linear(0, 100, _LEFT, _RIGHT), Linear(0, 100, _BOTTOM, _TOP)
    bands = "".join(f"M{number(across(tick))} {_TOP}V{_BOTTOM}" for tick in _TICKS)
    floor = f"M{_LEFT} {_BOTTOM}H{_RIGHT}"
    parts = [element("path", class_="axis", d=bands), element("path", class_="axis", d=floor)]
    parts += [element("text", str(tick), x=across(tick), y=_BOTTOM + 16.0, text_anchor="middle") for tick in _TICKS]
    parts += [element("text", str(tick), x=_LEFT - 8.0, y=up(tick) + 4, text_anchor="end") for tick in (0, 50, 100)]
    parts.append(element("text", "difficulty", x=_RIGHT * 1.0, y=_BOTTOM + 36.0, text_anchor="end"))
    parts.append(element("text", "risk", x=4.0, y=_TOP + 24.0))
    # Those that lie on one spot are drawn side by side.
    taken: dict[tuple[int, int], int] = {}
    for mark in marks:
        spot = (round(across(mark.difficulty) / 8), round(up(mark.risk) / 8))
        aside = taken.get(spot, 0)
        taken[spot] = aside + 1
        place = {"cx": min(across(mark.difficulty) + 5.0 * aside, _RIGHT + 10.0), "cy": up(mark.risk)}
        parts.append(element("circle", element("title", mark.about), class_=f"mark {mark.kind}", r=4.5, **place))
    return chart(WIDTH, HEIGHT, title, said, parts, class_="portfolio")
