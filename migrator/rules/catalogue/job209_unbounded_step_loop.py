"""JOB209: as many steps as there happen to be rows."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import msgspec

from migrator.jobs.findings import Spot
from migrator.rules.bounds import Bound, loops_around
from migrator.rules.durable import Durable, durable
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS

_MOST = int(next(limit.value for limit in SYSTEMS["inngest"].limits if limit.id == "MIG01" and not limit.plan))


class _Steps(msgspec.Struct, frozen=True):
    """`each` steps in every round of `loops`, the innermost first."""

    loops: tuple[Bound, ...]
    each: int


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each function with steps in a loop."""
    for function in durable(evidence):
        if function.job.system != "inngest":
            continue
        groups = _grouped(function)
        fixed = sum(steps.each for steps in groups if not steps.loops)
        looped = [steps for steps in groups if steps.loops]
        open_ = [steps for steps in looped if any(b.most is None for b in steps.loops)]
        if any(b.query for steps in open_ for b in steps.loops):
            yield _open(function, open_, fixed)
        elif open_:
            bound = next(b for b in open_[0].loops if b.most is None)
            where = Spot(function.view.source.path, bound.line, bound.over)
            yield Undecided(f"how often steps are taken for {bound.over} is only known at run time", where)
        elif looped:
            yield _counted(function, looped, fixed)


def _grouped(function: Durable) -> list[_Steps]:
    found: dict[tuple[int, ...], tuple[tuple[Bound, ...], int]] = {}
    for step in function.steps:
        loops = tuple(loops_around(function.view, step.node, function.function))
        key = tuple(loop.line for loop in loops)
        found[key] = (loops, found.get(key, (loops, 0))[1] + 1)
    return [_Steps(loops, each) for loops, each in found.values()]


def _open(function: Durable, loops: list[_Steps], fixed: int) -> Fail:
    worst = max(loops, key=lambda steps: (any(b.query for b in steps.loops), steps.each))
    bound = next(b for b in worst.loops if b.query)
    inner = prod(b.most for b in worst.loops if b.most is not None)
    each = sum(steps.each for steps in loops if bound in steps.loops) * inner
    most = (_MOST - fixed) // each
    message = (
        f"{function.name} takes {each} step{'s' if each > 1 else ''} for each round over {bound.over}, and nothing says how many those "
        f"are: a run fails with more than {_MOST:,} steps, here with more than {most:,} rounds."
    )
    path = function.view.source.path
    others = tuple(Spot(path, b.line, b.over) for steps in loops for b in steps.loops if b != bound)
    return Fail(Spot(path, bound.line, bound.over), message, ("inngest",), others, "likely")


def _counted(function: Durable, loops: list[_Steps], fixed: int) -> Outcome:
    total = fixed + sum(steps.each * prod(b.most or 0 for b in steps.loops) for steps in loops)
    if total > _MOST:
        parts = " + ".join([f"{steps.each} × {' × '.join(str(b.most) for b in steps.loops)}" for steps in loops] + [str(fixed)])
        message = f"{function.name} can take {parts} = {total:,} steps: a run fails with more than {_MOST:,}."
        # What is asked for may be more than what is left after a filter.
        return Fail(spot(function.job), message, ("inngest",), confidence="possible", severity="medium")
    return Pass(spot(function.job, f"{total:,} steps at most"))


_CODE = (
    'import { Inngest } from "inngest";\nimport { PrismaClient } from "@prisma/client";\nconst db = new PrismaClient();\n'
    'const inngest = new Inngest({ id: "shop" });\n'
    'export const news = inngest.createFunction({ id: "news" }, { cron: "0 8 * * 1" }, async ({ step }) => {\n'
    '  const users = await step.run("users", () => db.user.findMany(QUERY));\n'
    "  for (const user of users) {\n    await step.run(`mail-${user.id}`, () => mail(user));\n  }\n});\n"
)

RULE = Rule(
    id="JOB209",
    name="unbounded-step-loop",
    title="As many steps as there happen to be rows",
    severity="high",
    systems=("inngest",),
    what="Steps in a loop, or in a function that `map` calls, over something of which the code does not say how much there is at most.",
    why="A run that takes more than 1,000 steps fails, and cannot be taken up: on the day that the thousandth customer joins, the job that "
    "went well for a year stops half way. Before that, each step is a request of its own, is billed as one, and makes the state that is "
    "sent along with every request grow.",
    how="The loops around each step: a list that is written out, `take`, `limit`, `slice(0, n)`, a counter in the condition say how many "
    "rounds there are at most, and the product is compared with 1,000. A query without a limit, over a whole table, is a finding; what "
    "belongs to one thing, a list in the event, and a loop until something happens are unknown.",
    false_alarms="Tables that never hold more than some hundred rows.",
    migration="BullMQ and pg-boss have no limit of this kind: one job for each of many, in one call.",
    fix="none",
    hint="Send one event for each of them, in batches within one step, and do the work in a function that the event starts.",
    effort=Effort(120, 360, "place", "an estimate"),
    sources=("Inngest documentation, Usage limits", "the open-source server, `DefaultMaxStepLimit`"),
    examples=(
        Example(
            "inngest",
            bad={"news.ts": _CODE.replace("QUERY", "{ where: { news: true } }")},
            good={"news.ts": _CODE.replace("QUERY", "{ where: { news: true }, take: 200 }")},
        ),
    ),
    check=check,
    left_behind=True,
    stays_on=("upstash-workflow",),
    related=("JOB002", "JOB201"),
)
