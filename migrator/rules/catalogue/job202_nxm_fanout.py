"""JOB202: as many jobs as two lists have elements, multiplied."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.enqueue_loops import Fanned, fanned
from migrator.rules.evidence import Evidence, spot
from migrator.rules.job_ids import job_id
from migrator.rules.loop_relations import multiplied
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS

#: what wants to hear of each thing that happens: few as a rule, and a job for each pair is what they are there for
_SUBSCRIBED = regex(r"web_?hook|subscri|listener|target|destination|channel|integration|provider|plugin|queue", re.IGNORECASE)
#: so many loops make a product
_PRODUCT = 2


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each enqueue in loops that multiply."""
    single: Fanned | None = None
    for fan in fanned(evidence):
        enqueue = fan.enqueue
        if enqueue.name in SYSTEMS[enqueue.system].compositions:
            continue
        product, unclear = multiplied(evidence, fan.view.evaluator, fan.loops)
        name = f"`{enqueue.name}`" if enqueue.name else "a job"
        over = " × ".join(f"`{loop.label}`" for loop in product)
        if len(product) >= _PRODUCT and _merges(enqueue):
            yield Undecided(f"how many jobs its id leaves of {name} for each of {over} is only known at run time", spot(enqueue))
        elif len(product) >= _PRODUCT and (few := next((p for p in product if _SUBSCRIBED.search(p.label)), None)) is not None:
            yield Undecided(f"how many `{few.label}` there are for {name} is only known at run time", spot(enqueue))
        elif len(product) >= _PRODUCT:
            others = tuple(Spot(p.over.source.path, p.node.start_point.row + 1, f"for each of `{p.label}`") for p in product)
            message = f"There is {name} for each of {over}: the numbers multiply."
            yield Fail(spot(enqueue), message, (enqueue.system,), others, confidence="likely")
        elif unclear:
            yield Undecided("whether what an inner loop goes over belongs to one element of the outer one is not known", spot(enqueue))
        else:
            single = single or fan
    if single is not None:
        yield Pass(spot(single.enqueue, f"once for each of `{single.loops[0].label}`"))


def _merges(enqueue: Enqueue) -> bool:
    """True for an id that may make some of the jobs one; the clock and chance make each another."""
    known = job_id(enqueue)
    return enqueue.dedupe is not None and (known is None or known.business or not (known.clock or known.chance))


_HEAD = (
    'import { Queue, Worker } from "bullmq";\nimport { db } from "./db";\nconst mails = new Queue("mail");\n'
    'new Worker("expiry", async () => {\n  const documents = await db.document.findMany({ where: { expiring: true } });\n'
)
_BAD = (
    "  for (const document of documents) {\n"
    "    const users = await db.user.findMany({ where: { tenantId: document.tenantId } });\n"
    '    for (const user of users) await mails.add("expiry", { document: document.id, user: user.id });\n  }\n});\n'
)
_GOOD = (
    "  const tenants = groupBy(documents, (document) => document.tenantId);\n"
    "  for (const tenant of Object.keys(tenants)) {\n"
    '    await mails.add("digest", { tenant, documents: tenants[tenant].map((document) => document.id) });\n  }\n});\n'
)
_TASKS = (
    "from celery import shared_task\n\n@shared_task\ndef remind(user, report):\n    ...\n\n@shared_task\ndef nightly():\n"
    "    for report in load_reports():\n        BODY\n"
)

RULE = Rule(
    id="JOB202",
    name="nxm-fanout",
    title="Jobs for every pair of two lists",
    severity="critical",
    systems=(),
    what="A job put on its way in two loops, one in the other, that go over lists which only the run knows, where the inner list does not "
    "belong to the element of the outer one: documents and, for each, all users of its tenant.",
    why="The numbers multiply. 100 documents, 5 periods and 10 users are 5,000 jobs a day, and each user gets 500 mails. It grows with the "
    "square of the customers: nobody sees it in development, where each list has three elements.",
    how="Loops, comprehensions and functions that `map` and the like call, on the way from the job through four functions "
    "of the project; also where they only make the list for `addBulk`. Loops over what is spelled out, over batches, pages and attempts do "
    "not count, nor do inner lists that are part of the outer element (`order.items`, or found by its own id): their numbers add up, "
    "or at least that cannot be told. A job id makes the answer unknown, unless it is nothing but the clock or chance.",
    false_alarms="Lists that are short for a reason which the code does not show.",
    migration="Systems that bill or limit runs make it dear at once: a step for each pair may pass Inngest's 1,000 steps a run.",
    fix="none",
    hint="Put one job on its way for each recipient, with all that it is about, or give jobs an id that merges the same ones.",
    effort=Effort(240, 360, "place", "an audit made by hand: 4 to 6 hours"),
    sources=("an audit made by hand: 100 documents × 5 periods × 10 users = 5,000 jobs a day",),
    examples=(
        Example("bullmq", bad={"expiry.ts": _HEAD + _BAD}, good={"expiry.ts": _HEAD + _GOOD}),
        Example(
            "celery",
            bad={"tasks.py": _TASKS.replace("BODY", "for user in load_users():\n            remind.delay(user.pk, report.pk)")},
            good={"tasks.py": _TASKS.replace("BODY", "remind.delay(report.owner_id, report.pk)")},
        ),
    ),
    check=check,
    related=("JOB201", "JOB605"),
)
