"""JOB105: a job that fails and counts as done."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.rules.swallowing import swallowing
from migrator.syntax.tree import LOOPS, contains, enclosing

#: systems that learn from an exception that a job failed
_SYSTEMS = (
    *("bullmq", "bull", "pg-boss", "inngest", "trigger.dev", "graphile-worker", "agenda", "bee-queue", "faktory"),
    *("celery", "rq", "dramatiq", "huey", "arq", "procrastinate", "taskiq"),
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each job that swallows what goes wrong in its work."""
    told: set[tuple[str, int]] = set()
    clean: Job | None = None
    for job in evidence.of(Job, *_SYSTEMS):
        found = evidence.handler(job)
        if found is None:
            continue
        view, function = found
        clauses = list(swallowing(function))
        for clause in clauses:
            where = view.source.location(clause)
            if (where.path, where.line) not in told:
                told.add((where.path, where.line))
                name, loop = f"`{job.name or job.symbol}`", enclosing(clause, LOOPS)
                if loop is not None and contains(function, loop):
                    message = f"{name} counts as completed when some of its parts fail, or all: errors are caught here, one by one."
                    yield Fail(spot(where), message, (job.system,), severity="medium")
                else:
                    message = f"{name} counts as completed when its work fails: the error is caught here and goes no further."
                    yield Fail(spot(where), message, (job.system,))
        if not clauses:
            clean = clean or job
    if clean is not None:
        yield Pass(spot(clean, "what goes wrong in its work is not swallowed"))


_WORKER = (
    'import { Worker } from "bullmq";\nnew Worker("mail", async (job) => {\n  try {\n    await send(job.data);\n  } catch (error) {\n'
    "    console.error(error);\nMORE  }\n});\n"
)
_TASK = (
    "import logging\n\nfrom celery import shared_task\n\nlogger = logging.getLogger(__name__)\n\n@shared_task\ndef send(to):\n    try:\n"
    '        deliver(to)\n    except Exception:\n        logger.exception("not sent")\nMORE'
)

RULE = Rule(
    id="JOB105",
    name="swallowed-exception",
    title="Jobs that fail and count as done",
    severity="high",
    systems=_SYSTEMS,
    what="A job whose work stands in a `try` with a `catch`, an `except:` or an `except Exception:` that only writes a line to a log, or "
    "does nothing.",
    why="To the system a job has failed when an exception leaves it. Measured with BullMQ: a job with five attempts that caught its error "
    "ran once and stood among the completed. Retries, alerts and counts never hear of it.",
    how="The function of the job itself: a `try` that holds at least half of the calls in it, and a clause for any error in which nothing "
    "is raised, called or noted down apart from logging. Functions within it, such as steps, are left out, and so are clauses that do "
    "something about the error. In a loop over many things the finding is medium.",
    false_alarms="Work that may fail without harm and makes up the whole job, such as warming a cache.",
    migration="It stays as it is on every target; tests that compare the two systems see only completed jobs.",
    fix="none",
    hint="Raise the error again after logging it; for many things in one job, gather the errors and raise one at the end.",
    effort=Effort(15, 45, "place", "an estimate"),
    sources=("measured with BullMQ 6.7", "Ruff, S110 and BLE001"),
    examples=(
        Example("bullmq", bad={"mail.ts": _WORKER.replace("MORE", "")}, good={"mail.ts": _WORKER.replace("MORE", "    throw error;\n")}),
        Example("celery", bad={"tasks.py": _TASK.replace("MORE", "")}, good={"tasks.py": _TASK.replace("MORE", "        raise\n")}),
    ),
    check=check,
    related=("JOB103",),
)
