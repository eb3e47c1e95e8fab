"""JOB004: what a step leaves behind beside its answer is lost."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.rules.captured import Change, changes, reads_after
from migrator.rules.durable import DURABLE, Durable, StepCall, durable
from migrator.rules.evidence import Evidence, spot
from migrator.rules.log_calls import WRITES_A_LOG
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.syntax.tree import ancestors, callee_of, field


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each name that a step changes, or for a function whose steps change none."""
    for function in durable(evidence):
        told: set[str] = set()
        for step in function.steps:
            for change, reads in _lost(function, step):
                if change.name not in told:
                    told.add(change.name)
                    yield _fail(function, change, reads)
        if not told:
            yield Pass(spot(function.job, "its steps change nothing but what they answer"))


def _fail(function: Durable, change: Change, reads: list[Node]) -> Fail:
    deciding = [read for read in reads if not _only_tells(function, read)]
    where, line = function.view.source.location(change.node), (deciding or reads)[0].start_point.row + 1
    message = (
        f"A step of {function.name} changes `{change.name}`, which line {line} looks at: when the run is taken up after the step, "
        "that is not run again and the change is gone."
    )
    return Fail(spot(where), message, (function.job.system,), severity=None if deciding else "medium")


def _only_tells(function: Durable, read: Node) -> bool:
    """True for what is answered or written to a log: wrong, but nothing follows from it."""
    for outer in ancestors(read):
        if outer == function.function or outer.type == "expression_statement":
            return False
        if outer.type == "return_statement":
            return True
        callee = callee_of(outer)
        if callee is not None and WRITES_A_LOG.search(function.view.source.text(callee)):
            return True
    return False


def _lost(function: Durable, step: StepCall) -> Iterator[tuple[Change, list[Node]]]:
    kept = _kept_in(function, step.node)
    for callback in step.callbacks:
        for change in changes(function.view, callback):
            if change.name in kept:
                continue
            # A function with a name stands beside the step: what it reads itself is no look from outside.
            place = step.node if step.node.start_byte <= callback.start_byte < step.node.end_byte else callback
            reads = list(reads_after(function.view, change, place))
            if reads:
                yield change, reads


def _kept_in(function: Durable, call: Node) -> str:
    """What the answer of the step is assigned to, as the code has it."""
    for outer in ancestors(call):
        if outer.type in ("variable_declarator", "assignment_expression", "assignment"):
            name = field(outer, "name") or field(outer, "left")
            return function.view.source.text(name) if name is not None else ""
        if outer.type not in (
            "await_expression",
            "await",
            "parenthesized_expression",
            "as_expression",
            "call_expression",
            "arguments",
            "array",
        ):
            break
    return ""


_CODE = (
    'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "shop" });\n'
    'export const bill = inngest.createFunction({ id: "bill" }, { event: "order/paid" }, async ({ event, step }) => {\nBODY});\n'
)
_BAD = (
    "  let total = 0;\n  const failed: string[] = [];\n"
    '  await step.run("count", async () => {\n    total = await count(event.data.id);\n    failed.push("x");\n  });\n'
    '  await step.run("charge", () => charge(total));\n  return failed;\n'
)
_GOOD = (
    '  const { total, failed } = await step.run("count", async () => {\n    const failed: string[] = [];\n    failed.push("x");\n'
    "    return { total: await count(event.data.id), failed };\n  });\n"
    '  await step.run("charge", () => charge(total));\n  return failed;\n'
)
_PYTHON = (
    'import inngest\n\nclient = inngest.Inngest(app_id="shop")\n\n\n'
    '@client.create_function(fn_id="bill", trigger=inngest.TriggerEvent(event="order/paid"))\n'
    "async def bill(ctx: inngest.Context) -> None:\n    rows = []\n\n    async def load():\nBODY"
)

RULE = Rule(
    id="JOB004",
    name="mutation-in-step",
    title="What a step leaves behind beside its answer",
    severity="high",
    systems=DURABLE,
    what="In the function of a step: an assignment to a variable of the function around it, to a property of one, or a change of a list, "
    "map or set of it, that is looked at outside the step afterwards.",
    why="Of a step only the answer is kept. The function runs from its beginning when the run is taken up, and the step's function is "
    "passed over. Measured with Inngest 3.54.2 and 4.24.0: `let n = 0`, set to 5 in a step, was 0 for the next step and in the answer. "
    "With the checkpoints of version 4 the value is there until the run first sleeps, waits, fails or takes more than a request.",
    how="Variables are looked up by scope: those of the step's own function and of the whole file are left out, and so is what nothing "
    "looks at afterwards, or what the answer of the step itself is assigned to. Where it only goes into a log or the answer of the "
    "function, the finding is medium.",
    false_alarms="A value that is only used to say how far a run came.",
    migration="On a system without steps the function runs through once and the change is kept. The rewrite to BullMQ keeps steps: there "
    "the change is lost as before whenever the job goes on from its top.",
    fix="unsafe",
    hint="Return the value from the step and use its answer.",
    effort=Effort(10, 30, "place", "an estimate"),
    sources=("measured with inngest 3.54.2 and 4.24.0", "Inngest's ESLint plugin, `no-variable-mutation-in-step`"),
    examples=(
        Example("inngest", bad={"bill.ts": _CODE.replace("BODY", _BAD)}, good={"bill.ts": _CODE.replace("BODY", _GOOD)}),
        Example(
            "inngest",
            bad={"bill.py": _PYTHON.replace("BODY", '        rows.append(1)\n\n    await ctx.step.run("load", load)\n    print(rows)\n')},
            good={
                "bill.py": _PYTHON.replace("BODY", '        return [1]\n\n    rows = await ctx.step.run("load", load)\n    print(rows)\n')
            },
        ),
    ),
    check=check,
    related=("JOB002", "JOB003"),
)
