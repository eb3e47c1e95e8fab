"""The ledger file: one writer, killed or short of disk, never silently wrong. What every ledger promises is in test_store."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from migrator.shadow.ledger import ArmRecord, Event, LedgerError, SqliteLedger
from migrator.shadow.ledger.aside import set_aside
from migrator.shadow.ledger.schema import APPLICATION_ID, STEPS, VERSION
from tests.shadow.ledger.test_history import event

ARM = ArmRecord(arm="a", system="bullmq", role="candidate", ranges=((0, 2**32),), max_attempts=3, slots=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "x.ledger"


def test_missing_events_are_counted(path: Path) -> None:
    with SqliteLedger.create(path) as ledger:
        ledger.record([event("assigned", at) for at in range(10)])
        boot = ledger.boot_id
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TRIGGER event_is_append_only_2")
        raw.execute("DELETE FROM event WHERE seq IN (3, 7)")
    with SqliteLedger.open(path) as ledger:
        assert ledger.missing_sequences() == {boot: 2}


def test_a_full_disk_loses_nothing_that_was_acknowledged(path: Path) -> None:
    big = [event("assigned", at, job=f"j{at}", err_message="x" * 2000) for at in range(400)]
    with SqliteLedger.create(path) as ledger:
        ledger.record(big[:20])
        (pages,) = ledger._connection.execute("PRAGMA page_count").fetchone()
        ledger._connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(LedgerError, match="disk is full") as caught:
            ledger.record(big)
        assert str(path) in str(caught.value)
        assert "run again" in str(caught.value)
        assert len(list(ledger.events())) == 20, "all of a batch or none of it"
        ledger._connection.execute("PRAGMA max_page_count = 1000000")
        assert ledger.record(big) == 380
        assert ledger.missing_sequences() == {}


def test_a_locked_ledger_is_an_error_and_not_a_loss(path: Path) -> None:
    with SqliteLedger.create(path, timeout=0.05) as ledger:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="locked"):
            ledger.record([event("assigned", 1)])
        other.execute("COMMIT")
        assert ledger.record([event("assigned", 1)]) == 1
        other.close()


def test_one_writer_many_readers(path: Path) -> None:
    with SqliteLedger.create(path) as writer:
        with pytest.raises(LedgerError, match="another run is writing"):
            SqliteLedger.create(path)
        with SqliteLedger.open(path) as one, SqliteLedger.open(path) as two:
            writer.record([event("assigned", 1)])
            assert len(list(one.events())) == len(list(two.events())) == 1
            with pytest.raises(LedgerError, match="cannot be written"):
                one.record([event("assigned", 2)])
    with SqliteLedger.create(path):
        pass


def test_a_killed_writer_loses_nothing(path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom migrator.shadow.ledger import SqliteLedger\n"
        "from tests.shadow.ledger.test_history import event\n"
        "ledger = SqliteLedger.create(Path(sys.argv[1]))\n"
        "for at in range(10**9):\n    ledger.record([event('assigned', at, job=f'j{at}')])\n    print(at, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
    assert process.stdout
    acknowledged = [int(process.stdout.readline()) for _ in range(200)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in process.stdout.read().splitlines()]
    process.wait()
    with SqliteLedger.create(path) as ledger:
        recorded = list(ledger.events())
        assert {e.ts_ns for e in recorded} >= set(acknowledged)
        assert ledger.missing_sequences() == {}
        assert ledger.conservation("a").holds


def test_no_ledger(path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger here"):
        SqliteLedger.open(path)
    assert not path.exists(), "looking for a ledger makes none"


@pytest.mark.parametrize("opening", [SqliteLedger.open, SqliteLedger.create])
def test_files_that_are_no_ledgers(tmp_path: Path, opening) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database at all, but long enough to be mistaken for a header of one" * 20)
    with pytest.raises(LedgerError, match="this is not a ledger"):
        opening(text)
    foreign = tmp_path / "app.sqlite"
    with sqlite3.connect(foreign) as raw:
        raw.execute("CREATE TABLE users (id INTEGER)")
    with pytest.raises(LedgerError, match="not a ledger"):
        opening(foreign)
    with sqlite3.connect(foreign) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("users",)], "left as it was"


def test_a_ledger_of_a_later_version(path: Path) -> None:
    with SqliteLedger.create(path):
        pass
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(LedgerError, match=rf"version {VERSION + 1}, newer than this program's {VERSION}"):
        SqliteLedger.open(path)


def test_a_ledger_appears_whole(tmp_path: Path) -> None:
    """Somebody reads as soon as there is a file."""
    path = tmp_path / "x.ledger"
    born = threading.Event()
    failures: list[Exception] = []

    def read() -> None:
        while not path.exists():
            pass
        born.set()
        try:
            with SqliteLedger.open(path) as ledger:
                assert ledger.epochs() == ()
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    with SqliteLedger.create(path):
        reader.join()
    assert born.is_set()
    assert failures == []


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "x.ledger"
    path.touch()
    with pytest.raises(LedgerError, match="not a ledger"):
        SqliteLedger.open(path)
    with SqliteLedger.create(path) as ledger:
        assert ledger.record([event("assigned", 1)]) == 1


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be opened"):
        SqliteLedger.create(tmp_path / "file" / "x.ledger")


def test_setting_aside_keeps_everything(path: Path) -> None:
    assert set_aside(path) is None
    with SqliteLedger.create(path) as ledger:
        ledger.record([event("assigned", 1)])
        with pytest.raises(LedgerError, match="another run"):
            set_aside(path)
    first = set_aside(path)
    with SqliteLedger.create(path) as ledger:
        ledger.record([event("assigned", 1), event("started", 2)])
    second = set_aside(path)
    assert first is not None
    assert second is not None
    assert first != second
    assert not path.exists()
    for aside, count in ((first, 1), (second, 2)):
        with SqliteLedger.open(aside) as ledger:
            assert len(list(ledger.events())) == count


def test_every_column_is_an_event_field(path: Path) -> None:
    with SqliteLedger.create(path):
        pass
    with sqlite3.connect(path) as raw:
        columns = [name for _, name, *_ in raw.execute("PRAGMA table_info(event)")]
    assert sorted(columns) == sorted(("position", *(f.name for f in msgspec.structs.fields(Event))))


def test_a_ledger_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    """Made by the first version's step, with events in it."""
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as raw:
        raw.executescript(f"{STEPS[0]} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;")
        raw.execute("INSERT INTO ledger VALUES ('1ed6e4a0', 1)")
        old = [event("assigned", 1, boot_id="b", seq=1, host="h", pid=1), event("started", 5, boot_id="b", seq=3, host="h", pid=1)]
        for one in old:
            values = msgspec.structs.asdict(one)
            raw.execute(f"INSERT INTO event ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", tuple(values.values()))  # noqa: S608
    with pytest.raises(LedgerError, match=r"version 1.*\n?.*brings it up to date"):
        SqliteLedger.open(path)
    with SqliteLedger.create(path) as ledger:
        assert (ledger.ledger_id, list(ledger.events()), ledger.missing_sequences()) == ("1ed6e4a0", old, {"b": 1})
        assert ledger.record([msgspec.structs.replace(old[1], boot_id="c", seq=1)]) == 0
        assert ledger.record([event("completed", 9)]) == 1
        assert ledger.conservation("a").count("completed") == 1
        assert ledger.missing_sequences() == {"b": 1}, "the number that c gave to a known event is not missing"
    with sqlite3.connect(path) as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("DELETE FROM event")
    with SqliteLedger.open(path) as ledger:
        assert len(list(ledger.events())) == 3


def test_every_step_leads_to_the_tables_of_a_new_ledger(path: Path, tmp_path: Path) -> None:
    def tables(file: Path) -> list[tuple[str, str]]:
        with sqlite3.connect(file) as raw:
            return raw.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()

    SqliteLedger.create(path).close()
    for version in range(1, VERSION):
        old = tmp_path / f"{version}.ledger"
        with sqlite3.connect(old) as raw:
            raw.executescript(f"{''.join(STEPS[:version])} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version};")
        SqliteLedger.create(old).close()
        assert tables(old) == tables(path)
