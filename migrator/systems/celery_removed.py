"""What Celery no longer knows; run with celery 5.7.0."""

from __future__ import annotations

from migrator.systems.removed import Removed

REMOVED = (
    Removed(
        form="import",
        names=(
            *("celery.task", "celery.task.task", "celery.task.periodic_task", "celery.task.Task", "celery.task.PeriodicTask"),
            *("celery.task.schedules.crontab", "celery.task.base.periodic_task", "celery.task.base.Task", "celery.decorators.task"),
            *("celery.decorators.periodic_task", "celery.task.sets.TaskSet", "celery.task.sets.subtask", "celery.task.control.revoke"),
        ),
        since=5,
        outcome="refused",
        effect="the module is gone, and the import fails",
        instead="`from celery import shared_task`, and `beat_schedule` for what is periodic",
    ),
    Removed(
        form="command",
        names=(r"\bcelery\s+(?:worker|beat|inspect|control|events|multi\s+start)\b(?=.*\s(?:-A|--app)[\s=])",),
        since=5,
        outcome="refused",
        effect="`-A` after the command is refused",
        instead="`celery -A app worker`",
    ),
)
