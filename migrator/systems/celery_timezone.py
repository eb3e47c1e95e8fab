"""In which time zone Celery reads a crontab where its own setting `timezone` is not given."""

from __future__ import annotations

from migrator.regex import regex

#: Django's setting, which then holds. Celery 5.2.7 asks for another spelling of it and finds nothing, so that UTC holds.
SETTING = "TIME_ZONE"
SINCE = (5, 3)  # read in, and run with, celery 5.2.7, 5.3.0, 5.3.6, 5.4.0, 5.5.3, 5.6.0 and 5.7.0
#: what Django's setting is where a project does not give it
DJANGO_DEFAULT = "America/Chicago"

_PART = regex(r"(==|~=|!=|>=|<=|>|<|\^|~|)\s*v?(\d+)(?:\.(\d+))?((?:\.\d+)*)")


def reads_time_zone(version: str) -> bool | None:
    """True if every Celery that `version` (as a manifest writes it) allows reads `SETTING`, False if none does, None if that is open.

    >>> reads_time_zone("==5.3.4"), reads_time_zone("~=5.2.7"), reads_time_zone(">=5.2,<6"), reads_time_zone("^5.4"), reads_time_zone("")
    (True, False, None, True, None)
    """
    least, below = (0, 0), (10**6, 0)
    for how, major, minor, patch in _PART.findall(version):
        found = (int(major), int(minor or 0))
        if how in ("", "==", "~=", "^", "~", ">=", ">"):
            least = max(least, found)
        if how in ("", "=="):
            below = min(below, (found[0], found[1] + 1) if minor else (found[0] + 1, 0))
        elif how == "~" or (how == "~=" and patch):
            below = min(below, (found[0], found[1] + 1))
        elif how in ("^", "~="):
            below = min(below, (found[0] + 1, 0))
        elif how == "<":
            below = min(below, (found[0], found[1] + 1) if patch else found)
        elif how == "<=":
            below = min(below, (found[0], found[1] + 1))
    if least >= SINCE:
        return True
    return False if below <= SINCE else None
