"""What changes about arguments and calls between Python's systems: MIG200 to MIG209."""

from __future__ import annotations

from migrator.systems.trap import Trap

#: these hold for many moves; a move with none but these has not been looked at on its own
GENERAL = True

_HUEY_DJANGO_TASKS = ("huey", "django-tasks")

TRAPS = (
    Trap(
        "MIG200",
        "Arguments were pickled",
        "human",
        "Rows of models, functions and objects of any class could be arguments; now they have to be plain values. Pass "
        "the key and load the row in the job. Where the target can pickle as well (Celery, Dramatiq, Taskiq) that keeps "
        "the code, and the risk.",
        sources=("celery", "rq", "huey", "arq", "django-q", "apscheduler"),
        targets=("celery", "dramatiq", "procrastinate", "taskiq", "django-tasks", "inngest", "bullmq"),
        capability="pickle-payload",
        example="""
queue.enqueue(bill, order)         # the row, as it was when it was enqueued
bill.delay(order.pk)               # the row, as it is when the job runs
""",
    ),
    Trap(
        "MIG202",
        "Positional arguments",
        "automatic",
        "Procrastinate takes keywords only, and drops positional arguments without an error; Inngest and BullMQ take "
        "one object. Arguments are bound to the parameters of the function that was found. A call whose function is not "
        "known, or that unpacks a list, is left to a person.",
        sources=("celery", "rq", "dramatiq", "huey", "arq", "taskiq", "apscheduler", "django-tasks", "django-q"),
        targets=("procrastinate", "inngest", "bullmq"),
        capability="positional-arguments",
        example="""
send.delay(7, "hello")                       # Celery
send.defer(user=7, text="hello")             # Procrastinate; defer(7, "hello") stores {}
""",
    ),
    Trap(
        "MIG203",
        "Names that the target keeps for itself",
        "automatic",
        "RQ takes job_timeout, ttl, meta, description and others, Huey eta, delay, id, retries, priority, expires and "
        "timeout, django-q hook, group, timeout and save out of the keywords: an argument of that name never reaches "
        "the function. For RQ the rewrite gives args= and kwargs=, for Huey it uses schedule(args=, kwargs=).",
        targets=("rq", "huey", "django-q"),
        example="""
q.enqueue(note, description="hello")                      # swallowed by RQ
q.enqueue(note, kwargs={"description": "hello"})          # arrives
""",
    ),
    Trap(
        "MIG204",
        "Options among the arguments",
        "automatic",
        "The keywords of a call are a mix of the function's arguments and of the system's options. They are told apart "
        "by the list of names that the source keeps for itself, before anything is rewritten.",
        sources=("rq", "huey", "django-q", "arq"),
        example="""
async_task("shop.bill", 7, hook="shop.done", timeout=60, note="x")     # hook and timeout are options
bill.apply_async((7,), {"note": "x"}, time_limit=60)
""",
    ),
    Trap(
        "MIG205",
        "What an enqueue gives back",
        "helper",
        "Celery gives an AsyncResult, RQ a Job, Dramatiq a Message, Procrastinate a number, Huey a Result, arq a Job or "
        "None, an async system something to await. Reading the id is rewritten; code that waits, asks for the state or "
        "takes it back needs a person, above all inside of a request or another job.",
        sources=("celery", "rq", "dramatiq", "huey", "arq", "taskiq", "django-tasks", "django-q"),
        targets=("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "django-q", "inngest", "bullmq"),
        capability="result-wait",
        example="""
report = build.delay(pk).get(timeout=30)      # holds the request
""",
    ),
    Trap(
        "MIG206",
        "A plain call is no longer a plain call",
        "automatic",
        "`f(x)` runs the function on most systems. On Huey it enqueues, on Django Tasks it is a TypeError. Direct calls "
        "become call_local or call.",
        sources=("celery", "rq", "dramatiq", "procrastinate", "taskiq", "apscheduler"),
        targets=_HUEY_DJANGO_TASKS,
        scope="code",
        example="""
total = add(1, 2)               # Celery: 3
total = add.call_local(1, 2)    # Huey
total = add.call(1, 2)          # Django Tasks
""",
    ),
    Trap(
        "MIG207",
        "A plain call was no plain call",
        "automatic",
        "On Huey `f(x)` enqueues, and call_local runs in place; on Django Tasks `call` does. Both are turned round.",
        sources=_HUEY_DJANGO_TASKS,
        targets=("celery", "rq", "dramatiq", "procrastinate", "arq", "taskiq", "django-q"),
        scope="code",
        example="""
add(1, 2)               # Huey: enqueues
add.delay(1, 2)         # Celery: enqueues
""",
    ),
    Trap(
        "MIG208",
        "What a job asks of its own run",
        "helper",
        "Each system hands over its run in another way: `self` with bind=True, get_current_job(), CurrentMessage, "
        "pass_context, the keyword `task`, the parameter `context`, `ctx`, `job`. Id, attempt and queue have "
        "counterparts; host, delivery details and replacing oneself do not.",
        sources=("celery", "rq", "dramatiq", "huey", "arq", "procrastinate", "taskiq", "django-tasks"),
        targets=("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "inngest", "bullmq"),
        capability="context",
        example="""
@app.task(bind=True)
def sync(self): log(self.request.id)
@task(takes_context=True)
def sync(context): log(context.task_result.id)
""",
    ),
    Trap(
        "MIG209",
        "Names of jobs",
        "automatic",
        "Celery names a task `module.function`, Taskiq `module:function`, Dramatiq `function`, arq by the qualified "
        "name without a module; RQ and Django Tasks by where it can be imported from. Every rewritten job gets its old "
        "name, written out; two that would be one are reported.",
        sources=("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "django-q"),
        targets=("celery", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "inngest", "bullmq"),
        example="""
@shared_task                                      # shop.tasks.send
@dramatiq.actor(actor_name="shop.tasks.send")     # not `send`, which another module may have
""",
    ),
)
