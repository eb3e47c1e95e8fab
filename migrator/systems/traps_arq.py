"""From arq to another system for Python: MIG350 to MIG356."""

from __future__ import annotations

from migrator.systems.trap import Trap

_ARQ = ("arq",)
_TARGETS = ("taskiq", "dramatiq", "celery", "rq", "huey", "procrastinate")

TRAPS = (
    Trap(
        "MIG350",
        "The first parameter ctx",
        "helper",
        "Every job has it. It goes where it is not used; id and attempt come from the target; what on_startup put into "
        "it (pools, clients) needs a place of its own.",
        sources=_ARQ,
        targets=_TARGETS,
        capability="context",
        refines="MIG208",
        example="""
async def sync(ctx, pk): await ctx["http"].get(url)
async def sync(pk, http=TaskiqDepends(get_http)): ...
""",
    ),
    Trap(
        "MIG351",
        "Jobs by a bare name",
        "automatic",
        "enqueue_job names the function without its module; the name is looked up among the functions of WorkerSettings.",
        sources=_ARQ,
        targets=_TARGETS,
        capability="enqueue-by-name",
        refines="MIG226",
        example="""
await pool.enqueue_job("sync", pk)
await sync.kiq(pk)
""",
    ),
    Trap(
        "MIG352",
        "Only Retry retries",
        "helper",
        "Other errors are final, also on a target that retries them all unless told otherwise. Retry(defer=…) becomes the target's own.",
        sources=_ARQ,
        targets=_TARGETS,
        capability="retry-from-body",
        example="""
raise Retry(defer=ctx["job_try"] * 5)
raise dramatiq.Retry(delay=attempt * 5_000)
""",
    ),
    Trap(
        "MIG353",
        "Ids that keep duplicates out",
        "automatic",
        "_job_id makes a second enqueue give None. Where the target has no such thing, a key in Redis is taken first, "
        "and code that asked for None is changed.",
        sources=_ARQ,
        targets=_TARGETS,
        capability="dedupe",
        example="""
if await pool.enqueue_job("sync", pk, _job_id=f"sync-{pk}") is None: return
q.enqueue(sync, pk, job_id=f"sync-{pk}", unique=True)
""",
    ),
    Trap(
        "MIG354",
        "Coroutines",
        "human",
        "Celery runs plain functions only, Huey refuses coroutines. Each job gets a function that runs it in a loop of "
        "its own, so pools of connections cannot be shared between jobs.",
        sources=_ARQ,
        targets=("celery", "huey"),
        capability="async-handler",
        example="""
@shared_task
def sync(pk): asyncio.run(_sync(pk))
""",
    ),
    Trap(
        "MIG355",
        "Sets of times",
        "automatic",
        "cron(hour={9, 12}) becomes an expression; weekdays count from Monday = 0, a missing minute is every minute, "
        "the second is 0, the zone is the worker's.",
        sources=_ARQ,
        targets=_TARGETS,
        capability="cron",
        refines="MIG506",
        example="""
cron(digest, hour={9, 12}, minute=0)
0 9,12 * * *
""",
    ),
    Trap(
        "MIG356",
        "Abort",
        "human",
        "abort() takes back what waits and cancels what runs. On most targets only one of the two can be had.",
        sources=_ARQ,
        targets=_TARGETS,
        capability="cancel-running",
        example="""
await job.abort()
app.control.revoke(task_id, terminate=True)            # Celery, prefork
""",
    ),
)
