"""A ledger is set aside while the application goes on: the next one goes on from there, and judges nobody by jobs of before."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import msgspec
import pytest

from migrator.shadow.config.reading import Loaded, read_experiment
from migrator.shadow.ledger import Event, SqliteLedger
from migrator.shadow.ledger.event import Kind
from migrator.shadow.live.arm import LiveArm
from migrator.shadow.live.handover import Handover, handed_over, take_over
from migrator.shadow.transport.collecting import Collector
from migrator.shadow.transport.folder import FolderInlet
from migrator.shadow.transport.line import encoded
from migrator.shadow.transport.segments import segment_path
from tests.shadow.recorder.lines import line

FILE = """
[experiment]
name = "shop"
current = "old"
{more}
[job]
name = "mail"
[arms.old]
system = "rq"
connection = "NOWHERE_URL"
weight = 1
job_name = "app.mail"
"""
BOOT = "0" * 32


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    monkeypatch.setenv("NOWHERE_URL", "redis://127.0.0.1:1/0")
    return read(tmp_path)


@pytest.fixture
def fresh(tmp_path: Path) -> Generator[SqliteLedger]:
    with SqliteLedger.create(tmp_path / "fresh.ledger") as ledger:
        yield ledger


def read(folder: Path, more: str = "") -> Loaded:
    (folder / "shop.toml").write_text(FILE.format(more=more))
    return read_experiment(folder / "shop.toml")


def arm_of(loaded: Loaded, ledger: SqliteLedger) -> LiveArm:
    return LiveArm("old", loaded, ledger, 1, ledger_id="1ed6e4a0", on_failure=lambda error: pytest.fail(str(error)))


def begin(loaded: Loaded, ledger: SqliteLedger) -> None:
    ledger.begin_epoch("shop", '{"experiment": {"mode": "split"}}', "x", [arm_of(loaded, ledger).record(loaded.split)])


def wrote(folder: Path, *events: tuple[int, str, Kind]) -> None:
    """A process that still runs appends to its segment."""
    with segment_path(folder, BOOT, 1).open("ab") as file:
        for seq, job, kind in events:
            known = line(job, boot_id=BOOT, seq=seq, event_id=f"old:{job}:{kind}", arm="old", kind=kind)
            file.write(encoded(known))


def collect(folder: Path, ledger: SqliteLedger) -> list[Event]:
    return Collector(FolderInlet(folder), ledger, lambda _: 1).collect()


def ended(loaded: Loaded, folder: Path, spool: Path) -> Handover:
    """An earlier run has taken over four events: one job has ended, and one is in flight."""
    with SqliteLedger.create(folder / "old.ledger") as ledger:
        begin(loaded, ledger)
        wrote(spool, (1, "done", "assigned"), (2, "done", "enqueue_ok"), (3, "open", "assigned"), (4, "open", "enqueue_ok"))
        collect(spool, ledger)
        (assigned,) = (e for e in ledger.events(kind="assigned") if e.job_key == "done")
        end = {"event_id": "old:done:completed", "kind": "completed", "source": "store", "native_id": "done", "boot_id": "", "seq": 0}
        ledger.record([msgspec.structs.replace(assigned, **end)])
    found = handed_over(loaded, lambda: SqliteLedger.open(folder / "old.ledger"))
    assert found is not None
    return found


def test_what_the_other_ledger_has_is_not_read_once_more(loaded: Loaded, tmp_path: Path, fresh: SqliteLedger) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    handover = ended(loaded, tmp_path, spool)
    begin(loaded, fresh)
    take_over(fresh, handover)
    wrote(spool, (5, "new", "assigned"), (6, "new", "enqueue_ok"))
    assert [event.job_key for event in collect(spool, fresh)] == ["new", "new"]
    assert {job.job_key: (job.outcome, job.apart) for job in fresh.jobs("old")} == {
        "new": ("in_flight", False),
        "open": ("in_flight", True),
    }
    assert fresh.missing_sequences() == {}, "the first four are the other ledger's"
    wrote(spool, (8, "late", "assigned"))
    collect(spool, fresh)
    assert fresh.missing_sequences() == {BOOT: 1}, "the seventh is nobody's"


def test_a_job_in_flight_is_followed_to_its_end(loaded: Loaded, tmp_path: Path, fresh: SqliteLedger) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    handover = ended(loaded, tmp_path, spool)
    begin(loaded, fresh)
    take_over(fresh, handover)
    arm = arm_of(loaded, fresh)
    arm.adopt()
    (waiting,) = arm.board.open_jobs()
    assert (waiting.job_key, waiting.sent) == ("open", True)
    assert fresh.made_up() == 0, "nobody made it up"


def test_what_was_handed_over_is_handed_on(loaded: Loaded, tmp_path: Path, fresh: SqliteLedger) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    handover = ended(loaded, tmp_path, spool)
    assert handover.taken[BOOT] == 4
    begin(loaded, fresh)
    take_over(fresh, handover)
    again = handed_over(loaded, lambda: SqliteLedger.open(tmp_path / "fresh.ledger"))
    assert again is not None
    assert (again.taken[BOOT], {event.job_key for event in again.open_jobs}) == (4, {"open"})


def test_the_jobs_of_another_experiment_are_not(loaded: Loaded, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    ended(loaded, tmp_path, spool)
    found = handed_over(read(tmp_path, 'salt = "another"'), lambda: SqliteLedger.open(tmp_path / "old.ledger"))
    assert found is not None
    assert (found.taken[BOOT], found.open_jobs) == (4, ())


def test_a_ledger_that_cannot_be_read_hands_over_nothing(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / "old.ledger").write_text("what somebody wrote over it")
    assert handed_over(loaded, lambda: SqliteLedger.open(tmp_path / "old.ledger")) is None
