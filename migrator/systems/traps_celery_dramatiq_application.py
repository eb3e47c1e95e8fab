"""From Celery to Dramatiq, what holds for the application as a whole: MIG150 to MIG169."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_DRAMATIQ = ("dramatiq",)

TRAPS = (
    Trap(
        "MIG150",
        "Code that Celery runs around every job",
        "human",
        "Signals, worker steps, serializers and plug-ins act on all tasks. A job that leaves Celery loses them without "
        "an error, so no job is moved before they are written as Dramatiq middleware.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="application",
        example="""
@task_prerun.connect
def bind_tenant(task=None, kwargs=None, **_): ...   # for every task there is
""",
    ),
    Trap(
        "MIG151",
        "Setting that changes what every job does",
        "human",
        "A setting that we do not know, or whose value is not plain to read, may matter to all jobs, so none is moved.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
app.conf.task_remote_tracebacks = choose()   # not plain to read
""",
    ),
    Trap(
        "MIG152",
        "Jobs that run at once in tests (always eager)",
        "human",
        "`task_always_eager` has no counterpart: use Dramatiq's StubBroker in tests. Where it is set for production, nothing is moved.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="test-mode",
        scope="application",
        refines="MIG225",
        example="""
# Celery
CELERY_TASK_ALWAYS_EAGER = True
# Dramatiq
broker = StubBroker()
dramatiq.set_broker(broker)
""",
    ),
    Trap(
        "MIG153",
        "Arguments are pickled",
        "human",
        "With a serializer other than JSON arguments can be any object. Make them plain values first.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="pickle-payload",
        refines="MIG200",
        example="""
# Celery with task_serializer = "pickle"
bill.delay(order)
# plain values
bill.delay(order.pk)
""",
    ),
    Trap(
        "MIG154",
        "The broker cannot be told",
        "human",
        "Dramatiq has brokers for Redis and RabbitMQ. The address of Celery's broker could not be found, or is of another kind.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
app = Celery("shop", broker=secrets.lookup("broker"))   # Redis? RabbitMQ? SQS?
""",
    ),
    Trap(
        "MIG155",
        "Routes that are not plain to read",
        "human",
        "`task_routes` with functions, exchanges or routing keys. Write the queue on each task, then migrate.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="routing",
        refines="MIG221",
        example="""
# Celery
task_routes = {"shop.reports.*": {"queue": "slow"}}   # read
task_routes = (choose_queue,)                         # not read
# Dramatiq
@dramatiq.actor(queue_name="slow")
""",
    ),
    Trap(
        "MIG156",
        "Use of Celery that we do not know",
        "human",
        "A name of Celery's is used in a way that the rewrite has no rule for.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
app.control.broadcast("reload_config")
""",
    ),
    Trap(
        "MIG157",
        "Command line of a worker",
        "human",
        "The command has options without a counterpart, or is not plain to read. Write the Dramatiq command by hand.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
celery -A shop worker --autoscale=10,3 -n worker@%h
""",
    ),
    Trap(
        "MIG158",
        "Package that belongs to Celery",
        "human",
        "The package extends Celery (a monitor, a result store, a lock). Replace or drop it by hand.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
celery-once==3.0.1      # locks around tasks: nothing of it is left on Dramatiq
""",
    ),
    Trap(
        "MIG159",
        "The job stays because of another",
        "human",
        "It is used together with something that stays on Celery, and a job moves as a whole or not at all.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
chain(load.s(pk), pack.s())()     # `pack` stays on Celery, so `load` does
""",
    ),
    Trap(
        "MIG160",
        "File with a syntax that could not be read",
        "human",
        "Nothing in it is changed, and jobs that are defined or used in it stay as they are.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="code",
        example="""
print "done"                      # Python 2
""",
    ),
    Trap(
        "MIG161",
        "Jobs that still wait in Celery's queues",
        "human",
        "Messages that were sent before the switch can only be run by a Celery worker. Stop what sends them, let the "
        "old workers empty their queues, scheduled retries included, then stop them.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="application",
        refines="MIG509",
        example="""
celery -A shop inspect active_queues
redis-cli llen celery             # wait for 0, and for `unacked` to be empty
""",
    ),
    Trap(
        "MIG162",
        "Modules that the worker has to be given",
        "helper",
        "Celery's autodiscover_tasks finds the module `tasks` of every application; Dramatiq's worker imports what "
        "stands on its command line, and django-dramatiq only modules of that name, not those below. The generated "
        "worker imports every module that has a job.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        scope="application",
        example="""
app.autodiscover_tasks()
dramatiq shop.dramatiq_worker    # generated: imports shop.tasks.mail, shop.tasks.reports, …
""",
    ),
)
