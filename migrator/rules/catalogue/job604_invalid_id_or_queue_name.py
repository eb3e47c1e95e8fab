"""JOB604: an id or a name of a queue that the system refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Client, Enqueue, Item, Job, Literal, Schedule, Setting, Value, Worker
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.written_text import written_text
from migrator.systems import SYSTEMS

#: system -> the first major version in which the check was seen
_CHECKS = {"bullmq": 5, "pg-boss": 12, "rq": 2}
_INTEGER = regex(r"0|-?[1-9]\d*")
#: parts between colons with which BullMQ lets an id through, as its own ids of repeated jobs had so many
_PARTS = 3
_PG_BOSS = regex(r"[\w.\-/]*", re.ASCII)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each id or name of which some text is written in the code."""
    told: set[tuple[str, str]] = set()
    for item, kind, value in _names(evidence):
        text = written_text(value)
        if text is None and not (isinstance(value, Literal) and isinstance(value.value, int)):
            continue
        shown = str(value.value) if isinstance(value, Literal) else value.source
        why = _refused(item.system, kind, text)
        major = evidence.major(item.system, item.location.path)
        if not why:
            yield Pass(spot(item, f"{kind} `{shown}` is one that {SYSTEMS[item.system].title} takes"))
        elif major is None:
            reason = f"{why}; whether {SYSTEMS[item.system].title} refuses that depends on its version, which no manifest tells"
            yield Undecided(reason, spot(item))
        elif major < _CHECKS[item.system]:
            yield Pass(spot(item, f"{kind} `{shown}`: {SYSTEMS[item.system].title} {major} does not mind"))
        elif (item.system, shown) not in told:
            told.add((item.system, shown))
            message = f"The {kind} `{shown}` {why}: {SYSTEMS[item.system].title} {major} does not take it."
            yield Fail(spot(item), message, (item.system,), confidence="certain" if text is None or text[1] else "likely")


def _names(evidence: Evidence) -> Iterator[tuple[Item, str, Value]]:
    """Items, what of them is looked at, and the value."""
    for enqueue in evidence.of(Enqueue, "bullmq", "rq"):
        value = enqueue.options.get("jobId" if enqueue.system == "bullmq" else "job_id")
        # The port of BullMQ to Python has no such check.
        if value is not None and (enqueue.system == "rq" or enqueue.language != "python"):
            yield enqueue, "job id", value
    for client in evidence.of(Client, "bullmq"):
        # What has no text for a name is called after the variable that holds it.
        if client.role == "queue" and client.language != "python" and client.name != client.symbol:
            yield client, "queue", Literal(client.name)
    for worker in evidence.of(Worker, "bullmq"):
        if worker.language != "python":
            yield from ((worker, "queue", Literal(queue)) for queue in worker.queues)
    for item in (*evidence.of(Job, "pg-boss"), *evidence.of(Enqueue, "pg-boss")):
        if item.queue is not None:
            yield item, "queue", item.queue
    for item in (*evidence.of(Schedule, "pg-boss"), *evidence.of(Setting, "pg-boss")):
        if item.name and item.location.path.endswith((".ts", ".js", ".mts", ".mjs", ".cts", ".cjs", ".tsx", ".jsx")):
            yield item, "queue", Literal(item.name)


def _refused(system: str, kind: str, text: tuple[str, bool] | None) -> str:
    """Why the system does not take a name of which `text` is known (None: a number); empty if nothing speaks against it."""
    if text is None:
        return "is a number, not a text"
    fixed, whole = text
    if system == "pg-boss":
        return "" if _PG_BOSS.fullmatch(fixed) else "holds more than letters, digits and `_`, `-`, `.`, `/`"
    if system == "rq" or kind == "queue":
        return "holds a `:`" if ":" in fixed else ""
    if whole and _INTEGER.fullmatch(fixed):
        return "is an integer"
    return "holds a `:`" if ":" in fixed and fixed.count(":") != _PARTS - 1 else ""


_PACKAGE = '{"dependencies": {"bullmq": "^5.0.0"}}'
_CODE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mails");\n'
    'export const welcome = (user: User) => mails.add("welcome", { id: user.id }, { jobId: `userSEPARATOR${user.id}` });\n'
)
_WORK = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\n'
    'await boss.createQueue("NAME");\nboss.work("NAME", async ([job]) => send(job.data));\n'
)

RULE = Rule(
    id="JOB604",
    name="invalid-id-or-queue-name",
    title="Ids and queue names that are refused",
    severity="high",
    systems=tuple(_CHECKS),
    what="A `jobId` of BullMQ with a `:` in it or made of digits alone, a queue of BullMQ with a `:`, a queue of pg-boss 12 with anything "
    "but letters, digits, `_`, `-`, `.` and `/`, a job id of RQ 2 with a `:`.",
    why="BullMQ throws: `Custom Id cannot contain :`, `Custom Id cannot be integers`, `Queue name cannot contain :`. The job is never "
    "enqueued. An id without text around the number works in tests, where ids are UUIDs, and fails on a table with a serial key. "
    "RQ 2.0 takes an id with a `:` and never runs the job, later versions throw. pg-boss 10 let a `:` pass; 12 does not.",
    how="The text that is written in the id or the name, around its variable parts, and the installed version. BullMQ lets ids of three "
    "parts between colons pass, as its own older ids had that form, and so does this rule. Ids without any written text are left out.",
    false_alarms="None known.",
    migration="Each system has its own alphabet: a rewrite has to rename on both sides at once.",
    fix="unsafe",
    hint="Put a `-` where the `:` is, and text before a bare number; for queues, on both sides and after the old one has run empty.",
    effort=Effort(5, 15, "place", "an estimate"),
    sources=("measured with BullMQ 6.7 and pg-boss 12.35", "rq/rq issues 2137 and 2151; `validate_job_id` of RQ 3.0"),
    examples=(
        Example(
            "bullmq",
            bad={"package.json": _PACKAGE, "welcome.ts": _CODE.replace("SEPARATOR", ":")},
            good={"package.json": _PACKAGE, "welcome.ts": _CODE.replace("SEPARATOR", "-")},
        ),
        Example(
            "pg-boss",
            bad={"package.json": '{"dependencies": {"pg-boss": "^12.0.0"}}', "work.ts": _WORK.replace("NAME", "mail:welcome")},
            good={"package.json": '{"dependencies": {"pg-boss": "^12.0.0"}}', "work.ts": _WORK.replace("NAME", "mail/welcome")},
        ),
    ),
    check=check,
    versioned=tuple(_CHECKS),
    related=("JOB603",),
)
