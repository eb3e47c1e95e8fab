"""From Celery to Huey: MIG272 to MIG282."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_HUEY = ("huey",)

TRAPS = (
    Trap(
        "MIG272",
        "Every plain call enqueues",
        "automatic",
        "On Huey the name of a task is its delay. A direct call that is forgotten does not fail: it gives a Result "
        "where a value was expected.",
        sources=_CELERY,
        targets=_HUEY,
        scope="code",
        refines="MIG206",
        example="""
total = price(cart)                    # Celery: a number; Huey: a Result
total = price.call_local(cart)
""",
    ),
    Trap(
        "MIG273",
        "Keywords that Huey takes",
        "automatic",
        "eta, delay, id, retries, retry_delay, retry_backoff, priority, expires and timeout never reach the function. "
        "Parameters of these names are renamed, or passed by schedule(kwargs=…).",
        sources=_CELERY,
        targets=_HUEY,
        refines="MIG203",
        example="""
note(pk, priority=5)                   # the function gets no priority
note.schedule(args=(pk,), kwargs={"priority": 5})
""",
    ),
    Trap(
        "MIG275",
        "One queue for each Huey",
        "human",
        "A Huey is a queue. More queues are more instances, with a consumer each, and a task belongs to one of them.",
        sources=_CELERY,
        targets=_HUEY,
        capability="call-queue",
        example="""
send.apply_async((pk,), queue="slow")
slow = RedisHuey("slow")
""",
    ),
    Trap(
        "MIG276",
        "RedisHuey has no priorities",
        "automatic",
        "It raises an error where one is given. The rewrite uses PriorityRedisHuey, higher first.",
        sources=_CELERY,
        targets=_HUEY,
        capability="priority",
        refines="MIG504",
        example="""
huey = PriorityRedisHuey("shop")
""",
    ),
    Trap(
        "MIG277",
        "A crash loses the run",
        "human",
        "Huey takes a task from the queue before it runs. What was acks_late on Celery is now lost when the consumer is killed.",
        sources=_CELERY,
        targets=_HUEY,
        capability="late-acknowledgement",
        example="""
@huey.signal(SIGNAL_INTERRUPTED)
def again(signal, task): huey.enqueue(task)            # on a clean stop only
""",
    ),
    Trap(
        "MIG278",
        "No choice of errors",
        "helper",
        "Huey retries whatever error there is. A generated decorator raises CancelExecution(retry=False) for the others.",
        sources=_CELERY,
        targets=_HUEY,
        capability="retry-on-errors",
        example="""
autoretry_for=(Timeout,), max_retries=3
@huey.task(retries=3)
@retry_only(Timeout)
""",
    ),
    Trap(
        "MIG279",
        "Immediate in development",
        "automatic",
        "In Django, immediate follows DEBUG unless it is set: jobs then run in the request. The rewrite writes False.",
        sources=_CELERY,
        targets=_HUEY,
        scope="application",
        example="""
HUEY = {"immediate": False}
""",
    ),
    Trap(
        "MIG280",
        "The order of crontab's arguments",
        "automatic",
        "Celery's is minute, hour, day of week, day of month, month; Huey's is minute, hour, day, month, day of week. "
        "All are written as keywords.",
        sources=_CELERY,
        targets=_HUEY,
        capability="cron",
        refines="MIG506",
        example="""
crontab(0, 5, 1)                       # Celery: Mondays; Huey: the first of the month
crontab(minute="0", hour="5", day_of_week="1")
""",
    ),
    Trap(
        "MIG281",
        "Every consumer has a clock",
        "automatic",
        "A second consumer fires all periodic tasks a second time. All but one get -n.",
        sources=_CELERY,
        targets=_HUEY,
        capability="cron",
        scope="application",
        refines="MIG212",
        example="""
huey_consumer shop.huey -w 4
huey_consumer shop.huey -w 4 -n
""",
    ),
    Trap(
        "MIG282",
        "Results are read once",
        "human",
        "The first look takes a result away, None is not kept. Use preserve=True, and store_none=True where None means something.",
        sources=_CELERY,
        targets=_HUEY,
        capability="result",
        refines="MIG218",
        example="""
result.get(preserve=True)
""",
    ),
)
