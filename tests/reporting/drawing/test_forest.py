from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from migrator.reporting.drawing.forest import LEFT, RIGHT, forest
from migrator.shadow.judging.comparison import Comparison
from migrator.shadow.statistics.interval import Interval


def compared(low: float, high: float, *, ratio: bool = True, **more: object) -> Comparison:
    middle = math.sqrt(low * high) if ratio and math.isfinite(high) else low
    return Comparison(
        metric="queue_wait_p95" if ratio else "first_attempt_failure",
        scale="ratio" if ratio else "difference",
        margin=1.5 if ratio else 0.02,
        n_current=100,
        n_candidate=100,
        **{"estimate": middle, "interval": Interval(low, high), "single_look": Interval(low, high), **more},
    )


def bars(drawing: str) -> list[tuple[float, float]]:
    """From where to where each interval that may be watched is drawn."""
    return [(float(a), float(b)) for a, b in re.findall(r'class="always arm\d" d="M([\d.]+) [\d.]+H([\d.]+)"', drawing)]


def margin(drawing: str) -> float:
    return float(re.findall(r'class="margin" d="M([\d.]+)', drawing)[0])


def test_an_interval_within_the_margin_ends_left_of_its_line() -> None:
    drawing = str(forest([(1, "new", compared(0.8, 1.3)), (2, "other", compared(1.2, 1.9))], str))
    ElementTree.fromstring(drawing)
    (inside, across), line = bars(drawing), margin(drawing)
    assert inside[1] < line < across[1]
    assert across[0] < line


def test_shares_too() -> None:
    drawing = str(forest([(1, "new", compared(-0.01, 0.01, ratio=False)), (2, "other", compared(0.03, 0.09, ratio=False))], str))
    (inside, beyond), line = bars(drawing), margin(drawing)
    assert inside[1] < line < beyond[0]


def test_what_has_no_end_is_an_arrow_at_the_edge() -> None:
    drawing = str(forest([(1, "new", compared(0.9, math.inf))], str))
    assert bars(drawing)[0][1] == RIGHT
    assert 'class="head always arm1"' in drawing
    assert 'class="head' not in str(forest([(1, "new", compared(0.9, 2.0))], str))


def test_everything_stays_on_the_paper() -> None:
    for low, high in ((0.0, math.inf), (1e-9, 1e9), (math.inf, math.inf), (1.0, 1.0)):
        drawing = str(forest([(1, "new", compared(low, high, estimate=None))], str))
        ElementTree.fromstring(drawing)
        assert all(LEFT <= end <= RIGHT for bar in bars(drawing) for end in bar)


def test_what_was_not_compared_is_not_drawn() -> None:
    assert forest([(1, "new", compared(0.9, 1.1, obstacle="not visible in new"))], str) is None
