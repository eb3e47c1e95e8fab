"""Do the arms get in each other's way? Where their times rise and fall together they share something: a database, a limit, or the load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from scipy.stats import spearmanr

from migrator.shadow.judging.check import Check
from migrator.shadow.wording import listed

FEWEST = 10  #: stretches in which both arms have a time
TOGETHER = 0.7  #: rank correlation
SURE = 0.001  #: p-value, over all candidates


def interference_check(arms: Sequence[tuple[str, Sequence[float | None]]]) -> Check:
    """`arms`: each by name, the current one first, with its typical time in each stretch of the experiment."""
    name, times = arms[0]
    tested: list[str] = []
    together: list[str] = []
    for other, others in arms[1:]:
        pairs = [(a, b) for a, b in zip(times, others, strict=True) if a is not None and b is not None]
        if len(pairs) < FEWEST or len({a for a, _ in pairs}) < 2 or len({b for _, b in pairs}) < 2:
            continue
        found = cast("Any", spearmanr([a for a, _ in pairs], [b for _, b in pairs]))
        tested.append(f"{other} {f'{float(found.statistic):.2f}'.replace('-', '−')}")
        if found.statistic > TOGETHER and found.pvalue < SURE / (len(arms) - 1):
            together.append(other)
    if not tested:
        return Check("interference", "unknown", f"it takes {FEWEST} stretches with finished jobs to see whether arms slow each other down")
    text = f"rank correlation of typical times with those of {name}: {listed(tested)}"
    if together:
        why = "they share something, be it only the load; a candidate alone may be faster or slower than beside the others"
        return Check("interference", "warning", f"times of {name} and {listed(together)} rise and fall together: {why} ({text})")
    return Check("interference", "ok", text)
