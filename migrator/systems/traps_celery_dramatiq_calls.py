"""From Celery to Dramatiq, how a job is put on its way: MIG120 to MIG139."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_DRAMATIQ = ("dramatiq",)

TRAPS = (
    Trap(
        "MIG120",
        "The queue of a single call",
        "helper",
        "Celery takes the queue per call; an actor has one queue. The message is built, moved to the other queue and "
        "enqueued; the queue is declared, so that workers consume it.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="call-queue",
        example="""
# Celery
resize.apply_async((pk,), queue="slow")
# Dramatiq
broker.enqueue(resize.message(pk).copy(queue_name="slow"))
""",
    ),
    Trap(
        "MIG121",
        "Option of a call without a counterpart",
        "human",
        "An argument of `apply_async` that Dramatiq cannot express, or that depends on the broker (`priority`, `link`, "
        "`exchange`, `headers`, `task_id`, …).",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
# Celery: no counterpart for `link` and `headers`
bill.apply_async((pk,), link=notify.s(), headers={"tenant": 7})
""",
    ),
    Trap(
        "MIG122",
        "Moments: eta and expires",
        "helper",
        "Dramatiq knows delays and ages, not moments. The generated `ms` counts the milliseconds until the moment; one "
        "without a time zone is UTC, as in Celery.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="run-at",
        example="""
# Celery
remind.apply_async((pk,), eta=meeting.starts_at)
# Dramatiq
remind.send_with_options(args=(pk,), delay=ms(meeting.starts_at))
""",
    ),
    Trap(
        "MIG123",
        "The result goes first in a chain, last in a pipeline",
        "automatic",
        "Celery hands a step's result to the next step as first argument, Dramatiq as last. Further positional "
        "arguments are passed by keyword, so that the result arrives where it did. Immutable steps (`.si`) become "
        "`pipe_ignore=True`.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="chain",
        refines="MIG213",
        example="""
# Celery: render is called as render(data, "pdf")
chain(load.s(pk), render.s("pdf"))()
# Dramatiq: as render(data, kind="pdf"); plain, it would be render("pdf", data)
(load.message(pk) | render.message(kind="pdf")).run()
""",
    ),
    Trap(
        "MIG124",
        "Workflow that cannot be read from the code",
        "human",
        "A chain, group or chord whose steps are put together at run time, that is kept in a variable, nested, or "
        "carries options; a chord (Dramatiq's group callbacks get no results). Its jobs stay on Celery.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="chord",
        refines="MIG214",
        example="""
# Celery: total gets a list of results
chord([count.s(pk) for pk in pks])(total.s())
# Dramatiq: total gets no results
group([count.message(pk) for pk in pks]).add_completion_callback(total.message())
""",
    ),
    Trap(
        "MIG125",
        "The result of a call is used",
        "human",
        "`delay()` returns an AsyncResult, `send()` a message. Reading its `id` is rewritten; waiting for a result, "
        "asking for its state or passing it on is not: Dramatiq keeps results only with a result backend of its own.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="result-wait",
        refines="MIG205",
        example="""
# Celery
report = build.delay(pk).get(timeout=30)
# Dramatiq, with the Results middleware and store_results=True
report = build.send(pk).get_result(block=True, timeout=30_000)
""",
    ),
    Trap(
        "MIG126",
        "Jobs are started by a name that only the run knows",
        "human",
        "`send_task(name)`, `app.tasks[name]` or `getattr(tasks, name)` can mean any job, so no job can be moved with "
        "certainty. Replace the lookup by a table of functions, or migrate by hand.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="enqueue-by-name",
        refines="MIG226",
        example="""
# any task can be meant
app.send_task(f"shop.tasks.{kind}", args=[pk])
# a table says which
{"mail": send_mail, "sms": send_sms}[kind].delay(pk)
""",
    ),
    Trap(
        "MIG127",
        "A job is passed around",
        "human",
        "The task object is stored, passed on or inspected; who calls what on it cannot be told. It stays on Celery "
        "with everything it is connected to.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
HANDLERS = [send_mail, send_sms]          # stored
schedule_later(send_mail, minutes=5)      # passed on
""",
    ),
    Trap(
        "MIG128",
        "A job's name in a string",
        "human",
        "The job's dotted name stands in a string that is neither a schedule nor a `send_task`. `mock.patch` of its "
        "`delay` is rewritten; anything else is left.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
ALLOWED = {"shop.tasks.send_mail"}        # who reads it cannot be told
mock.patch("shop.tasks.send_mail.delay")  # rewritten
""",
    ),
    Trap(
        "MIG129",
        "Something on its way that the scan could not resolve",
        "human",
        "The call looks like Celery's but what it is called on could not be told.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
self.backend.queue.delay(pk)              # what is `queue`?
""",
    ),
)
