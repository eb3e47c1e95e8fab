"""What a meaning is in RQ's terms: a queue, a scheduler, a worker, the decorator, a decorated function.

RQ itself, django-rq, Flask-RQ, Flask-RQ2 and rq-scheduler have many ways to get the same few things; `api` gives each one name.
"""

from __future__ import annotations

import msgspec

from migrator.scanners.linking import Defined, Evaluator, Instance, Meaning, Member, Place
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.python.functions import Made, made
from migrator.syntax.tree import CLASSES

SYSTEM = "rq"

#: the extensions for Flask: `rq = RQ()`
_FLASK = ("flask_rq2.RQ()", "flask_rq2.app.RQ()", "flask_rq.RQ()")
_QUEUES = {
    **dict.fromkeys(("rq.Queue", "rq.queue.Queue"), "Queue"),
    **dict.fromkeys(("django_rq.get_queue", "django_rq.queues.get_queue", "django_rq.queues.DjangoRQ"), "get_queue"),
    **dict.fromkeys((*(f"{rq}.get_queue" for rq in _FLASK), "flask_rq.get_queue"), "get_queue"),
}
_SCHEDULERS = {
    **dict.fromkeys(("rq_scheduler.Scheduler", "rq_scheduler.scheduler.Scheduler", "flask_rq2.scheduler.FlaskScheduler"), "Scheduler"),
    **dict.fromkeys(("django_rq.get_scheduler", "django_rq.queues.get_scheduler", "django_rq.queues.DjangoScheduler"), "get_scheduler"),
    **dict.fromkeys((f"{rq}.get_scheduler" for rq in _FLASK), "get_scheduler"),
}
_WORKERS = {
    **{f"{module}.{name}": name for module in ("rq", "rq.worker", "rq.worker.base") for name in ("Worker", "SimpleWorker", "SpawnWorker")},
    **{f"{module}.{name}": name for module in ("rq", "rq.worker") for name in ("HerokuWorker", "RoundRobinWorker", "RandomWorker")},
    **dict.fromkeys(("rq.contrib.heroku.HerokuWorker", "rq.worker.heroku.HerokuWorker"), "HerokuWorker"),
    **dict.fromkeys(("rq.worker_pool.WorkerPool", "rq.WorkerPool"), "WorkerPool"),
    **dict.fromkeys(("django_rq.get_worker", "django_rq.workers.get_worker", "flask_rq.get_worker"), "get_worker"),
    **dict.fromkeys((f"{rq}.{name}" for rq in _FLASK for name in ("get_worker", "make_worker")), "get_worker"),
}
_CRONS = dict.fromkeys(("rq.cron.CronScheduler", "rq.CronScheduler", "django_rq.cron.DjangoCronScheduler"), "CronScheduler")
_EXTENSIONS = dict.fromkeys(("flask_rq2.RQ", "flask_rq2.app.RQ", "flask_rq.RQ"), "RQ")
_DECORATORS = frozenset(
    (
        *("rq.decorators.job", "rq.job", "django_rq.job", "django_rq.decorators.job", "flask_rq.job"),
        *(f"{rq}.job" for rq in _FLASK),
    )
)
_JOBS = {
    "rq.job.Job.create": "Job.create",
    "rq.Job.create": "Job.create",
    "rq.Queue.prepare_data": "Queue.prepare_data",
    "rq.queue.Queue.prepare_data": "Queue.prepare_data",
    "rq.cron.register": "cron.register",
    "rq.cron.cron.register": "cron.register",
    "django_rq.enqueue": "enqueue",
    "django_rq.queues.enqueue": "enqueue",
}
_MAKERS = frozenset(("RQ.get_queue", "RQ.get_scheduler", "RQ.get_worker", "RQ.make_worker"))
#: what makes an object -> the kind of object
_KINDS = {
    **dict.fromkeys(_QUEUES, "Queue"),
    **dict.fromkeys(_SCHEDULERS, "Scheduler"),
    **dict.fromkeys(_WORKERS, "Worker"),
    **dict.fromkeys(_CRONS, "CronScheduler"),
    **dict.fromkeys(_EXTENSIONS, "RQ"),
}
#: all that can be called, by the name that it has in its package
_CALLED = {**_QUEUES, **_SCHEDULERS, **_WORKERS, **_CRONS, **_EXTENSIONS, **_JOBS}


class Terms(msgspec.Struct, frozen=True):
    """Reads meanings of one project."""

    evaluator: Evaluator

    def api(self, callee: Meaning) -> str:
        """What is called, such as `Queue`, `get_queue`, `Queue.enqueue`, `Scheduler.cron`, `job.delay`; empty for anything else."""
        if isinstance(callee, Member):
            if self.decorated(callee.of) is not None or self._one_of_several(callee.of):
                return f"job.{callee.name}"
            kind = self.kind(callee.of)
            if kind and f"{kind}.{callee.name}" not in _MAKERS:
                return f"{kind}.{callee.name}"
        return _CALLED.get(callee.key, "")

    def _one_of_several(self, meaning: Meaning) -> bool:
        """True for a job out of a dictionary or list of jobs."""
        unmade = isinstance(meaning, Instance) and meaning.call is None and meaning.decorated is None
        return isinstance(meaning, Instance) and unmade and self.is_decorator(meaning.of)

    def kind(self, meaning: Meaning) -> str:
        """`Queue`, `Scheduler`, `Worker`, `CronScheduler` or `RQ` for an object of RQ's or of a class that derives from one of them."""
        if isinstance(meaning, Member) and meaning.name == "queue":
            # The default queue of Flask-RQ's extension.
            return "Queue" if self.kind(meaning.of) == "RQ" else ""
        if not isinstance(meaning, Instance) or meaning.decorated is not None:
            return ""
        return self.made_by(meaning.of)

    def made_by(self, maker: Meaning, depth: int = 8) -> str:
        """The kind of object that calling `maker` gives."""
        if isinstance(maker, Defined) and maker.place.node.type in CLASSES and depth:
            source, node = maker.place.source, maker.place.node
            bases = (self.evaluator.of(source, base, maker.place.frame) for base in base_classes(source, node))
            return next((kind for base in bases if base.key != maker.key and (kind := self.made_by(base, depth - 1))), "")
        return _KINDS.get(maker.key, "")

    def is_decorator(self, meaning: Meaning) -> bool:
        """True for what makes a function a job."""
        if isinstance(meaning, Member) and meaning.name == "job":
            return self.kind(meaning.of) == "RQ"
        return meaning.key in _DECORATORS

    def decorated(self, meaning: Meaning) -> Made | None:
        """How a function was made a job by decorating."""
        how = made(self.evaluator, meaning)
        return how if how is not None and self.is_decorator(how.definer) else None

    def job_of(self, definition: Meaning) -> str:
        """`module:symbol` of a decorated function."""
        how = self.decorated(definition)
        return how.function.job if how is not None else ""

    def queue_place(self, meaning: Meaning) -> Place | None:
        """The name of a queue object where it was made; None where it was made without one, or is no queue."""
        if self.kind(meaning) != "Queue" or not isinstance(meaning, Instance) or meaning.call is None:
            return None
        given = self.evaluator.arguments(meaning.call)
        name = given.get("name", given.get(0))
        return name if isinstance(name, Place) else None
