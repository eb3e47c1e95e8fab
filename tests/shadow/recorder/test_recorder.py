"""Recording: what arrives, in which order, with which numbers; and what becomes of it where it cannot be written."""

from __future__ import annotations

import os
import signal
import threading
import tracemalloc
from pathlib import Path

import pytest

from migrator.shadow.recorder import recorder as recording
from migrator.shadow.recorder.recorder import Durability, Recorder
from migrator.shadow.recorder.stamping import TEXT
from migrator.shadow.transport.folder import FolderInlet
from tests.shadow.recorder.lines import everything, keys, line

DURABILITIES: tuple[Durability, ...] = ("memory", "wal", "fsync")
every_durability = pytest.mark.parametrize("durability", DURABILITIES)


@every_durability
def test_everything_arrives_in_order_with_its_stamps(tmp_path: Path, durability: Durability) -> None:
    recorder = Recorder(tmp_path / "spool", durability=durability)
    recorder.record(line(1))
    recorder.record(line(2, event_id="own"))
    recorder.record(line(3, config="abc", until_ns=5, bytes=7))
    recorder.close()
    first, second, third = everything(tmp_path / "spool").lines
    assert [first.job_key, second.job_key, third.job_key] == ["1", "2", "3"]
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert [first.event_id, second.event_id] == [f"{recorder.boot_id}-1", "own"]
    assert {(l.boot_id, l.pid) for l in (first, second, third)} == {(recorder.boot_id, os.getpid())}
    assert first.host
    assert (third.config, third.until_ns, third.bytes) == ("abc", 5, 7)
    assert (recorder.numbered, recorder.lost) == (3, 0)


