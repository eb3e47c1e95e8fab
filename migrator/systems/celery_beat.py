"""How Celery's schedules stand in stores: the tables of django-celery-beat, the hashes of RedBeat."""

from __future__ import annotations

from collections.abc import Mapping

#: what the names of django-celery-beat's tables begin with
TABLES = "django_celery_beat_"
#: the fields of a crontab, in the order of cron
CRON_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
#: django-celery-beat's periods in seconds
PERIODS: Mapping[str, float] = {"days": 86_400.0, "hours": 3_600.0, "minutes": 60.0, "seconds": 1.0, "microseconds": 1e-6}
