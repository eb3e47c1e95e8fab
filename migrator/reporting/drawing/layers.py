"""A graph in layers, from left to right: what starts stands left of what it starts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from migrator.reporting.drawing.svg import chart, element, number

BOX, HEIGHT = 232, 26
ACROSS, DOWN = 60, 10
MARGIN = 6
#: letters that fit a box
LETTERS = 28
#: a node, or (start, end, layer) where an arrow passes a layer
_Stop = int | tuple[int, int, int]
#: how often the order within the layers is mended
_SWEEPS = 6


@dataclass(frozen=True)
class Box:
    """A node: what stands in it, what a pointer on it says, the class of its style, and path data of a sign 14 wide and high."""

    label: str
    about: str
    kind: str
    sign: str = ""


def layers(boxes: Mapping[int, Box], edges: Iterable[tuple[int, int]], title: str) -> Markup:
    """The drawing of `boxes` and the arrows between them. Arrows that close a circle are drawn as well, but do not count for the layers."""
    arrows = sorted(set(edges))
    ranks = _ranks(list(boxes), [(a, b) for a, b in arrows if a != b])
    ways = _ways(ranks, arrows)
    columns = _ordered(ranks, [pair for way in ways.values() for pair in pairwise(way)])
    tallest = max(len(column) for column in columns)
    place: dict[_Stop, tuple[float, float]] = {}
    for rank, column in enumerate(columns):
        # Shorter columns stand in the middle of the tallest.
        top = MARGIN + (tallest - len(column)) * (HEIGHT + DOWN) / 2
        for row, stop in enumerate(column):
            place[stop] = (MARGIN + rank * (BOX + ACROSS), top + row * (HEIGHT + DOWN))
    width = 2 * MARGIN + len(columns) * BOX + (len(columns) - 1) * ACROSS
    height = 2 * MARGIN + tallest * (HEIGHT + DOWN) - DOWN
    parts = [_arrow([place[stop] for stop in way]) for way in ways.values()]
    parts += [_box(boxes[node], *place[node]) for node in boxes]
    said = "; ".join(f"{boxes[a].label} starts {boxes[b].label}" for a, b in arrows)
    return chart(round(width), round(height), title, said, parts, class_="layers", width=round(width), height=round(height))


def _ways(ranks: dict[_Stop, int], arrows: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[_Stop]]:
    """arrow -> the stops that it passes: a place is kept free for it in every layer between its ends, so that it runs through no box.

    Adds the places to `ranks`.
    """
    ways: dict[tuple[int, int], list[_Stop]] = {}
    for start, end in arrows:
        between: list[_Stop] = [(start, end, rank) for rank in range(ranks[start] + 1, ranks[end])]
        ranks.update({stop: ranks[start] + 1 + number for number, stop in enumerate(between)})
        ways[start, end] = [start, *between, end]
    return ways


def _ranks(nodes: Sequence[int], edges: Sequence[tuple[int, int]]) -> dict[_Stop, int]:
    """node -> its layer: one more than the last of those that start it."""
    forward = _without_circles(nodes, edges)
    ranks: dict[_Stop, int] = dict.fromkeys(nodes, 0)
    # Longest paths, settled at the latest after as many rounds as there are nodes.
    for _ in nodes:
        moved = False
        for start, end in forward:
            if ranks[end] <= ranks[start]:
                ranks[end] = ranks[start] + 1
                moved = True
        if not moved:
            break
    return ranks


def _without_circles(nodes: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges without those that lead back to a node on the way to them."""
    following: defaultdict[int, list[int]] = defaultdict(list)
    for start, end in edges:
        following[start].append(end)
    started = {end for _, end in edges}
    state: dict[int, str] = {}
    forward: list[tuple[int, int]] = []
    for first in sorted(nodes, key=lambda node: node in started):
        stack = [(first, iter(following[first]))] if first not in state else []
        state.setdefault(first, "open")
        while stack:
            node, rest = stack[-1]
            end = next(rest, None)
            if end is None:
                state[node] = "done"
                stack.pop()
            elif state.get(end) != "open":
                forward.append((node, end))
                if end not in state:
                    state[end] = "open"
                    stack.append((end, iter(following[end])))
    return forward


def _ordered(ranks: Mapping[_Stop, int], edges: Iterable[tuple[_Stop, _Stop]]) -> list[list[_Stop]]:
    """The stops of each layer, ordered so that arrows cross seldom: each near the middle of what it hangs on (the barycentre method)."""
    columns: list[list[_Stop]] = [[] for _ in range(max(ranks.values()) + 1)]
    for stop, rank in ranks.items():
        columns[rank].append(stop)
    beside: defaultdict[_Stop, list[_Stop]] = defaultdict(list)
    for start, end in edges:
        beside[start].append(end)
        beside[end].append(start)
    row = {stop: place for column in columns for place, stop in enumerate(column)}
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            middle = {s: sum(row[o] for o in beside[s]) / len(beside[s]) if beside[s] else row[s] for s in column}
            column.sort(key=lambda stop: (middle[stop], row[stop]))
            row.update({stop: place for place, stop in enumerate(column)})
    return columns


def _arrow(stops: Sequence[tuple[float, float]]) -> Markup:
    """A line from the right of the first box to the left of the last, straight where it passes a layer, with a head."""
    middle = HEIGHT / 2
    data = [f"M{number(stops[0][0] + BOX)} {number(stops[0][1] + middle)}"]
    for (from_x, from_y), (x, y) in pairwise(stops):
        last = (x, y) == stops[-1]
        bend = max(ACROSS / 2, abs(x - from_x - BOX) / 2)
        curve = (from_x + BOX + bend, from_y + middle, x - bend, y + middle, x - 5 if last else x, y + middle)
        data.append(f"C{' '.join(map(number, curve))}" + ("" if last else f"H{number(x + BOX)}"))
    x, y = stops[-1][0], stops[-1][1] + middle
    head = f"M{number(x - 6)} {number(y - 3.5)}l6 3.5l-6 3.5Z"
    return element("g", element("path", class_="edge", d="".join(data)), element("path", class_="head", d=head))


def _box(box: Box, x: float, y: float) -> Markup:
    room = LETTERS - 3 * bool(box.sign)
    shown = box.label if len(box.label) <= room else f"…{box.label[-room + 1 :]}"
    sign = [element("path", class_="sign", d=box.sign, transform=f"translate({number(x + 7)} {number(y + 6)})")] if box.sign else []
    text = element("text", shown, x=x + (26 if sign else 9), y=y + HEIGHT / 2 + 4)
    return element(
        "g", element("title", box.about), element("rect", x=x, y=y, width=BOX, height=HEIGHT, rx=4), *sign, text, class_=f"box {box.kind}"
    )
