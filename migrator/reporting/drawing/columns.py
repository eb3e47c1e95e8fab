"""Shares as columns, each with its number on top."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from migrator.reporting.drawing.svg import chart, element

WIDTH, HEIGHT = 340, 150
LEFT, RIGHT, TOP, BOTTOM = 8, 332, 24, 124


def columns(values: Sequence[tuple[str, float, str]], arm: int, title: str) -> Markup:
    """`values`: (text below, share 0 … 1, text on top)."""
    slot = (RIGHT - LEFT) / max(1, len(values))
    width = min(44.0, slot * 0.7)
    parts = [element("path", class_="axis", d=f"M{LEFT} {BOTTOM}H{RIGHT}")]
    for i, (below, share, above) in enumerate(values):
        middle = LEFT + slot * (i + 0.5)
        height = share * (BOTTOM - TOP)
        parts.append(element("rect", class_=f"fill arm{arm}", x=middle - width / 2, y=BOTTOM - height, width=width, height=height))
        parts.append(element("text", above, class_="seen", x=middle, y=BOTTOM - height - 5, text_anchor="middle"))
        parts.append(element("text", below, class_="tick", x=middle, y=BOTTOM + 15, text_anchor="middle"))
    return chart(WIDTH, HEIGHT, title, "; ".join(f"{below}: {above}" for below, _, above in values), parts, class_="columns")
