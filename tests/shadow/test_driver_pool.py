"""Drivers for sending from an application: what they are opened with, and for how long one is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.shadow import driver_pool
from migrator.shadow.driver_pool import DriverPool, driver_of
from migrator.shadow.drivers.interface import Assignment, StoreDown, Target
from migrator.shadow.policy.reading import read_policy
from tests.shadow.dispatching import FILE, FakeDriver, Options, Stores


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Stores:
    made = Stores()
    monkeypatch.setattr(driver_pool, "open_driver", made.open_driver)
    monkeypatch.setattr(driver_pool, "options_of", lambda _: Options)
    monkeypatch.setenv("NEW_URL", "redis://new")
    return made


def test_paths_are_found_from_the_experiment_file_on(tmp_path: Path, stores: Stores) -> None:
    (tmp_path / "experiment.toml").write_text(FILE)
    policy = read_policy(tmp_path / "experiment.toml")
    driver_of(policy, "new", policy.jobs[0], "e")
    assert stores.opened[0].folder == str(tmp_path), "an option such as `folder` of Bull is relative to it, wherever the process runs"


def test_a_driver_of_a_store_that_is_down_is_not_used_for_ever_either(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_pool, "USES", 10)

    def refuse(_: Assignment) -> None:
        raise StoreDown("it is down")

    stores.when_a_job_comes = refuse
    target = Target(arm="new", ledger_id="e", address="", name="", queue="q", job_name="j", timeout=1.0)
    opened = list[FakeDriver]()
    pool = DriverPool(lambda: opened.append(FakeDriver(stores, target)) or opened[-1])  # pyright: ignore[reportArgumentType]
    for n in range(25):
        with pytest.raises(StoreDown):
            pool.enqueue(Assignment(job_key=str(n), payload={}))
    assert (len(opened), stores.closed) == (3, 2)
