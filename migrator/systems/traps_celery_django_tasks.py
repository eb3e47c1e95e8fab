"""From Celery to Django Tasks: MIG300 to MIG311."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_DJANGO_TASKS = ("django-tasks",)

TRAPS = (
    Trap(
        "MIG300",
        "A task is not callable",
        "automatic",
        "A plain call raises TypeError. Direct calls become call.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        scope="code",
        refines="MIG206",
        example="""
price(cart)
price.call(cart)
""",
    ),
    Trap(
        "MIG301",
        "There are no retries",
        "human",
        "The API has none, and neither has its database backend. A generated decorator can enqueue the task again with "
        "run_after, which is another task to whoever watches; or take a backend that has retries.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="retries",
        example="""
@app.task(autoretry_for=(Timeout,), max_retries=3)
sync.using(run_after=timezone.now() + timedelta(seconds=60)).enqueue(pk, attempt=attempt + 1)
""",
    ),
    Trap(
        "MIG302",
        "There is no time limit",
        "human",
        "A run that hangs holds its worker. Give calls to others their own timeouts.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="timeout",
        example="""
@app.task(time_limit=60)
requests.get(url, timeout=30)
""",
    ),
    Trap(
        "MIG303",
        "There is no clock",
        "human",
        "Schedules need another package or the system's cron. This is where such moves have failed without a sound: "
        "nothing runs, and nothing fails.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="cron",
        example="""
app.conf.beat_schedule = {"digest": {"task": "shop.digest", "schedule": crontab(minute=0, hour=3)}}
0 3 * * * python manage.py send_digest
""",
    ),
    Trap(
        "MIG304",
        "There are no workflows",
        "human",
        "Each task enqueues the next one, or one task does all the steps.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="chain",
        refines="MIG213",
        example="""
chain(load.s(pk), render.s())()
def load(pk): render.enqueue(fetch(pk))
""",
    ),
    Trap(
        "MIG305",
        "There is no rate limit",
        "human",
        "Count in the database, or run a queue of its own with one worker.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="throttle",
        refines="MIG219",
        example="""
@app.task(rate_limit="10/m")
python manage.py db_worker --queue-name crm          # one at a time
""",
    ),
    Trap(
        "MIG306",
        "Queues have to be listed",
        "automatic",
        "A queue that the settings do not name raises InvalidTask. The rewrite lists all of them.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        example="""
TASKS = {"default": {"BACKEND": "…", "QUEUES": ["default", "mail", "slow"]}}
""",
    ),
    Trap(
        "MIG307",
        "Delays become moments",
        "automatic",
        "countdown becomes run_after with a time zone; the immediate backend, as in tests, refuses it.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="delay",
        example="""
remind.apply_async((pk,), countdown=90)
remind.using(run_after=timezone.now() + timedelta(seconds=90)).enqueue(pk)
""",
    ),
    Trap(
        "MIG308",
        "Strict JSON",
        "helper",
        "Dates, decimals and UUIDs raise TypeError, tuples become lists, bytes become text. Convert them at the call and in the task.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="typed-arguments",
        refines="MIG508",
        example="""
remind.delay(at)
remind.enqueue(at.isoformat())
""",
    ),
    Trap(
        "MIG309",
        "Functions of a module only",
        "human",
        "Methods, nested functions and lambdas cannot be tasks.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        scope="code",
        example="""
@task
def send(user_id): User.objects.get(pk=user_id).send()
""",
    ),
    Trap(
        "MIG310",
        "The context is the first parameter, by its name",
        "automatic",
        "bind=True becomes takes_context=True, `self` becomes `context`; it has the result's id and the attempt, and little else.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="context",
        refines="MIG208",
        example="""
@task(takes_context=True)
def sync(context, pk): log(context.attempt)
""",
    ),
    Trap(
        "MIG311",
        "Results are asked for again",
        "helper",
        "An AsyncResult looks itself up; a TaskResult has to be refreshed, and only some backends keep it.",
        sources=_CELERY,
        targets=_DJANGO_TASKS,
        capability="result",
        example="""
result.refresh()
if result.is_finished: show(result.return_value)
""",
    ),
)
