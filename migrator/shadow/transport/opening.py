"""The transport that an experiment file names: that of `[recorder]`, or the folder."""

from __future__ import annotations

import os
from collections.abc import Callable

from migrator.errors import MigratorError
from migrator.shadow.policy.reading import LoadedPolicy
from migrator.shadow.transport.folder import FolderInlet
from migrator.shadow.transport.interface import Inlet, Outlet


def outlet_of(loaded: LoadedPolicy) -> Callable[[], Outlet] | None:
    """What makes an outlet; None where whoever writes the ledger reads the folder itself.

    Raises:
        MigratorError: the variable that the file names is not set, or holds no address that events can be sent to.
    """
    if not loaded.recorder.transport:
        return None
    from migrator.shadow.transport.redis_streams import RedisOutlet

    url = _address(loaded)
    return lambda: RedisOutlet(url, loaded.policy.name, loaded.recorder.transport)


def inlet_of(loaded: LoadedPolicy) -> Inlet:
    """The other end. Raises MigratorError as above."""
    if not loaded.recorder.transport:
        return FolderInlet(loaded.spool)
    from migrator.shadow.transport.redis_streams import RedisInlet

    return RedisInlet(_address(loaded), loaded.policy.name, loaded.recorder.transport)


def _address(loaded: LoadedPolicy) -> str:
    variable = loaded.recorder.transport
    url = os.environ.get(variable, "")
    if not url:
        raise MigratorError("is not set", place=variable, remedy="Set it to the address of the Redis that events go through.")
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise MigratorError("holds no address of a Redis", place=variable, remedy="It begins with redis://.")
    return url
