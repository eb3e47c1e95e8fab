"""From Celery to Dramatiq, what starts by the clock: MIG140 to MIG149."""

from __future__ import annotations

from migrator.systems.trap import Trap

_CELERY = ("celery",)
_DRAMATIQ = ("dramatiq",)

TRAPS = (
    Trap(
        "MIG140",
        "Cron expressions",
        "automatic",
        "Celery fires when day of month AND day of week match, counts Sunday as 0 and reads a missing minute as every "
        "minute; cron libraries differ in all three. Schedules become APScheduler triggers, which also ask for both, "
        "with every field and the time zone written out.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="cron",
        refines="MIG506",
        example="""
# Celery: Fridays that are the 13th
crontab(minute=0, hour=8, day_of_month="13", day_of_week="fri")
# cron: all Fridays, and each 13th
0 8 13 * 5
# APScheduler: as Celery
CronTrigger(minute="0", hour="8", day="13", day_of_week="fri", timezone="UTC")
""",
    ),
    Trap(
        "MIG141",
        "Runs that were missed while the scheduler was down",
        "human",
        "Beat keeps the time of the last run in a file and makes up for a missed run when it starts again, if that file "
        "survived. The generated scheduler starts afresh. If a missed run matters, start the job by hand after a long "
        "stop.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="cron",
        example="""
# down from 01:50 to 02:10
celery -A shop beat            # runs the job of 02:00 at 02:10
python -m shop.scheduler       # the next run is tomorrow
""",
    ),
    Trap(
        "MIG142",
        "Schedule that cannot be read from the code",
        "human",
        "Solar schedules, schedules in a database, entries put together at run time, own schedule classes.",
        sources=_CELERY,
        targets=_DRAMATIQ,
        capability="dynamic-schedule",
        refines="MIG211",
        example="""
PeriodicTask.objects.create(name=f"report {user.pk}", task="shop.report", crontab=at)
""",
    ),
)
