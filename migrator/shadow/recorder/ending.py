"""Ends and forks of a process, for every recorder that it has."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import weakref
from typing import Protocol


class Mortal(Protocol):
    """Something with threads and files of this process."""

    def born_again(self) -> None:
        """In the child of a fork."""
        ...

    def close(self) -> None:
        """The process is about to end."""
        ...


_forking: weakref.WeakSet[Mortal] = weakref.WeakSet()
_ending: weakref.WeakSet[Mortal] = weakref.WeakSet()
_log = logging.getLogger(__name__)
_watched = 0  #: the process whose end as a child is watched for
_over = False  #: the end has come


def at_fork(mortal: Mortal) -> None:
    """Have it told in the child of every fork."""
    _forking.add(mortal)


def at_end(mortal: Mortal) -> bool:
    """Have it closed when this process ends in good order. False where it is too late for that."""
    global _watched
    _ending.add(mortal)
    if _watched != os.getpid():
        _watched = os.getpid()
        # A child of `multiprocessing`, or of what Celery has in its place, ends without `atexit`.
        for name in ("multiprocessing.util", "billiard.util"):
            if module := sys.modules.get(name):
                module.Finalize(None, _close, exitpriority=10)
    return not _over


def _close() -> None:
    global _over
    _over = True
    for mortal in list(_ending):
        try:
            mortal.close()
        except Exception as error:  # noqa: BLE001 - one that cannot be closed must not keep the others
            _log.warning("at the end of the process: %r", error)


def _in_child() -> None:
    global _over
    _over = False
    _ending.clear()
    for mortal in list(_forking):
        try:
            mortal.born_again()
        except Exception as error:  # noqa: BLE001 - the others must not go on with what is the parent's
            _log.warning("in the child of a fork: %r", error)


# Here, early: what an application registers later is called before, and may record.
atexit.register(_close)
os.register_at_fork(after_in_child=_in_child)
