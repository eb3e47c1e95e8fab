"""`migrate shadow run`, `watch` and `status`: what they refuse, and how they show themselves where there is no terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from migrator.cli.shadow import app
from migrator.errors import MigratorError
from migrator.shadow.ledger import SqliteLedger
from tests.shadow.synthetic import ArmPlan, write_ledger

FILE = """
[experiment]
name = "shop"
current = "old"
[job]
name = "app.mail"
[arms.old]
system = "rq"
connection = "NOWHERE_URL"
weight = 1
[arms.new]
system = "celery"
connection = "NOWHERE_URL"
weight = 1
"""
WORKLOAD = "[workload]\ncount = 3\n"


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "shop.toml").write_text(text)
    return tmp_path / "shop.toml"


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (FILE + WORKLOAD, ("--for", "2h"), "shop.toml:15: --for is for the application's own traffic"),
        (FILE + WORKLOAD, ("--last",), "shop.toml:15: --last is for the application's own traffic"),
        (FILE, ("--seed", "3"), "--seed is for a [workload]"),
        (FILE, (), "shop.toml:9: the environment variable NOWHERE_URL is not set"),
    ],
)
def test_what_a_run_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, arguments: tuple[str, ...], said: str) -> None:
    monkeypatch.delenv("NOWHERE_URL", raising=False)
    result = CliRunner().invoke(app, ["run", str(written(tmp_path, text)), *arguments])
    assert isinstance(result.exception, MigratorError)
    assert said in str(result.exception)


@pytest.mark.parametrize("more", [(), ("--fresh",)])
def test_a_folder_is_no_ledger_and_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    for folder in (".", "mine"):
        result = CliRunner().invoke(app, ["run", str(written(tmp_path, FILE)), "--ledger", folder, *more])
        assert f"{folder}: this is a folder, and a ledger is a file" in str(result.exception)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "shop.toml"]


@pytest.mark.parametrize("time", ["", "2", "h", "-2h", "2h30min", "2 weeks"])
def test_a_time_that_is_none(tmp_path: Path, time: str) -> None:
    result = CliRunner().invoke(app, ["run", str(written(tmp_path, FILE)), "--for", time])
    assert result.exit_code == 2
    assert "write 90s, 30min, 2h or 7d" in result.output


def test_a_run_that_cannot_begin_leaves_no_mark_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOWHERE_URL", "redis://127.0.0.1:1/0")
    file = written(tmp_path, FILE)
    result = CliRunner().invoke(app, ["run", str(file)])
    assert "the store of arm `old` cannot be reached" in str(result.exception)
    assert CliRunner().invoke(app, ["status", str(file)]).stdout.startswith("Experiment shop: never run\n")


def test_a_fresh_ledger_of_a_run_that_cannot_begin_knows_what_was_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOWHERE_URL", raising=False)
    file, path = written(tmp_path, FILE), tmp_path / ".migrator" / "shop.ledger"
    path.parent.mkdir()
    write_ledger(path, [ArmPlan(arm="old", jobs=20)], experiment="shop")
    with SqliteLedger.open(path) as ledger:
        taken = ledger.taken()
    for kept in (1, 2):
        result = CliRunner().invoke(app, ["run", str(file), "--fresh"])
        assert "NOWHERE_URL is not set" in str(result.exception)
        asides = sorted(path.name for path in path.parent.glob("shop.*.ledger"))
        assert len(asides) == kept
        assert any(f"the ledger of before is kept as {path.parent / name}" in result.stderr for name in asides)
        with SqliteLedger.open(path) as ledger:
            assert not ledger.assigned()
            assert taken
            assert taken.items() <= ledger.taken().items()
    assert CliRunner().invoke(app, ["status", str(file)]).stdout.startswith("This ledger holds no experiment yet.\n\nRecorders: ")


def test_a_view_that_is_piped_ends_with_whoever_reads(tmp_path: Path) -> None:
    file = written(tmp_path, FILE)
    (tmp_path / ".migrator").mkdir()
    write_ledger(tmp_path / ".migrator" / "shop.ledger", [ArmPlan(arm="old", jobs=20), ArmPlan(arm="new", jobs=20)], experiment="shop")
    command = [sys.executable, "-c", "from migrator.cli import main; main()", "shadow", "watch", str(file), "--every", "0.5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        process.send_signal(2)
        _, err = process.communicate(timeout=120)
    assert "old: 20 assigned" in first
    assert "new: inconclusive" in second
    assert (process.returncode, err) == (0, "")


def test_status_does_not_wait_for_the_statistics_to_be_loaded() -> None:
    code = "import sys, migrator.reporting.run_outcome, migrator.shadow.live.standing\nprint('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_there_is_nothing_to_watch_before_a_run(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["watch", str(written(tmp_path, FILE))])
    assert "there is no ledger here" in str(result.exception)


def test_a_name_that_no_job_of_the_file_has_is_said(tmp_path: Path) -> None:
    file = str(written(tmp_path, FILE))
    wrong = CliRunner().invoke(app, ["kill", file, "--job", "app.mial"])
    assert wrong.exit_code == 0, "applications may route more jobs than the file names"
    assert "No job of the file is called `app.mial`: a Dispatcher sends it to old anyhow." in wrong.stderr
    right = CliRunner().invoke(app, ["kill", file, "--job", "app.*"])
    assert (right.exit_code, right.stderr) == (0, "")
    back = CliRunner().invoke(app, ["resume", file, "--job", "app.mial"])
    assert "No job of the file is called `app.mial`" in back.stderr
    route = CliRunner().invoke(app, ["route", file, "other", "u1"])
    assert "No job of the file is called `other`" in route.stderr
    assert CliRunner().invoke(app, ["route", file, "app.mail", "u1"]).stderr == ""


def test_a_ramp_is_told_one_way_to_go(tmp_path: Path) -> None:
    file = written(tmp_path, FILE + '[routing.ramp]\nsteps = ["5%/1d", "100%"]\n')
    result = CliRunner().invoke(app, ["ramp", str(file), "--to", "2", "--back"])
    assert "--to and --back are two ways" in str(result.exception)
    assert not (tmp_path / ".migrator").exists(), "nothing was changed"


def test_the_help_of_kill_shows_the_table_that_it_names() -> None:
    assert "[routing]" in CliRunner().invoke(app, ["kill", "--help"]).stdout
