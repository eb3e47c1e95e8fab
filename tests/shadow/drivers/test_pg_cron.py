"""pg_cron's driver and a long table of runs. Against a real pg_cron it is in tests/behaviour."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.shadow.drivers import open_driver, pg_cron
from migrator.shadow.drivers.interface import Target
from migrator.shadow.drivers.pg_cron import Options, PgCron


class Runs:
    """In place of a connection: runs by their numbers, the first of which is still going on."""

    def rows(self, _: Any, parameters: tuple[int, str, int]) -> list[tuple[Any, ...]]:
        first, _own, most = parameters
        rows = [(n, n, f"select f('l-{n}')", "running" if n == 1 else "succeeded", None, n, None if n == 1 else n + 1) for n in range(1, 8)]
        return [row for row in rows if row[0] >= first][:most]


def test_a_long_run_hides_none_of_those_that_came_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pg_cron, "BATCH", 2)
    target = Target(arm="new", ledger_id="l", address="postgresql://x", name="URL", queue="q", job_name="j", timeout=1)
    driver = open_driver("pg_cron", target, Options(command="select f({payload})"))
    assert isinstance(driver, PgCron)
    connection: Any = Runs()
    driver._watcher, driver._due = connection, {"1": 0, "2": 0}
    seen = driver.observe("1")
    assert [s.job_key for s in seen.sightings if s.kind == "completed"] == [f"l-{n}" for n in range(2, 8)]
    assert (seen.cursor, driver._due) == ("1", {"1": 0})
    assert driver.observe(seen.cursor).sightings == ()
