"""Two arms that are one system in one store, such as a current system that runs twice: each job is on the books of one of them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import msgspec
import pytest

from migrator.shadow.config.reading import Loaded, read_experiment
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.live.arm import LiveArm
from migrator.shadow.run.neighbours import introduce, neighbours
from tests.shadow.ledger.test_history import event
from tests.shadow.live.test_making_up import seen

FILE = """
[experiment]
name = "shop"
current = "a"
[job]
name = "mail"
[arms.a]
system = "rq"
connection = "A_URL"
weight = 1
job_name = "app.mail"
[arms.b]
system = "rq"
connection = "B_URL"
weight = 1
noise = true
queue = "other"
job_name = "app.mail"
[arms.c]
system = "rq"
connection = "C_URL"
weight = 1
job_name = "app.mail"
[timeouts]
assignment = 1.0
"""


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    for arm, port in (("A", 1), ("B", 1), ("C", 2)):
        monkeypatch.setenv(f"{arm}_URL", f"redis://127.0.0.1:{port}/0")
    (tmp_path / "shop.toml").write_text(FILE)
    return read_experiment(tmp_path / "shop.toml")


@pytest.fixture
def ledger(tmp_path: Path) -> Generator[SqliteLedger]:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        yield ledger


def arms_of(loaded: Loaded, ledger: SqliteLedger) -> dict[str, LiveArm]:
    arms = {
        n: LiveArm(n, loaded, ledger, 1, ledger_id="e", on_failure=lambda error: pytest.fail(str(error))) for n in loaded.experiment.arms
    }
    for arm in arms.values():
        arm.chronicle._since_ns = 0
    introduce(loaded, (arm.chronicle for arm in arms.values()))
    if not ledger.epochs():
        ledger.begin_epoch("shop", "{}", "x", [arm.record(loaded.split) for arm in arms.values()])
    return arms


def assign(ledger: SqliteLedger, arm: LiveArm, key: str) -> None:
    assigned = event("assigned", 1, job=key, arm=arm.name, event_id=f"{arm.name}:{key}:assigned")
    ledger.record([assigned])
    arm.heard([assigned])


def test_who_is_beside_whom(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    assert neighbours(loaded) == {"a": ("a", "b"), "b": ("a", "b")}
    monkeypatch.setenv("B_URL", "redis://127.0.0.1:3/0")
    assert neighbours(loaded) == {}
    monkeypatch.setenv("B_URL", "redis://127.0.0.1:1/0")
    experiment = loaded.experiment
    mirror = msgspec.structs.replace(experiment, experiment=msgspec.structs.replace(experiment.experiment, mode="mirror"))
    assert neighbours(msgspec.structs.replace(loaded, experiment=mirror)) == {}, "there a job is in several arms"


def test_what_both_read_is_written_down_by_the_one_whose_job_it_is(loaded: Loaded, ledger: SqliteLedger) -> None:
    arms = arms_of(loaded, ledger)
    assign(ledger, arms["a"], "early")
    for arm in (arms["a"], arms["b"]):
        arm.chronicle.observed(seen("early", "started", "completed", ago=5.0))
        arm.chronicle.observed(seen("late", "started", "completed", ago=5.0))
    assign(ledger, arms["b"], "late")
    for name, job in (("a", "early"), ("b", "late")):
        books = ledger.conservation(name)
        assert (books.holds, books.assigned, books.count("completed")) == (True, 1, 1)
        assert arms[name].make_up(9) == 0
        assert {event.job_key for event in ledger.events() if event.arm == name} == {job}


def test_a_job_that_nobody_assigned_is_on_the_books_of_one_arm(loaded: Loaded, ledger: SqliteLedger) -> None:
    arms = arms_of(loaded, ledger)
    for arm in arms.values():
        arm.chronicle.observed(seen(f"j-{arm.channels[0].observing is not arms['c'].channels[0].observing}", "started", ago=5.0))
    assert {name: arm.make_up(0) for name, arm in arms.items()} == {"a": 0, "b": 0, "c": 0}
    assert {name: len(ledger.conservation(name).unassigned) for name in arms} == {"a": 1, "b": 0, "c": 1}, "seen, and explained by nothing"
    assert {name: arm.make_up(9) for name, arm in arms.items()} == {"a": 1, "b": 0, "c": 1}
    assert all(ledger.conservation(name).holds for name in arms)


def test_a_job_that_is_on_no_board_any_more_is_still_that_of_its_arm(loaded: Loaded, ledger: SqliteLedger) -> None:
    assign(ledger, arms_of(loaded, ledger)["b"], "over")
    again = arms_of(loaded, ledger)
    for arm in again.values():
        arm.chronicle.observed(seen("over", "started", "completed", ago=5.0))
    assert [event.arm for event in ledger.events(kind="completed")] == ["b", "c"], "the last is in another store"
