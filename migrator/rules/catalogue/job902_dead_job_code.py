"""JOB902: jobs that nothing starts, and queues that nothing feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Client, Enqueue, Expression, Job, Schedule, Worker, literal_of
from migrator.jobs.findings import Spot
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.files import area_of
from migrator.systems import SYSTEMS

#: in which a job runs only if its name, or the function itself, is enqueued or scheduled
_BY_NAME = ("celery", "dramatiq", "huey", "arq", "procrastinate", "taskiq", "graphile-worker")
#: in which a worker works off what is put into its queue
_BY_QUEUE = ("bullmq", "bull", "bee-queue", "pg-boss")
#: forms of a mention that start nothing
_REGISTERS = ("import",)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all jobs of each system that goes by names, and one for the queues of each other."""
    for system in _BY_NAME:
        yield from _jobs(evidence, system)
    for system in _BY_QUEUE:
        yield from _queues(evidence, system)


def _jobs(evidence: Evidence, system: str) -> Iterator[Outcome]:
    jobs = evidence.of(Job, system)
    if not jobs:
        return
    items = [i for i in evidence.inventory.items if isinstance(i, Enqueue | Schedule) and i.system == system and not i.area]
    started = {i.job for i in items} | {name for i in items for name in (i.name, i.job_name if isinstance(i, Schedule) else "")}
    started |= {r.target for r in evidence.inventory.references if r.form not in _REGISTERS and not area_of(r.location.path)}
    dead = [j for j in jobs if not _is_started(j, started) and j.live is not False]
    title = SYSTEMS[system].title
    if not dead:
        yield Pass(spot(jobs[0], "every job is started from somewhere"))
    elif why := _open_end(evidence, system, items) or (
        "something that was not followed may start them" if 2 * len(dead) > len(jobs) > 2 else ""
    ):
        count = f"{len(dead)} jobs of {title} are" if len(dead) > 1 else f"`{dead[0].name or dead[0].symbol}` of {title} is"
        yield Undecided(f"{count} started nowhere in this code; {why}", spot(dead[0]))
    else:
        places = tuple(spot(j) for j in dead)
        count = f"{len(dead)} of {len(jobs)} jobs" if len(dead) > 1 else f"`{dead[0].name or dead[0].symbol}`, one of {len(jobs)} jobs"
        verb = "are" if len(dead) > 1 else "is"
        message = f"{count} of {title} {verb} enqueued and scheduled nowhere in this code."
        yield Fail(places[0], message, (system,), places[1:], confidence="likely")


def _is_started(job: Job, started: set[str]) -> bool:
    own = {job.identity, job.name} - {""}
    # What is triggered says so itself, and what is registered in a table may be started by whoever reads that.
    return (
        bool(own & started)
        or any(t.kind != "direct" for t in job.triggers)
        or any(s.endswith(f".{job.name}") for s in started if job.name and "." in s)
    )


def _open_end(evidence: Evidence, system: str, items: list[Enqueue | Schedule]) -> str:
    """Why a job may be started although nothing that was read does; empty if nothing speaks for it."""
    if any(not i.name and not i.job for i in items if isinstance(i, Enqueue)) or any(
        u.system == system for u in evidence.inventory.unresolved
    ):
        return "what is enqueued is in part only known at run time"
    if not items:
        return "nothing here enqueues anything: others must do so elsewhere"
    if system == "celery" and evidence.package("django-celery-beat", "celery-redbeat", "sqlalchemy-celery-beat"):
        return "schedules may stand in the database"
    if system in ("huey", "taskiq", "graphile-worker") and any(isinstance(i, Schedule) and not i.job_name for i in items):
        return "a schedule is only known at run time"
    return ""


