"""From Huey to Celery: MIG326 to MIG333."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_HUEY = ("huey",)

TRAPS = (
    Trap(
        "MIG326",
        "A call becomes delay",
        "automatic",
        "Every call of a task enqueued it. Calls become delay, call_local becomes a call.",
        sources=_HUEY,
        targets=_CELERY,
        scope="code",
        example="""
send(7); send.call_local(7)
send.delay(7); send(7)
""",
    ),
    Trap(
        "MIG327",
        "Retries have to be asked for",
        "automatic",
        "Huey retries any error; Celery needs autoretry_for.",
        sources=_HUEY,
        targets=_CELERY,
        capability="retries",
        example="""
@huey.task(retries=3, retry_delay=60)
@shared_task(autoretry_for=(Exception,), max_retries=3, retry_backoff=False, default_retry_delay=60)
""",
    ),
    Trap(
        "MIG328",
        "schedule becomes apply_async",
        "automatic",
        "delay is countdown, in seconds on both sides; eta without a zone was local or UTC, by Huey's setting.",
        sources=_HUEY,
        targets=_CELERY,
        capability="delay",
        refines="MIG502",
        example="""
send.schedule(args=(7,), delay=90)
send.apply_async((7,), countdown=90)
""",
    ),
    Trap(
        "MIG329",
        "The keyword task",
        "helper",
        "context=True hands over the task as a keyword; with bind=True it is the first argument.",
        sources=_HUEY,
        targets=_CELERY,
        capability="context",
        refines="MIG208",
        example="""
def sync(pk, task=None): log(task.id)
def sync(self, pk): log(self.request.id)
""",
    ),
    Trap(
        "MIG330",
        "Locks",
        "human",
        "lock_task has no counterpart: celery-singleton, or a lock in Redis.",
        sources=_HUEY,
        targets=_CELERY,
        capability="singleton",
        example="""
@huey.lock_task("report")
with redis.lock("report", timeout=600, blocking=False): ...
""",
    ),
    Trap(
        "MIG331",
        "Periodic tasks",
        "automatic",
        "crontab becomes beat entries by keyword; a function of one's own that decides about a time is left to a "
        "person. Beat is a process of its own.",
        sources=_HUEY,
        targets=_CELERY,
        capability="cron",
        example="""
@huey.periodic_task(crontab(minute="0", hour="3"))
"digest": {"task": "shop.digest", "schedule": crontab(minute=0, hour=3)}
""",
    ),
    Trap(
        "MIG332",
        "Results go to the front",
        "helper",
        "then puts the result last, Celery first; a tuple was unpacked and a dict became keywords, which Celery never does.",
        sources=_HUEY,
        targets=_CELERY,
        capability="chain",
        refines="MIG213",
        example="""
load.s(pk).then(render, "pdf")         # render("pdf", data)
chain(load.s(pk), render.s("pdf"))     # render(data, "pdf")
""",
    ),
    Trap(
        "MIG333",
        "A broker is needed",
        "human",
        "SqliteHuey, FileHuey and MemoryHuey need no server; Celery needs Redis or RabbitMQ.",
        sources=_HUEY,
        targets=_CELERY,
        scope="application",
        example="""
huey = SqliteHuey("shop")
app = Celery("shop", broker="redis://redis:6379/0")
""",
    ),
)
