"""Jobs whose assignment was lost with a killed process: on the books, no more than events are missing, compared with nothing."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from migrator.shadow.config.reading import Loaded, read_experiment
from migrator.shadow.drivers.interface import Observation, Sighting, SightingKind
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.live.arm import LiveArm, make_up_all
from migrator.shadow.run.observer import Observer

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
[timeouts]
assignment = 1.0
"""


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    monkeypatch.setenv("NOWHERE_URL", "redis://127.0.0.1:1/0")
    (tmp_path / "shop.toml").write_text(FILE)
    return read_experiment(tmp_path / "shop.toml")


@pytest.fixture
def ledger(tmp_path: Path) -> Generator[SqliteLedger]:
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        yield ledger


def arm_of(loaded: Loaded, ledger: SqliteLedger, *, since_ns: int = 0) -> LiveArm:
    made = LiveArm("old", loaded, ledger, 1, ledger_id="1ed6e4a0", on_failure=lambda error: pytest.fail(str(error)))
    made.chronicle._since_ns = since_ns
    if not ledger.epochs():
        ledger.begin_epoch("shop", "{}", "x", [made.record(loaded.split)])
    return made


def seen(key: str, *kinds: SightingKind, ago: float) -> Observation:
    at = time.time_ns() - int(ago * 10**9)
    found = tuple(Sighting(id=f"{n}", job_key=key, native_id=key, kind=kind, ts_ns=at + n) for n, kind in enumerate(kinds))
    return Observation(sightings=found, cursor="c")


def test_what_was_seen_and_assigned_by_nobody_is_made_up_for(loaded: Loaded, ledger: SqliteLedger) -> None:
    arm = arm_of(loaded, ledger)
    arm.chronicle.observed(seen("j1", "started", "completed", ago=5.0))
    arm.chronicle.observed(seen("j2", "started", ago=5.0))
    arm.chronicle.observed(seen("j3", "started", ago=0.1))
    assert not ledger.conservation("old").holds
    assert arm.make_up(0) == 0, "nothing is missing that could explain them"
    assert arm.make_up(9) == 2, "the third may be on its way"
    books = ledger.conservation("old")
    assert (books.assigned, books.jobs["completed"], books.jobs["in_flight"], books.unassigned) == (2, ("j1",), ("j2",), ("j3",))
    assert [job.apart for job in ledger.jobs("old") if job.assigned_ns] == [True, True]
    assert [state.job_key for state in arm.board.open_jobs()] == ["j2"], "it is looked for like any other"


def test_an_assignment_is_waited_for_once(loaded: Loaded, ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that nobody assigned and that is tried again and again must not make the news of all others late each time."""
    arm = arm_of(loaded, ledger, since_ns=time.time_ns() - 60 * 10**9)
    observer = Observer(arm.channels[0].observing, arm.chronicle, cursor="", on_failure=lambda _: None, foresight=3600.0)
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) > 3  # as if it were told to finish

    monkeypatch.setattr(observer._finish, "wait", wait)
    for key, ago in (("nobodys", 5.0), ("of-before", 3600.0)):
        waits.clear()
        observer._hold_back(seen(key, "started", ago=ago))
        assert len(waits) > 3
        arm.chronicle.observed(seen(key, "started", ago=ago))
        waits.clear()
        observer._hold_back(seen(key, "attempt_failed", ago=0.0))
        assert waits == []


def test_an_assignment_that_comes_late_changes_nothing(loaded: Loaded, ledger: SqliteLedger) -> None:
    arm = arm_of(loaded, ledger)
    arm.chronicle.observed(seen("j1", "started", "completed", ago=5.0))
    assert arm.make_up(1) == 1
    (made_up,) = ledger.events(kind="assigned")
    assert made_up.event_id == "old:j1:assigned"
    assert ledger.record([made_up]) == 0
    assert ledger.conservation("old").holds


def test_a_run_that_goes_on_finds_them_again(loaded: Loaded, ledger: SqliteLedger) -> None:
    arm_of(loaded, ledger).chronicle.observed(seen("j1", "started", "completed", ago=5.0))
    again = arm_of(loaded, ledger)
    again.adopt()
    assert again.make_up(1) == 1
    assert ledger.conservation("old").holds


def test_jobs_of_an_earlier_ledger_are_passed_over(loaded: Loaded, ledger: SqliteLedger) -> None:
    arm = arm_of(loaded, ledger, since_ns=time.time_ns() - 60 * 10**9)
    arm.chronicle.observed(seen("old-job", "started", ago=3600.0))
    arm.chronicle.observed(seen("old-job", "completed", ago=0.0))
    assert list(ledger.jobs("old")) == []
    assert arm.make_up(9) == 0


def test_what_an_earlier_run_made_up_for_is_not_missing_once_more(
    loaded: Loaded, ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three numbers never came, and an earlier run has made up for two of them: one is left."""
    monkeypatch.setattr(SqliteLedger, "missing_sequences", lambda _: {"killed": 3})
    first = arm_of(loaded, ledger)
    first.chronicle.observed(seen("j1", "started", ago=5.0))
    first.chronicle.observed(seen("j2", "started", ago=5.0))
    assert make_up_all({"old": first}, ledger) == {"old": 2}
    again = arm_of(loaded, ledger)
    again.adopt()
    again.chronicle.observed(seen("j3", "started", ago=5.0))
    again.chronicle.observed(seen("j4", "started", ago=5.0))
    assert make_up_all({"old": again}, ledger) == {"old": 1}
    assert make_up_all({"old": again}, ledger) == {}
    assert len(ledger.conservation("old").unassigned) == 1
