"""JOB003: a step within a step."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.rules.durable import DURABLE, Durable, StepCall, durable, steps_of_helpers
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.linking import Defined
from migrator.syntax.tree import FUNCTIONS, callee_of, contains, enclosing


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each function with steps, and for each step that stands within another."""
    for function in durable(evidence):
        nested = [(inner, outer) for inner in function.steps if (outer := _around(function, inner.node)) is not None]
        for inner, outer in nested:
            yield _fail(function, inner.node, outer)
        handed = [] if nested else list(_handed_on(function))
        yield from handed
        if not nested and not handed:
            yield Pass(spot(function.job, "no step runs another"))


def _fail(function: Durable, node: Node, outer: StepCall) -> Fail:
    where = function.view.source.location(node)
    line = outer.node.start_point.row + 1
    message = f"A step of {function.name} stands within the step of line {line}, which waits for it and never ends."
    return Fail(spot(where), message, (function.job.system,))


def _around(function: Durable, node: Node) -> StepCall | None:
    """The step in whose function `node` stands."""
    return next((s for s in function.steps if s.node != node and any(contains(c, node) for c in s.callbacks)), None)


def _handed_on(function: Durable) -> Iterator[Outcome]:
    """Tools that the function of a step hands to another function."""
    helpers = {call.start.start_byte: call for call in steps_of_helpers(function)} if function.tools else {}
    for mention in function.tools:
        outer = _around(function, mention.node)
        call = enclosing(mention.node, ("call_expression", "new_expression", *FUNCTIONS)) if outer is not None else None
        callee = callee_of(call)
        if outer is None or call is None or callee is None:
            continue
        inner = helpers.get(call.start_byte)
        if inner is not None:
            yield _fail(function, call, outer)
        elif not isinstance(function.view.evaluator.of(function.view.source, callee), Defined):
            what = function.view.source.text(callee)
            yield Undecided(
                f"`{what}` is handed the tools within a step, and its code was not found", spot(function.view.source.location(call))
            )


_CODE = (
    'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "shop" });\n'
    'export const bill = inngest.createFunction({ id: "bill" }, { event: "order/paid" }, async ({ event, step }) => {\nBODY});\n'
)
_BAD = (
    '  await step.run("charge", async () => {\n    const card = await step.run("card", () => load(event.data.id));\n'
    "    return charge(card);\n  });\n"
)
_GOOD = '  const card = await step.run("card", () => load(event.data.id));\n  await step.run("charge", () => charge(card));\n'

RULE = Rule(
    id="JOB003",
    name="nested-step",
    title="Steps within steps",
    severity="high",
    systems=DURABLE,
    what="A call of a step tool in the function that another step runs, or in a function of the project to which that function hands the "
    "tools.",
    why="A step is an answer of the whole function: it cannot be given while another step still runs. Measured with the SDKs of Inngest "
    "3.54.2 and 4.24.0: the outer step waited for the inner one, which was never run, and the request was never answered. The run ends "
    "when the host's time is over, is tried again, and hangs again.",
    how="The context that the function is given is followed under every name, into the functions of its steps and those that it is handed "
    "to; an object that is only called `step` is none.",
    false_alarms="None are known.",
    migration="On a system without steps the inner one is an ordinary call. The rewrite to BullMQ keeps steps, and leaves such a function "
    "to a person.",
    fix="none",
    hint="Take the inner step out and run it before the outer one, whose function is given its answer.",
    effort=Effort(20, 60, "place", "an estimate"),
    sources=("measured with inngest 3.54.2 and 4.24.0", "Inngest's ESLint plugin, `no-nested-steps`"),
    examples=(Example("inngest", bad={"bill.ts": _CODE.replace("BODY", _BAD)}, good={"bill.ts": _CODE.replace("BODY", _GOOD)}),),
    check=check,
    related=("JOB002", "JOB004"),
)
