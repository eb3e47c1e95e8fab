"""Files that our own commands wrote into the application: an audit, a plan, a lock names every job and is none of them."""

from __future__ import annotations

from migrator.regex import regex

_BEGINNING = regex(rb'\{\s*"schema":\s*"migrator\.')


def is_ours(data: bytes) -> bool:
    """True for the JSON of one of our commands, by how it begins.

    >>> is_ours(b'{"schema": "migrator.lock/1", "source": "celery"}'), is_ours(b'{"schema": "other"}')
    (True, False)
    """
    return _BEGINNING.match(data) is not None
