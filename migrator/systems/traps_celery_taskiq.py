"""From Celery to Taskiq: MIG263 to MIG271."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_TASKIQ = ("taskiq",)

TRAPS = (
    Trap(
        "MIG263",
        "Two switches for retries, and another count",
        "automatic",
        "Nothing is retried unless the broker has a retry middleware and the task the label retry_on_error; "
        "max_retries=3 means three runs in all. The rewrite adds both, and one to the number.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="retries",
        example="""
@app.task(autoretry_for=(Busy,), max_retries=3)
@broker.task(retry_on_error=True, max_retries=4)
""",
    ),
    Trap(
        "MIG264",
        "An exponent that is a straight line",
        "helper",
        "use_delay_exponent multiplies the delay by the number of the retry. A generated middleware computes Celery's waits.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="backoff",
        refines="MIG503",
        example="""
# Celery, retry_backoff=2: 2, 4, 8, 16 s
# Taskiq, default_delay=2:  2, 4, 6, 8 s
""",
    ),
    Trap(
        "MIG265",
        "Delays need a schedule source",
        "helper",
        "Only brokers that know the label delay can put a message off; elsewhere the task goes into a schedule source, "
        "and a scheduler process has to run.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="delay",
        example="""
remind.apply_async((pk,), countdown=90)
await remind.schedule_by_time(source, now() + timedelta(seconds=90), pk)
""",
    ),
    Trap(
        "MIG266",
        "Dates become text without an error",
        "human",
        "A datetime, Decimal or UUID arrives as text unless the parameter is annotated. Annotations are added where the "
        "calls show the type; look at all others.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="typed-arguments",
        refines="MIG508",
        example="""
def remind(at): ...                    # text
def remind(at: datetime): ...          # a datetime
""",
    ),
    Trap(
        "MIG267",
        "Ten minutes, then twice",
        "human",
        "RedisStreamBroker hands a message to another worker when it has been idle for 10 minutes, also while the first "
        "still works. Set idle_timeout above the longest run.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="visibility-lease",
        refines="MIG512",
        example="""
RedisStreamBroker(url, idle_timeout=3_600_000)
""",
    ),
    Trap(
        "MIG268",
        "Time limits for coroutines only",
        "human",
        "The label timeout does not end a plain function, which goes on in its thread. Give its calls timeouts of their own.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="timeout",
        example="""
@broker.task(timeout=60)
def build(pk): requests.get(url, timeout=30)
""",
    ),
    Trap(
        "MIG269",
        "Chains are another package",
        "human",
        "taskiq-pipelines has call_next, map and filter. It hands on results as first argument; groups and chords are not the same.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="chain",
        refines="MIG213",
        example="""
chain(load.s(pk), render.s())()
Pipeline(broker, load).call_next(render).kiq(pk)
""",
    ),
    Trap(
        "MIG270",
        "Results need a backend",
        "automatic",
        "Taskiq keeps none unless the broker is given a result backend. The rewrite adds one where results are read.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="result",
        refines="MIG218",
        example="""
broker = RedisStreamBroker(url).with_result_backend(RedisAsyncResultBackend(url))
""",
    ),
    Trap(
        "MIG271",
        "Another scheduler",
        "automatic",
        "beat becomes taskiq scheduler; cron_offset carries the time zone, and days of month and week are joined with or.",
        sources=_CELERY,
        targets=_TASKIQ,
        capability="cron",
        scope="application",
        example="""
celery -A shop beat
taskiq scheduler shop.jobs:scheduler
""",
    ),
)
