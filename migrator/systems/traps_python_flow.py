"""What changes about results, chains and failures between Python's systems: MIG213 to MIG221."""

from __future__ import annotations

from migrator.systems.trap import Trap

#: these hold for many moves; a move with none but these has not been looked at on its own
GENERAL = True

_CELERY = ("celery",)
_TARGETS = ("dramatiq", "rq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "inngest", "bullmq")

TRAPS = (
    Trap(
        "MIG213",
        "Where the result goes in a chain",
        "helper",
        "Celery puts the result of one step before the arguments of the next, Dramatiq and Huey behind them; Huey "
        "unpacks a tuple and makes keywords of a dict; RQ, django-q, Procrastinate and Django Tasks hand on nothing. "
        "Steps are rewritten so that the result arrives where it did, where both are known.",
        sources=("celery", "rq", "dramatiq", "huey", "taskiq", "django-q"),
        targets=("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "django-q"),
        capability="chain",
        example="""
chain(load.s(pk), render.s("pdf"))()              # Celery: render(data, "pdf")
load.s(pk).then(render, "pdf")                    # Huey: render("pdf", data)
""",
    ),
    Trap(
        "MIG214",
        "A job after a group",
        "human",
        "A chord waits for all of its group and gets the results. Dramatiq's callback gets none and never comes when "
        "one fails; RQ fetches them from the jobs; BullMQ turns it round, with children under a parent; Inngest says it "
        "with Promise.all or group.parallel; Procrastinate and Django Tasks have nothing. Write it by hand.",
        sources=("celery", "huey", "rq", "django-q"),
        targets=("rq", "dramatiq", "procrastinate", "arq", "taskiq", "django-tasks", "django-q", "bullmq", "inngest"),
        capability="chord",
        example="""
chord([count.s(pk) for pk in pks])(total.s())
job = q.enqueue(total, depends_on=[q.enqueue(count, pk) for pk in pks])      # RQ
""",
    ),
    Trap(
        "MIG215",
        "A failure handler that runs too often",
        "automatic",
        "Celery's link_error and on_failure run once, when a task has failed for good. Dramatiq's on_failure, RQ's "
        "on_failure and Huey's error run for every failed attempt. The rewrite uses on_retry_exhausted, asks "
        "job.retries_left, or sets store_intermediate_errors=False.",
        sources=_CELERY,
        targets=("rq", "dramatiq", "huey"),
        capability="failure-handler",
        example="""
bill.apply_async((pk,), link_error=alert.s())
@dramatiq.actor(on_retry_exhausted="alert")       # not on_failure
""",
    ),
    Trap(
        "MIG216",
        "Task classes of one's own",
        "helper",
        "`base=` and `__call__` put code around every run. It becomes a decorator on the function, or middleware where the target has it.",
        sources=_CELERY,
        targets=_TARGETS,
        capability="middleware",
        example="""
class InTenant(Task):
    def __call__(self, *a, **k): ...
@in_tenant                                        # a decorator with functools.wraps
def sync(tenant, pk): ...
""",
    ),
    Trap(
        "MIG217",
        "Signals",
        "helper",
        "What listens to task_prerun, task_failure or worker_process_init has to be hooked in anew, at an event that "
        "may come in another order, in another process or thread, or without the error (arq).",
        sources=("apscheduler", "celery", "huey", "django-q", "taskiq", "dramatiq"),
        targets=("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "inngest", "bullmq"),
        capability="lifecycle-events",
        example="""
@task_failure.connect
def report(sender=None, exception=None, **_): ...
def after_process_message(self, broker, message, *, result=None, exception=None): ...     # Dramatiq
""",
    ),
    Trap(
        "MIG218",
        "Results that are not kept",
        "human",
        "Procrastinate keeps no results, Dramatiq and Taskiq only with a backend that is added, Huey gives each away "
        "once and keeps no None. Where results are read, write them into a table of the application, or add the "
        "backend.",
        sources=("celery", "rq", "huey", "arq", "taskiq", "django-q", "django-tasks"),
        targets=("dramatiq", "procrastinate", "huey", "taskiq", "apscheduler"),
        capability="result",
        example="""
AsyncResult(task_id).result
Report.objects.get(job=task_id).content           # the job writes it
""",
    ),
    Trap(
        "MIG219",
        "Rate limits: per process, or for all",
        "helper",
        "Celery's rate_limit counts in each worker process. Huey's, BullMQ's and Inngest's count over all of them, so "
        "the number has to be multiplied by the processes that there were; the others have none.",
        sources=_CELERY,
        targets=_TARGETS,
        capability="throttle",
        example="""
@app.task(rate_limit="10/m")                      # with 4 processes: 40 a minute
throttle=Throttle(limit=40, period=timedelta(minutes=1))      # Inngest
""",
    ),
    Trap(
        "MIG220",
        "Jobs that are dropped when they are late",
        "human",
        "The target has no expiry: after an outage it runs everything that has piled up. Pass the time of the enqueue "
        "along and compare it first in the job.",
        sources=("celery", "rq", "dramatiq", "huey", "arq"),
        targets=("procrastinate", "taskiq", "django-tasks", "django-q", "bullmq"),
        capability="expiry",
        example="""
remind.apply_async((pk,), expires=3600)
def remind(pk, sent_at):
    if time() - sent_at > 3600: return
""",
    ),
    Trap(
        "MIG221",
        "Routes",
        "human",
        "task_routes decide by pattern which queue a task goes to. Patterns over known names are worked out, and each "
        "job gets its queue; functions, exchanges and routing keys are left to a person.",
        sources=_CELERY,
        targets=("dramatiq", "rq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "django-q", "inngest", "bullmq"),
        capability="routing",
        example="""
task_routes = {"shop.reports.*": {"queue": "slow"}}
@task(queue_name="slow")                          # Django Tasks
""",
    ),
)
