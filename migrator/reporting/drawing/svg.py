"""SVG elements as safe text."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

Attribute = str | float | int | None


def element(name: str, *children: Markup | str, **attributes: Attribute) -> Markup:
    """One element; texts are escaped. A trailing underscore is dropped from an attribute's name, others become hyphens.

    >>> element("text", "a < b", x=1.26, class_="tick", text_anchor="end")
    Markup('<text x="1.3" class="tick" text-anchor="end">a &lt; b</text>')
    """
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), number(value) if isinstance(value, float) else value)
        for key, value in attributes.items()
        if value is not None
    )
    inside = Markup("").join(escape(child) for child in children)
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, inside) if inside else Markup("<{}{}/>").format(name, written)


def chart(width: int, height: int, title: str, description: str, parts: Iterable[Markup], /, **attributes: Attribute) -> Markup:
    """A whole drawing. `title` and `description` are what a screen reader says of it."""
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *parts,
        viewBox=f"0 0 {width} {height}",
        role="img",
        **attributes,
    )


def below(text: str, x: float, y: float, right: float) -> Markup:
    """A label under an axis, drawn inwards where it would run out of the drawing."""
    at_the_edge = x > right - 15
    return element(
        "text", text, class_="tick", x=min(x, right + 6) if at_the_edge else x, y=y, text_anchor="end" if at_the_edge else "middle"
    )


def steps(points: Iterable[tuple[float, float]]) -> str:
    """Path data of a staircase: level until the next point's place, then up to its height.

    >>> steps([(0.0, 10.0), (5.0, 8.0), (9.0, 8.0)])
    'M0 10H5V8H9'
    """
    data: list[str] = []
    last = ""
    for x, y in points:
        across, up = number(x), number(y)
        if not data:
            data.append(f"M{across} {up}")
        else:
            data.append(f"H{across}" + (f"V{up}" if up != last else ""))
        last = up
    return "".join(data)


def polyline(points: Iterable[tuple[float, float] | None]) -> str:
    """Path data of straight lines; None leaves a gap.

    >>> polyline([(0.0, 1.0), (2.0, 3.0), None, (4.0, 5.0)])
    'M0 1L2 3M4 5'
    """
    data: list[str] = []
    pen = "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        data.append(f"{pen}{number(point[0])} {number(point[1])}")
        pen = "L"
    return "".join(data)


def number(value: float) -> str:
    """A coordinate, to a tenth.

    >>> number(3.0), number(-0.04), number(12.345)
    ('3', '0', '12.3')
    """
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text
