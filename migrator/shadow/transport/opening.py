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
    url, is_redis = _address(loaded)
    if is_redis:
        from migrator.shadow.transport.redis_streams import RedisOutlet

        return lambda: RedisOutlet(url, loaded.policy.name, loaded.recorder.transport)
    from migrator.shadow.transport.postgres_rows import PostgresOutlet

    return lambda: PostgresOutlet(url, loaded.policy.name, loaded.recorder.transport)


def inlet_of(loaded: LoadedPolicy) -> Inlet:
    """The other end. Raises MigratorError as above."""
    if not loaded.recorder.transport:
        return FolderInlet(loaded.spool)
    url, is_redis = _address(loaded)
    if is_redis:
        from migrator.shadow.transport.redis_streams import RedisInlet

        return RedisInlet(url, loaded.policy.name, loaded.recorder.transport)
    from migrator.shadow.transport.postgres_rows import PostgresInlet

    return PostgresInlet(url, loaded.policy.name, loaded.recorder.transport)


def _address(loaded: LoadedPolicy) -> tuple[str, bool]:
    """The address, and whether it is of a Redis."""
    variable = loaded.recorder.transport
    url = os.environ.get(variable, "")
    if not url:
        raise MigratorError("is not set", place=variable, remedy="Set it to the address of the Redis or Postgres that events go through.")
    if url.startswith(("redis://", "rediss://", "unix://")):
        return url, True
    if url.startswith(("postgres://", "postgresql://", "postgresql+")):
        return url, False
    raise MigratorError("holds no address of Redis or Postgres", place=variable, remedy="It begins with redis:// or postgresql://.")
