"""JOB002: what stands between steps is done again for each of them."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Enqueue
from migrator.jobs.findings import Severity, Spot
from migrator.rules.durable import DURABLE, Durable, durable
from migrator.rules.effects import effect, reads, varies
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.bodies import Reached
from migrator.scanners.linking import Defined, External, Unknown
from migrator.syntax.tree import ancestors, callee_of, contains, field, walk

_SLEEPS = frozenset(("sleep", "sleepUntil", "sleep_until"))
_WAITS = _SLEEPS | {"waitForEvent", "wait_for_event"}
_MATTERS: dict[bool, Severity] = {True: "high", False: "medium"}
#: what says of a condition that it decides about steps
_CONDITIONS = ("if_statement", "while_statement", "ternary_expression", "conditional_expression")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """Outcomes for each function with steps: what it does outside of them, and what it asks the clock for."""
    sent = {(e.location.path, e.call.start) for e in evidence.of(Enqueue) if e.call is not None and not e.form.startswith("step.")}
    for function in durable(evidence):
        handed = {m.node.start_byte for m in function.tools}
        again = [c for c in evidence.calls(function.job) if _again(function, c, handed)]
        done = [(call, what) for call in again if (what := _effect(call, sent))]
        if done:
            yield _does(function, done)
        moved = list(_varying(function, again))
        yield from moved
        unknown = next((c for c in again if _is_unclear(c)), None) if not done else None
        if unknown is not None:
            what = f"what `{unknown.written}` does outside of the steps of a function is not known"
            yield Undecided(what, spot(unknown.view.source.location(unknown.node)))
        elif not done and not moved:
            yield Pass(spot(function.job, "what it does stands in its steps"))


def _again(function: Durable, call: Reached, handed: set[int]) -> bool:
    """True for what runs again when the run is taken up; what is handed the tools looks after itself."""
    if any(call.start.start_byte <= at < call.start.end_byte for at in handed):
        return False
    return function.outside(call.start) and function.runs_again(call.start)


def _effect(call: Reached, sent: set[tuple[str, int]]) -> str:
    if (call.view.source.path, call.node.start_byte) in sent:
        return f"`{call.written}` enqueues"
    return effect(call)


def _does(function: Durable, done: list[tuple[Reached, str]]) -> Fail:
    places = {(c.view.source.path, c.node.start_point.row + 1): what for c, what in done}
    spots = [Spot(path, line, what) for (path, line), what in places.items()]
    first = done[0][0]
    way = f" (by way of `{first.via[0]}`)" if first.via else ""
    message = f"{done[0][1]}{way} in {function.name}, outside of its steps: again each time that the run is taken up after a later step."
    certain = not first.via
    return Fail(spots[0], message, (function.job.system,), tuple(spots[1:]), confidence="certain" if certain else "likely")


def _varying(function: Durable, again: list[Reached]) -> Iterator[Outcome]:
    """Moments and chance outside of steps on which steps depend: their ids, whether they run, or two of them at once."""
    found: list[tuple[Reached, str, str, bool]] = []
    for call in again:
        what = varies(call) if not call.via else ""
        why, matters = _depends(function, call.node) if what else ("", False)
        if why:
            found.append((call, what, why, matters or what == "chance"))
    if found:
        found.sort(key=lambda f: not f[3])
        first, what, why, matters = found[0]
        others = tuple(spot(c.view.source.location(c.node), c.written) for c, *_ in found[1:])
        message = f"{function.name} asks {what} outside of its steps, {why}: it is another value each time that the run is taken up."
        yield Fail(spot(first.view.source.location(first.node)), message, (function.job.system,), others, severity=_MATTERS[matters])


def _depends(function: Durable, node: Node) -> tuple[str, bool]:
    """How steps depend on a value, in words, and whether steps can be left out by it; empty if they do not."""
    name = _name_of(node)
    uses = [node] if name is None else list(_uses(function, name))
    decided = [branch for use in uses if (branch := _decides(function, use)) is not None]
    if decided:
        return "and decides by it which steps there are", any(_waits_first(function, branch) for branch in decided)
    steps = {step.node.start_byte for step in function.steps for use in uses if contains(step.node, use)}
    if len(steps) > 1 and name is not None:
        return f"and more than one step is given `{function.view.source.text(name)}`", False
    return "", False


def _waits_first(function: Durable, branch: Node) -> bool:
    """True where a step comes after a wait in a branch: by then the branch may not be taken any more."""
    inside = [step.kind for step in function.steps if contains(branch, step.node)]
    return any(kind in _WAITS for kind in inside[:-1])


def _name_of(node: Node) -> Node | None:
    """The name that a value, or what is made of it at once, is given."""
    for outer in ancestors(node):
        if outer.type in ("variable_declarator", "assignment", "assignment_expression"):
            name = field(outer, "name") or field(outer, "left")
            return name if name is not None and name.type == "identifier" else None
        if outer.type not in (
            "call_expression",
            "member_expression",
            "new_expression",
            "arguments",
            "binary_expression",
            "call",
            "attribute",
        ):
            return None
    return None


def _uses(function: Durable, name: Node) -> Iterator[Node]:
    text, source = function.view.source.text, function.view.source
    lookup = function.view.project.bindings(source.path).lookup
    declared = next(iter(lookup(text(name), name)), None)
    for node in walk(function.function, ("identifier", "shorthand_property_identifier")):
        if node.start_byte > name.start_byte and text(node) == text(name):
            bound = next(iter(lookup(text(node), node)), None)
            if bound is not None and declared is not None and bound.scope == declared.scope and bound.node == declared.node:
                yield node


def _decides(function: Durable, use: Node) -> Node | None:
    """The branch that a value decides about, outside of steps: one with steps in it, or after which there may be none.

    To sleep until a moment, unless that is over, comes to the same whenever it is asked.
    """
    if not function.outside(use):
        return None
    for outer in ancestors(use):
        if outer == function.function:
            return None
        condition = field(outer, "condition") if outer.type in _CONDITIONS else None
        if condition is not None and contains(condition, use):
            inside = [step.kind for step in function.steps if contains(outer, step.node)]
            matters = inside not in ([kind] for kind in _SLEEPS) if inside else _may_leave(outer)
            return outer if matters else None
    return None


def _may_leave(branch: Node) -> bool:
    return branch.type == "if_statement" and any(True for _ in walk(branch, ("return_statement", "throw_statement", "raise_statement")))


def _is_unclear(call: Reached) -> bool:
    """True for what is awaited and not of the project, and not known either."""
    if not call.view.awaited(call.node) or isinstance(call.meaning, Defined) or reads(call):
        return False
    if isinstance(call.meaning, External):
        return call.meaning.path[0] not in ("globalThis", "builtins", "asyncio")
    name = field(callee_of(call.node), "property") or field(callee_of(call.node), "attribute")
    # A chain on a promise does what its first call does.
    chained = name is not None and call.view.source.text(name) in ("then", "catch", "finally")
    return not chained and (isinstance(call.meaning, Unknown) or name is not None)


_CODE = (
    'import { Inngest } from "inngest";\nimport { PrismaClient } from "@prisma/client";\nconst db = new PrismaClient();\n'
    'const inngest = new Inngest({ id: "shop" });\n'
    'export const bill = inngest.createFunction({ id: "bill" }, { event: "order/paid" }, async ({ event, step }) => {\nBODY'
    '  await step.sleep("wait", "1d");\n  await step.run("charge", () => charge(event.data.id));\n});\n'
)
_UPDATE = "db.order.update({ where: { id: event.data.id }, data: { attempts: { increment: 1 } } })"
_CLOCK = '  await step.run("first", () => note(at));\n  await step.run("second", () => note(at));\n'

RULE = Rule(
    id="JOB002",
    name="nondeterminism-outside-step",
    title="Work between steps, which is done again for each of them",
    severity="high",
    systems=DURABLE,
    what="In a function with steps, outside of all of them and before the last: rows that are written, mail and requests that are sent, "
    "jobs that are enqueued, language models that are asked. And the clock or chance, where steps depend on it: whether they run, or more "
    "than one of them.",
    why="The function runs from its beginning each time that the run is taken up after a step; only what stands in steps is passed over. "
    "Measured with Inngest 3.54.2 and 4.24.0: a function with two steps ran its body three times. What it does there it does three times, "
    "and a moment that it takes is another one each time. The checkpoints of version 4 make it fewer times, not once: after each sleep, "
    "wait, failure and long request.",
    how="Calls are followed from the body through four functions of the project and told by the package that they belong to. What no step "
    "can follow, because it stands after the last one, or in a branch that returns or throws, runs once and is no finding.",
    false_alarms="A write that makes no difference when it is repeated, such as setting a status.",
    migration="On a system without steps the body runs once for each attempt: it is done fewer times than before.",
    fix="unsafe",
    hint='Put it into a step of its own: `await step.run("save", () => …)`; for a moment, `await step.run("now", () => Date.now())`.',
    effort=Effort(10, 30, "place", "an estimate"),
    sources=("measured with inngest 3.54.2 and 4.24.0", "Inngest documentation, How Inngest functions are executed"),
    examples=(
        Example(
            "inngest",
            bad={"bill.ts": _CODE.replace("BODY", f"  await {_UPDATE};\n")},
            good={"bill.ts": _CODE.replace("BODY", f'  await step.run("count", () => {_UPDATE});\n')},
        ),
        Example(
            "inngest",
            bad={"bill.ts": _CODE.replace("BODY", f"  const at = Date.now();\n{_CLOCK}")},
            good={"bill.ts": _CODE.replace("BODY", f'  const at = await step.run("now", () => Date.now());\n{_CLOCK}')},
        ),
    ),
    check=check,
    related=("JOB004",),
)
