"""From Celery to Dramatiq, how a job runs: MIG100 to MIG119."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_DRAMATIQ = ("dramatiq",)

TRAPS = (
    Trap(
        "MIG100",
        "Dramatiq retries every error, Celery none",
        "automatic",
        "A Celery task that raises has failed, unless it asks for a retry (`self.retry`, `autoretry_for`). A Dramatiq "
        "actor is run up to 21 times, over days. Every rewritten actor says `max_retries=0`, or `retry_when=asked` so "
        "that only what asks for a retry gets one.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        refines="MIG500",
        example="""
# Celery
@app.task
def charge(order): ...          # an error is final
# Dramatiq
@dramatiq.actor(max_retries=0)
def charge(order): ...          # an error is final
""",
    ),
    Trap(
        "MIG101",
        "Asking for a retry: self.retry",
        "helper",
        "`self.retry` counts attempts, ends with the given error when they are used up, and raises that error at once "
        "when the task was called as a function. The generated `retry` does the same by way of `dramatiq.Retry`. Other "
        "arguments than `exc` and `countdown`, and uses that do not end the attempt (`throw=False`), are left to a "
        "person.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="retry-from-body",
        example="""
# Celery
@app.task(bind=True, max_retries=5)
def sync(self, pk):
    raise self.retry(exc=error, countdown=30)
# Dramatiq
@dramatiq.actor(retry_when=asked, max_retries=5)
def sync(pk):
    retry(sync, exc=error, delay=30_000)
""",
    ),
    Trap(
        "MIG102",
        "Waiting times between attempts",
        "helper",
        "Celery waits `factor * 2 ** n` seconds, capped, with full jitter if wanted; or a fixed time. Dramatiq's own "
        "formula has another base and always jitters. The generated `retry_on` and `backoff` compute Celery's.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="backoff",
        refines="MIG503",
        example="""
# Celery: 2, 4, 8, … s, 600 at most
@app.task(autoretry_for=(Busy,), retry_backoff=2, retry_jitter=False)
# Dramatiq: the generated wrapper raises dramatiq.Retry with those waits
@retry_on(Busy, delay=backoff(2, maximum=600, jitter=False))
""",
    ),
    Trap(
        "MIG103",
        "Seconds become milliseconds",
        "automatic",
        "Celery counts delays, limits and expiry in seconds, Dramatiq in milliseconds. Numbers are converted; "
        "expressions go through the generated `ms`, which also keeps Celery's meaning of None.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="delay",
        refines="MIG502",
        example="""
# Celery
remind.apply_async((pk,), countdown=90)
# Dramatiq
remind.send_with_options(args=(pk,), delay=90_000)
""",
    ),
    Trap(
        "MIG104",
        "Dramatiq's time limit of ten minutes",
        "automatic",
        "Celery lets a task run as long as it needs; Dramatiq ends an actor after ten minutes. Every rewritten actor "
        "says `time_limit=NO_LIMIT`, or the limit that it had.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        refines="MIG513",
        example="""
# Celery: as long as it takes
@app.task
# Dramatiq
@dramatiq.actor(time_limit=NO_LIMIT)
""",
    ),
    Trap(
        "MIG105",
        "A time limit becomes an exception in the thread",
        "human",
        "Celery's hard limit kills the process. Dramatiq raises `TimeLimitExceeded` in the job's thread, which takes "
        "effect only when Python code runs again: a call that hangs in C, such as a socket without a timeout, is not "
        "ended. Give such calls a timeout of their own, then rewrite with --unsafe.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="timeout",
        example="""
# Celery: the process is killed after a minute
@app.task(time_limit=60)
# Dramatiq: an exception in the thread, when Python code runs again
@dramatiq.actor(time_limit=60_000)
""",
    ),
    Trap(
        "MIG106",
        "The soft time limit can no longer be caught as Exception",
        "human",
        "Celery's `SoftTimeLimitExceeded` is an Exception; Dramatiq's `TimeLimitExceeded` is a BaseException, so "
        "`except Exception` does not see it, and there is one limit, not two. Decide what the job should do when its "
        "time is up.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="soft-timeout",
        example="""
# Celery
except SoftTimeLimitExceeded: clean_up()
# Dramatiq: `except Exception` does not see it
except dramatiq.middleware.TimeLimitExceeded: clean_up()
""",
    ),
    Trap(
        "MIG107",
        "A job that was running when its worker died now runs again",
        "human",
        "Without `acks_late` Celery acknowledges a message before it runs the task, so a crash loses that run; Dramatiq "
        "acknowledges afterwards, so a crash repeats it. Nothing changes while workers live, which is why the job is "
        "rewritten; make sure that doing it twice does no harm.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="early-acknowledgement",
        refines="MIG510",
        example="""
