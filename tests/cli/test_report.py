"""`migrate report`: of the whole application, whatever the project's settings leave out of the daily audit."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from migrator.cli import app

_TASKS = """\
from celery import Celery
app = Celery(broker="redis://h", task_serializer="pickle", accept_content=["pickle"])

@app.task
def send(to): ...
"""


@pytest.mark.parametrize("hidden", ['severity = "critical"', 'system = ["bullmq"]', 'include = ["other/**"]'])
def test_nothing_is_left_out(tmp_path: Path, hidden: str) -> None:
    (tmp_path / "tasks.py").write_text(_TASKS)
    (tmp_path / "migrate.toml").write_text("[audit]\n")
    whole = CliRunner().invoke(app, ["report", str(tmp_path)]).stdout
    (tmp_path / "migrate.toml").write_text(f"[audit]\n{hidden}\n")
    assert "JOB703" in whole
    assert CliRunner().invoke(app, ["report", str(tmp_path)]).stdout == whole
