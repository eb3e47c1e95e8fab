"""What a meaning is in APScheduler's terms: a scheduler, and what is asked of it."""

from __future__ import annotations

import msgspec

from migrator.scanners.linking import Evaluator, External, Instance, Meaning, Member, Place, parts
from migrator.systems.apscheduler import PACKAGES

SYSTEM = "apscheduler"

#: methods that give a scheduler something to do -> the names of their positional parameters
_OPTIONS = ("args", "kwargs", "id", "name", "misfire_grace_time", "coalesce", "max_instances", "next_run_time", "jobstore", "executor")
ADDING = {
    "add_job": ("func", "trigger", *_OPTIONS),
    "scheduled_job": ("trigger", *_OPTIONS),
    "task": ("trigger", *_OPTIONS),
    "add_schedule": ("func_or_task_id", "trigger"),
    "run_job": ("func_or_task_id",),
    "configure_task": ("func_or_task_id",),
    # APScheduler 2
    "add_interval_job": ("func", "weeks", "days", "hours", "minutes", "seconds", "start_date", "args", "kwargs"),
    "add_cron_job": ("func", "year", "month", "day", "week", "day_of_week", "hour", "minute", "second", "start_date", "args", "kwargs"),
    "add_date_job": ("func", "run_date", "args", "kwargs"),
    "interval_schedule": (),
    "cron_schedule": (),
}
#: triggers that are part of a method's name
IMPLIED = {
    "add_interval_job": "interval",
    "interval_schedule": "interval",
    "add_cron_job": "cron",
    "cron_schedule": "cron",
    "add_date_job": "date",
}
#: methods that decorate what is to be run
DECORATING = frozenset(("scheduled_job", "task", "interval_schedule", "cron_schedule"))
#: names of methods that tell enough to be looked at, whatever they are called on
METHODS = frozenset(("add_job", "scheduled_job", "add_interval_job", "add_cron_job"))
REGISTER = frozenset(("django_apscheduler.jobstores.register_job", "django_apscheduler.register_job"))
#: decorator of APScheduler 4, which only names a task
TASK = frozenset(("apscheduler.task", "apscheduler._decorators.task"))
_FLASK = frozenset(("flask_apscheduler.APScheduler", "flask_apscheduler.scheduler.APScheduler"))
_INNER = frozenset(("scheduler", "_scheduler"))


class Terms(msgspec.Struct, frozen=True):
    """Reads meanings of one project."""

    evaluator: Evaluator

    def is_scheduler_class(self, meaning: Meaning) -> bool:
        """True for a class of schedulers."""
        return isinstance(meaning, External) and meaning.path[0] in PACKAGES and meaning.path[-1].endswith("Scheduler")

    def is_scheduler(self, meaning: Meaning) -> bool:
        """True for a scheduler."""
        if isinstance(meaning, External):
            # What a plugin offers: `from nonebot_plugin_apscheduler import scheduler`.
            return len(meaning.path) > 1 and meaning.path[0] in PACKAGES and meaning.path[-1] == "scheduler"
        if isinstance(meaning, Member):
            return meaning.name in _INNER and self.is_scheduler(meaning.of)
        if not isinstance(meaning, Instance) or meaning.decorated is not None:
            return False
        if isinstance(meaning.of, Member):
            return meaning.of.name in ("__enter__", "__aenter__") and self.is_scheduler(meaning.of.of)
        return self.is_scheduler_class(meaning.of)

    def method(self, meaning: Meaning) -> str:
        """`add_job` for that method of a scheduler; empty for anything else."""
        owner, name = parts(meaning)
        return name if owner is not None and self.is_scheduler(owner) else ""

    def is_flask(self, callee: Meaning) -> bool:
        """True for a method of Flask-APScheduler's own object, whose `add_job` takes the id first."""
        owner, _ = parts(callee)
        return isinstance(owner, Instance) and owner.of.key in _FLASK

    def timezone(self, callee: Meaning) -> Place | None:
        """The time zone that the scheduler of a method was made with."""
        owner, _ = parts(callee)
        given = self.evaluator.arguments(owner.call) if isinstance(owner, Instance) and owner.call is not None else {}
        zone = given.get("timezone")
        return zone if isinstance(zone, Place) else None
