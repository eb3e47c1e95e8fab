"""JOB605: a message to people that a second run sends again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Enqueue, Job
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.inside_jobs import enqueued_by
from migrator.rules.job_ids import WITH_IDS, job_id
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.bodies import Reached
from migrator.systems import SYSTEMS

_TELLS = regex(r"e?mail|notif|newsletter|digest|remind|sms|push|invit|alert|whatsapp|telegram", re.IGNORECASE)
#: parts of such names that tell people nothing
_OTHER = regex(
    r"webhook|index|sync|import|process|verify|track|count|clean|delete|bounce|status|updat|pushed|fetch|generat|draft|render|preview|classif|extract|pars",
    re.IGNORECASE,
)
#: what code asks or writes so that nobody hears of a thing twice
_ASKS = regex(
    r"already|(?:sent|notified|reminded|emailed|mailed|alerted)_?(?:at|on|mail|email|reminder|notification|log)s?\b|\.sent\b|\bsent\s*[:=]|"
    r"(?:is|was|has|email|mail|reminder|notification)_?(?:sent|notified|reminded)\b|last_?(?:sent|notified|reminded|email|remind|alert)|"
    r"on conflict|onConflict|skipDuplicates|findUnique|findFirst|findOne|get_or_create|upsert|\bexists\w*\(|setnx|\bNX\b|dedup|idempot",
    re.IGNORECASE,
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system whose enqueues can have an id that keeps a second one out."""
    for system in (s for s in WITH_IDS if s in evidence.systems):
        again: dict[Spot, None] = {}
        once: Enqueue | None = None
        asks: Spot | None = None
        for job, enqueue, reached in enqueued_by(evidence, system):
            if not _is_told(enqueue):
                continue
            if _is_once(enqueue):
                once = once or enqueue
            elif (place := _asked(evidence, job, enqueue, reached)) is not None:
                asks = asks or place
            else:
                again.setdefault(spot(enqueue))
        if again:
            first, *others = again
            message = f"`{first.what}` goes out again when the job that enqueues it runs again: nothing marks who has had it already."
            yield Fail(first, message, (system,), tuple(others), confidence="possible")
        elif asks is not None:
            yield Undecided(f"whether what {SYSTEMS[system].title} sends goes out once depends on what the code asks first", asks)
        elif once is not None:
            yield Pass(spot(once, "has an id that keeps a second one out"))


def _is_told(enqueue: Enqueue) -> bool:
    """True for what people will read."""
    name = enqueue.name or enqueue.job.rpartition(":")[2]
    queue = getattr(enqueue.queue, "value", "")
    said = name if _TELLS.search(name) else str(queue or "")
    return bool(_TELLS.search(said)) and not _OTHER.search(name)


def _is_once(enqueue: Enqueue) -> bool:
    if enqueue.dedupe is None:
        return False
    known = job_id(enqueue)
    # An id that only the run tells may well be the right one; one of the clock or of chance keeps nothing out.
    return known is None or known.business or not (known.clock or known.chance)


def _asked(evidence: Evidence, job: Job, enqueue: Enqueue, reached: Reached) -> Spot | None:
    """Where the code asks whether somebody has heard already: before it enqueues, or in the job that sends."""
    found = evidence.handler(job)
    bodies = [(reached.view, reached.function), *([found] if found is not None else [])]
    for other in evidence.of(Job, enqueue.system):
        queue = getattr(enqueue.queue, "value", None)
        same = enqueue.job == f"{other.module}:{other.symbol}" or (queue is not None and queue == getattr(other.queue, "value", ""))
        sender = evidence.handler(other) if same or (enqueue.name and enqueue.name == other.name) else None
        bodies += [sender] if sender is not None else []
    for view, function in bodies:
        match = _ASKS.search(view.source.text(function))
        if match is not None:
            line = function.start_point.row + view.source.text(function).count("\n", 0, match.start()) + 1
            return Spot(view.source.path, line, f"`{match[0]}`")
    return None


_CODE = (
    'import { Queue, Worker } from "bullmq";\nconst mails = new Queue("email");\nnew Worker("expiry", async (job) => {\n'
    '  for (const user of await expiring()) {\n    await mails.add("expiry-warning", { to: user.address }OPTIONS);\n  }\n});\n'
)

RULE = Rule(
    id="JOB605",
    name="no-dedup-on-notification",
    title="Messages that a second run sends again",
    severity="high",
    systems=WITH_IDS,
    what="A job that enqueues a mail, a reminder or another message to people, without an id that keeps a second one out, or with one that "
    "is new every time, where neither it nor the job that sends asks whether it was sent already.",
    why="Jobs run more than once: after a failure half way, after a worker that died, when a schedule fires twice. Everybody who was "
    "written to before the failure is written to again, and people turn off what writes to them twice.",
    how="Enqueues in the bodies of jobs and in what they call, by their name or queue. Words such as `sentAt`, `already`, `ON CONFLICT` or "
    "`upsert` on the way make the answer unknown. Whether all users of a tenant should hear of it is not looked at.",
    false_alarms="A unique index in a database that the code does not mention; names that only sound like messages.",
    migration="Carry the id over: pg-boss calls it `singletonKey`, Inngest the event's `id`, SQS a deduplication id.",
    fix="none",
    hint="Give it an id of what it is about and when: the document, the person and the day.",
    effort=Effort(120, 120, "project", "an estimate of an audit made by hand"),
    sources=("BullMQ guide, Jobs, Deduplication", "an audit of a BullMQ worker made by hand"),
    examples=(
        Example(
            "bullmq",
            bad={"expiry.ts": _CODE.replace("OPTIONS", "")},
            good={"expiry.ts": _CODE.replace("OPTIONS", ", { jobId: `expiry-${user.id}-${job.data.day}` }")},
        ),
    ),
    check=check,
    related=("JOB601", "JOB602", "JOB107"),
)
