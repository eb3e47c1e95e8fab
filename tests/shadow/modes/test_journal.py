"""Pending jobs outlive their process, and are taken over by one other."""

from __future__ import annotations

import datetime
import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from migrator.shadow.modes.journal import Journal, read
from migrator.shadow.modes.pending import Pending


def pending(key: str, **more: Any) -> Pending:
    fields: dict[str, Any] = {"job": "mail", "unit": key, "arm": "new", "holder": "new:1", "payload": {"n": key}, "due": 12.5, **more}
    return Pending(key=key, **fields)


def journal(folder: Path, said: list[str] | None = None, **more: Any) -> Journal:
    return Journal(folder, alarm=(said if said is not None else []).append, **more)


def left_behind(folder: Path, *jobs: Pending, torn: bytes = b"") -> None:
    """What a process wrote that was killed."""
    code = (
        "import os, sys, msgspec\nfrom pathlib import Path\nfrom migrator.shadow.modes.journal import Journal\n"
        "from migrator.shadow.modes.pending import Pending\n"
        "ours = Journal(Path(sys.argv[1]), alarm=print)\n"
        "for line in sys.stdin.buffer: ours.put(msgspec.json.decode(line, type=Pending))\n"
        "os.write(ours._file, bytes.fromhex(sys.argv[2]))\nos.kill(os.getpid(), 9)\n"
    )
    lines = b"".join(msgspec.json.encode(job) + b"\n" for job in jobs)
    done = subprocess.run([sys.executable, "-c", code, str(folder), torn.hex()], input=lines, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr


def test_what_is_open_is_taken_over_by_one_and_what_is_over_by_nobody(tmp_path: Path) -> None:
    left_behind(tmp_path, pending("a"), pending("b"), pending("a", looks=2), torn=b'{"key": "c", "jo')
    first, second = journal(tmp_path), journal(tmp_path)
    first.put(pending("own"))
    first.over("own")
    found = first.adopt()
    assert sorted(found, key=lambda job: job.key) == [pending("a", looks=2), pending("b")], "the newest of each, and nothing half written"
    assert second.adopt() == [], "it is somebody's now"
    first.over("a")
    first.close()
    assert second.adopt() == [pending("b")], "who ends leaves the rest to others"
    second.over("b")
    second.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_living_process_has_is_its_own(tmp_path: Path) -> None:
    alive = journal(tmp_path)
    alive.put(pending("a"))
    assert journal(tmp_path).adopt() == []
    assert alive.adopt() == []
    alive.close()


def test_payloads_are_for_the_owner_alone(tmp_path: Path) -> None:
    ours = journal(tmp_path)
    ours.put(pending("a"))
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ours.close()


def test_a_child_leaves_its_parents_jobs_alone(tmp_path: Path) -> None:
    ours = journal(tmp_path)
    ours.put(pending("parent"))
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        ours.abandon()
        ours.put(pending("child"))
        os.write(writer, b"up")
        signal.pause()
    assert os.read(reader, 2) == b"up"
    other = journal(tmp_path)
    assert other.adopt() == [], "both live"
    ours.close()
    assert other.adopt() == [pending("parent")], "the child does not keep its parent's file locked"
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert other.adopt() == [pending("child")]
    other.close()


def test_a_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    ours = journal(tmp_path, large=2_000)
    ours.put(pending("stays"))
    for n in range(200):
        ours.put(pending(f"k{n}"))
        ours.over(f"k{n}")
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size < 3_000
    assert read(file) == [pending("stays")]
    ours.close()


@pytest.mark.parametrize("value", [(1, 2), {1: "x"}, {"deep": [datetime.date(2026, 1, 1)]}, float("nan")])
def test_what_would_come_back_as_something_else_is_not_written_down(tmp_path: Path, value: object) -> None:
    said: list[str] = []
    ours = journal(tmp_path, said)
    ours.put(pending("a", payload={"x": value}))
    assert len(said) == 1
    ours.put(pending("b", payload={"x": [1, 2.5, True, None, {"y": "z"}]}))
    ours.close()
    assert [job.key for job in journal(tmp_path).adopt()] == ["b"]


@pytest.mark.parametrize("trouble", ["folder", "payload"])
def test_a_job_goes_on_where_it_cannot_be_written_down(tmp_path: Path, trouble: str) -> None:
    said: list[str] = []
    if trouble == "folder":
        (tmp_path / "x").write_text("a file where the folder is to be")
    ours = journal(tmp_path / "x", said)
    for key in ("a", "b"):
        ours.put(pending(key, payload={"x": object()} if trouble == "payload" else {}))
        ours.over(key)
    assert len(said) == 1
    assert "remembered by this process only" in said[0]
    ours.close()


def test_a_line_that_cannot_be_read_takes_no_other_along(tmp_path: Path) -> None:
    left_behind(tmp_path, pending("a"), torn=b'{"key": "b\xc3\n{"over": "\xc3"}\n')
    assert journal(tmp_path).adopt() == [pending("a")]


def test_after_a_full_disk_lines_begin_where_lines_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    ours, write = journal(tmp_path, said), os.write
    assert ours.put(pending("a"))
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, data: write(file, data[:9]))
        assert not ours.put(pending("b"))
    assert ours.put(pending("c"))
    ours.close()
    assert (len(said), [job.key for job in journal(tmp_path).adopt()]) == (1, ["a", "c"])


def test_what_cannot_be_written_anew_stays_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left_behind(tmp_path, pending("a"))
    ours = journal(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        assert ours.adopt() == [pending("a")]
    assert journal(tmp_path).adopt() == [pending("a")], "or it would be lost with this process"


def test_a_file_that_cannot_be_taken_over_does_not_keep_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    left_behind(tmp_path, pending("a"))
    (bad,) = tmp_path.iterdir()
    left_behind(tmp_path, pending("b"))
    unlink = Path.unlink

    def broken(path: Path, missing_ok: bool = False) -> None:
        if path == bad:
            raise OSError(errno.ESTALE, "stale handle")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", broken)
    ours = journal(tmp_path, said)
    assert {job.key for job in ours.adopt()} == {"a", "b"}
    assert len(said) == 1
    assert "cannot be taken over" in said[0]


def test_where_files_cannot_be_locked_nothing_piles_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    ours, before = journal(tmp_path), len(list(Path("/proc/self/fd").iterdir()))
    for n in range(20):
        ours.put(pending(f"k{n}"))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert list(tmp_path.iterdir()) == []


def test_one_more_pending_job_does_not_write_out_all_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, written = journal(tmp_path, large=2_000), list[object]()
    encode = msgspec.json.encode
    monkeypatch.setattr(msgspec.json, "encode", lambda value: written.append(value) or encode(value))
    for n in range(500):
        ours.put(pending(f"k{n}"))
    assert len(written) == 500
    ours.close()
