"""JOB401: all that jobs say of themselves is text on the standard output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Job, Location
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.bodies import Reached
from migrator.scanners.linking import Defined
from migrator.systems import SYSTEMS

#: systems whose workers are processes of one's own; on hosted platforms the standard output is the log
_SYSTEMS = (
    *("bullmq", "bull", "pg-boss", "agenda", "bee-queue", "graphile-worker"),
    *("celery", "rq", "dramatiq", "huey", "arq", "procrastinate", "taskiq", "postgres-table"),
)
_PRINTS = frozenset(("print", *(f"console.{level}" for level in ("log", "info", "warn", "error", "debug", "trace"))))
_LEVELS = r"debug|info|warn|warning|error|exception|critical|fatal|trace|verbose|log|success|notice"
_NAMES = r"(?:log|logger|logging|pino|winston|bunyan|logfire|structlog)"
#: `logger.info`, `this.log.warn`, `getLogger(name).error`, `logger[level]`, and functions that are called `log`
_LOGS = regex(
    rf"(?:^|[\w.()?!\[\]'\"-]*[._(]|^\w*){_NAMES}\w*(?:\([^)]*\))?[?!]?(?:\.(?:{_LEVELS})|\[.*\])$"
    r"|^(?:(?:this|self|ctx|context|helpers?|job|io)\.)?log\w*$",
    re.IGNORECASE,
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that runs jobs here."""
    for system in _SYSTEMS:
        jobs = evidence.of(Job, system)
        printing: dict[Location, Spot] = {}
        logging: Spot | None = None
        unread = next((job for job in jobs if evidence.handler(job) is None), None)
        for job in jobs:
            for call in evidence.calls(job):
                if _prints(call):
                    printing.setdefault(job.location, Spot(*_at(call), f"`{call.written}`"))
                elif logging is None and (_LOGS.search(call.written) or _prints_data(call)):
                    logging = Spot(*_at(call), f"logs with `{call.written}`")
        if logging is not None:
            yield Pass(logging)
        elif printing and unread is not None:
            yield Undecided(f"the code of a job of {SYSTEMS[system].title} was not found", spot(unread))
        elif printing:
            places = tuple(dict.fromkeys(printing.values()))
            written = places[0].what.strip("`")
            message = (
                f"{len(printing)} of {len(jobs)} jobs of {SYSTEMS[system].title} log with `{written}` and the like, none with a logger."
            )
            yield Fail(places[0], message, (system,), places[1:], confidence="likely")


def _at(call: Reached) -> tuple[str, int]:
    where = call.view.source.location(call.node, at=call.callee)
    return where.path, where.line


def _prints(call: Reached) -> bool:
    return call.written in _PRINTS and not isinstance(call.meaning, Defined) and not _prints_data(call)


def _prints_data(call: Reached) -> bool:
    """True for a line of JSON that code prints itself: it can be searched like that of a logger."""
    return call.written in _PRINTS and any(text in (call.node.text or b"") for text in (b"JSON.stringify({", b"json.dumps("))


_WORKER = 'IMPORTimport { Worker } from "bullmq";\n\nnew Worker("mail", async (job) => {\n  await send(job.data);\n  SAY\n});\n'
_TASK = "IMPORTfrom celery import shared_task\n\n@shared_task\ndef send(to):\n    deliver(to)\n    SAY\n"

RULE = Rule(
    id="JOB401",
    name="no-structured-logging",
    title="Jobs that log with `console.log` or `print`",
    severity="high",
    systems=_SYSTEMS,
    what="Jobs whose only words are `console.log` or `print`, in their own code and in what they call: no logger anywhere.",
    why="Such a line has no level, no job id and no attempt. Of a thousand lines at the same moment nobody can tell which belong to the "
    "job "
    "that failed, and no alarm can be set on them.",
    how="Every call in a job's body and in the functions of the project that it calls, up to four deep. One finding for each system; one "
    "logger anywhere in a job is enough to pass, and so is JSON that is printed. Jobs that say nothing at all are not meant. Systems that "
    "a platform runs are left out: there the standard output is the log.",
    false_alarms="A collector that makes records of what is printed. Celery hands what is printed to its own logger, as a warning without "
    "a "
    "task's name.",
    migration="A logger that is told the job's name, id and attempt makes the runs before and after the move comparable.",
    fix="unsafe",
    hint="Use a logger (pino, winston; in Python structlog) that is given the job's id, queue and attempt.",
    hints={"celery": "Use `get_task_logger` or structlog, with the task's id and attempt in each line."},
    effort=Effort(120, 180, "project", "an estimate of an audit made by hand"),
    sources=("Celery user guide, Tasks, Logging", "an audit of a BullMQ worker made by hand"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _WORKER.replace("IMPORT", "").replace("SAY", "console.log(`sent ${job.id}`);")},
            good={
                "mail.ts": _WORKER.replace("IMPORT", 'import pino from "pino";\n').replace(
                    "SAY", 'pino().info({ job: job.id, attempt: job.attemptsMade }, "sent");'
                )
            },
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASK.replace("IMPORT", "").replace("SAY", 'print("sent", to)')},
            good={
                "tasks.py": _TASK.replace("IMPORT", "from celery.utils.log import get_task_logger\n").replace(
                    "SAY", 'get_task_logger(__name__).info("sent %s", to)'
                )
            },
        ),
    ),
    check=check,
    related=("JOB402", "JOB403"),
)
