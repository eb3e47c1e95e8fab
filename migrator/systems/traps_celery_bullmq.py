"""From Celery to BullMQ for Python: MIG292 to MIG298."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_CELERY = ("celery",)

TRAPS = (
    Trap(
        "MIG292",
        "Handlers have to be coroutines",
        "automatic",
        "A plain function fails, and one that blocks keeps the loop from renewing its lock of 30 s, so that the job "
        "runs twice. Bodies go into a thread.",
        sources=_CELERY,
        targets=_BULLMQ,
        capability="sync-handler",
        example="""
async def process(job, token): return await asyncio.to_thread(send, **job.data)
""",
    ),
    Trap(
        "MIG293",
        "One worker for a queue, one table of handlers",
        "helper",
        "A worker has one function for all jobs of its queue. A generated worker looks the handler up by the job's "
        "name; there is no command line, so it is a program of its own.",
        sources=_CELERY,
        targets=_BULLMQ,
        scope="application",
        example="""
HANDLERS = {"shop.tasks.send": send}
""",
    ),
    Trap(
        "MIG294",
        "Only coroutines can enqueue",
        "helper",
        "queue.add has to be awaited. A generated enqueue function keeps one event loop in a thread.",
        sources=_CELERY,
        targets=_BULLMQ,
        capability="sync-enqueue",
        refines="MIG222",
        example="""
send.delay(7)
enqueue("mail", "shop.tasks.send", {"user": 7})
""",
    ),
    Trap(
        "MIG295",
        "Finished jobs fill Redis",
        "automatic",
        "They stay for ever unless removeOnComplete and removeOnFail are given; the rewrite gives both.",
        sources=_CELERY,
        targets=_BULLMQ,
        capability="retention",
        scope="application",
        refines="MIG517",
        example="""
await queue.add(name, data, {"removeOnComplete": {"age": 86_400}, "removeOnFail": {"age": 604_800}})
""",
    ),
    Trap(
        "MIG296",
        "Schedules are written at startup",
        "helper",
        "Each entry becomes an upsertJobScheduler that the worker calls when it starts; one that is taken out of the "
        "code stays in Redis until it is removed.",
        sources=_CELERY,
        targets=_BULLMQ,
        capability="cron",
        example="""
await scheduler.upsertJobScheduler("digest", {"pattern": "0 3 * * *", "tz": "UTC"}, "digest", {}, {})
""",
    ),
    Trap(
        "MIG297",
        "Children first",
        "helper",
        "A flow is written from its end: the parent runs when its children have, and reads what they gave.",
        sources=_CELERY,
        targets=_BULLMQ,
        capability="chord",
        refines="MIG214",
        example="""
chord([count.s(pk) for pk in pks])(total.s())
{"name": "total", "queueName": "q", "children": [{"name": "count", "queueName": "q", "data": {"pk": pk}}]}
""",
    ),
    Trap(
        "MIG298",
        "Waits in milliseconds, without a longest one",
        "helper",
        "exponential doubles for ever; Celery stops at 600 s and takes a random part of it. A generated strategy of the "
        "worker computes Celery's.",
        sources=_CELERY,
        targets=_BULLMQ,
        capability="backoff",
        refines="MIG503",
        example="""
retry_backoff=2, retry_backoff_max=600
{"backoff": {"type": "celery"}}
""",
    ),
)
