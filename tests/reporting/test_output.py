"""Where reports are written, and what is never replaced."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.reporting.output import deliver


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("old and longer")
    deliver("new", file)
    assert file.read_text() == "new\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    deliver("report", pipe)
    reader.join(60)
    assert read == ["report\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there.txt").write_text("old")
    link = tmp_path / "report.txt"
    link.symlink_to("there.txt")
    deliver("new", link)
    assert link.is_symlink()
    assert (tmp_path / "there.txt").read_text() == "new\n"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match="cannot be written"):
        deliver("report", tmp_path)
