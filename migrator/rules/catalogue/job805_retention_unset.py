"""JOB805: jobs that are over stay for ever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue, Literal, Setting, Value, literal_of
from migrator.rules.celery_configuration import named
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.retention import COMPLETED, FAILED, SYSTEMS, Retention
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS as KNOWN

#: a cleaning of one's own
_CLEANS = (b".clean(", b".obliterate(", b".trimEvents(")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each queue that jobs are put into, and for each setting that says how long results stay."""
    for system in SYSTEMS:
        yield from _queues(evidence, system)
    for setting in named(evidence, "result_expires"):
        yield from _setting(setting, "result_expires", setting.value, "results of tasks")
    for setting in evidence.of(Setting, "pg-boss"):
        after = setting.options.get("deleteAfterSeconds")
        yield from _setting(setting, "deleteAfterSeconds", after, f"jobs of the queue `{setting.name}` that are over")


def _setting(setting: Setting, name: str, value: Value | None, what: str) -> Iterator[Outcome]:
    """How long `what` stays, where the code spells that out."""
    if not isinstance(value, Literal):
        return
    if value.value is None or value.value == 0:
        yield Fail(spot(setting), f"`{name}` is {value.value or 0}: {what} are kept for ever.", (setting.system,))
    else:
        yield Pass(spot(setting, f"{what} go after {value.value}"))


def _queues(evidence: Evidence, system: str) -> Iterator[Outcome]:
    by_queue: defaultdict[str, list[Enqueue]] = defaultdict(list)
    for enqueue in evidence.of(Enqueue, system):
        queue = literal_of(enqueue.queue)
        if isinstance(queue, str) and enqueue.language != "python":
            by_queue[queue].append(enqueue)
    if not by_queue:
        return
    retention, cleaned = Retention(evidence), evidence.containing(*_CLEANS)
    for queue, enqueues in sorted(by_queue.items()):
        kept = {option: any(_for_ever(retention, e, option) for e in enqueues) for option in (COMPLETED, FAILED)}
        unclear = [e for e in enqueues if any(not isinstance(retention.of(e, o), Literal | None) for o in (COMPLETED, FAILED))]
        places = [e for e in enqueues if _for_ever(retention, e, COMPLETED) or _for_ever(retention, e, FAILED)]
        if not places and unclear:
            yield Undecided("how long jobs that are over are kept is only known at run time", spot(unclear[0]))
        elif not places:
            yield Pass(spot(enqueues[0], f"what is over in `{queue}` goes"))
        elif cleaned:
            yield Undecided(f"`{cleaned[0]}` cleans queues: whether `{queue}` is among them is only known at run time", spot(places[0]))
        else:
            which = " and ".join(w for w, o in (("completed", COMPLETED), ("failed", FAILED)) if kept[o])
            message = f"Nothing limits how many {which} jobs of `{queue}` {KNOWN[system].title} keeps in Redis."
            # Of those that fail there are fewer, and somebody wants to look at them.
            severity = None if kept[COMPLETED] else "low"
            yield Fail(spot(places[0]), message, (system,), spots(places[1:]), severity=severity)


def _for_ever(retention: Retention, enqueue: Enqueue, option: str) -> bool:
    said = retention.of(enqueue, option)
    return said is None or (isinstance(said, Literal) and said.value is False)


_CODE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail"OPTIONS);\n'
    'export const welcome = (to: string) => mails.add("welcome", { to });\n'
)

RULE = Rule(
    id="JOB805",
    name="retention-unset",
    title="Jobs that are over are kept for ever",
    severity="medium",
    systems=(*SYSTEMS, "celery", "pg-boss"),
    what="A queue of BullMQ or Bull without `removeOnComplete` or `removeOnFail`, in the call, in the queue's `defaultJobOptions` or in "
    "its worker; `result_expires` of Celery that is 0 or None; `deleteAfterSeconds: 0` of pg-boss.",
    why="Every job that was ever run stays in Redis with its data and its result, until the memory is full and Redis evicts keys, or "
    "refuses the next job. Measured with BullMQ: 40 of 40 completed jobs were still there.",
    how="The options of each call over those of its queue and of its worker; one finding for each queue. Where a part is known only at "
    "run time, or the code cleans queues itself, the answer is unknown.",
    false_alarms="A cleaner outside this code.",
    migration="Leaving Redis mends it: pg-boss deletes by itself after a time, Inngest keeps runs by plan.",
    fix="unsafe",
    hint="Say how long what is over is kept, or how much of it.",
    hints={
        **dict.fromkeys(
            SYSTEMS, "Give the queue `defaultJobOptions: { removeOnComplete: { count: 1000 }, removeOnFail: { count: 5000 } }`."
        ),
        "celery": "Set `result_expires` to a number of seconds above 0.",
        "pg-boss": "Set `deleteAfterSeconds` to a number above 0.",
    },
    effort=Effort(10, 10, "queue", "an estimate"),
    sources=("BullMQ guide, Going to production, and Auto-removal of jobs; measured with BullMQ 6.7", "Celery, `result_expires`"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _CODE.replace("OPTIONS", "")},
            good={
                "mail.ts": _CODE.replace(
                    "OPTIONS", ", { defaultJobOptions: { removeOnComplete: { count: 1000 }, removeOnFail: { count: 5000 } } }"
                )
            },
        ),
        Example(
            "celery",
            bad={"app.py": "from celery import Celery\napp = Celery()\napp.conf.result_expires = None\n\n@app.task\ndef send(to): ...\n"},
            good={"app.py": "from celery import Celery\napp = Celery()\napp.conf.result_expires = 3600\n\n@app.task\ndef send(to): ...\n"},
        ),
    ),
    check=check,
    left_behind=True,
    stays_on=("agenda", "bee-queue", "django-q", "django-tasks", "huey", "pg_cron", "postgres-table", "procrastinate", "taskiq"),
    absence=True,
    related=("JOB603",),
)
