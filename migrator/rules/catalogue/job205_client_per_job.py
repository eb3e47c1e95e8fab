"""JOB205: a client of its own for every job, or every request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Client, Enqueue, Job
from migrator.jobs.findings import Severity, Spot
from migrator.rules.evidence import Evidence, spot
from migrator.rules.made_clients import given_to, is_closed, made
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.syntax.tree import FUNCTIONS, enclosing
from migrator.systems.databases import CLIENTS

#: systems whose jobs are requests: a client outlives none of them on some hosts
_REQUESTS = frozenset(("qstash", "upstash-workflow", "vercel-cron", "netlify", "inngest", "sqs", "vercel-queue", "pg_cron"))
#: (what it is a client of, whether it is closed again, whether its job is a request, whether it is Python's)
_Kind = tuple[str, bool, bool, bool]
#: names of functions that a process runs once
_ONCE = ("main", "start", "init", "setup", "bootstrap", "seed", "run")
_SCRIPTS = ("scripts/", "bin/", "cli/", "tools/", "migrations/")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all clients that jobs make, and one for all queues that are made to put one job in."""
    places: defaultdict[_Kind, dict[tuple[str, int], Spot]] = defaultdict(dict)
    systems: defaultdict[_Kind, set[str]] = defaultdict(set)
    clean: Job | None = None
    for job in evidence.jobs:
        found = list(made(evidence, job))
        for each in found:
            where = spot(each.call.view.source.location(each.call.node, at=each.call.callee), f"`{each.call.written}`")
            key = (each.of, each.closed, job.system in _REQUESTS, each.call.view.source.is_python)
            places[key].setdefault((where.path, where.line), where)
            systems[key].add(job.system)
        if not found and evidence.calls(job):
            clean = clean or job
    for kind, spots in places.items():
        of, closed, request, python = kind
        first, *others = spots.values()
        message = f"{'A job makes' if not others else f'In {len(spots)} places a job makes'} a client of {of} for itself: {first.what}"
        message += ", which is closed again." if closed else ", and nothing is seen to close it."
        # Python closes the connections of a client that nobody holds any more.
        severity: Severity | None = "medium" if closed or request or python else None
        yield Fail(first, message, tuple(sorted(systems[kind])), tuple(others), confidence="likely", severity=severity)
    queues = list(_queues(evidence))
    if queues:
        (first, system), *rest = queues
        message = f"`{first.what}` is made anew for each job that is put in, with a connection of its own."
        yield Fail(first, message, (system,), tuple(s for s, _ in rest), confidence="likely", severity="medium")
    if clean is not None:
        yield Pass(spot(clean, "makes no client of its own"))


def _queues(evidence: Evidence) -> Iterator[tuple[Spot, str]]:
    """Queues that a function makes, puts a job into, and leaves."""
    for client in evidence.of(Client, "bullmq", "bull", "pg-boss"):
        node = evidence.node(client.location.path, client.definition)
        function = enclosing(node, FUNCTIONS) if node is not None else None
        if node is None or function is None or client.role not in ("queue", "boss") or any(s in client.location.path for s in _SCRIPTS):
            continue
        view = evidence.bodies.view(client.location.path)
        if view.around(node).lower().startswith(_ONCE):
            continue
        name, kept = given_to(view, node, function)
        if kept or not name or is_closed(view, node, function, name):
            continue
        for enqueue in evidence.of(Enqueue, client.system):
            receiver = evidence.node(enqueue.location.path, enqueue.receiver) if enqueue.location.path == client.location.path else None
            if receiver is not None and view.source.text(receiver) == name and enclosing(receiver, FUNCTIONS) == function:
                yield spot(client.location, f"new {name}"), client.system
                break


_CODE = (
    'import { PrismaClient } from "@prisma/client";\nimport { Worker } from "bullmq";\nOUTSIDE\n'
    'new Worker("scores", async (job) => {\nINSIDE  await prisma.client.update({ where: { id: job.data.id }, data: {} });\n});\n'
)
_MADE = "const prisma = new PrismaClient();"
_TASK = "import redis\nfrom celery import shared_task\nOUTSIDE\n@shared_task\ndef count(key):\nINSIDE    cache.incr(key)\n"

RULE = Rule(
    id="JOB205",
    name="client-per-job",
    title="A client of its own for every job",
    severity="high",
    systems=(),
    what="A client of a database, of Redis or of a queue that is made in the body of a job, or in a function that it calls. Where it is "
    "closed again, or where jobs are requests to a host that may end after each, it is of medium weight; so is a queue that a function "
    "makes to put one job in, and every client in Python, whose connections end with it.",
    why="Each client opens connections of its own, and a pool opens several. With a few hundred jobs a minute the server runs out of them "
    "and refuses everybody, the web application among them. Opening one costs more round trips than most queries.",
    how="Calls that make a client ("
    f"{len(CLIENTS)} of them"
    " are known), on the way from the body of the job through four functions of the "
    "project. What is kept in a member, a global, a variable of the module or a cache is not made anew.",
    false_alarms="Jobs that run once a day, and clients that connect to a different server each time.",
    migration="Where jobs become requests, a pool needs a pooler in front of the database.",
    fix="unsafe",
    hint="Make one client for the process, at the top of a module, and hand it to the jobs.",
    effort=Effort(15, 45, "place", "an estimate"),
    sources=("BullMQ guide, Connections", "Prisma documentation, Database connections"),
    examples=(
        Example(
            "bullmq",
            bad={"scores.ts": _CODE.replace("OUTSIDE", "").replace("INSIDE", f"  {_MADE}\n")},
            good={"scores.ts": _CODE.replace("OUTSIDE", _MADE).replace("INSIDE", "")},
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASK.replace("OUTSIDE", "").replace("INSIDE", "    cache = redis.Redis()\n")},
            good={"tasks.py": _TASK.replace("OUTSIDE", "cache = redis.Redis()\n").replace("INSIDE", "")},
        ),
    ),
    check=check,
    related=("JOB206",),
)
