"""Little's law: jobs in a system = jobs that arrive × the time that they stay. Where the jobs that ended tell of a shorter stay than all
jobs together, those that are still open are not like them, and times of ended jobs flatter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from migrator.shadow.judging.check import Check
from migrator.shadow.measuring.durations import Durations
from migrator.shadow.wording import listed

MISMATCH = 0.2


def load_check(arms: Sequence[tuple[str, Durations]], seconds: float) -> Check:
    """`arms`: each by name, with the time from assignment to the end of its jobs; `seconds`: how long jobs have been assigned."""
    words: list[str] = []
    apart: list[str] = []
    for name, durations in arms:
        stayed = durations.values[np.isfinite(durations.values)]
        ended = durations.values[durations.ended]
        if not len(ended) or not seconds:
            continue
        # Both sides over the same time: what was in the system on average, and what arrivals and the stay of ended jobs account for.
        inside, told = float(stayed.sum()) / seconds, len(stayed) / seconds * float(ended.mean())
        words.append(f"{name} {inside:.3g} ({told:.3g} accounted for)")
        if abs(inside - told) > MISMATCH * max(inside, told):
            apart.append(name)
    if not words:
        return Check("load", "unknown", "no job has ended yet, so how many there should be at once cannot be told")
    text = f"by Little's law, jobs in the system on average: {listed(words)}"
    if apart:
        return Check("load", "warning", f"{text}; in {listed(apart)} open jobs stay much longer than those that ended")
    return Check("load", "ok", text)
