"""The drawing of a graph: every box once, no arrow through a box, what starts left of what it starts."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from migrator.reporting.drawing.layers import ACROSS, BOX, HEIGHT, Box, layers

Edges = set[tuple[int, int]]
GRAPHS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(st.just(n), st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=25))
)


def drawn(number: int, edges: Edges) -> tuple[dict[str, tuple[float, float]], list[str], ElementTree.Element]:
    """Where each box stands, by its label, and the path of each arrow."""
    root = ElementTree.fromstring(str(layers({n: Box(f"n{n}", f"about {n}", "job") for n in range(number)}, edges, "title")))
    boxes: dict[str, tuple[float, float]] = {}
    for group in root.iter("g"):
        rect = group.find("rect")
        if rect is not None:
            boxes[group.find("text").text] = (float(rect.get("x", "0")), float(rect.get("y", "0")))  # pyright: ignore[reportOptionalMemberAccess]
    return boxes, [path.get("d", "") for path in root.iter("path") if path.get("class") == "edge"], root


@given(GRAPHS)
def test_every_box_has_a_place_of_its_own_inside_the_drawing(graph: tuple[int, Edges]) -> None:
    number, edges = graph
    boxes, arrows, root = drawn(number, edges)
    assert len(boxes) == number
    assert len(arrows) == len(edges)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    places = sorted(boxes.values())
    for i, (x, y) in enumerate(places):
        assert 0 <= x <= width - BOX
        assert 0 <= y <= height - HEIGHT
        assert not [1 for other in places[i + 1 :] if other[0] == x and abs(other[1] - y) < HEIGHT]


@given(GRAPHS)
def test_arrows_point_to_the_right_unless_they_close_a_circle(graph: tuple[int, Edges]) -> None:
    number, edges = graph
    forward = {(a, b) for a, b in edges if a < b}
    boxes, _, _ = drawn(number, forward)
    assert [edge for edge in forward if boxes[f"n{edge[0]}"][0] >= boxes[f"n{edge[1]}"][0]] == []


@given(GRAPHS)
def test_no_arrow_runs_through_a_box(graph: tuple[int, Edges]) -> None:
    number, edges = graph
    boxes, arrows, _ = drawn(number, {(a, b) for a, b in edges if a < b})
    for path in arrows:
        # One bend from layer to layer: it keeps to the places that are kept free for it.
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", path)]
        assert path.count("C") == round((numbers[-2] - numbers[0] + BOX) / (BOX + ACROSS))
        for start, end in re.findall(r" ([\d.]+ [\d.]+)H([\d.]+)", path):
            x, y = map(float, start.split())
            assert not [place for place in boxes.values() if place[0] == x and place[1] < y < place[1] + HEIGHT]
            assert float(end) == x + BOX


def test_a_long_label_is_cut_at_its_front_and_told_whole() -> None:
    label = "app.services.billing.tasks.send_the_monthly_statement"
    drawing = str(layers({0: Box(label, f"{label} · job", "job"), 1: Box("b", "b", "job")}, {(0, 1)}, "title"))
    assert f"<title>{label} · job</title>" in drawing
    assert f">{label}<" not in drawing
    assert re.search(r">…[\w.]+monthly_statement<", drawing)


def test_names_are_text_and_nothing_else() -> None:
    drawing = str(layers({0: Box("<b>&", "<script>", "job"), 1: Box("b", "b", "job")}, {(0, 1)}, "<t>"))
    ElementTree.fromstring(drawing)
    assert "<script>" not in drawing
