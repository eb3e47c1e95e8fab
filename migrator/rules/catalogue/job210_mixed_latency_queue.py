"""JOB210: what somebody waits for stands in line behind what nobody waits for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue, literal_of
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.systems.effects import BULK, URGENT

_SYSTEMS = ("bullmq", "bull", "rq")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each queue with jobs of both kinds."""
    queues: defaultdict[tuple[str, str], list[Enqueue]] = defaultdict(list)
    for enqueue in evidence.of(Enqueue, *_SYSTEMS):
        queue = literal_of(enqueue.queue)
        if isinstance(queue, str) and queue:
            queues[enqueue.system, queue].append(enqueue)
    for (system, queue), enqueues in queues.items():
        urgent = [e for e in enqueues if URGENT.search(e.name) and not BULK.search(e.name)]
        bulk = [e for e in enqueues if BULK.search(e.name) and not URGENT.search(e.name)]
        if not urgent or not bulk:
            continue
        if all(e.priority is not None for e in (*urgent, *bulk)):
            yield Pass(spot(urgent[0], f"every job of the queue `{queue}` has a priority"))
            continue
        names = [", ".join(dict.fromkeys(f"`{e.name}`" for e in each[:3])) for each in (urgent, bulk)]
        message = f"In the queue `{queue}` {names[0]} waits in line behind {names[1]}."
        yield Fail(spot(urgent[0]), message, (system,), spots(bulk), confidence="possible")


_CODE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\nconst urgent = new Queue("urgent");\n'
    'export const reset = (to: string) => QUEUE.add("password-reset", { to });\n'
    'export const news = (to: string) => mails.add("newsletter", { to });\n'
)

RULE = Rule(
    id="JOB210",
    name="mixed-latency-queue",
    title="Urgent jobs in line behind bulk",
    severity="high",
    systems=_SYSTEMS,
    what="A queue into which the code puts jobs that somebody waits for (passwords, codes, logins, payments) and jobs that come in bulk "
    "(newsletters, digests, reports, reminders), by their names, and not all with a priority.",
    why="A newsletter to ten thousand people takes an hour. For an hour nobody gets the mail that lets them in.",
    how="The names of jobs, by words that are usual for either kind.",
    false_alarms="Queues that are never long, and names that say something else than they seem to.",
    migration="Priorities differ from system to system, queues do not.",
    fix="none",
    hint="Give urgent jobs a queue and workers of their own. With priorities instead, in BullMQ, both kinds need one (JOB211).",
    effort=Effort(60, 120, "place", "an audit made by hand: 1 hour"),
    sources=("BullMQ guide, Jobs, Prioritized",),
    examples=(Example("bullmq", bad={"mail.ts": _CODE.replace("QUEUE", "mails")}, good={"mail.ts": _CODE.replace("QUEUE", "urgent")}),),
    check=check,
    related=("JOB211",),
)
