"""What changes about schedules between Python's systems: MIG210 to MIG212."""

from __future__ import annotations

from migrator.systems.trap import Trap

#: these hold for many moves; a move with none but these has not been looked at on its own
GENERAL = True

TRAPS = (
    Trap(
        "MIG210",
        "Intervals that cron cannot say",
        "helper",
        "Every 30 seconds or every 90 seconds is easy for Celery's beat. Huey looks once a minute, Inngest's cron has "
        "no seconds, Procrastinate and arq need an interval that divides the minute or the hour. What can be said is "
        "written as cron, the rest is left to a person.",
        sources=("celery", "rq", "apscheduler", "taskiq", "django-q"),
        targets=("huey", "procrastinate", "arq", "inngest", "django-tasks", "dramatiq"),
        capability="interval",
        example="""
"schedule": 30.0                                  # Celery
@app.periodic(cron="* * * * * */30")              # Procrastinate: the sixth field
"schedule": 90.0                                  # no cron says that
""",
    ),
    Trap(
        "MIG211",
        "Schedules that code does not show",
        "helper",
        "django-celery-beat, RedBeat, rq-scheduler, APScheduler's job stores and django-q keep schedules in a database, "
        "where users change them. They have to be read from there at the time of the switch, and the pages that edit "
        "them need another table.",
        sources=("celery", "rq", "apscheduler", "django-q"),
        targets=("celery", "rq", "dramatiq", "procrastinate", "huey", "arq", "taskiq", "django-tasks", "inngest", "bullmq"),
        capability="dynamic-schedule",
        example="""
PeriodicTask.objects.filter(enabled=True)         # Celery
Schedule.objects.all()                            # django-q
""",
    ),
    Trap(
        "MIG212",
        "The scheduler now lives in every worker",
        "human",
        "Celery has one process for the clock. Huey's consumers and arq's workers each have one: start a second "
        "consumer and every schedule fires twice on Huey (give the others -n), while arq's `unique` and Procrastinate's "
        "table keep one.",
        sources=("celery", "taskiq", "rq", "apscheduler"),
        targets=("huey", "arq", "procrastinate"),
        capability="cron",
        scope="application",
        example="""
celery -A shop beat                    # exactly one
huey_consumer shop.huey -n             # all consumers but one
""",
    ),
)
