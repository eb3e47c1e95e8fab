"""Settings of Celery as rules look at them: one name for each, whichever prefix and age its spelling has."""

from __future__ import annotations

from migrator.jobs import Setting

#: names of Celery 3 -> the present ones, where they are more than a prefix apart
_OLD = {
    "always_eager": "task_always_eager",
    "task_result_expires": "result_expires",
}


def plain(setting: Setting) -> str:
    """The present name of a setting, in small letters: `task_always_eager` for `CELERY_ALWAYS_EAGER`."""
    name = setting.name.lower().removeprefix("celery_")
    return _OLD.get(name, name)
