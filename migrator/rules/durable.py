"""Functions that run in steps: where the steps stand, the functions that they run, and what stands between them and runs again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec
from tree_sitter import Node

from migrator.jobs import Job
from migrator.rules.evidence import Evidence
from migrator.scanners.bodies import Reached
from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.inngest_handlers import Mention, mentions
from migrator.syntax.tree import FUNCTIONS, LOOPS, ancestors, contains, field

#: systems whose functions run in steps, the rest of the function again for each of them
DURABLE = ("inngest", "upstash-workflow")
#: tools that keep what a function of the project gives
_RUNS = frozenset(("run", "ai.wrap"))
#: where the tools are in the context that a function is given
_TOOLS: Mapping[str, tuple[tuple[str, ...], ...]] = {"inngest": (("step",), ()), "upstash-workflow": ((),)}
#: what leaves a function for good
_LEAVES = frozenset(("return_statement", "throw_statement", "raise_statement"))
_BRANCHES = frozenset(("if_statement", "ternary_expression", "conditional_expression", "switch_body", "match_statement"))


class StepCall(msgspec.Struct, frozen=True):
    """A call of a step tool in a function's own text. `callbacks`: the functions in this file that it runs and keeps the answer of."""

    kind: str
    node: Node
    callbacks: tuple[Node, ...]


@dataclass(frozen=True)
class Durable:
    """A function with steps. `system` is that of the job."""

    evidence: Evidence
    job: Job
    view: View
    function: Node
    steps: tuple[StepCall, ...]

    @property
    def name(self) -> str:
        """How findings call it."""
        return f"`{self.job.name or self.job.symbol}`"

    @cached_property
    def tools(self) -> tuple[Mention, ...]:
        """Where the function hands the context, or Inngest's `step` of it, to something else."""
        found = mentions(self.view, self.function) if not self.view.source.is_python else ()
        return tuple(m for m in found if m.how == "value" and m.path in _TOOLS[self.job.system])

    def outside(self, node: Node) -> bool:
        """True for what stands in the function itself, or in one that is called in its place; not in what steps are given."""
        if any(contains(step.node, node) for step in self.steps):
            return False
        return all(_is_called_in_place(f) for f in self._functions_around(node))

    def runs_again(self, node: Node) -> bool:
        """True if a step can come after what stands at `node`: then it runs again when the run is taken up after that step."""
        loop = next((a for a in self._around(node) if a.type in LOOPS), None)
        return any(self._follows(step.node, node) or (loop is not None and contains(loop, step.node)) for step in self.steps)

    def _follows(self, step: Node, node: Node) -> bool:
        if step.start_byte < node.end_byte:
            return False
        below = node
        for outer in self._around(node):
            if contains(outer, step):
                return outer.type not in _BRANCHES or contains(field(outer, "condition") or below, node)
            if outer.type in _LEAVES or _ends_by_leaving(outer):
                return False
            below = outer
        return True

    def _around(self, node: Node) -> Iterator[Node]:
        for outer in ancestors(node):
            if outer == self.function:
                return
            yield outer

    def _functions_around(self, node: Node) -> Iterator[Node]:
        return (a for a in self._around(node) if a.type in FUNCTIONS)


def durable(evidence: Evidence) -> Iterator[Durable]:
    """The functions with steps whose code was found."""
    for job in evidence.of(Job, *DURABLE):
        found = evidence.handler(job) if job.steps else None
        if found is None:
            continue
        view, function = found
        steps = tuple(_steps(evidence, job, view))
        if steps:
            yield Durable(evidence, job, view, function, steps)


def _steps(evidence: Evidence, job: Job, view: View) -> Iterator[StepCall]:
    for step in job.steps:
        node = evidence.node(step.location.path, step.location.span) if step.location.path == view.source.path else None
        if node is not None:
            yield StepCall(step.kind, node, tuple(_callbacks(view, node)) if step.kind in _RUNS else ())


def _callbacks(view: View, call: Node) -> Iterator[Node]:
    """The functions of this file that are handed to a step: written there, or by name."""
    for given in view.evaluator.arguments(view.place(call)).values():
        if not isinstance(given, Place) or given.source is not view.source:
            continue
        if given.node.type in FUNCTIONS:
            yield given.node
        elif given.node.type == "identifier":
            meaning = view.evaluator.meaning(given)
            if isinstance(meaning, Defined) and meaning.place.source is view.source and meaning.place.node.type in FUNCTIONS:
                yield meaning.place.node


def steps_of_helpers(durable: Durable) -> Iterator[Reached]:
    """The calls of step tools in functions of the project that the function hands its tools to."""
    handed = {(m.node.start_byte, m.node.end_byte) for m in durable.tools}
    for call in durable.evidence.calls(durable.job):
        owner = field(call.callee, "object") if call.via and handed else None
        inner = field(owner, "object") if field(owner, "property") is not None else None
        for node in (owner, inner):
            origin = call.view.evaluator.origin(Place(call.view.source, node, call.frame)) if node is not None else None
            if origin is not None and origin.source is durable.view.source and (origin.node.start_byte, origin.node.end_byte) in handed:
                yield call
                break


def _is_called_in_place(function: Node) -> bool:
    """True for a function that is handed to a method (`map`, `then`) or called where it stands."""
    outer = function.parent
    while outer is not None and outer.type == "parenthesized_expression":
        outer = outer.parent
    return outer is not None and outer.type in ("arguments", "argument_list", "call_expression")


def _ends_by_leaving(block: Node) -> bool:
    inside = [c for c in block.named_children if c.type != "comment"] if block.type in ("statement_block", "block", "switch_case") else []
    return bool(inside) and inside[-1].type in _LEAVES
