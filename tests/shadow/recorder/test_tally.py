"""The count of a process, written as memory and by system calls."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator.shadow.recorder import tally as tallying
from migrator.shadow.recorder.tally import Tally, file_system_of
from migrator.shadow.transport.segments import CELLS, count_path, left_behind

BOOT = "a" * 32


def seen(folder: Path, tally: Tally) -> int | None:
    """What others find once the process is no more."""
    tally.close()
    return left_behind(folder, BOOT)


@pytest.mark.parametrize("settled", [(), tallying._SETTLED])
def test_the_largest_number_counts_in_whatever_order_they_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settled: tuple[str]
) -> None:
    monkeypatch.setattr(tallying, "_SETTLED", settled)
    tally = Tally(tmp_path, BOOT, lambda _: None)
    tally.write(3)  # before there is a file
    tally.open()
    for number in (5, 4, 7, 6, CELLS + 9, CELLS + 8):
        tally.write(number)
    assert tally.numbered == CELLS + 9
    assert left_behind(tmp_path, BOOT) is None
    assert seen(tmp_path, tally) == CELLS + 9


def test_what_was_counted_before_there_was_a_file_is_in_it(tmp_path: Path) -> None:
    tally = Tally(tmp_path / "later", BOOT, lambda _: None)
    tally.write(3)
    tally.open()
    assert seen(tmp_path / "later", tally) == 3


def test_a_system_call_that_fails_is_told_and_does_not_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallying, "_SETTLED", ())
    told: list[str] = []
    tally = Tally(tmp_path, BOOT, told.append)
    tally.open()
    assert tally._file is not None
    os.close(tally._file)
    tally._file = os.open(count_path(tmp_path, BOOT), os.O_RDONLY)
    tally.write(1)
    assert len(told) == 1
    tally.close()


def test_the_file_system_is_that_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    file = os.open(tmp_path / "file", os.O_RDONLY)
    device = os.fstat(file).st_dev
    here = f"{os.major(device)}:{os.minor(device)}"
    monkeypatch.setattr(tallying, "_MOUNTS", tmp_path / "mountinfo")
    assert file_system_of(file) == ""
    mounts = (
        "20 1 0:99 / /proc rw - proc proc rw",
        f"21 1 {here} / / rw,relatime shared:1 - btrfs /dev/sda rw",
        f"22 1 9:{here} / /x rw - xfs /dev/sdb rw",
    )
    (tmp_path / "mountinfo").write_text("\n".join(mounts))
    assert file_system_of(file) == "btrfs"
    (tmp_path / "mountinfo").write_text(mounts[0])
    assert file_system_of(file) == ""
    os.close(file)
