"""JOB203: a query for each of many, where one would do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migrator.jobs import Job
from migrator.jobs.findings import Severity
from migrator.regex import regex
from migrator.rules.database_calls import Query, is_remembered, queries
from migrator.rules.evidence import Evidence
from migrator.rules.loop_nests import Loop, loops_of
from migrator.rules.loop_relations import multiplied
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.scanners.candidates.slow_calls import TAKE_LONG, kind_of
from migrator.syntax.tree import ancestors, callee_of, field

#: of many rows at once a set-based statement can take their place; changes may differ from row to row
_SETS = ("asks", "adds", "removes")
#: so many loops multiply
_NESTED = 2
#: what a query is made in, not of: each of them needs one of its own
_PLACES = regex(r"tables?\b|schemas?\b|databases?\b|partitions?\b|_views?\b|shards?\b|(?:table|view|schema|index)_names\b", re.IGNORECASE)
#: what makes a step of its own of the function that it is handed, which is why each is asked for by itself
_STEPS = regex(r"(?:step|context)\.(?:run|invoke)$")

_Looped = tuple[Query, tuple[Loop, ...]]


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each job with queries in loops."""
    told: set[tuple[str, int]] = set()
    once: Query | None = None
    for job in evidence.jobs:
        found = list(queries(evidence, job))
        looped: list[_Looped] = []
        for query in found:
            loops = _loops(query)
            where = (query.call.view.source.path, query.call.node.start_byte)
            if loops and where not in told:
                told.add(where)
                looped.append((query, loops))
            elif not loops:
                once = once or query
        if looped:
            yield _fail(evidence, job, found, looped)
    if once is not None:
        yield Pass(once.spot)


def _loops(query: Query) -> tuple[Loop, ...]:
    """The loops in which a query is made that one for all could take the place of."""
    if not query.call.in_loop or query.doing not in _SETS or _is_step(query) or is_remembered(query.call) or _is_page(query):
        return ()
    loops = loops_of(query.call)
    return () if loops and (_PLACES.search(loops[-1].over.text) or _PLACES.search(loops[-1].name)) else loops


def _is_page(query: Query) -> bool:
    """True for one of several queries that bring the rows in portions."""
    given = field(query.call.node, "arguments")
    return given is not None and re.search(rb"\b(?:cursor|skip|offset)\b", given.text or b"") is not None


def _is_step(query: Query) -> bool:
    """True if a durable step begins between the query and the loop around it."""
    for around in ancestors(query.call.node):
        if around.type == "call_expression" and _STEPS.search((callee.text or b"").decode() if (callee := callee_of(around)) else ""):
            return True
        if around.id == query.call.function.id:
            break
    return False


def _fail(evidence: Evidence, job: Job, found: Sequence[Query], looped: Sequence[_Looped]) -> Fail:
    # Where each round does more than read, no single query can take its place.
    busy = {
        loop.node.id
        for call in evidence.calls(job)
        if call.in_loop and kind_of(call.meaning.key, in_loop=False) in TAKE_LONG
        for loop in loops_of(call)
    }
    writing = {loops[-1].node.id for q in found if q.call.in_loop and q.doing not in ("asks", "opens") and (loops := loops_of(q.call))}
    alone = [each for each in looped if each[1][-1].node.id not in writing and busy.isdisjoint(loop.node.id for loop in each[1])]
    query, loops = worst = max(alone or looped, key=lambda each: len(each[1]))
    rest = [each for each in looped if each is not worst]
    nested = len(multiplied(evidence, query.call.view.evaluator, loops)[0]) >= _NESTED
    severity: Severity = "medium" if not alone else "critical" if nested else "high"
    over = ", and each of ".join(f"`{loop.label}`" for loop in loops)
    names = f"`{job.name or job.symbol}`" if job.name or job.symbol else "A job"
    message = f"{names} asks the database for each of {over}: `{query.written}`"
    message += f", and so in {len(rest)} more places." if len(rest) > 1 else ", and so in one more place." if rest else "."
    return Fail(query.spot, message, (job.system,), tuple(q.spot for q, _ in rest), confidence="likely", severity=severity)


_HEAD = (
    'import { PrismaClient } from "@prisma/client";\nimport { Worker } from "bullmq";\nconst prisma = new PrismaClient();\n\n'
    'new Worker("scores", async () => {\n  const clients = await prisma.client.findMany();\n'
)
_BAD = (
    "  for (const client of clients) {\n"
    "    const open = await prisma.document.count({ where: { clientId: client.id, open: true } });\n    rate(client, open);\n  }\n});\n"
)
_GOOD = (
    '  const open = await prisma.document.groupBy({ by: ["clientId"], where: { open: true }, _count: true });\n'
    "  for (const client of clients) rate(client, open);\n});\n"
)
_MANIFEST = '{"dependencies": {"bullmq": "^5.0.0", "@prisma/client": "^6.0.0"}}'
_TASK = "from celery import shared_task\nfrom shop.models import Line, Order\n\n@shared_task\ndef totals():\n"

RULE = Rule(
    id="JOB203",
    name="db-call-per-item",
    title="A query for each of many",
    severity="high",
    systems=(),
    what="In the body of a job: a query that reads, adds or removes rows, once for each element of a list that only the run knows. "
    "In two loops whose numbers multiply it is critical. Where each round does more than read (changes rows, sends a mail, asks "
    "another service) it is of "
    "medium weight. A query that is a durable step of its own is none.",
    why="Each query is a round trip, and they wait for one another. 1,000 clients with 200 documents each are 200,000 queries where two "
    "would do, and as long as they run they hold a connection that others wait for.",
    how="Calls of Prisma, Drizzle, Kysely, TypeORM, Sequelize, Mongoose, Django, SQLAlchemy, and SQL as text, on the way from the body of "
    "the job through four functions of the project, with the loops around them. Loops over batches, pages, attempts and what is spelled "
    "out do not count, nor tables, nor answers that are remembered (`lru_cache`, `not in cache`, `cache.get` and a return), nor what "
    "changes rows, as each may be changed in its own way.",
    false_alarms="Lists that are short for a reason which the code does not show, and a loader that gathers queries behind the call.",
    migration="On a system with a limit for runs or steps the job may no longer fit; as one query it does.",
    fix="none",
    hint="Ask once for all: `in`, a join, `groupBy`, `createMany`.",
    effort=Effort(180, 240, "place", "an audit made by hand: 3 to 4 hours"),
    sources=("an audit made by hand: 200,000 queries for 1,000 clients",),
    examples=(
        Example(
            "bullmq",
            bad={"scores.ts": _HEAD + _BAD, "package.json": _MANIFEST},
            good={"scores.ts": _HEAD + _GOOD, "package.json": _MANIFEST},
        ),
        Example(
            "celery",
            bad={
                "requirements.txt": "celery\ndjango\n",
                "tasks.py": _TASK + "    for order in Order.objects.all():\n        Line.objects.filter(order=order).count()\n",
            },
            good={
                "requirements.txt": "celery\ndjango\n",
                "tasks.py": _TASK + '    for line in Line.objects.values("order").annotate(total=Count("pk")):\n        show(line)\n',
            },
        ),
    ),
    check=check,
    related=("JOB201", "JOB206"),
)