def _queues(evidence: Evidence, system: str) -> Iterator[Outcome]:
    """Queues that a worker takes from, or code makes, and that nothing is put into."""
    items = [i for i in evidence.inventory.items if isinstance(i, Enqueue | Schedule) and i.system == system and not i.area]
    made = [i for i in (*evidence.of(Worker, system), *evidence.of(Client, system), *evidence.of(Job, system)) if i.language != "python"]
    taken: dict[str, Spot] = {}
    for item in made:
        names = item.queues if isinstance(item, Worker) else (item.name,) if isinstance(item, Client) and _is_named(item) else ()
        if isinstance(item, Job):
            queue = literal_of(item.queue) if item.queue is not None else item.name
            names = (queue,) if isinstance(queue, str) and queue else ()
        for name in names:
            taken.setdefault(name, spot(item, name))
    if not taken:
        return
    fed = {str(literal_of(i.queue) or (i.name if system == "pg-boss" else "")) for i in items}
    fed |= {i.job_name for i in items if isinstance(i, Schedule)} if system == "pg-boss" else set()
    dead = {name: where for name, where in taken.items() if name not in fed and not _is_made_of(name)}
    title = SYSTEMS[system].title
    unknown = (
        "" in fed or any(isinstance(i.queue, Expression) for i in items) or any(u.system == system for u in evidence.inventory.unresolved)
    )
    if not dead:
        yield Pass(next(iter(taken.values())))
    elif unknown or not items:
        why = "what is put into which queue is in part only known at run time" if items else "nothing here puts anything into a queue"
        yield Undecided(f"{why}: {len(dead)} queues of {title} are fed from nowhere else", next(iter(dead.values())))
    else:
        first, *others = dead.values()
        count = f"{len(dead)} of {len(taken)} queues of {title} are" if others else f"The queue `{first.what}` of {title} is"
        yield Fail(
            first,
            f"{count} made or worked off, and nothing in this code puts a job into {'them' if others else 'it'}.",
            (system,),
            tuple(others),
            confidence="likely",
        )


def _is_named(client: Client) -> bool:
    """True for a queue with a name of its own: one whose name only the run tells is called after the variable that holds it."""
    return client.role == "queue" and client.name != client.symbol


def _is_made_of(name: str) -> bool:
    """True for a name that stands for many: a template or a pattern."""
    return re.search(r"[{}*$]", name) is not None


_TASKS = (
    "from celery import shared_task\n\n@shared_task\ndef send(to): ...\n\n@shared_task\ndef clean(): ...\n\n"
    "def join(user):\n    send.delay(user)\n"
)

RULE = Rule(
    id="JOB902",
    name="dead-job-code",
    title="Jobs that nothing starts",
    severity="low",
    systems=(*_BY_NAME, *_BY_QUEUE),
    what="A job that is enqueued and scheduled nowhere, or a queue that code makes or works off and nothing puts a job into.",
    why="It is moved, tested and kept alive for nothing. Sometimes it was meant to run, and nobody noticed that it does not.",
    how="All jobs less those that some enqueue, schedule, chain, call or mention of the code leads to; one finding for each system. Where "
    "part of what is enqueued is known only at run time, where nothing at all is enqueued here, or where schedules may stand in a "
    "database, the answer is unknown; and so it is where most jobs are started from nowhere. Jobs that are started by events have a rule "
    "of their own (JOB904).",
    false_alarms="A job that another repository, an administrator or SQL starts.",
    migration="Such a job need not be moved. Ask the running system first: no run in a month says more than the code.",
    fix="unsafe",
    hint="Take it out, or start it.",
    effort=Effort(10, 10, "place", "an estimate"),
    sources=("the inventory of the audit",),
    examples=(
        Example(
            "celery",
            bad={"tasks.py": _TASKS},
            good={"tasks.py": _TASKS.replace("    send.delay(user)\n", "    send.delay(user)\n    clean.delay()\n")},
        ),
        Example(
            "bullmq",
            bad={
                "mail.ts": 'import { Queue, Worker } from "bullmq";\nconst mails = new Queue("mail");\n'
                'mails.add("welcome", {});\nnew Worker("mail", async (job) => send(job.data));\nnew Worker("sms", async (job) => '
                "text(job.data));\n"
            },
            good={
                "mail.ts": 'import { Queue, Worker } from "bullmq";\nconst mails = new Queue("mail");\n'
                'mails.add("welcome", {});\nnew Worker("mail", async (job) => send(job.data));\n'
            },
        ),
    ),
    check=check,
    related=("JOB901", "JOB904", "JOB905"),
    absence=True,
)
