"""JOB102: all attempts are used up before anything can have changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Backoff, Enqueue, Job, Literal, Setting, Value, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, number, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems.pg_boss import QUEUES_DECIDE, default_attempts

_QUEUES = ("bullmq", "bull")
#: systems whose jobs carry their own policy
_TASKS = ("celery", "huey", "procrastinate", "taskiq", "dramatiq")
#: Celery: `self.retry(countdown=0)`, not a fraction of a second
_AT_ONCE = regex(r"\bcountdown\s*=\s*0\s*(?:[,)]|$)")
_PG_BOSS = ("retryBackoff", "retryDelay", "retryLimit")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each queue, or for all jobs of a system whose policy is written at the jobs."""
    for system in _QUEUES:
        yield from _queues(evidence, system)
    yield from _rq(evidence)
    yield from _pg_boss(evidence)
    for system in _TASKS:
        yield from _tasks(evidence, system)


def _queues(evidence: Evidence, system: str) -> Iterator[Outcome]:
    by_queue: defaultdict[str, list[Enqueue]] = defaultdict(list)
    for enqueue in evidence.of(Enqueue, system):
        if _several(enqueue.max_attempts) is not False:
            by_queue[str(literal_of(enqueue.queue) or "")].append(enqueue)
    for queue, enqueues in by_queue.items():
        name = f"the queue `{queue}`" if queue else "a queue whose name is only known at run time"
        at_once = [e for e in enqueues if _several(e.max_attempts) and _waits(evidence, e) is False]
        unclear = [e for e in enqueues if e not in at_once and (_several(e.max_attempts) is None or _waits(evidence, e) is None)]
        if at_once:
            attempts = number(at_once[0].max_attempts) or 0
            message = f"Jobs of {name} use up their {attempts:.0f} attempts without a pause: nothing says `backoff`."
            yield Fail(spot(at_once[0]), message, (system,), spots(at_once[1:]))
        elif unclear:
            yield Undecided(f"how soon jobs of {name} are tried again is only known at run time", spot(unclear[0]))
        else:
            yield Pass(spot(enqueues[0], f"jobs of {name} wait before they are tried again"))


def _several(attempts: Value | None) -> bool | None:
    """True for more than one attempt, False for one or none that is written, None if only the run tells."""
    if attempts is None:
        return False
    known = number(attempts)
    return None if known is None else known > 1


def _waits(evidence: Evidence, enqueue: Enqueue) -> bool | None:
    """Whether there is a pause between the attempts; None where the code does not say."""
    if enqueue.backoff is None:
        # The queue was made where it was not seen, and may have defaults of its own.
        return None if evidence.containing(b"defaultJobOptions") else False
    return _pauses(enqueue.backoff)


def _pauses(backoff: Backoff) -> bool | None:
    if backoff.kind == "table":
        return any(backoff.table)
    if backoff.kind == "custom":
        return True if isinstance(backoff.delay, Literal) and backoff.delay.value is not None else None
    if backoff.kind == "none":
        return False
    return None if backoff.delay is not None and not isinstance(backoff.delay, Literal) else bool(literal_of(backoff.delay))


def _rq(evidence: Evidence) -> Iterator[Outcome]:
    retried = [e for e in evidence.of(Enqueue, "rq") if _several(e.max_attempts)]
    at_once = [e for e in retried if e.backoff is not None and _pauses(e.backoff) is False]
    if at_once:
        message = f"{len(at_once)} of {len(retried)} calls that ask for retries name no `interval`: all attempts follow at once."
        yield Fail(spot(at_once[0]), message, ("rq",), spots(at_once[1:]))
    elif retried:
        yield Pass(spot(retried[0], "waits before it is tried again"))


def _pg_boss(evidence: Evidence) -> Iterator[Outcome]:
    queues = {s.name: s for s in evidence.of(Setting, "pg-boss") if s.name}
    at_once: list[Enqueue] = []
    calm: list[Enqueue] = []
    for enqueue in evidence.of(Enqueue, "pg-boss"):
        major = evidence.major("pg-boss", enqueue.location.path)
        queue = str(literal_of(enqueue.queue) or enqueue.name or "")
        if major is None or major < QUEUES_DECIDE or not queue or queue not in queues:
            # Defaults of the constructor or of a queue that was made elsewhere may say more.
            unclear = major is None or any(key in enqueue.options for key in ("...", *_PG_BOSS)) or default_attempts(major) > 1
            if unclear:
                yield Undecided("what the queue was made with is not known", spot(enqueue))
            continue
        options = {**queues[queue].options, **enqueue.options}
        known = {key: literal_of(options[key]) for key in _PG_BOSS if key in options}
        if "..." in options or None in known.values():
            yield Undecided(f"how soon jobs of `{queue}` are tried again is only known at run time", spot(enqueue))
        elif known.get("retryLimit", default_attempts(major) - 1):
            (calm if known.get("retryBackoff") or known.get("retryDelay") else at_once).append(enqueue)
    if at_once:
        message = f"{len(at_once)} of {len(at_once) + len(calm)} enqueues have retries without `retryDelay` or `retryBackoff`: all at once."
        yield Fail(spot(at_once[0]), message, ("pg-boss",), spots(at_once[1:]))
    elif calm:
        yield Pass(spot(calm[0], "waits before it is tried again"))


