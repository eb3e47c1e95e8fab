"""Since when a step of the ramp holds: only time in which it held counts."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import msgspec
import pytest

from migrator.shadow.config.reading import read_experiment
from migrator.shadow.judging.verdict import Verdict
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.live.steering import Steering
from migrator.shadow.summarizing import summarize
from tests.shadow.synthetic import ArmPlan, write_events

FILE = """
[experiment]
name = "shop"
current = "old"
[job]
name = "mail"
[arms.old]
system = "rq"
connection = "NOWHERE_URL"
weight = 1
job_name = "app.mail"
[arms.new]
system = "celery"
connection = "NOWHERE_URL"
weight = 1
"""
RAMP = '[routing.ramp]\nsteps = ["{first}/1d", "100%"]\n'
DAY = 86_400 * 10**9


@pytest.fixture
def ledger(tmp_path: Path) -> Generator[SqliteLedger]:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        write_events(ledger, [ArmPlan(arm="old", jobs=60), ArmPlan(arm="new", jobs=60)], experiment="shop")
        yield ledger


class Days:
    """A clock that is turned by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.day = 20_000
        monkeypatch.setattr("migrator.shadow.live.steering.time.time_ns", lambda: self.day * DAY)


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Days:
    return Days(monkeypatch)


def steering_of(folder: Path, ledger: SqliteLedger, text: str) -> Steering:
    (folder / "shop.toml").write_text(text)
    return Steering(read_experiment(folder / "shop.toml"), ledger, lambda _: None)


def goes_on(steering: Steering, ledger: SqliteLedger) -> bool:
    summary = summarize(ledger)
    calm = Verdict(arm="new", answer="inconclusive", reason="Too few jobs.", comparisons=())
    steering.judged(msgspec.structs.replace(summary, verdicts=(calm,), checks=()))
    return steering.state.step == 1


def test_a_run_that_did_not_begin_is_no_time_of_a_step(tmp_path: Path, ledger: SqliteLedger, days: Days) -> None:
    steering_of(tmp_path, ledger, FILE + RAMP.format(first="5%"))
    assert ledger.marks(kind="ramp") == ()
    days.day += 2
    steering = steering_of(tmp_path, ledger, FILE + RAMP.format(first="5%"))
    steering.begin()
    assert not goes_on(steering, ledger)
    days.day += 1
    again = steering_of(tmp_path, ledger, FILE + RAMP.format(first="5%"))
    again.begin()
    assert goes_on(again, ledger), "an earlier run has seen the step begin"


def test_a_file_that_is_being_written_ends_nothing(tmp_path: Path, ledger: SqliteLedger) -> None:
    """It was whole when the run read it, and is not when it is read for the routing."""
    said: list[str] = []
    (tmp_path / "shop.toml").write_text(FILE)
    loaded = read_experiment(tmp_path / "shop.toml")
    steering = Steering(loaded, ledger, said.append)
    (tmp_path / "shop.toml").write_text(FILE[:60])
    assert not steering.follow(loaded)
    assert "routing goes on with what it knows" in said[0]
    (tmp_path / "shop.toml").write_text(FILE.replace("weight = 1", "weight = 3", 1))
    assert steering.follow(loaded)


def test_a_ramp_that_comes_later_begins_then(tmp_path: Path, ledger: SqliteLedger, days: Days) -> None:
    steering = steering_of(tmp_path, ledger, FILE)
    steering.begin()
    days.day += 10
    (tmp_path / "shop.toml").write_text(FILE + RAMP.format(first="5%"))
    assert steering.follow(read_experiment(tmp_path / "shop.toml"))
    assert not goes_on(steering, ledger)
    days.day += 1
    (tmp_path / "shop.toml").write_text(FILE + RAMP.format(first="20%"))
    assert steering.follow(read_experiment(tmp_path / "shop.toml"))
    assert not goes_on(steering, ledger), "nobody has seen it at 20 %"
    assert [mark.text for mark in ledger.marks(kind="ramp")] == ["step 1: as the file says now"] * 2
    days.day += 1
    (tmp_path / "shop.toml").write_text(FILE + RAMP.format(first="20%").replace("1d", "12h"))
    steering.follow(read_experiment(tmp_path / "shop.toml"))
    assert goes_on(steering, ledger), "the same step, for less time"
