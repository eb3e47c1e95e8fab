"""The transport that an experiment file names: that of `[recorder]`, or the folder."""

from __future__ import annotations

from collections.abc import Callable

from migrator.shadow.policy.reading import LoadedPolicy
from migrator.shadow.store_address import store_address
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
    kind, url = store_address(loaded.recorder.transport, "events go through")
    return url, kind == "redis"
