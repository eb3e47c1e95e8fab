"""A deadlock with statements of the application is no outage: what Postgres took back is tried once more."""

from __future__ import annotations

import psycopg
import pytest

from migrator.shadow.drivers.interface import StoreDown
from migrator.shadow.postgres.connection import Connection


@pytest.mark.parametrize(("deadlocks", "down"), [(1, False), (2, True)])
def test_a_deadlock_is_tried_once_more(monkeypatch: pytest.MonkeyPatch, deadlocks: int, down: bool) -> None:
    tried: list[int] = []

    def together(*_: object) -> None:
        tried.append(1)
        if len(tried) <= deadlocks:
            raise psycopg.errors.DeadlockDetected("deadlock detected")

    monkeypatch.setattr(Connection, "_together", together)
    connection = Connection("postgresql://nobody@127.0.0.1:1/none", name="X", timeout=1.0)
    if down:
        with pytest.raises(StoreDown, match="deadlock"):
            connection.script([])
    else:
        connection.script([])
    assert len(tried) == 2