@every_durability
def test_threads_share_a_recorder(tmp_path: Path, durability: Durability) -> None:
    recorder = Recorder(tmp_path, durability=durability)
    count = 20 if durability == "fsync" else 400
    threads = [threading.Thread(target=lambda n=n: [recorder.record(line(f"{n}-{i}")) for i in range(count)]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    found = everything(tmp_path).lines
    assert sorted(l.job_key for l in found) == sorted(f"{n}-{i}" for n in range(8) for i in range(count))
    assert sorted(l.seq for l in found) == list(range(1, 8 * count + 1))


@pytest.mark.parametrize("durability", ["memory", "wal"])
def test_a_signal_handler_may_record_in_the_middle_of_recording(tmp_path: Path, durability: Durability) -> None:
    recorder, heard = Recorder(tmp_path, durability=durability), 0

    def handler(*_: object) -> None:
        nonlocal heard
        heard += 1
        recorder.record(line(f"signal {heard}"))

    previous = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    sent = 0
    try:
        while heard < 200:
            sent += 1
            recorder.record(line(sent))
            if sent % 1000 == 0:
                recorder.flush()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    recorder.close()
    assert len(keys(tmp_path)) + recorder.lost == sent + heard == recorder.numbered


@every_durability
def test_a_fork_takes_nothing_along_and_is_a_process_of_its_own(tmp_path: Path, durability: Durability) -> None:
    recorder = Recorder(tmp_path, durability=durability)
    recorder.record(line("before"))
    boot_id = recorder.boot_id
    child = os.fork()
    if not child:
        recorder.record(line("child"))
        recorder.close()
        os._exit(0)
    recorder.record(line("after"))
    os.waitpid(child, 0)
    recorder.close()
    found = {l.job_key: l for l in everything(tmp_path).lines}
    assert sorted(l.job_key for l in everything(tmp_path).lines) == ["after", "before", "child"]
    assert (found["before"].boot_id, found["after"].boot_id) == (boot_id, boot_id)
    assert found["child"].boot_id != boot_id
    assert (found["child"].seq, found["child"].pid) == (1, child)


def test_a_fork_does_not_keep_its_parent_alive_for_the_collector(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    born, told = os.pipe()
    wait, release = os.pipe()
    middle = os.fork()
    if not middle:
        recorder.record(line("of the middle"))
        recorder.flush()
        if not os.fork():
            os.close(release)
            os.write(told, b"!")
            os.read(wait, 1)
        os._exit(0)
    os.waitpid(middle, 0)
    os.read(born, 1)
    # The child of the middle one lives, and the middle one does not.
    assert [ended.numbered for ended in everything(tmp_path).ended] == [1]
    for end in (release, wait, born, told):
        os.close(end)


@every_durability
def test_what_cannot_be_written_waits_up_to_a_limit_and_the_rest_is_lost_and_counted(tmp_path: Path, durability: Durability) -> None:
    folder = tmp_path / "spool"
    folder.write_text("a file where the folder should be")
    told: list[str] = []
    recorder = Recorder(folder, durability=durability, limit=50, alarm=told.append)
    for number in range(1, 81):
        recorder.record(line(number))
    assert not recorder.flush()
    assert (recorder.numbered, recorder.lost) == (80, 30)
    folder.unlink()
    assert recorder.flush()
    recorder.record(line(81))
    recorder.close()
    assert keys(folder) == [str(number) for number in [*range(1, 51), 81]]
    assert any("50 wait already" in words for words in told)
    assert any(str(folder) in words for words in told)


def test_the_memory_of_a_process_that_cannot_write_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")
    recorder = Recorder(tmp_path / "spool", alarm=lambda _: None)
    tracemalloc.start()
    for number in range(3 * recording.LIMIT):
        recorder.record(line(number, err_message="x" * 100_000))
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert recorder.lost == 2 * recording.LIMIT
    assert used < recording.LIMIT * (TEXT + 1_500)


def test_the_folder_is_bounded_and_has_room_again_once_it_is_collected(tmp_path: Path) -> None:
    cap = 100_000
    recorder = Recorder(tmp_path, cap=cap, limit=100, alarm=lambda _: None)
    for number in range(2_000):
        recorder.record(line(number))
        recorder.flush()
    size = sum(path.stat().st_size for path in tmp_path.glob("*.jsonl"))
    assert cap <= size < cap + 2_000
    assert recorder.lost > 0
    inlet = FolderInlet(tmp_path)
    batch = inlet.read(10**9)
    inlet.done(batch)
    assert recorder.flush()
    recorder.record(line("later"))
    recorder.close()
    arrived = [*batch.lines, *inlet.read(10**9).lines]
    assert arrived[-1].job_key == "later"
    assert len(arrived) + recorder.lost == recorder.numbered == 2_001
    assert len({l.seq for l in arrived}) == len(arrived)


def test_the_spool_does_not_keep_what_was_collected(tmp_path: Path) -> None:
    recorder, inlet = Recorder(tmp_path), FolderInlet(tmp_path)
    for number in range(30):
        for i in range(601):
            recorder.record(line(f"{number}-{i}", err_message="x" * 900))
        recorder.flush()
        inlet.done(inlet.read(10**9))
    assert len(list(tmp_path.glob("*.jsonl"))) <= 1
    recorder.close()


@every_durability
def test_texts_that_are_no_text_and_texts_without_end(tmp_path: Path, durability: Durability) -> None:
    recorder = Recorder(tmp_path, durability=durability, alarm=lambda _: None)
    recorder.record(line(1, unit_key="\ud800", err_message="\udcff" * 3))
    recorder.record(line(2, err_message="x" * 10_000_000))
    recorder.record(line(3, reason=object()))
    recorder.record(line(4))
    recorder.close()
    first, second, third, fourth = everything(tmp_path).lines
    assert (first.unit_key, first.err_message) == ("?", "???")
    assert second.err_message == "x" * TEXT + "..."
    assert third.reason
    assert third.reason.startswith("<object")
    assert fourth.seq == 4


@every_durability
def test_what_cannot_be_written_down_at_all_is_lost_alone(tmp_path: Path, durability: Durability) -> None:
    class Odd:
        def __str__(self) -> str:
            raise ZeroDivisionError

    told: list[str] = []
    recorder = Recorder(tmp_path, durability=durability, alarm=told.append)
    recorder.record(line(1))
    recorder.record(line(2, label=Odd()))
    recorder.record(line(3))
    recorder.close()
    assert keys(tmp_path) == ["1", "3"]
    assert [l.seq for l in everything(tmp_path).lines] == [1, 3]
    assert (recorder.numbered, recorder.lost) == (3, 1)
    assert told


def test_a_logger_that_fails_is_nobodys_trouble(tmp_path: Path) -> None:
    def alarm(_: str) -> None:
        raise RuntimeError("the log is full")

    (tmp_path / "spool").write_text("")
    recorder = Recorder(tmp_path / "spool", limit=1, alarm=alarm)
    recorder.record(line(1))
    recorder.record(line(2))
    recorder.close()
    assert recorder.lost == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_only_what_ends_the_program_comes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    def cut(_: object) -> None:
        raise error

    recorder = Recorder(tmp_path)
    monkeypatch.setattr(recording, "cut", cut)
    with pytest.raises(error):
        recorder.record(line(1))


def test_what_is_recorded_after_the_end_is_written_at_once(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.record(line(1))
    recorder.close()
    recorder.record(line(2))
    assert keys(tmp_path) == ["1", "2"]


def test_closing_does_not_wait_for_a_disk_that_hangs(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, alarm=lambda _: None)
    recorder.record(line(1))
    with recorder._flushing:  # as it is while the thread waits for the disk
        recorder.close(patience=0.05)
    assert recorder.numbered == 1