def _tasks(evidence: Evidence, system: str) -> Iterator[Outcome]:
    retried = [j for j in evidence.of(Job, system) if j.retry is not None and (j.retry.automatic or _at_once(j)) and _again(j)]
    at_once = [j for j in retried if _at_once(j) or (j.retry is not None and j.retry.automatic and _pauses(j.retry.backoff) is False)]
    if at_once:
        message = f"{len(at_once)} of {len(retried)} jobs with retries have no pause between them: all attempts follow at once."
        yield Fail(spot(at_once[0]), message, (system,), spots(at_once[1:]))
    elif retried:
        yield Pass(spot(retried[0], "waits before it is tried again"))


def _again(job: Job) -> bool:
    """True if more than one attempt is written, or no end to them."""
    limit = job.retry.max_attempts if job.retry is not None else None
    return isinstance(limit, Literal) and (limit.value is None or bool(_several(limit)))


def _at_once(job: Job) -> bool:
    return any(use.feature == "manual-retry" and _AT_ONCE.search(use.detail) for use in job.uses)


_SEND = (
    'import { Queue } from "bullmq";\n'
    'const mails = new Queue("mail", { defaultJobOptions: { attempts: 5BACKOFF } });\nmails.add("welcome", { to: 1 });\n'
)
_TASK = "from celery import shared_task\n\n@shared_task(bind=True)\ndef send(self, to):\n    try:\n        deliver(to)\n"
_RQ = (
    "from redis import Redis\nfrom rq import Queue, Retry\nfrom jobs import send\n\n"
    "Queue(connection=Redis()).enqueue(send, 1, retry=RETRY)\n"
)
_BOSS = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\n'
    'await boss.createQueue("mail", OPTIONS);\nawait boss.send("mail", { to: 1 });\n'
)
_BOSS_12 = '{"dependencies": {"pg-boss": "^12.0.0"}}'

RULE = Rule(
    id="JOB102",
    name="retry-without-backoff",
    title="Retries that follow at once",
    severity="high",
    systems=(*_QUEUES, "rq", "pg-boss", *_TASKS),
    what="More than one attempt and no pause between them: BullMQ and Bull `attempts` without `backoff`; RQ `Retry(max=n)` without "
    "`interval`; pg-boss without `retryDelay` and `retryBackoff`, which is its default; Celery `self.retry(countdown=0)` or "
    "`default_retry_delay=0`; Huey, Procrastinate and taskiq without a delay.",
    why="What makes a job fail, a restart or a rate limit, lasts for seconds at least. Measured with BullMQ: five attempts were used up in "
    "28 ms. Where many jobs fail together, they also hit the service that is struggling all at once.",
    how="The options of each call are laid over the defaults of its queue. Where either is only known at run time, the answer is unknown. "
    "Celery's `autoretry_for` by itself waits for three minutes and is no finding.",
    false_alarms="Jobs that only compute, or that fail for reasons which are over at once, such as a lock.",
    migration="Inngest, QStash and Dramatiq wait longer each time by themselves; a rewrite to them makes failing jobs take longer.",
    fix="unsafe",
    hint='Say how long to wait: `backoff: { type: "exponential", delay: 1000, jitter: 0.5 }`, `retryBackoff: true`, '
    "`interval=[10, 30, 60]`, `retry_backoff=True`.",
    effort=Effort(5, 10, "queue", "an estimate"),
    sources=(
        "BullMQ guide, Retrying failing jobs; measured with BullMQ 6.7",
        "pg-boss documentation, Queues",
        "RQ documentation, Exceptions",
    ),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _SEND.replace("BACKOFF", "")},
            good={"mail.ts": _SEND.replace("BACKOFF", ', backoff: { type: "exponential", delay: 1000 }')},
        ),
        Example(
            "rq",
            bad={"app.py": _RQ.replace("RETRY", "Retry(max=3)"), "jobs.py": "def send(to):\n    ...\n"},
            good={"app.py": _RQ.replace("RETRY", "Retry(max=3, interval=[10, 30, 60])"), "jobs.py": "def send(to):\n    ...\n"},
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASK + "    except OSError as error:\n        raise self.retry(exc=error, countdown=0)\n"},
            good={"tasks.py": _TASK + "    except OSError as error:\n        raise self.retry(exc=error, countdown=60)\n"},
        ),
        Example(
            "pg-boss",
            bad={"package.json": _BOSS_12, "mail.ts": _BOSS.replace("OPTIONS", "{ retryLimit: 5 }")},
            good={"package.json": _BOSS_12, "mail.ts": _BOSS.replace("OPTIONS", "{ retryLimit: 5, retryBackoff: true }")},
        ),
    ),
    check=check,
    versioned=("pg-boss",),
    related=("JOB101",),
)
