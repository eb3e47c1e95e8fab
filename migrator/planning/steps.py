"""How many steps one run of a job has, as a formula of the sizes of what it goes through."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.jobs import Job, Span
from migrator.jobs.findings import Spot
from migrator.planning.counting import NONE, Count
from migrator.planning.repetition import Sizes, times
from migrator.rules.evidence import Evidence
from migrator.scanners.reading import View

#: kinds of steps whose result is kept in the state of the run
_GIVING = frozenset(("run", "invoke", "invoke_by_id", "waitForEvent", "wait_for_event", "fetch", "call"))


@dataclass(frozen=True)
class Steps:
    """`count` is an upper bound: a step under a condition counts. `giving`: those with a result. `open_end`: why there may be more."""

    count: Count = NONE
    giving: Count = NONE
    depth: int = 0  #: of loops around a step
    sizes: Sizes = field(default_factory=Sizes)
    open_end: str = ""
    spot: Spot | None = None  #: the step in the deepest loop


def steps_of(evidence: Evidence, job: Job) -> Steps:
    """The steps of a job; none for one without."""
    found = evidence.handler(job)
    if found is None:
        return Steps(open_end="the function that it runs was not found") if job.steps else Steps()
    view, function = found
    sizes = Sizes()
    count, giving, depth, spot, open_end = NONE, NONE, 0, None, _handed_on(job)
    for step in job.steps:
        node = _node(view, step.location.span) if step.location.path == view.source.path else None
        often = times(view, node, function, sizes) if node is not None else None
        if often is None:
            where = step.location.place
            open_end = open_end or f"how often the step at {where} is done cannot be told"
            continue
        count += often
        giving += often if step.kind in _GIVING else NONE
        deep = max((len(product) for product, _ in often.terms), default=0)
        if deep >= depth:
            depth, spot = deep, Spot(step.location.path, step.location.line)
    return Steps(count, giving, depth, sizes, open_end, spot)


def _handed_on(job: Job) -> str:
    """Why there may be steps elsewhere: the body gives its step tools to other code."""
    for use in job.uses:
        if use.feature in ("context", "context.step") and use.detail in ("value", "call"):
            return f"its step tools are handed to other code at {use.location.place}"
    return ""


def _node(view: View, span: Span) -> Node | None:
    return view.source.root.descendant_for_byte_range(span.start, max(span.start, span.end - 1))
