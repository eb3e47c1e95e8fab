"""What changes meaning between Python's job systems: MIG100 to MIG399."""

from __future__ import annotations

from migrator.systems.trap import Trap

TRAPS = (
    # --- how a job runs -----------------------------------------------------------------------------------------------
    Trap(
        "MIG100",
        "Dramatiq retries every error, Celery none",
        "automatic",
        "A Celery task that raises has failed, unless it asks for a retry (`self.retry`, `autoretry_for`). A Dramatiq actor is "
        "run up to 21 times, over days. Every rewritten actor says `max_retries=0`, or `retry_when=asked` so that only what asks "
        "for a retry gets one.",
    ),
    Trap(
        "MIG101",
        "Asking for a retry: self.retry",
        "helper",
        "`self.retry` counts attempts, ends with the given error when they are used up, and raises that error at once when the "
        "task was called as a function. The generated `retry` does the same by way of `dramatiq.Retry`. Other arguments than "
        "`exc` and `countdown`, and uses that do not end the attempt (`throw=False`), are left to a person.",
    ),
    Trap(
        "MIG102",
        "Waiting times between attempts",
        "helper",
        "Celery waits `factor * 2 ** n` seconds, capped, with full jitter if wanted; or a fixed time. Dramatiq's own formula has "
        "another base and always jitters. The generated `retry_on` and `backoff` compute Celery's.",
    ),
    Trap(
        "MIG103",
        "Seconds become milliseconds",
        "automatic",
        "Celery counts delays, limits and expiry in seconds, Dramatiq in milliseconds. Numbers are converted; expressions go "
        "through the generated `ms`, which also keeps Celery's meaning of None.",
    ),
    Trap(
        "MIG104",
        "Dramatiq's time limit of ten minutes",
        "automatic",
        "Celery lets a task run as long as it needs; Dramatiq ends an actor after ten minutes. Every rewritten actor says "
        "`time_limit=NO_LIMIT`, or the limit that it had.",
    ),
    Trap(
        "MIG105",
        "A time limit becomes an exception in the thread",
        "human",
        "Celery's hard limit kills the process. Dramatiq raises `TimeLimitExceeded` in the job's thread, which takes effect only "
        "when Python code runs again: a call that hangs in C, such as a socket without a timeout, is not ended. Give such calls a"
        " timeout of their own, then rewrite with --unsafe.",
    ),
    Trap(
        "MIG106",
        "The soft time limit can no longer be caught as Exception",
        "human",
        "Celery's `SoftTimeLimitExceeded` is an Exception; Dramatiq's `TimeLimitExceeded` is a BaseException, so `except "
        "Exception` does not see it, and there is one limit, not two. Decide what the job should do when its time is up.",
    ),
    Trap(
        "MIG107",
        "A job that was running when its worker died now runs again",
        "human",
        "Without `acks_late` Celery acknowledges a message before it runs the task, so a crash loses that run; Dramatiq "
        "acknowledges afterwards, so a crash repeats it. Nothing changes while workers live, which is why the job is rewritten; "
        "make sure that doing it twice does no harm.",
    ),
    Trap(
        "MIG108",
        "Types of arguments",
        "helper",
        "Celery's JSON carries datetime, date, time, Decimal, UUID and bytes to the worker and back into their types; Dramatiq's "
        "raises TypeError. The generated encoder writes them exactly as Celery's does.",
    ),
    Trap(
        "MIG109",
        "What the body asks of its own task",
        "helper",
        "`self.request.retries`, `self.request.id` and `self.name` have generated or native counterparts. Everything else that a "
        "bound task can ask of itself (`update_state`, `replace`, `request.delivery_info`, …) is left to a person.",
    ),
    Trap(
        "MIG110",
        "Task option without a counterpart",
        "human",
        "The option has no equal in Dramatiq, or we do not know it (Celery keeps any keyword as an attribute of the task). The "
        "job stays on Celery until a person has decided.",
    ),
    Trap(
        "MIG111",
        "Rate limits",
        "human",
        "Celery's `rate_limit` holds per worker process. Dramatiq has none; its limiters (`WindowRateLimiter`) hold for all "
        "workers together and raise when the limit is reached. Choose one and write it by hand.",
    ),
    Trap(
        "MIG112",
        "Priorities",
        "human",
        "The direction and range of a Celery priority depend on the broker; Dramatiq's `priority` orders only what one worker has"
        " fetched, lower first. Decide by hand, best by giving urgent jobs a queue of their own.",
    ),
    Trap(
        "MIG113",
        "Own task classes",
        "human",
        "`base=`, `task_cls` or `app.Task` put code around every run (`__call__`, `on_failure`, `after_return`). In Dramatiq that"
        " is a middleware or a decorator. Write it, then migrate.",
    ),
    Trap(
        "MIG114",
        "Form of definition",
        "human",
        "Only a module-level function under a decorator that leads straight to Celery is rewritten: not methods, classes, nested "
        "functions, functions behind in-house decorators, or a task that another decorator wraps.",
    ),
    Trap(
        "MIG115",
        "Worker processes that are renewed",
        "human",
        "`--max-tasks-per-child` and `--max-memory-per-child` have no counterpart: a Dramatiq process lives until the worker is "
        "stopped. The option is dropped; watch the memory of the workers after the move.",
    ),
    Trap(
        "MIG116",
        "A job runs in a thread, not in the main thread",
        "human",
        "Celery's worker processes run a task in their main thread, Dramatiq's in a thread beside it, also with `-t 1`. Signal "
        "handlers, alarms and asyncio's implicit event loop do not work there. Replace them, then migrate.",
    ),
    # --- how a job is put on its way ----------------------------------------------------------------------------------
    Trap(
        "MIG120",
        "The queue of a single call",
        "helper",
        "Celery takes the queue per call; an actor has one queue. The message is built, moved to the other queue and enqueued; "
        "the queue is declared, so that workers consume it.",
    ),
    Trap(
        "MIG121",
        "Option of a call without a counterpart",
        "human",
        "An argument of `apply_async` that Dramatiq cannot express, or that depends on the broker (`priority`, `link`, "
        "`exchange`, `headers`, `task_id`, …).",
    ),
    Trap(
        "MIG122",
        "Moments: eta and expires",
        "helper",
        "Dramatiq knows delays and ages, not moments. The generated `ms` counts the milliseconds until the moment; one without a "
        "time zone is UTC, as in Celery.",
    ),
    Trap(
        "MIG123",
        "The result goes first in a chain, last in a pipeline",
        "automatic",
        "Celery hands a step's result to the next step as first argument, Dramatiq as last. Further positional arguments are "
        "passed by keyword, so that the result arrives where it did. Immutable steps (`.si`) become `pipe_ignore=True`.",
    ),
    Trap(
        "MIG124",
        "Workflow that cannot be read from the code",
        "human",
        "A chain, group or chord whose steps are put together at run time, that is kept in a variable, nested, or carries "
        "options; a chord (Dramatiq's group callbacks get no results). Its jobs stay on Celery.",
    ),
    Trap(
        "MIG125",
        "The result of a call is used",
        "human",
        "`delay()` returns an AsyncResult, `send()` a message. Reading its `id` is rewritten; waiting for a result, asking for "
        "its state or passing it on is not: Dramatiq keeps results only with a result backend of its own.",
    ),
    Trap(
        "MIG126",
        "Jobs are started by a name that only the run knows",
        "human",
        "`send_task(name)`, `app.tasks[name]` or `getattr(tasks, name)` can mean any job, so no job can be moved with certainty. "
        "Replace the lookup by a table of functions, or migrate by hand.",
    ),
    Trap(
        "MIG127",
        "A job is passed around",
        "human",
        "The task object is stored, passed on or inspected; who calls what on it cannot be told. It stays on Celery with "
        "everything it is connected to.",
    ),
    Trap(
        "MIG128",
        "A job's name in a string",
        "human",
        "The job's dotted name stands in a string that is neither a schedule nor a `send_task`. `mock.patch` of its `delay` is "
        "rewritten; anything else is left.",
    ),
    Trap(
        "MIG129",
        "Something on its way that the scan could not resolve",
        "human",
        "The call looks like Celery's but what it is called on could not be told.",
    ),
    # --- schedules ----------------------------------------------------------------------------------------------------
    Trap(
        "MIG140",
        "Cron expressions",
        "automatic",
        "Celery fires when day of month AND day of week match, counts Sunday as 0 and reads a missing minute as every minute; "
        "cron libraries differ in all three. Schedules become APScheduler triggers, which also ask for both, with every field and"
        " the time zone written out.",
    ),
    Trap(
        "MIG141",
        "Runs that were missed while the scheduler was down",
        "human",
        "Beat keeps the time of the last run in a file and makes up for a missed run when it starts again, if that file survived."
        " The generated scheduler starts afresh. If a missed run matters, start the job by hand after a long stop.",
    ),
    Trap(
        "MIG142",
        "Schedule that cannot be read from the code",
        "human",
        "Solar schedules, schedules in a database, entries put together at run time, own schedule classes.",
    ),
    # --- the application ----------------------------------------------------------------------------------------------
    Trap(
        "MIG150",
        "Code that Celery runs around every job",
        "human",
        "Signals, worker steps, serializers and plug-ins act on all tasks. A job that leaves Celery loses them without an error, "
        "so no job is moved before they are written as Dramatiq middleware.",
    ),
    Trap(
        "MIG151",
        "Setting that changes what every job does",
        "human",
        "A setting that we do not know, or whose value is not plain to read, may matter to all jobs, so none is moved.",
    ),
    Trap(
        "MIG152",
        "Jobs that run at once in tests (always eager)",
        "human",
        "`task_always_eager` has no counterpart: use Dramatiq's StubBroker in tests. Where it is set for production, nothing is moved.",
    ),
    Trap(
        "MIG153",
        "Arguments are pickled",
        "human",
        "With a serializer other than JSON arguments can be any object. Make them plain values first.",
    ),
    Trap(
        "MIG154",
        "The broker cannot be told",
        "human",
        "Dramatiq has brokers for Redis and RabbitMQ. The address of Celery's broker could not be found, or is of another kind.",
    ),
    Trap(
        "MIG155",
        "Routes that are not plain to read",
        "human",
        "`task_routes` with functions, exchanges or routing keys. Write the queue on each task, then migrate.",
    ),
    Trap(
        "MIG156",
        "Use of Celery that we do not know",
        "human",
        "A name of Celery's is used in a way that the rewrite has no rule for.",
    ),
    Trap(
        "MIG157",
        "Command line of a worker",
        "human",
        "The command has options without a counterpart, or is not plain to read. Write the Dramatiq command by hand.",
    ),
    Trap(
        "MIG158",
        "Package that belongs to Celery",
        "human",
        "The package extends Celery (a monitor, a result store, a lock). Replace or drop it by hand.",
    ),
    Trap(
        "MIG159",
        "The job stays because of another",
        "human",
        "It is used together with something that stays on Celery, and a job moves as a whole or not at all.",
    ),
    Trap(
        "MIG160",
        "File with a syntax that could not be read",
        "human",
        "Nothing in it is changed, and jobs that are defined or used in it stay as they are.",
    ),
    Trap(
        "MIG161",
        "Jobs that still wait in Celery's queues",
        "human",
        "Messages that were sent before the switch can only be run by a Celery worker. Stop what sends them, let the old workers "
        "empty their queues, scheduled retries included, then stop them.",
    ),
)