# Celery: lost when the worker dies
@app.task
# Celery, as Dramatiq does it: run again when the worker dies
@app.task(acks_late=True, reject_on_worker_lost=True)
""",
    ),
    Trap(
        "MIG108",
        "Types of arguments",
        "helper",
        "Celery's JSON carries datetime, date, time, Decimal, UUID and bytes to the worker and back into their types; "
        "Dramatiq's raises TypeError. The generated encoder writes them exactly as Celery's does.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="typed-arguments",
        refines="MIG508",
        example="""
# Celery: arrives as a datetime
remind.delay(when=timezone.now())
# Dramatiq: TypeError, but for the generated encoder
remind.send(when=timezone.now())
""",
    ),
    Trap(
        "MIG109",
        "What the body asks of its own task",
        "helper",
        "`self.request.retries`, `self.request.id` and `self.name` have generated or native counterparts. Everything "
        "else that a bound task can ask of itself (`update_state`, `replace`, `request.delivery_info`, …) is left to a "
        "person.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="context",
        refines="MIG208",
        example="""
# Celery
self.request.id, self.request.retries
# Dramatiq
message_id(sync), retries(sync)          # generated
""",
    ),
    Trap(
        "MIG110",
        "Task option without a counterpart",
        "human",
        "The option has no equal in Dramatiq, or we do not know it (Celery keeps any keyword as an attribute of the "
        "task). The job stays on Celery until a person has decided.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
# Celery: kept as an attribute of the task, for whoever asks for it
@app.task(singleton=True)
# Dramatiq: ValueError on import
@dramatiq.actor(singleton=True)
""",
    ),
    Trap(
        "MIG111",
        "Rate limits",
        "human",
        "Celery's `rate_limit` holds per worker process. Dramatiq has none; its limiters (`WindowRateLimiter`) hold for "
        "all workers together and raise when the limit is reached. Choose one and write it by hand.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="throttle",
        refines="MIG219",
        example="""
# Celery: ten a minute in each process
@app.task(rate_limit="10/m")
# Dramatiq: ten a minute in all; raises above that
with WindowRateLimiter(backend, "crm", limit=10, window=60).acquire(): ...
""",
    ),
    Trap(
        "MIG112",
        "Priorities",
        "human",
        "The direction and range of a Celery priority depend on the broker; Dramatiq's `priority` orders only what one "
        "worker has fetched, lower first. Decide by hand, best by giving urgent jobs a queue of their own.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="priority",
        refines="MIG504",
        example="""
# Celery on Redis: 0 is first; on RabbitMQ: 9 is first
alert.apply_async((pk,), priority=0)
# Dramatiq
@dramatiq.actor(queue_name="urgent")
""",
    ),
    Trap(
        "MIG113",
        "Own task classes",
        "human",
        "`base=`, `task_cls` or `app.Task` put code around every run (`__call__`, `on_failure`, `after_return`). In "
        "Dramatiq that is a middleware or a decorator. Write it, then migrate.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="middleware",
        refines="MIG216",
        example="""
# Celery
class Tracked(Task):
    def on_failure(self, exc, task_id, args, kwargs, einfo): ...
# Dramatiq
class Tracked(Middleware):
    def after_process_message(self, broker, message, *, result=None, exception=None): ...
""",
    ),
    Trap(
        "MIG114",
        "Form of definition",
        "human",
        "Only a module-level function under a decorator that leads straight to Celery is rewritten: not methods, "
        "classes, nested functions, functions behind in-house decorators, or a task that another decorator wraps.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
class Mailer:
    @app.task          # a method: not rewritten
    def send(self, to): ...

@app.task              # a function of the module: rewritten
def send(to): ...
""",
    ),
    Trap(
        "MIG115",
        "Worker processes that are renewed",
        "human",
        "`--max-tasks-per-child` and `--max-memory-per-child` have no counterpart: a Dramatiq process lives until the "
        "worker is stopped. The option is dropped; watch the memory of the workers after the move.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="application",
        example="""
# Celery
celery -A shop worker --max-tasks-per-child=100
# Dramatiq: the process lives on
dramatiq shop.jobs --processes 4
""",
    ),
    Trap(
        "MIG116",
        "A job runs in a thread, not in the main thread",
        "human",
        "Celery's worker processes run a task in their main thread, Dramatiq's in a thread beside it, also with `-t 1`. "
        "Signal handlers, alarms and asyncio's implicit event loop do not work there. Replace them, then migrate.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="sandboxed-handler",
        refines="MIG223",
        example="""
signal.signal(signal.SIGALRM, stop)   # ValueError outside of the main thread
asyncio.get_event_loop()              # there is none in the job's thread
""",
    ),
)
