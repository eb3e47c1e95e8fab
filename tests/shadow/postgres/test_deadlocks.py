"""A deadlock with statements of the application is no outage, nor is a lock that it holds: what Postgres took back is tried once more."""

from __future__ import annotations

import psycopg
import pytest

from migrator.shadow.drivers.interface import StoreDown
from migrator.shadow.postgres.connection import Connection


@pytest.mark.parametrize("error", [psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled])
@pytest.mark.parametrize(("times", "down"), [(1, False), (2, True)])
def test_what_was_ended_for_others_is_tried_once_more(
    monkeypatch: pytest.MonkeyPatch, error: type[psycopg.Error], times: int, down: bool
) -> None:
    tried: list[int] = []

    def together(*_: object) -> None:
        tried.append(1)
        if len(tried) <= times:
            raise error("ended")

    monkeypatch.setattr(Connection, "_together", together)
    connection = Connection("postgresql://nobody@127.0.0.1:1/none", name="X", timeout=1.0)
    if down:
        with pytest.raises(StoreDown, match="ended"):
            connection.script([])
    else:
        connection.script([])
    assert len(tried) == 2
