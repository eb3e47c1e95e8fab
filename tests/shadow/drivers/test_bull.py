"""Bull's driver and jobs that are not there, on a real Redis; with Bull itself it is in tests/behaviour."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from migrator.servers import redis as redis_server
from migrator.shadow.drivers import bull, open_driver
from migrator.shadow.drivers.bull import Bull, Options
from migrator.shadow.drivers.interface import Target


class Counting(Bull):
    """Says which jobs it looked at."""

    looked: list[str]

    def _look(self, natives: list[str]) -> dict[str, bull.Look | None]:
        self.looked = natives
        return super()._look(natives)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(bull, "Bull", Counting)
    with redis_server() as url:
        yield url


def test_a_job_that_came_is_not_given_up_for_those_that_did_not(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(arm="new", ledger_id="l", address=address, name="URL", queue="q", job_name="job", timeout=30, folder=str(tmp_path))
    driver = open_driver("bull", target, Options())
    assert isinstance(driver, Counting)
    driver._absent._limit = 3
    cursor = driver.watch("")
    for n in range(3):
        driver.expect(f"l-{n}", None)
    driver.observe(cursor)
    with redis.Redis.from_url(address) as client:
        for n in range(3):
            client.hset(f"bull:q:l-{n}", mapping={"timestamp": "1700000000000", "opts": "{}", "data": "{}"})
    for n in range(3, 30):
        driver.expect(f"l-{n}", None)
    monkeypatch.setattr("migrator.shadow.absentees.SELDOM", 0.0)
    assert {s.native_id for s in driver.observe(cursor).sightings} == {"l-0", "l-1", "l-2"}
    assert {"l-0", "l-1", "l-2"} < driver._open.keys()
    assert len(driver._open) == 6
    driver.close()


def test_jobs_that_never_come_are_looked_for_seldom(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("migrator.shadow.absentees.time.monotonic", lambda: now[0])
    target = Target(arm="new", ledger_id="l", address=address, name="URL", queue="q", job_name="job", timeout=30, folder=str(tmp_path))
    driver = open_driver("bull", target, Options())
    assert isinstance(driver, Counting)
    cursor = driver.watch("")
    for n in range(50):
        driver.expect(f"l-{n}", None)
    driver.observe(cursor)
    assert len(driver.looked) == 50
    now[0] = 300.0
    driver.observe(cursor)
    driver.observe(cursor)
    assert driver.looked == [], "an enqueue that failed leaves nothing to look at ten times a second"
    driver.expect("l-3", "l-3")
    driver.observe(cursor)
    assert driver.looked == ["l-3"], "its enqueue has just succeeded"
    with redis.Redis.from_url(address) as client:
        client.hset("bull:q:l-7", mapping={"timestamp": "1700000000000", "opts": "{}", "data": "{}"})
        client.publish("bull:q:waiting@1", "l-7")
    assert [(s.native_id, s.kind) for s in driver.observe(cursor).sightings] == [("l-7", "available")], "what it publishes is heard"
    assert set(driver.looked) == {"l-3", "l-7"}
    driver.close()
