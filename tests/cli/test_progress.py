"""Whoever waits at a terminal is told how far the work is, from the first file to the last rule."""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from migrator.cli import app, audit_run, progress

TREE = {
    "app/tasks.py": "from celery import shared_task\n@shared_task\ndef send(): ...\n",
    "app/views.py": "from flask import Flask\nfrom app.tasks import send\napp = Flask(__name__)\n"
    "@app.route('/')\ndef index():\n    send.delay()\n    return 'ok'\n",
    "app/more.py": "from app.tasks import send\nsend.delay()\n",
}
#: in the order in which they come
STAGES = ["reading", "following names", "listing mentions", "looking for defects", "looking for synchronous work"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for path, text in TREE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_every_stage_of_an_audit_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []

    @contextmanager
    def watched() -> Generator[object]:
        yield lambda *at: told.append(at)

    monkeypatch.setattr(audit_run, "progress", watched)
    assert CliRunner().invoke(app, ["audit", str(tree), "--candidates", "--format", "json"]).exit_code == 0
    stages = list(dict.fromkeys(what for what, _, _ in told))
    assert [s for s in STAGES if s in stages] == STAGES
    assert stages.index("reading") == 0
    assert all(0 <= done < total for _, done, total in told)
    for stage in ("listing mentions", "looking for defects"):
        done = [(n, total) for what, n, total in told if what == stage]
        assert done == [(n, len(done)) for n in range(len(done))]


class Terminal(io.StringIO):
    """Standard error as a terminal has it."""

    def isatty(self) -> bool:
        return True


def test_the_bar_shows_what_is_being_done_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    with progress.progress() as report:
        report("looking for defects", 3, 7)
    shown = terminal.getvalue()
    assert "looking for defects" in shown
    assert "3/7" in shown
    # The line is erased at the end.
    assert shown.rstrip().endswith("\x1b[2K")


def test_short_work_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", float("inf"))
    with progress.progress() as report:
        report("reading", 1, 2)
    assert terminal.getvalue() == ""
