"""Settings of django-rq and Flask-RQ2 in code (django-rq 4.2.0, Flask-RQ2 18.3)."""

from __future__ import annotations

from migrator.scanners.manifests.packages import of_environment
from migrator.scanners.python.named_settings import read_settings
from migrator.scanners.python.rq_terms import SYSTEM
from migrator.scanners.reading import View

_APPS = frozenset(("django_rq", "rq_scheduler", "django_rq_scheduler"))
_KNOWN = frozenset(
    (
        *("RQ", "RQ_QUEUES", "RQ_SHOW_ADMIN_LINK", "RQ_EXCEPTION_HANDLERS", "RQ_API_TOKEN", "RQ_REDIS_URL", "RQ_ASYNC", "RQ_DEFAULT_URL"),
        *("RQ_DASHBOARD_REDIS_URL", "RQ_SCHEDULER_QUEUE", "RQ_SCHEDULER_INTERVAL", "RQ_DEFAULT_HOST", "RQ_DEFAULT_PORT"),
    )
)


def read_file(view: View) -> None:
    """Record the settings that a file writes down."""
    read_settings(view, SYSTEM, _is_named, _APPS, (b"RQ", b"rq"), _KNOWN)


def _is_named(name: str) -> bool:
    return name.isupper() and (name == "RQ" or of_environment(name) == SYSTEM)
