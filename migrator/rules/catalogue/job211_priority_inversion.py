"""JOB211: jobs that are marked as urgent, and run last because of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue, Expression, Schedule, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided

#: BullMQ's own number for what shall run first among those that have one
_FIRST = 1
_URGENT = regex(r"high|urgent|critical|immediate|asap|realtime", re.IGNORECASE)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each queue in which some jobs have a priority."""
    queues: defaultdict[str, list[Enqueue]] = defaultdict(list)
    for enqueue in evidence.of(Enqueue, "bullmq"):
        queue = literal_of(enqueue.queue)
        if isinstance(queue, str) and queue:
            queues[queue].append(enqueue)
    for queue, enqueues in queues.items():
        marked = [e for e in enqueues if e.priority is not None and literal_of(e.priority) != 0]
        open_ended = [e for e in enqueues if e.priority is None and ("..." in e.options or (e.form == "addBulk" and not e.name))]
        plain = [e for e in enqueues if e not in marked and e not in open_ended]
        scheduled = [s for s in evidence.of(Schedule, "bullmq") if literal_of(s.queue) == queue and "priority" not in s.options]
        if not marked:
            continue
        urgent = [e for e in marked if _is_urgent(e)]
        if plain and urgent:
            names = ", ".join(dict.fromkeys(f"`{e.name or 'a job'}`" for e in urgent[:3]))
            others = ", ".join(dict.fromkeys(f"`{e.name or 'a job'}`" for e in plain[:3]))
            message = f"In the queue `{queue}` {names} waits for every {others}: jobs without a priority run before all that have one."
            yield Fail(spot(urgent[0]), message, ("bullmq",), spots(plain))
        elif plain or scheduled:
            yield Undecided(
                f"whether jobs with a priority shall run after those without in the queue `{queue}` is not known", spot(marked[0])
            )
        elif open_ended:
            yield Undecided(f"whether every job of the queue `{queue}` has a priority is only known at run time", spot(open_ended[0]))
        else:
            yield Pass(spot(marked[0], f"every job of the queue `{queue}` has a priority"))


def _is_urgent(enqueue: Enqueue) -> bool:
    """True for the priority that runs first among priorities, and for one whose name says so."""
    priority = enqueue.priority
    if isinstance(priority, Expression):
        return "?" not in priority.source and _URGENT.search(priority.source) is not None
    return literal_of(priority) == -_FIRST


_CODE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\n'
    'export const reset = (to: string) => mails.add("password-reset", { to }, { priority: 1 });\n'
    'export const news = (to: string) => mails.add("newsletter", { to }OPTIONS);\n'
)

RULE = Rule(
    id="JOB211",
    name="priority-inversion",
    title="Urgent jobs that run last",
    severity="high",
    systems=("bullmq",),
    what="A queue of BullMQ in which some jobs have the priority 1, or one that is called high or urgent, and others have none.",
    why="In BullMQ a job without a priority runs before every job that has one. Marking only the urgent job makes it wait for all others. "
    "Measured: of four jobs, two newsletters without a priority ran first, then the password reset with priority 1, then one with 10.",
    how="The options of every enqueue of a queue, with the queue's own defaults under them. Where jobs have other priorities than 1 they "
    "may be meant to run last, and the answer is unknown, as it is where options are only known at run time.",
    false_alarms="None known.",
    migration="A move that keeps the order keeps the inversion: BullMQ's 1 is -1 in pg-boss, below what has none. In pg-boss and in Celery "
    "with RabbitMQ a higher number runs sooner, and none counts as 0: the same numbers turn the order round.",
    fix="unsafe",
    hint="Give every job of the queue a priority, a higher number to the bulk; or a queue and worker of their own to the urgent ones.",
    effort=Effort(15, 30, "place", "an estimate"),
    sources=("measured with BullMQ 6.7", "BullMQ guide, Jobs, Prioritized"),
    examples=(
        Example("bullmq", bad={"mail.ts": _CODE.replace("OPTIONS", "")}, good={"mail.ts": _CODE.replace("OPTIONS", ", { priority: 10 }")}),
    ),
    check=check,
    related=("JOB210",),
)
