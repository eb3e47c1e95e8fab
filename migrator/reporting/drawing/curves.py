"""How much of the work was done by when: one climbing curve an arm, on a logarithmic time axis, each with its band."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from migrator.reporting.drawing.scales import Linear, Logarithmic, durations_between
from migrator.reporting.drawing.svg import below, chart, element, steps
from migrator.shadow.summary import CurveSummary

WIDTH, HEIGHT = 340, 236
LEFT, RIGHT, TOP, BOTTOM = 36, 332, 10, 206
LEVELS = ((0.0, "0"), (0.5, "50 %"), (0.95, "95 %"))
FASTEST = 1e-3  # seconds: most stores tell no less; what is quicker is drawn at the edge


def curves(arms: Sequence[tuple[str, CurveSummary]], title: str, key: str) -> Markup | None:
    """The arms in order, by name; None where nothing was measured in any. `key` ties the drawing to its numbers on the page, if any."""
    seen = [t for _, curve in arms for t in curve.seconds]
    if not seen:
        return None
    low, high = max(FASTEST, min(seen)) / 1.3, max(FASTEST * 2, *seen) * 1.3
    if high / low < 30:
        middle = (low * high) ** 0.5
        low, high = middle / 5.5, middle * 5.5
    across, up = Logarithmic(low, high, LEFT, RIGHT), Linear(0, 1, BOTTOM, TOP)
    parts = [element("rect", class_="plane", x=LEFT, y=TOP, width=RIGHT - LEFT, height=BOTTOM - TOP)]
    for share, text in LEVELS:
        y = up(share)
        parts.append(element("path", class_="grid", d=f"M{LEFT} {y:.1f}H{RIGHT}"))
        parts.append(element("text", text, class_="tick", x=LEFT - 5, y=y + 3.5, text_anchor="end"))
    for value, text in durations_between(low, high):
        x = across(value)
        parts.append(element("path", class_="grid", d=f"M{x:.1f} {TOP}V{BOTTOM}"))
        parts.append(below(text, x, BOTTOM + 15, RIGHT))
    for i, (_, curve) in enumerate(arms):
        parts.append(_band(curve, across, up, i))
    for i, (_, curve) in enumerate(arms):
        parts.append(_line(curve, across, up, i))
    parts.append(element("path", class_="cursor", d="", hidden=""))
    words = "; ".join(f"{name} {_described(curve)}" for name, curve in arms)
    return chart(
        WIDTH, HEIGHT, f"{title}: share of jobs done by time", words, parts,
        class_="curves", data_key=key or None, data_low=f"{low:.4g}", data_high=f"{high:.4g}",
    )  # fmt: skip


def _line(curve: CurveSummary, across: Logarithmic, up: Linear, arm: int) -> Markup:
    if not curve.seconds:
        return Markup("")
    points = [(across(curve.seconds[0]), up(0.0))]
    points += [(across(t), up(s)) for t, s in zip(curve.seconds, curve.share, strict=True)]
    points.append((float(RIGHT), up(curve.share[-1])))
    return element("path", class_=f"line arm{arm}", d=steps(points))


def _band(curve: CurveSummary, across: Logarithmic, up: Linear, arm: int) -> Markup:
    if not curve.seconds:
        return Markup("")
    places = [across(t) for t in curve.seconds] + [float(RIGHT)]
    upper = steps(zip(places, [up(s) for s in (*curve.high, curve.high[-1])], strict=True))
    # Back along the lower edge: from the right, down at each step before going further left.
    lower = "".join(f"V{up(s):.1f}H{x:.1f}" for x, s in reversed(list(zip(places[:-1], curve.low, strict=True))))
    return element("path", class_=f"band arm{arm}", d=f"{upper}{lower}Z")


def _described(curve: CurveSummary) -> str:
    if not curve.seconds:
        return "not measured"
    return f"from {curve.seconds[0]:.3g} s, {curve.share[-1]:.0%} done by {curve.seconds[-1]:.3g} s"
