"""Taking over from a spool folder: everything once, nothing twice, and nothing deleted that the ledger has not."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.shadow.ledger.sqlite import SqliteLedger
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.transport.collecting import Collector
from migrator.shadow.transport.folder import FolderInlet
from migrator.shadow.transport.line import encoded
from migrator.shadow.transport.segments import STALE, segment_path
from tests.shadow.recorder.lines import line

BOOT = "0" * 32


def keys(inlet: FolderInlet) -> list[str]:
    """The jobs that came in, done with."""
    batch = inlet.read(10**9)
    inlet.done(batch)
    return [found.job_key for found in batch.lines]


def foreign(folder: Path, number: int, *jobs: str, done: bool = False) -> Path:
    """A segment as a program in another language writes it, without a count."""
    path = segment_path(folder, BOOT, number, done=done)
    path.write_bytes(b"".join(encoded(line(job, boot_id=BOOT, seq=n, event_id=f"{BOOT}-{job}")) for n, job in enumerate(jobs, 1)))
    return path


def test_there_may_be_no_folder_yet(tmp_path: Path) -> None:
    inlet = FolderInlet(tmp_path / "none")
    batch = inlet.read()
    assert batch.empty
    inlet.done(batch)


def test_what_is_read_and_not_done_is_read_again(tmp_path: Path) -> None:
    path = foreign(tmp_path, 1, "a", "b", done=True)
    inlet = FolderInlet(tmp_path)
    assert [l.job_key for l in inlet.read().lines] == ["a", "b"]
    assert path.exists()
    assert [l.job_key for l in inlet.read().lines] == ["a", "b"]
    assert keys(inlet) == ["a", "b"]
    assert not path.exists()


def test_a_segment_that_is_written_to_is_read_on_and_kept(tmp_path: Path) -> None:
    path, inlet = foreign(tmp_path, 1, "a"), FolderInlet(tmp_path)
    assert keys(inlet) == ["a"]
    with path.open("ab") as file:
        file.write(encoded(line("b", boot_id=BOOT, seq=2)))
    assert keys(inlet) == ["b"]
    assert keys(inlet) == []
    path.rename(segment_path(tmp_path, BOOT, 1, done=True))
    assert keys(inlet) == []
    assert not list(tmp_path.iterdir())


def test_a_line_without_its_end_waits_for_it(tmp_path: Path) -> None:
    path, inlet = foreign(tmp_path, 1, "a", "b"), FolderInlet(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert keys(inlet) == ["a"]
    path.write_bytes(whole)
    assert keys(inlet) == ["b"]


def test_a_line_without_its_end_is_nothing_where_nobody_writes_any_more(tmp_path: Path) -> None:
    path = foreign(tmp_path, 1, "a", "b", done=True)
    path.write_bytes(path.read_bytes()[:-5])
    inlet = FolderInlet(tmp_path)
    batch = inlet.read()
    assert ([l.job_key for l in batch.lines], batch.unreadable) == (["a"], ())
    inlet.done(batch)
    assert not path.exists()


def test_a_line_that_is_no_event_is_told_of_and_holds_up_nothing(tmp_path: Path) -> None:
    path = foreign(tmp_path, 1, "a", done=True)
    good = path.read_bytes()
    path.write_bytes(good + b"{}\n\xff\xfe\n" + good.replace(b'"seq":1', b'"seq":%d' % 2**64) + b"\n" + good)
    batch = FolderInlet(tmp_path).read()
    assert len(batch.lines) == 2
    assert [words.partition(" is no event")[0] for words in batch.unreadable] == [
        f"{path.name}, after byte 0: line {number}" for number in (2, 3, 4, 5)
    ]


def test_a_line_longer_than_what_is_read_at_once(tmp_path: Path) -> None:
    path = segment_path(tmp_path, BOOT, 1, done=True)
    long = line("long", label="x" * 3_000_000)
    path.write_bytes(encoded(line("a")) + encoded(long) + encoded(line("b")))
    assert keys(FolderInlet(tmp_path)) == ["a", "long", "b"]


def test_a_zero_in_a_text_does_not_keep_a_ledger_from_taking_it(tmp_path: Path) -> None:
    foreign(tmp_path, 1, "a\0b", done=True)
    assert keys(FolderInlet(tmp_path)) == ["a\ufffdb"]


def test_a_segment_of_a_program_that_cannot_lock_is_done_once_nothing_was_written_for_long(tmp_path: Path) -> None:
    path, now = foreign(tmp_path, 1, "a"), 0.0
    inlet = FolderInlet(tmp_path, clock=lambda: now)
    written = path.stat().st_mtime
    now = written + STALE - 1
    assert keys(inlet) == ["a"]
    assert path.exists()
    now = written + STALE + 1
    assert keys(inlet) == []
    assert not path.exists()


def test_the_segments_of_a_living_process_are_never_stale(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.record(line("a"))
    recorder.flush()
    inlet = FolderInlet(tmp_path, clock=lambda: 1e12)
    assert keys(inlet) == ["a"]
    recorder.record(line("b"))
    recorder.flush()
    assert keys(inlet) == ["b"]
    assert not inlet.read().ended
    recorder.close()


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("notes.jsonl", f"{BOOT}-1.jsonl", f".{BOOT}.count", f"{BOOT}-000001.jsonl.gz"):
        (tmp_path / name).write_text("{}\n")
    inlet = FolderInlet(tmp_path)
    assert keys(inlet) == []
    assert len(list(tmp_path.iterdir())) == 4


def test_a_limit_is_kept_to_and_nothing_is_passed_over(tmp_path: Path) -> None:
    for number in range(1, 6):
        foreign(tmp_path, number, *(f"{number}-{job}" for job in range(10)), done=True)
    inlet, found = FolderInlet(tmp_path), list[str]()
    while some := inlet.read(limit=10).lines:
        found += [l.job_key for l in some]
        inlet.done(inlet.read(limit=10))
    assert found == [f"{number}-{job}" for number in range(1, 6) for job in range(10)]


ACTIONS = ("record", "flush", "rotate", "collect", "crash between ledger and done", "restart", "new process")
STEPS = st.lists(st.sampled_from(ACTIONS), max_size=25)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_whatever_is_flushed_twice_read_twice_or_restarted_the_ledger_has_everything_once(steps: list[str]) -> None:
    with TemporaryDirectory() as name:
        spool, path = Path(name) / "spool", Path(name) / "ledger"
        recorders, recorded = [Recorder(spool)], 0
        ledger = SqliteLedger.create(path)
        collector = Collector(FolderInlet(spool), ledger, lambda _: 3)
        try:
            for step in [*steps, "flush", "collect"]:
                match step:
                    case "record":
                        recorded += 1
                        recorders[-1].record(line(recorded))
                    case "flush":
                        for recorder in recorders:
                            recorder.flush()
                    case "rotate":
                        with recorders[-1]._writing:
                            recorders[-1]._spool.rotate()
                    case "new process":
                        recorders.append(Recorder(spool))
                    case "collect":
                        collector.collect()
                    case "crash between ledger and done":
                        batch = FolderInlet(spool).read()
                        ledger.record([collector._event(l) for l in batch.lines])
                    case _:
                        ledger.close()
                        ledger = SqliteLedger.create(path)
                        collector = Collector(FolderInlet(spool), ledger, lambda _: 3)
            events = list(ledger.events())
            assert sorted(int(event.job_key) for event in events) == list(range(1, recorded + 1))
            assert ledger.missing_sequences() == {}
            assert {event.config_epoch for event in events} <= {3}
        finally:
            ledger.close()
            for recorder in recorders:
                recorder.close()


def test_nothing_is_made_before_something_is_recorded(tmp_path: Path) -> None:
    assert len({Recorder(tmp_path).boot_id for _ in range(3)}) == 3
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_deleted_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "the folder is another user's")

    segment_path(tmp_path, "a" * 32, 1, done=True).write_bytes(encoded(line("k")))
    inlet = FolderInlet(tmp_path)
    monkeypatch.setattr(Path, "unlink", refused)
    inlet.done(inlet.read())
    again = inlet.read()
    inlet.done(again)
    assert again.lines == ()
    assert caplog.text.count("cannot be deleted") == 1


def test_a_line_that_is_no_event_is_told_once_however_often_a_run_begins_again(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    segment_path(spool, BOOT, 1).write_bytes(b"nonsense\n")
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        for _ in range(3):
            assert Collector(FolderInlet(spool), ledger, lambda _: 1).collect() == []
        assert len(ledger.marks(kind="gap")) == 1
