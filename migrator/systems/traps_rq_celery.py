"""From RQ to Celery and to Dramatiq: MIG312 to MIG325."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_CELERY_DRAMATIQ = ("celery", "dramatiq")
_DRAMATIQ = ("dramatiq",)
_RQ = ("rq",)

TRAPS = (
    Trap(
        "MIG312",
        "Jobs are found where they are enqueued",
        "automatic",
        "An RQ job is any function that someone enqueues. Each of them gets the target's decorator; one of another "
        "package gets a function around it.",
        sources=_RQ,
        targets=_CELERY_DRAMATIQ,
        example="""
q.enqueue(shop.mail.send, 7)
@shared_task(name="shop.mail.send")
def send(user): ...
""",
    ),
    Trap(
        "MIG313",
        "Retries move from the call to the task",
        "helper",
        "Calls with different retries of one function need a person; a list of intervals becomes a generated wait.",
        sources=_RQ,
        targets=_CELERY,
        capability="retries",
        example="""
q.enqueue(sync, pk, retry=Retry(max=3, interval=[10, 30, 60]))
@shared_task(autoretry_for=(Exception,), max_retries=3)
""",
    ),
    Trap(
        "MIG315",
        "Dependencies become chains and chords",
        "helper",
        "depends_on one job becomes a chain, on several a chord; the body fetched the result, now it is given it, so "
        "si() keeps the arguments as they are.",
        sources=_RQ,
        targets=_CELERY,
        capability="chain",
        refines="MIG213",
        example="""
q.enqueue(pack, depends_on=q.enqueue(load, pk))
chain(load.si(pk), pack.si())()
""",
    ),
    Trap(
        "MIG316",
        "The order of queues",
        "human",
        "RQ's workers empty the first queue before they look at the second; Celery's take from all. Give urgent queues "
        "workers of their own; at_front becomes a priority of the broker.",
        sources=_RQ,
        targets=_CELERY,
        capability="priority",
        refines="MIG504",
        example="""
rq worker urgent default
celery -A shop worker -Q urgent & celery -A shop worker -Q default
""",
    ),
    Trap(
        "MIG317",
        "job.meta",
        "helper",
        "It becomes update_state and a state of one's own on Celery; Dramatiq has nothing like it, so it becomes a row or a key.",
        sources=_RQ,
        targets=_CELERY_DRAMATIQ,
        capability="progress",
        example="""
job.meta["done"] = 3; job.save_meta()
self.update_state(state="PROGRESS", meta={"done": 3})
""",
    ),
    Trap(
        "MIG318",
        "Handlers that ran at every failure",
        "human",
        "on_failure was called for each failed attempt; link_error and on_retry_exhausted are called once. Code that "
        "counts on every call has to move.",
        sources=_RQ,
        targets=_CELERY_DRAMATIQ,
        capability="failure-handler",
        example="""
q.enqueue(sync, pk, on_failure=report)
sync.apply_async((pk,), link_error=report.s())
""",
    ),
    Trap(
        "MIG319",
        "Results live longer",
        "automatic",
        "500 seconds become a day, failures a year become a day; result_expires says otherwise for all tasks at once.",
        sources=_RQ,
        targets=_CELERY,
        capability="result",
        example="""
app.conf.result_expires = 500
""",
    ),
    Trap(
        "MIG320",
        "Schedules that lie in Redis",
        "helper",
        "rq-scheduler keeps what was scheduled once; code that is removed leaves it there. Read it out, write it as "
        "beat entries, and clear it.",
        sources=_RQ,
        targets=_CELERY_DRAMATIQ,
        capability="dynamic-schedule",
        refines="MIG211",
        example="""
for job in scheduler.get_jobs(): print(job.func_name, job.meta.get("cron_string"))
""",
    ),
    Trap(
        "MIG321",
        "The limit of 180 seconds goes",
        "automatic",
        "On Celery nothing ends a task unless it says so. The rewrite writes time_limit=180 where RQ's default held.",
        sources=_RQ,
        targets=_CELERY,
        example="""
@shared_task(time_limit=180)
""",
    ),
    Trap(
        "MIG322",
        "Everything written out",
        "automatic",
        "Dramatiq would retry 20 times and stop after 10 minutes. The rewrite says max_retries and time_limit, in "
        "milliseconds, as they were.",
        sources=_RQ,
        targets=_DRAMATIQ,
        refines="MIG501",
        example="""
@dramatiq.actor(max_retries=0, time_limit=180_000)
""",
    ),
    Trap(
        "MIG324",
        "One function on several queues",
        "helper",
        "An actor has one queue. Where a function is enqueued on several, the message is copied to the other one, which "
        "has to be declared.",
        sources=_RQ,
        targets=_DRAMATIQ,
        capability="call-queue",
        example="""
Queue("slow").enqueue(resize, pk)
broker.enqueue(resize.message(pk).copy(queue_name="slow"))
""",
    ),
    Trap(
        "MIG325",
        "Pickle or JSON",
        "human",
        "Plain values go as JSON; for the rest there is PickleEncoder, or the key of a row.",
        sources=_RQ,
        targets=_DRAMATIQ,
        capability="pickle-payload",
        refines="MIG200",
        example="""
dramatiq.set_encoder(PickleEncoder())
""",
    ),
)
