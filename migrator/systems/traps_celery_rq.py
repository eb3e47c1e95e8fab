"""From Celery to RQ: MIG240 to MIG250."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_RQ = ("rq",)

TRAPS = (
    Trap(
        "MIG240",
        "RQ's time limit of 180 seconds",
        "automatic",
        "A task without a limit runs as long as it needs on Celery, and for three minutes on RQ. Every rewritten call "
        "says job_timeout, -1 where there was no limit.",
        sources=_CELERY,
        targets=_RQ,
        refines="MIG513",
        example="""
q.enqueue(build, pk, job_timeout=-1)
""",
    ),
    Trap(
        "MIG241",
        "Retries belong to the call",
        "helper",
        "RQ has no retries of a function, but of an enqueue. The options of the task move into a generated function "
        "that enqueues it, so that every call gets the same.",
        sources=_CELERY,
        targets=_RQ,
        capability="retries",
        example="""
@app.task(autoretry_for=(Exception,), max_retries=3)
q.enqueue(sync, pk, retry=Retry(max=3, interval=[60, 60, 60]))
""",
    ),
    Trap(
        "MIG242",
        "Delays need the scheduler",
        "automatic",
        "Jobs that are put off, and retries with an interval, stay as scheduled for ever unless a worker runs with "
        "--with-scheduler. The worker's command gets it.",
        sources=_CELERY,
        targets=_RQ,
        scope="application",
        example="""
rq worker mail --with-scheduler
""",
    ),
    Trap(
        "MIG243",
        "No choice of errors",
        "helper",
        "RQ retries whatever error there is. A generated decorator catches the others and ends the job.",
        sources=_CELERY,
        targets=_RQ,
        capability="retry-on-errors",
        example="""
autoretry_for=(Timeout,)
job.retries_left = 0          # in the decorator, for all other errors
""",
    ),
    Trap(
        "MIG244",
        "Priorities become queues",
        "human",
        "RQ knows the order of a worker's queues, and at_front. Give urgent jobs a queue and name it first.",
        sources=_CELERY,
        targets=_RQ,
        capability="priority",
        refines="MIG504",
        example="""
rq worker urgent default
""",
    ),
    Trap(
        "MIG245",
        "A dependency hands on nothing",
        "helper",
        "depends_on waits for another job; the result has to be fetched. A generated step reads it from the job before.",
        sources=_CELERY,
        targets=_RQ,
        capability="chain",
        refines="MIG213",
        example="""
chain(load.s(pk), render.s())()
q.enqueue(render_after, depends_on=q.enqueue(load, pk))
""",
    ),
    Trap(
        "MIG246",
        "Progress goes into job.meta",
        "automatic",
        "update_state becomes job.meta and save_meta; whoever reads the state has to read that.",
        sources=_CELERY,
        targets=_RQ,
        capability="progress",
        example="""
self.update_state(state="PROGRESS", meta={"done": 3})
job.meta["done"] = 3; job.save_meta()
""",
    ),
    Trap(
        "MIG247",
        "Results for 500 seconds",
        "automatic",
        "Celery keeps results for a day, RQ for 500 seconds. The rewrite says result_ttl=86400.",
        sources=_CELERY,
        targets=_RQ,
        capability="result",
        example="""
q.enqueue(build, pk, result_ttl=86_400)
""",
    ),
    Trap(
        "MIG248",
        "A process for each job",
        "human",
        "RQ forks for every run: what a task loaded once in a worker (models, connections, caches) is loaded for every "
        "job. Its default serializer is pickle: who can write to Redis can run code.",
        sources=_CELERY,
        targets=_RQ,
        example="""
MODEL = load_model()          # once in a Celery process, before the fork in RQ's worker or for every job
""",
    ),
    Trap(
        "MIG249",
        "Lists of queues",
        "automatic",
        "Celery's -Q takes commas, RQ takes words. With a comma RQ listens to one queue of that whole name.",
        sources=_CELERY,
        targets=_RQ,
        scope="application",
        example="""
celery -A shop worker -Q mail,slow
rq worker mail slow
""",
    ),
    Trap(
        "MIG250",
        "Schedules in the host's own time",
        "human",
        "rq cron uses the local time of its host. Run it under TZ=UTC, or translate the hours.",
        sources=_CELERY,
        targets=_RQ,
        capability="cron",
        refines="MIG505",
        example="""
TZ=UTC rq cron cron_config.py
""",
    ),
)
