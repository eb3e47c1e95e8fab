"""Processes that end, in good order and not: what their recorders leave behind, and what is known to be lost."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.shadow.ledger import Mark
from migrator.shadow.ledger.sqlite import SqliteLedger
from migrator.shadow.recorder import ending
from migrator.shadow.transport.collecting import Collector
from migrator.shadow.transport.folder import FolderInlet
from tests.shadow.recorder.lines import everything, keys

_START = """\
import os, sys
from pathlib import Path
from migrator.shadow.recorder.recorder import Recorder
from tests.shadow.recorder.lines import line
recorder = Recorder(Path(sys.argv[1]), durability=sys.argv[2], alarm=lambda words: None)
"""


def started(folder: Path, durability: str, code: str, **more: object) -> subprocess.Popen[bytes]:
    """A program that records."""
    command = [sys.executable, "-c", _START + code, str(folder), durability]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3], **more)  # pyright: ignore


def ran(folder: Path, durability: str, code: str, **more: object) -> bytes:
    """What it said, once it has ended well."""
    with started(folder, durability, code, **more) as process:
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return said


@pytest.mark.parametrize("ending", ["pass", "sys.exit(0)", "recorder.close()"])
@pytest.mark.parametrize("durability", ["memory", "wal"])
def test_a_process_that_ends_leaves_nothing_behind_in_memory(tmp_path: Path, durability: str, ending: str) -> None:
    ran(tmp_path, durability, f"for n in range(1500): recorder.record(line(n))\n{ending}\n")
    assert keys(tmp_path) == [str(number) for number in range(1500)]
    assert [ended.numbered for ended in everything(tmp_path).ended] == [1500]


def test_a_program_may_dispatch_at_its_very_end(tmp_path: Path) -> None:
    ran(tmp_path, "memory", "import atexit\natexit.register(lambda: recorder.record(line('last')))\n")
    ran(tmp_path, "memory", "import atexit\natexit.register(lambda: recorder.record(line('later')))\nrecorder.record(line('first'))\n")
    assert sorted(keys(tmp_path)) == ["first", "last", "later"]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_of_multiprocessing_hand_over_as_they_end(tmp_path: Path, method: str) -> None:
    code = (
        f"import multiprocessing\nfrom tests.shadow.recorder.test_ends import child\n"
        f"if {method == 'fork'}: recorder.record(line('parent'))\n"
        f"with multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        "    pool.map(child, [(sys.argv[1], n) for n in range(20)])\n    pool.close()\n    pool.join()\n"
    )
    ran(tmp_path, "memory", code)
    assert sorted(keys(tmp_path), key=str) == sorted([*map(str, range(20)), *(["parent"] if method == "fork" else [])])


_recorders: list[object] = []


def child(argument: tuple[str, int]) -> None:
    """In a process of a pool."""
    from migrator.shadow.recorder.recorder import Recorder
    from tests.shadow.recorder.lines import line

    recorder = Recorder(Path(argument[0]))
    _recorders.append(recorder)
    recorder.record(line(argument[1]))


def collected(spool: Path, ledger_path: Path) -> tuple[list[str], int]:
    """The jobs that are in the ledger, and how many events it says are missing."""
    with SqliteLedger.create(ledger_path) as ledger:
        collector = Collector(FolderInlet(spool), ledger, lambda _: 1)
        while collector.collect():
            pass
        return [event.job_key for event in ledger.events()], sum(ledger.missing_sequences().values())


_WRITER = """\
for n in range(1, 10**9):
    recorder.record(line(n))
    os.write(1, b"%d\\n" % n)
"""


@pytest.mark.parametrize("durability", ["memory", "wal"])
def test_a_process_that_is_killed_loses_what_its_durability_says_and_that_is_known_exactly(tmp_path: Path, durability: str) -> None:
    dice = random.Random(7)
    for trial in range(8):
        spool = tmp_path / f"spool{trial}"
        with started(spool, durability, _WRITER) as process:
            assert process.stdout
            wanted = dice.randint(1, 3000)
            said = [process.stdout.readline() for _ in range(wanted)]
            os.kill(process.pid, signal.SIGKILL)
            said += process.stdout.readlines()
        recorded = len([text for text in said if text.endswith(b"\n")])
        arrived, missing = collected(spool, tmp_path / f"{trial}.ledger")
        assert arrived == [str(number) for number in range(1, len(arrived) + 1)]
        if durability == "wal":
            # One more may have been written than was told of.
            assert len(arrived) in (recorded, recorded + 1)
            assert missing == 0
        else:
            # One more may have been put aside than was told of.
            assert len(arrived) + missing in (recorded, recorded + 1)
        assert not list(spool.iterdir())


def test_every_thousandth_event_that_is_dropped_is_missed(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    ran(spool, "memory", "for n in range(1, 5001):\n    recorder.record(line(n))\n    if n % 500 == 0: recorder.flush()\n")
    dropped = 0
    for segment in spool.glob("*.jsonl"):
        lines = segment.read_bytes().splitlines(keepends=True)
        dropped += len(lines[999::1000])
        del lines[999::1000]
        segment.write_bytes(b"".join(lines))
    arrived, missing = collected(spool, tmp_path / "ledger")
    assert dropped == 5
    assert (missing, len(arrived)) == (5, 4995)


def test_that_nothing_arrived_of_a_process_is_known_as_well(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    ran(spool, "memory", "recorder.record(line(1))\nrecorder.record(line(2))\n")
    for segment in spool.glob("*.jsonl"):
        segment.unlink()
    assert collected(spool, tmp_path / "ledger") == ([], 2)


@pytest.mark.parametrize("durability", ["memory", "wal", "fsync"])
def test_a_file_system_that_takes_no_more_breaks_nothing_and_loses_nothing_but_what_it_says(tmp_path: Path, durability: str) -> None:
    """The kernel itself refuses here: files may not grow beyond 20,000 bytes, and the last write before that is cut short."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    said = ran(
        tmp_path / "spool",
        durability,
        "for n in range(1, 401):\n    recorder.record(line(n))\n    n % 10 or recorder.flush()\nrecorder.close()\n"
        "print(recorder.numbered, recorder.lost)\n",
        preexec_fn=limit,
    )
    assert said.split() == [b"400", b"0"]
    arrived, missing = collected(tmp_path / "spool", tmp_path / "ledger")
    assert (sorted(arrived, key=int), missing) == ([str(number) for number in range(1, 401)], 0)


def test_the_mark_of_an_end_is_in_the_ledger(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    ran(spool, "memory", "recorder.record(line(1))\n")
    collected(spool, tmp_path / "ledger")
    with SqliteLedger.open(tmp_path / "ledger") as ledger:
        (mark,) = ledger.marks(kind="recorder_ended")
    assert isinstance(mark, Mark)
    assert mark.data["numbered"] == 1


def test_one_that_fails_at_a_fork_does_not_keep_the_others() -> None:
    class Mortal:
        born = 0

        def born_again(self) -> None:
            Mortal.born += 1
            raise OSError("a file of the parent's that is closed already")

        def close(self) -> None: ...

    mortals = [Mortal(), Mortal()]
    for mortal in mortals:
        ending.at_fork(mortal)
    pid = os.fork()
    if pid == 0:
        os._exit(Mortal.born)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == len(mortals)
