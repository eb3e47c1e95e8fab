"""Settings of Huey for Django, and what they mean for schedules."""

from __future__ import annotations

import msgspec

from migrator.jobs import Schedule, Setting, literal_of
from migrator.scanners.found import Found
from migrator.scanners.manifests.packages import of_environment
from migrator.scanners.python.huey_terms import SYSTEM
from migrator.scanners.python.named_settings import read_settings
from migrator.scanners.reading import View

_APPS = frozenset(("huey.contrib.djhuey", "huey.djhuey", "django_huey", "huey_monitor", "django_huey_monitor"))
_WHOLE = frozenset(("HUEY", "DJANGO_HUEY"))


def read_file(view: View) -> None:
    """Record the settings that a file writes down."""
    read_settings(view, SYSTEM, _is_named, _APPS, (b"HUEY", b"huey"), _WHOLE)


def link(found: Found) -> None:
    """Schedules run by local time where Huey is told `utc=False`."""
    local = any(
        isinstance(i, Setting)
        and i.system == SYSTEM
        and not i.area
        and i.name == "HUEY"
        and isinstance(table := literal_of(i.value), dict)
        and table.get("utc") is False
        for i in found.items
    )
    for index, item in enumerate(found.items if local else []):
        if isinstance(item, Schedule) and item.system == SYSTEM:
            found.items[index] = msgspec.structs.replace(item, timezone="")


def _is_named(name: str) -> bool:
    return name in _WHOLE or (name.isupper() and of_environment(name) == SYSTEM)
