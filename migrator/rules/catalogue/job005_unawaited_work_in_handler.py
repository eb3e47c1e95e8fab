"""JOB005: a job says that it is done before it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job, Location
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.scanners.bodies import Reached
from migrator.scanners.linking import Defined
from migrator.syntax.tree import FUNCTIONS, callee_of, field

#: a line of a log that is written a little later does no harm
_LOGS = regex(r"(?:^|\.)(?:(?:log|logger|logging|console)\.\w+|log)$", re.IGNORECASE)
_RAISES = ("throw_statement", "raise_statement")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each job that starts work and leaves it, with every place that no job before it had."""
    told: set[tuple[str, int]] = set()
    clean: Job | None = None
    for job in evidence.of(Job):
        left = [(call, what) for call in evidence.calls(job) if (what := _leaves(call))]
        new: dict[tuple[str, int], tuple[Location, str]] = {}
        for call, what in left:
            where = call.view.source.location(call.node, at=call.callee)
            if (where.path, where.line) not in told:
                new.setdefault((where.path, where.line), (where, what))
        told.update(new)
        if new:
            yield _fail(job, list(new.values()))
        if not left and evidence.handler(job) is not None:
            clean = clean or job
    if clean is not None:
        yield Pass(spot(clean, "waits for all that it starts"))


def _fail(job: Job, places: list[tuple[Location, str]]) -> Fail:
    (where, what), *others = places
    more = "" if not others else ", and so in one more place" if len(others) == 1 else f", and so in {len(others)} more places"
    name = f"`{job.name or job.symbol}`"
    message = f"{name} is over before {what}{more}: it counts as completed whatever comes of that, and an error reaches nobody."
    return Fail(spot(where), message, (job.system,), tuple(spot(place, told) for place, told in others))


def _leaves(call: Reached) -> str:
    """What is left running, in words; empty if nothing is."""
    if _fails_anyway(call.node):
        return ""
    if call.view.source.is_python:
        return _task(call)
    name = field(callee_of(call.node), "property")
    given = [n for n in getattr(field(call.node, "arguments"), "named_children", []) if n.type != "comment"]
    if name is not None and name.text == b"forEach" and given and given[0].type in FUNCTIONS and _is_async(given[0]):
        return "the asynchronous functions that `forEach` starts"
    called = call.meaning.place.node if isinstance(call.meaning, Defined) else None
    if _LOGS.search(call.written):
        return ""
    stands_alone = not call.view.result_used(call.node) and not call.view.awaited(call.node)
    if stands_alone and called is not None and _is_async(called):
        return f"`{call.written}`, which nobody awaits"
    return ""


def _task(call: Reached) -> str:
    """`asyncio.create_task(…)` of which nothing is kept, and a coroutine that nobody awaits."""
    if call.view.result_used(call.node) or call.view.awaited(call.node):
        return ""
    if call.meaning.key in ("asyncio.create_task", "asyncio.ensure_future"):
        return "the task that it makes"
    called = call.meaning.place.node if isinstance(call.meaning, Defined) and not _LOGS.search(call.written) else None
    return f"`{call.written}`, which nobody awaits" if called is not None and _is_async(called) else ""


def _fails_anyway(call: Node) -> bool:
    """True if an error is raised in the same block after the call: the job does not count as completed."""
    after = call.parent.next_named_sibling if call.parent is not None and call.parent.type == "expression_statement" else None
    while after is not None and after.type not in _RAISES:
        after = after.next_named_sibling
    return after is not None


def _is_async(function: Node) -> bool:
    return any(c.type == "async" for c in function.children)


_JOB = 'import { Worker } from "bullmq";\nimport { deliver } from "./deliver";\nnew Worker("news", async (job) => {\n  BODY\n});\n'
_DELIVER = "export async function deliver(to: string) {\n  await fetch(to);\n}\n"

RULE = Rule(
    id="JOB005",
    name="unawaited-work-in-handler",
    title="Jobs that are over before their work is",
    severity="high",
    systems=(),
    what="In the body of a job, or in what it calls: `forEach` with an asynchronous function, a call of an asynchronous function of the "
    "project that stands alone as a statement, `asyncio.create_task` whose task is kept nowhere.",
    why="The system counts the job as completed while the work goes on; an error in it is no failure of the job and is never retried. "
    "Measured with BullMQ: `completed: 1, failed: 0`, and the rejection went to `unhandledRejection`.",
    how="Calls are followed from the body of the job through four functions of the project; whether a function is asynchronous is read off "
    "its definition. Lines of a log (`log.info(…)`, `logger.warn(…)`, `log(…)`) do not "
    "count, nor calls after which the same block raises an error.",
    false_alarms="Work that is meant to go on by itself; `void work()` says so.",
    migration="On a host that freezes the process after the answer (Inngest, QStash, Lambda) the rest never runs.",
    fix="unsafe",
    hint="`await` it; for many at once, `await Promise.all(items.map(async …))`, or a loop.",
    effort=Effort(10, 30, "place", "an estimate"),
    sources=("measured with BullMQ 6.7", "typescript-eslint, no-misused-promises and no-floating-promises"),
    examples=(
        Example(
            "bullmq",
            bad={"job.ts": _JOB.replace("BODY", "job.data.users.forEach(async (user) => deliver(user));"), "deliver.ts": _DELIVER},
            good={
                "job.ts": _JOB.replace("BODY", "await Promise.all(job.data.users.map(async (user) => deliver(user)));"),
                "deliver.ts": _DELIVER,
            },
        ),
        Example(
            "bullmq",
            bad={"job.ts": _JOB.replace("BODY", "deliver(job.data.to);"), "deliver.ts": _DELIVER},
            good={"job.ts": _JOB.replace("BODY", "await deliver<void>(job.data.to);"), "deliver.ts": _DELIVER.replace("(", "<T>(", 1)},
        ),
    ),
    check=check,
)
