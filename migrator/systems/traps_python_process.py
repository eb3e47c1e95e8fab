"""What changes about processes, tests and the application between Python's systems: MIG222 to MIG231."""

from __future__ import annotations

from migrator.systems.trap import Trap

#: these hold for many moves; a move with none but these has not been looked at on its own
GENERAL = True

_CELERY = ("celery",)
_TARGETS = ("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "django-q", "inngest", "bullmq")

TRAPS = (
    Trap(
        "MIG222",
        "Only coroutines can enqueue",
        "helper",
        "The target's enqueue has to be awaited, the calls stand in plain functions. A generated enqueue function keeps "
        "one event loop in a thread; asyncio.run for each call would open a connection each time.",
        sources=("celery", "rq", "dramatiq", "procrastinate", "huey", "apscheduler", "django-tasks", "django-q"),
        targets=("taskiq", "arq", "bullmq"),
        capability="sync-enqueue",
        example="""
send.delay(7)                                     # Celery
enqueue(send.kiq(7))                              # Taskiq, from a plain function
""",
    ),
    Trap(
        "MIG223",
        "Jobs that shared nothing now share a process",
        "human",
        "A prefork worker or a forked horse gives each run a process, whose globals, environment, signals and leaks are "
        "its own. Threads and event loops share them. Look for module-level state, os.environ, signal, C extensions "
        "that are not safe in threads, and heavy computation.",
        sources=("celery", "rq"),
        targets=("dramatiq", "procrastinate", "taskiq", "arq", "bullmq", "huey", "django-tasks"),
        capability="sandboxed-handler",
        example="""
CURRENT_TENANT = None        # jobs set it: one after the other in a process, all at once in threads
""",
    ),
    Trap(
        "MIG224",
        "Sent after the commit",
        "automatic",
        "transaction.on_commit and delay_on_commit stay, with the target's call inside. On Procrastinate and Django "
        "Tasks with a database backend the call can stand in the transaction itself, and is rolled back with it.",
        sources=("celery", "huey", "rq", "dramatiq"),
        targets=_TARGETS,
        capability="transactional-enqueue",
        example="""
transaction.on_commit(lambda: bill.delay(pk))
transaction.on_commit(lambda: bill.send(pk))
""",
    ),
    Trap(
        "MIG225",
        "Tests that run jobs at once",
        "human",
        "Settings for eager runs, fixtures and patched names belong to the source. Strings in mock.patch are rewritten; "
        "the tests need the target's own way, and may find that code relied on the job being done when the call "
        "returns.",
        sources=("celery", "rq", "huey", "django-q"),
        targets=_TARGETS,
        capability="test-mode",
        scope="application",
        example="""
@override_settings(CELERY_TASK_ALWAYS_EAGER=True)
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
""",
    ),
    Trap(
        "MIG226",
        "Jobs that are started by a name",
        "human",
        "A literal name is tied to its function. A name from a variable, a setting or a database may mean any job; give "
        "it a table from names to functions.",
        sources=("celery", "rq", "arq", "django-q", "taskiq"),
        targets=_TARGETS,
        capability="enqueue-by-name",
        example="""
app.send_task(f"shop.{kind}")
JOBS[kind].send()
""",
    ),
    Trap(
        "MIG227",
        "Celery's logger",
        "automatic",
        "get_task_logger adds the task's name and id; Celery also takes over the root logger and what is printed. The "
        "rewrite uses logging.getLogger(__name__), so formats that name the task have to go.",
        sources=_CELERY,
        scope="code",
        example="""
logger = get_task_logger(__name__)
logger = logging.getLogger(__name__)
""",
    ),
    Trap(
        "MIG228",
        "How Django starts Celery",
        "automatic",
        "celery.py, the import in the project's __init__, autodiscover_tasks and the apps in INSTALLED_APPS go. The "
        "tables of django-celery-beat and -results stay until nobody reads them.",
        sources=_CELERY,
        scope="application",
        example="""
from .celery import app as celery_app       # in the project's __init__.py
""",
    ),
    Trap(
        "MIG229",
        "The broker has to be there before the jobs",
        "helper",
        "shared_task binds when it is used, RQ not at all. The target's decorator needs its broker or app at import "
        "time. The rewrite puts that into a module of its own, which imports no job.",
        sources=("celery", "rq", "django-q"),
        targets=("dramatiq", "taskiq", "procrastinate", "inngest", "bullmq", "huey", "arq"),
        scope="application",
        example="""
from celery import shared_task
from shop.jobs_app import broker            # set before the first actor is imported
""",
    ),
    Trap(
        "MIG230",
        "Tasks in other packages",
        "human",
        "A package that is installed may bring shared tasks of its own. They go on needing a Celery worker.",
        sources=_CELERY,
        scope="application",
        example="""
from sorl.thumbnail import tasks            # Celery stays for those
""",
    ),
    Trap(
        "MIG231",
        "The function gets another name",
        "automatic",
        "Taskiq renames the function that it decorates (`send` becomes `send__taskiq_original`), which breaks code that "
        "asks for __name__, such as logging decorators below it.",
        sources=("celery", "rq", "dramatiq", "huey", "arq", "django-q"),
        targets=("taskiq",),
        scope="code",
        example="""
@broker.task
@logged                   # logs `send`
def send(): ...           # its __name__ is send__taskiq_original
""",
    ),
)
