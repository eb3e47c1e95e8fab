"""Whose clock counts: Redis's own, or those of the machines of the workers."""

from __future__ import annotations

import time
from typing import Any

import pytest

from migrator.shadow.drivers import open_driver, options_of
from migrator.shadow.drivers.interface import Target

HOUR = 3600


class Ahead:
    """A Redis whose clock is an hour ahead."""

    def ping(self) -> bool:
        return True

    def time(self) -> tuple[int, int]:
        return int(time.time()) + HOUR, 0

    def info(self, _: str) -> dict[str, Any]:
        return {"redis_version": "7.4"}


@pytest.mark.parametrize(("system", "hours"), [("bullmq", 1), ("bull", None), ("rq", None)])
def test_only_where_redis_dates_the_jobs_its_clock_is_compared(system: str, hours: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "redis://127.0.0.1:1/0"
    target = Target(arm="a", ledger_id="l", address=address, name="REDIS_URL", queue="q", job_name="app.job", timeout=1.0)
    driver: Any = open_driver(system, target, options_of(system)())
    monkeypatch.setattr(driver, "_redis", Ahead())
    health = driver.health()
    offset = health.clock.offset_ns
    assert (None if offset is None else round(offset / HOUR / 1e9, 2)) == hours
    assert health.server == "Redis 7.4"
