"""JOB201: one round trip for each job, where one would do for all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.syntax.tree import LOOPS, enclosing, field
from migrator.systems import SYSTEMS

_BULK = {name: system.bulk for name, system in SYSTEMS.items() if system.bulk}
#: what loops over batches, not over single things
_BATCH = regex(r"batch|chunk|page|group|slice", re.IGNORECASE)
#: so few round trips are none of anybody's worry
_FEW = 3
#: so many jobs are named
_NAMED = 4


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that takes many at once."""
    for system, bulk in _BULK.items():
        enqueues = evidence.of(Enqueue, system)
        looped = [e for e in enqueues if e.in_loop and e.name not in SYSTEMS[system].compositions and not _is_small(evidence, e)]
        if looped:
            named = list(dict.fromkeys(f"`{e.name}`" for e in looped if e.name))
            names = ", ".join(named[:_NAMED]) + (f" and {len(named) - _NAMED} more" if len(named) > _NAMED else "") or "jobs"
            places = "a place" if len(looped) == 1 else f"{len(looped)} places"
            message = f"In {places} there is a round trip to the broker for each of many: {names}."
            yield Fail(spot(looped[0]), message, (system,), spots(looped[1:]), fix=f"Gather them and hand them over at once: {bulk}.")
        elif enqueues:
            yield Pass(spot(enqueues[0], "not in a loop over many"))


def _is_small(evidence: Evidence, enqueue: Enqueue) -> bool:
    """True if the loop goes over batches, or over a few things that are written there; also where the call is not to be found, or is handed
    all of the many at once."""
    call = evidence.node(enqueue.location.path, enqueue.call)
    if call is not None and not enqueue.via and not evidence.bodies.view(enqueue.location.path).in_loop(call):
        return True
    loop = enclosing(call, LOOPS) if call is not None else None
    given, item = field(loop, "right"), field(loop, "left")
    if given is None:
        return call is None
    if given.type in ("list", "tuple", "array", "set"):
        return len(given.named_children) <= _FEW
    return any(node is not None and _BATCH.search((node.text or b"").decode("utf-8", "replace")) is not None for node in (given, item))


_CODE = 'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\nexport async function tell(users: User[]) {\n  BODY\n}\n'
_FUNCTION = (
    'const NEWS = { name: "news/due", data: {} };\n'
    'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "shop" });\n'
    'export const news = inngest.createFunction({ id: "news" }, { cron: "0 9 * * *" }, async ({ step }) => {\n'
    '  const users = await step.run("load", () => load());\n  BODY\n});\n'
)


def _function(body: str) -> str:
    return _FUNCTION.replace("BODY", body)


RULE = Rule(
    id="JOB201",
    name="enqueue-in-loop",
    title="A round trip for each of many jobs",
    severity="medium",
    systems=tuple(_BULK),
    what="A single enqueue in a loop, or in a function that `.map(…)` calls, on a system that takes many at once.",
    why="Each call is a round trip. Measured with BullMQ on one machine, 5,000 jobs: 3.6 s in a loop with `await`, 0.7 s with `addBulk`. "
    "A loop that fails half-way has enqueued half.",
    how="The statements around the call. Loops over batches (by the names in them) and over three things or fewer that are written in the "
    "loop itself are left out.",
    false_alarms="A loop that is known to go round seldom.",
    migration="The target's own way to hand over many differs, and so do its limits; the rewrite keeps the loop.",
    fix="unsafe",
    hint="Gather the jobs and hand them over at once.",
    effort=Effort(20, 60, "place", "an estimate"),
    sources=("BullMQ guide, Adding jobs in bulk", "measured with BullMQ 6.7: 3,648 ms against 727 ms"),
    examples=(
        Example(
            "bullmq",
            bad={"tell.ts": _CODE.replace("BODY", 'for (const user of users) await mails.add("news", { id: user.id });')},
            good={"tell.ts": _CODE.replace("BODY", 'await mails.addBulk(users.map((user) => ({ name: "news", data: { id: user.id } })));')},
        ),
        Example(
            "inngest",
            bad={"news.ts": _FUNCTION.replace("BODY", "for (const user of users) await step.sendEvent(user.id, NEWS);")},
            good={"news.ts": _function('await step.sendEvent("all", users.map((user) => NEWS));')},
        ),
    ),
    check=check,
)
