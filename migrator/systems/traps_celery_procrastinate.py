"""From Celery to Procrastinate: MIG251 to MIG262."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_PROCRASTINATE = ("procrastinate",)

TRAPS = (
    Trap(
        "MIG251",
        "Positional arguments vanish",
        "automatic",
        "defer takes keywords only; what is given by position is dropped, without an error. Every call is bound to the "
        "parameters of its task; one that cannot be is not rewritten.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="positional-arguments",
        refines="MIG202",
        example="""
send.delay(7, "hello")
send.defer(user=7, text="hello")
""",
    ),
    Trap(
        "MIG252",
        "There are no results",
        "human",
        "Procrastinate stores none. A task whose result is read has to write it into a table.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="result",
        refines="MIG218",
        example="""
value = compute.delay(pk).get()
value = Computation.objects.get(pk=pk).value          # written by the task
""",
    ),
    Trap(
        "MIG253",
        "There is no time limit",
        "human",
        "Nothing ends a run that hangs. Give calls to others their own timeouts, or use asyncio.timeout in a coroutine.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="timeout",
        example="""
@app.task(time_limit=60)
async with asyncio.timeout(60): await fetch(url)
""",
    ),
    Trap(
        "MIG254",
        "There is no rate limit",
        "human",
        "A lock keeps runs one after the other; a rate has to be counted in SQL.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="throttle",
        refines="MIG219",
        example="""
@app.task(rate_limit="10/m")
@app.task(lock="crm")                                  # one at a time
""",
    ),
    Trap(
        "MIG255",
        "Waits of retries",
        "helper",
        "RetryStrategy grows as `exponential ** (n + 1)`, without a longest wait and without jitter. A generated "
        "strategy computes Celery's.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="backoff",
        refines="MIG503",
        example="""
autoretry_for=(Busy,), retry_backoff=2, retry_backoff_max=600
retry=CeleryBackoff(factor=2, maximum=600, on=(Busy,), attempts=3)
""",
    ),
    Trap(
        "MIG256",
        "Asking for a retry from the body",
        "helper",
        "self.retry(countdown=…) becomes an error that carries the wait, and a generated strategy that reads it.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="retry-from-body",
        example="""
raise self.retry(exc=error, countdown=30)
raise RetryIn(30) from error
""",
    ),
    Trap(
        "MIG257",
        "Periodic tasks get a timestamp",
        "automatic",
        "@app.periodic calls the task with one argument, the time at which it was due, and none of the schedule's own. "
        "A generated task takes it and defers the real one with its arguments.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="cron",
        example="""
@app.periodic(cron="0 3 * * *")
@app.task
def digest_periodic(timestamp): digest.defer(kind="daily")
""",
    ),
    Trap(
        "MIG258",
        "Moments without a time zone",
        "human",
        "Celery reads a naive eta as UTC, Procrastinate refuses it. The rewrite adds the zone where the value is plain; "
        "elsewhere a person has to.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="run-at",
        example="""
remind.apply_async((pk,), eta=datetime(2027, 1, 1, 9))
remind.configure(schedule_at=datetime(2027, 1, 1, 9, tzinfo=UTC)).defer(pk=pk)
""",
    ),
    Trap(
        "MIG259",
        "One job at a time",
        "automatic",
        "A Procrastinate worker runs one job at once unless -c says more, Celery's as many as there are cores. Its "
        "tables have to be made before the first worker starts.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        scope="application",
        example="""
procrastinate --app=shop.jobs.app schema --apply
procrastinate --app=shop.jobs.app worker -q mail,slow -c 8
""",
    ),
    Trap(
        "MIG260",
        "Nobody repeats what broke off",
        "human",
        "A job whose worker died stays as doing. Add the periodic task of its documentation that finds stalled jobs and retries them.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="late-acknowledgement",
        example="""
for job in await app.job_manager.get_stalled_jobs(): await app.job_manager.retry_job(job)
""",
    ),
    Trap(
        "MIG261",
        "Locks of celery-once",
        "automatic",
        "queueing_lock keeps a second job out while one waits; it raises AlreadyEnqueued, where celery-once may have been silent.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="dedupe",
        example="""
@app.task(base=QueueOnce, once={"graceful": True})
@app.task(queueing_lock="sync")
""",
    ),
    Trap(
        "MIG262",
        "There are no workflows",
        "human",
        "Each step defers the next one, or one task does all the steps. With that the retries of single steps are lost, "
        "or have to be kept in a table.",
        sources=_CELERY,
        targets=_PROCRASTINATE,
        capability="chain",
        refines="MIG213",
        example="""
chain(load.s(pk), render.s())()
def load(pk): render.defer(data=fetch(pk))
""",
    ),
)
