"""JOB606: a limit, a lock or a memory of what was done that every process has for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from tree_sitter import Node

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, field, walk
from migrator.systems import SYSTEMS

#: systems that have no workers beside each other: the clock of one machine, or of one process, runs what they schedule
_ALONE = frozenset(("cron", "docker-cron", *(name for name, system in SYSTEMS.items() if system.in_process)))
#: at the top of a file: a name, and what it is given so that it can remember, lock or count
_STATE = regex(
    rb"^(?:export\s+)?(?:(?:let|const|var)\s+)?(?P<name>\w+)(?:\s*:[^=\n]+)?\s*=\s*(?:"
    rb"(?P<many>new\s+(?:Map|Set)(?:<[^\n]*>)?\(\)|\{\s*\}|\[\]|set\(\)|dict\(\)|list\(\))|(?P<one>false|False|null|None|-?\d[\d_]*))\s*;?\s*(?://[^\n]*|#[^\n]*)?$",
    re.MULTILINE,
)
#: names of what was done, of what runs, and of limits: those of caches, of clients and of what is set up once are none of these
_REMEMBERS = regex(
    r"sent|seen|done|processed|handled|notified|already|recent|dedup|duplicat|running|busy|lock|in_?progress|processing|in_?flight|pending|queued|"
    r"active|token|bucket|rate|limit|last|next|count|remaining|used|quota|calls|requests",
    re.IGNORECASE,
)
_OWN = regex(r"cache|memo|client|init|log|buffer|flush|timer|text|model|schema|config", re.IGNORECASE)
_CHANGES = (
    r"\b{0}(?:\.(?:add|set|push|delete|append|remove|discard|clear|update)\(|\[[^\]]+\]\s*(?:[-+*/|&])?=[^=]|\s*(?:[-+*/|&])?=[^=>]|\+\+|--)"
    r"|(?:\+\+|--){0}\b"
)
_LEAVES = frozenset(("return_statement", "continue_statement", "throw_statement", "raise_statement", "break_statement"))
_WAITS = regex(r"\b(?:sleep|delay|wait|setTimeout)\w*\(|new Promise\b")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each name that jobs steer themselves by."""
    jobs = [job for job in evidence.of(Job) if job.system not in _ALONE and job.handler is not None]
    if not jobs:
        return
    steered = cache(lambda path: dict(_in_file(evidence, path)))
    told: dict[tuple[str, str], tuple[Job, Spot]] = {}
    for job in jobs:
        found = evidence.handler(job)
        entered = [found] if found is not None else []
        for view, function in (*entered, *((call.view, call.function) for call in evidence.calls(job))):
            for name, where in steered(view.source.path).get(function.start_byte, ()):
                told.setdefault((view.source.path, name), (job, where))
    for (_, name), (job, where) in told.items():
        message = f"`{name}` decides here what a job does, and every process has one of its own: with two workers it holds for neither."
        yield Fail(where, message, (job.system,), (spot(job),), confidence="likely")
    if not told:
        yield Pass(spot(jobs[0], "no job steers itself by what its process remembers"))


def _in_file(evidence: Evidence, path: str) -> Iterator[tuple[int, list[tuple[str, Spot]]]]:
    """The functions of a file that steer themselves by what it remembers, by where they begin, and those names."""
    names = (match["name"].decode() for match in _STATE.finditer(evidence.tree.read(path)))
    states = frozenset(name for name in names if _REMEMBERS.search(name) and not _OWN.search(name))
    if not states:
        return
    view = evidence.bodies.view(path)
    for function in view.source.nodes(*FUNCTIONS):
        found = list(_steered(view, function, states))
        if found:
            yield function.start_byte, found


def _steered(view: View, function: Node, states: frozenset[str]) -> Iterator[tuple[str, Spot]]:
    """Of these names those that a function asks before it goes on, and that it changes."""
    text = view.source.text(function)
    if not any(name in text for name in states):
        return
    for branch in walk(function, ("if_statement", "while_statement")):
        condition, body = field(branch, "condition"), field(branch, "consequence") or field(branch, "body")
        if condition is None or body is None or not _holds_back(view, body):
            continue
        asked = {view.source.text(node) for node in walk(condition, ("identifier",))} & states
        for name in sorted(asked):
            own = all(b.scope == view.source.root for b in view.project.bindings(view.source.path).lookup(name, condition))
            # What gives back what it holds is a cache.
            gives = re.search(rf"return\b[^\n]*\b{name}\b", view.source.text(body))
            if own and not gives and re.search(_CHANGES.format(name), text.replace(view.source.text(condition), "", 1)):
                yield name, Spot(view.source.path, branch.start_point.row + 1, f"`{name}`")


def _holds_back(view: View, body: Node) -> bool:
    """True for a branch that ends the job, skips a part of it or waits."""
    return any(n.type in _LEAVES for n in (body, *body.named_children)) or _WAITS.search(view.source.text(body)) is not None


_WORKER = (
    'import { Worker } from "bullmq";\nTOP\nnew Worker("mail", async (job) => {\n  if (DONE) {\n    return;\n  }\n'
    "  KEEP\n  await send(job.data);\n});\n"
)
_TASK = (
    "from celery import shared_task\n\nsent = set()\n\n@shared_task\ndef send(to):\n    if to in sent:\n        return\n"
    "    sent.add(to)\n    deliver(to)\n"
)

RULE = Rule(
    id="JOB606",
    name="process-local-coordination",
    title="Limits, locks and memories that each process has for itself",
    severity="medium",
    systems=(),
    what="A variable at the top of a file that a job changes, and that it asks before it goes on: a set of what was sent, a flag that "
    "something runs, a count or a moment for a limit.",
    why="It holds within one process. With two workers both send, both run, and both use up the whole limit; after a restart nothing is "
    "remembered; on a serverless platform there is a new process whenever the platform likes.",
    how="In the functions that a job leads to: a condition on a set, map, flag or number of the file's own, whose branch returns, skips, "
    "throws or waits, where the same function changes it, and whose name says that it remembers, locks or counts (`sent`, `running`, "
    "`lastCall`). Caches, which give back what they hold, and schedulers that live in one process are left out.",
    false_alarms="An application that has one worker process and will never have two.",
    migration="Limits and unique jobs are options in most systems: see what the target calls them.",
    fix="none",
    hint="Use the system's own means (a job id, a limiter, a concurrency key), Redis `SET … NX`, or a unique index.",
    effort=Effort(60, 120, "place", "an estimate"),
    sources=("an audit of a token bucket in a module, made by hand",),
    examples=(
        Example(
            "bullmq",
            bad={
                "mail.ts": _WORKER.replace("TOP", "const sent = new Set<string>();")
                .replace("DONE", "sent.has(job.data.to)")
                .replace("KEEP", "sent.add(job.data.to);")
            },
            good={
                "mail.ts": _WORKER.replace("TOP", 'import { redis } from "./redis";')
                .replace("DONE", '(await redis.set(`sent:${job.data.to}`, "1", "EX", 3600, "NX")) === null')
                .replace("  KEEP\n", "")
            },
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASK},
            good={
                "tasks.py": _TASK.replace("sent = set()\n", "from .models import Sent\n")
                .replace("to in sent", "not Sent.objects.get_or_create(to=to)[1]")
                .replace("    sent.add(to)\n", "")
            },
        ),
    ),
    check=check,
    related=("JOB605",),
)
