"""From django-q to Celery: MIG343 to MIG349."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_DJANGO_Q = ("django-q",)

TRAPS = (
    Trap(
        "MIG343",
        "Functions by their path",
        "automatic",
        "async_task takes a function or its path; each gets a decorator, and its own arguments are told from django-q's.",
        sources=_DJANGO_Q,
        targets=_CELERY,
        example="""
async_task("shop.mail.send", 7, timeout=60)
send.apply_async((7,), time_limit=60)
""",
    ),
    Trap(
        "MIG344",
        "Hooks",
        "human",
        "A hook is called with the finished task's row, after success and after failure. link and link_error get a result or an error.",
        sources=_DJANGO_Q,
        targets=_CELERY,
        capability="failure-handler",
        example="""
async_task(build, pk, hook="shop.hooks.done")          # def done(task): task.result
build.apply_async((pk,), link=done.s(), link_error=failed.s())
""",
    ),
    Trap(
        "MIG345",
        "Chains and iterations",
        "helper",
        "async_chain runs one after the other without results, so the steps are si(); async_iter becomes a group or chord.",
        sources=_DJANGO_Q,
        targets=_CELERY,
        capability="chain",
        refines="MIG213",
        example="""
async_chain([(load, (pk,)), (pack, (pk,))])
chain(load.si(pk), pack.si(pk))()
""",
    ),
    Trap(
        "MIG346",
        "Rows of Schedule",
        "helper",
        "Schedules lie in a table, made by migrations, the admin and code. Read them out and write django-celery-beat "
        "rows or beat entries; repeats and next_run need a person.",
        sources=_DJANGO_Q,
        targets=_CELERY,
        capability="dynamic-schedule",
        refines="MIG211",
        example="""
Schedule.objects.create(func="shop.digest", schedule_type=Schedule.DAILY)
"digest": {"task": "shop.digest", "schedule": crontab(minute=0, hour=0)}
""",
    ),
    Trap(
        "MIG347",
        "Redelivery",
        "human",
        "A task that takes longer than `retry` was run again, whether it was done or not. Celery acknowledges before "
        "the run; with acks_late a lost worker's task is run again.",
        sources=_DJANGO_Q,
        targets=_CELERY,
        capability="visibility-lease",
        example="""
Q_CLUSTER = {"retry": 120, "timeout": 90}
@shared_task(acks_late=True, reject_on_worker_lost=True, time_limit=90)
""",
    ),
    Trap(
        "MIG348",
        "Results in the database",
        "helper",
        "result and fetch read a table that the admin shows; django-celery-results has one like it. Pages that import "
        "django_q.models have to be rebuilt.",
        sources=_DJANGO_Q,
        targets=_CELERY,
        capability="result",
        example="""
fetch(task_id).result
TaskResult.objects.get(task_id=task_id).result
""",
    ),
    Trap(
        "MIG349",
        "One command becomes two",
        "automatic",
        "qcluster runs jobs and the clock; on Celery these are worker and beat.",
        sources=_DJANGO_Q,
        targets=_CELERY,
        scope="application",
        example="""
python manage.py qcluster
celery -A shop worker & celery -A shop beat
""",
    ),
)
