"""From Celery to Inngest: MIG283 to MIG290."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_INNGEST = ("inngest",)

TRAPS = (
    Trap(
        "MIG283",
        "Tasks become functions behind an endpoint",
        "helper",
        "There is no broker and no worker: the web application serves an endpoint, Inngest calls it. Each task becomes "
        "a function with an event of its own, and the framework's serve call lists them all.",
        sources=_CELERY,
        targets=_INNGEST,
        scope="application",
        example="""
@client.create_function(fn_id="shop-send", trigger=TriggerEvent(event="shop/send"))
inngest.django.serve(client, [send])
""",
    ),
    Trap(
        "MIG284",
        "Arguments become the event's data",
        "automatic",
        "Calls are bound to the parameters of their task and sent as one object.",
        sources=_CELERY,
        targets=_INNGEST,
        capability="positional-arguments",
        refines="MIG202",
        example="""
send.delay(7, "hello")
client.send_sync(Event(name="shop/send", data={"user": 7, "text": "hello"}))
""",
    ),
    Trap(
        "MIG285",
        "Chains and groups become steps",
        "helper",
        "A chain that is written out becomes one function with a step for each task. Steps have retries of their own, "
        "results may be 4 MiB, and there may be 1,000 of them.",
        sources=_CELERY,
        targets=_INNGEST,
        capability="chain",
        example="""
chain(load.s(pk), render.s())()
data = await ctx.step.run("load", load, pk)
await ctx.step.run("render", render, data)
""",
    ),
    Trap(
        "MIG286",
        "Rate limits become throttles",
        "helper",
        "rate_limit counts in each process; throttle counts over all, and spreads the starts over the period.",
        sources=_CELERY,
        targets=_INNGEST,
        capability="throttle",
        refines="MIG219",
        example="""
@app.task(rate_limit="10/m")
throttle=Throttle(limit=10, period=timedelta(minutes=1))
""",
    ),
    Trap(
        "MIG287",
        "Retries that were not there",
        "automatic",
        "Celery retries nothing unless asked, Inngest four times. Every function says retries, 0 where there were none.",
        sources=_CELERY,
        targets=_INNGEST,
        refines="MIG500",
        example="""
@client.create_function(fn_id="shop-send", trigger=trigger, retries=0)
""",
    ),
    Trap(
        "MIG288",
        "The host's limit holds for every task",
        "human",
        "A task runs within one HTTP request: two hours at most, less on most hosts. Long work has to be cut into steps.",
        sources=_CELERY,
        targets=_INNGEST,
        example="""
gunicorn --timeout 30          # ends every task after 30 s
""",
    ),
    Trap(
        "MIG289",
        "Size and kind of arguments",
        "human",
        "Celery's JSON brings back dates and decimals, Inngest's does not; an event may have 256 KiB on the free plan and 3 MiB on others.",
        sources=_CELERY,
        targets=_INNGEST,
        capability="typed-arguments",
        refines="MIG508",
        example="""
Event(name="shop/remind", data={"at": at.isoformat()})
""",
    ),
    Trap(
        "MIG290",
        "Code outside of steps runs again",
        "human",
        "Once a function has steps, everything around them runs anew for each of them. Put what has effects, the time "
        "and random numbers into steps.",
        sources=_CELERY,
        targets=_INNGEST,
        example="""
now = datetime.now()                                   # another time after each step
now = await ctx.step.run("now", lambda: datetime.now().isoformat())
""",
    ),
)
