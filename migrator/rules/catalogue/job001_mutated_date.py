"""JOB001: a date is changed in place while somebody still needs what it was."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job, Location
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.scanners.bodies import Reached
from migrator.scanners.reading import View
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import FUNCTIONS, LOOPS, ancestors, contains, enclosing, field, walk

_MUTATORS = frozenset(
    f"set{utc}{part}" for utc in ("", "UTC") for part in ("Hours", "Date", "Month", "FullYear", "Minutes", "Seconds", "Milliseconds")
) | {"setTime"}
_DATE = "globalThis.Date()"


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each variable that jobs change in place and still need, or one place where a date is changed rightly."""
    told: set[tuple[str, int]] = set()
    right: Location | None = None
    # Where nothing of the kind is written anywhere, no body has to be looked into.
    written = frozenset(evidence.containing(*(f".{name}(".encode() for name in _MUTATORS)))
    for job in evidence.of(Job) if written else ():
        for call in evidence.calls(job):
            receiver = field(call.callee, "object")
            name = field(call.callee, "property")
            if receiver is None or name is None or call.view.source.path not in written or call.view.source.text(name) not in _MUTATORS:
                continue
            if not _is_date(call, receiver):
                continue
            where = call.view.source.location(call.node, at=name)
            bound = _binding(call.view, receiver) if receiver.type == "identifier" else None
            why = _needed(call.view, bound, receiver, call.node) if bound is not None else ""
            if bound is None or not why:
                right = right or where
            elif (where.path, bound.node.start_byte) not in told:
                told.add((where.path, bound.node.start_byte))
                text = call.view.source.text(receiver)
                yield Fail(spot(where), f"`{text}.{call.view.source.text(name)}(…)` changes a date in place, and {why}.", (job.system,))
    if right is not None and not told:
        yield Pass(spot(right, "changes a date of its own"))


def _is_date(call: Reached, receiver: Node) -> bool:
    """True for what the code says is a `Date`: by `new Date(…)` or by a type."""
    return call.view.evaluator.of(call.view.source, receiver, call.frame).key == _DATE or (
        receiver.type == "identifier" and _annotated(call.view, receiver)
    )


def _annotated(view: View, receiver: Node) -> bool:
    bound = _binding(view, receiver)
    return bound is not None and bound.annotation is not None and view.source.text(bound.annotation).lstrip(": ").strip() == "Date"


def _binding(view: View, name: Node) -> Binding | None:
    return next(iter(view.project.bindings(view.source.path).lookup(view.source.text(name), name)), None)


def _needed(view: View, bound: Binding, receiver: Node, call: Node) -> str:
    """Who still needs what the date was, in words; empty if nobody does."""
    function = enclosing(receiver, FUNCTIONS)
    if bound.kind == "parameter" and bound.scope == function and not _is_callback_of_a_map(bound.scope):
        return "whoever called the function still has it"
    if bound.kind != "value" or bound.value is None:
        return ""
    if bound.scope.parent is None:
        return "every later run of the job begins with what this one left"
    if bound.value.type == "identifier":
        return f"`{view.source.text(bound.value)}` is the same date" if _is_used_after(view, bound, bound.value, call) else ""
    loop = next((a for a in ancestors(call) if a.type in LOOPS), None)
    if loop is not None and not contains(loop, bound.node) and not _counts(view, receiver, call, loop):
        return "the next round of the loop begins with what this one left"
    return _read_before(view, bound, receiver, call)


def _is_callback_of_a_map(function: Node) -> bool:
    return function.parent is not None and function.parent.type == "arguments"


def _is_used_after(view: View, bound: Binding, original: Node, call: Node) -> bool:
    text = view.source.text(original)
    return any(n.start_byte > call.end_byte and view.source.text(n) == text for n in walk(bound.scope, ("identifier",)))


def _counts(view: View, receiver: Node, call: Node, loop: Node) -> bool:
    """True where the date is counted on (`d.setDate(d.getDate() + 1)`) or made from scratch in every round."""
    text = view.source.text(receiver)
    given = field(call, "arguments")
    if given is not None and any(view.source.text(n) == text for n in walk(given, ("identifier",))):
        return True
    resets = (n for n in walk(loop, ("assignment_expression",)) if n.start_byte < call.start_byte)
    return any(view.source.text(field(n, "left") or n) == text for n in resets)


def _read_before(view: View, bound: Binding, receiver: Node, call: Node) -> str:
    """A date that was put somewhere as it was, and is changed after that: what was put there changes with it."""
    text = view.source.text(receiver)
    for node in walk(bound.scope, ("identifier", "shorthand_property_identifier")):
        if not bound.node.end_byte <= node.start_byte < call.start_byte or view.source.text(node) != text:
            continue
        if _binding(view, node) != bound or any(
            a.type in FUNCTIONS and a != bound.scope and contains(bound.scope, a) for a in ancestors(node)
        ):
            continue
        parent = node.parent
        kept = parent is not None and (
            (parent.type == "pair" and field(parent, "value") == node)
            or parent.type in ("object", "array")
            or (parent.type == "variable_declarator" and field(parent, "value") == node)
        )
        if kept and parent is not None and not _is_over(node, call):
            return f"line {node.start_point.row + 1} has put the same date elsewhere"
    return ""


def _is_over(node: Node, call: Node) -> bool:
    """True where what the date was put in is handed to a call that is awaited before the change."""
    awaited = enclosing(node, ("await_expression",))
    return awaited is not None and awaited.end_byte <= call.start_byte


_WORKER = (
    'import { Worker } from "bullmq";\nimport { rows } from "./rows";\n\n'
    'new Worker("report", async (job) => {\n  const day = new Date(job.data.day);\n  const { from, to } = spanOf(day);\n'
    "  await rows(day, from, to);\n});\n\n"
)
_BAD = (
    "function spanOf(day: Date) {\n  const from = day.setHours(0, 0, 0, 0);\n  const to = day.setHours(23, 59, 59, 999);\n"
    "  return { from, to };\n}\n"
)
_GOOD = (
    "function spanOf(day: Date) {\n  const from = new Date(day);\n  from.setHours(0, 0, 0, 0);\n  const to = new Date(day);\n"
    "  to.setHours(23, 59, 59, 999);\n  return { from, to };\n}\n"
)

RULE = Rule(
    id="JOB001",
    name="mutated-date",
    title="Dates that are changed while somebody still needs them",
    severity="medium",
    systems=(),
    what="In the code of jobs, `setHours`, `setDate` and their kind on a `Date` that is a parameter, belongs to the whole file, has a "
    "second name, is kept over the rounds of a loop, or was put into an object before.",
    why="A `Date` is one thing under all its names. The query that is built from `today` after `today.setHours(23, 59)` for the end of "
    "the day asks for other rows than the one before, and a job that goes over many days drifts.",
    how="Calls are followed from the body of the job through four functions of the project; the receiver has to be a `Date` by `new "
    "Date(…)` or by its type. A date that is made and changed in one function, and one that a loop counts on, is right.",
    false_alarms="A function whose callers make a date for it alone.",
    migration="A move makes no difference.",
    fix="unsafe",
    hint="Copy it first: `const from = new Date(day); from.setHours(0, 0, 0, 0)`.",
    effort=Effort(15, 45, "place", "an estimate"),
    sources=("five applications were read: of 146 changes in place one met these conditions",),
    examples=(Example("bullmq", bad={"report.ts": _WORKER + _BAD}, good={"report.ts": _WORKER + _GOOD}),),
    check=check,
)
