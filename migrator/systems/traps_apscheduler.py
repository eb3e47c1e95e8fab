"""From APScheduler to a job system: MIG334 to MIG342."""

from __future__ import annotations

from migrator.systems.trap import Trap

_APSCHEDULER = ("apscheduler",)
_TARGETS = ("celery", "rq", "dramatiq", "procrastinate", "taskiq", "huey", "inngest")

TRAPS = (
    Trap(
        "MIG334",
        "Weekdays and missing fields",
        "automatic",
        "0 is Monday for APScheduler, also in from_crontab, and Sunday nearly everywhere else; a field that is finer "
        "than the given ones is its least value, not every one. Both are written out. Fields for year and week, and "
        "seconds where the target has none, need a person.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        capability="cron",
        refines="MIG506",
        example="""
CronTrigger(hour=5, day_of_week=0)                     # Mondays, 05:00:00
crontab(minute=0, hour=5, day_of_week=1)               # Celery
""",
    ),
    Trap(
        "MIG335",
        "The time zone of the process",
        "human",
        "Without a timezone, triggers follow the machine. Find out which that was.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        capability="cron",
        refines="MIG505",
        example="""
BackgroundScheduler()                                  # tzlocal
BackgroundScheduler(timezone="Europe/Berlin")
""",
    ),
    Trap(
        "MIG336",
        "One at a time, and late ones dropped",
        "helper",
        "max_instances, coalesce and misfire_grace_time say that a job never overlaps itself, that missed runs are one, "
        "and that late ones are dropped after a second. The target needs a lock and an expiry for that.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        capability="singleton",
        example="""
add_job(sync, "interval", minutes=1, max_instances=1, coalesce=True)
"options": {"expires": 60}                             # Celery, and a lock in the task
""",
    ),
    Trap(
        "MIG337",
        "One start at a moment",
        "helper",
        "add_job with a date at run time is an enqueue with an eta. What remove_job took back by its id has to be found "
        "again by the target's id.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        capability="run-at",
        example="""
scheduler.add_job(remind, "date", run_date=at, args=[pk], id=f"remind-{pk}")
remind.apply_async((pk,), eta=at, task_id=f"remind-{pk}")
""",
    ),
    Trap(
        "MIG338",
        "Schedules that users make",
        "helper",
        "Jobs in a job store are pickled references, changed while the application runs. They need a table of schedules on the other side.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        capability="dynamic-schedule",
        refines="MIG211",
        example="""
scheduler.add_job(report, "cron", hour=user.hour, id=f"report-{user.pk}")
PeriodicTask.objects.update_or_create(name=f"report-{user.pk}", defaults={"crontab": at, "task": "shop.report"})
""",
    ),
    Trap(
        "MIG339",
        "Listeners",
        "helper",
        "add_listener heard of runs, errors and missed starts in the same process. Signals of the target come from its "
        "workers, and nothing tells of a missed start.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        capability="lifecycle-events",
        refines="MIG217",
        example="""
scheduler.add_listener(report, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
@task_failure.connect
""",
    ),
    Trap(
        "MIG340",
        "Closures and methods as jobs",
        "human",
        "In one process anything that can be called is a job. Elsewhere it has to be a function of a module, with plain arguments.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        scope="code",
        example="""
scheduler.add_job(lambda: cache.refresh(region), "interval", minutes=5)
def refresh_cache(region): ...
""",
    ),
    Trap(
        "MIG341",
        "The scheduler's start goes",
        "automatic",
        "start() in AppConfig.ready, a lifespan or a module starts one scheduler for each web process: every job ran as "
        "often as there were workers. Where that was so, the work will now be done once.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        scope="application",
        example="""
scheduler.start()          # with gunicorn -w 4: four of them
""",
    ),
    Trap(
        "MIG342",
        "Jobs leave the web process",
        "human",
        "They no longer see its memory: caches, connections, sockets of users. What they share has to go through a store.",
        sources=_APSCHEDULER,
        targets=_TARGETS,
        example="""
CLIENTS.broadcast(message)             # the worker has no clients
""",
    ),
)
