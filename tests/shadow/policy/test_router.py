"""The router of a running application: what is changed reaches it, what is broken changes nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from migrator.cli.shadow import app
from migrator.errors import MigratorError
from migrator.servers import postgres, redis
from migrator.shadow.policy import changing
from migrator.shadow.policy.router import KILL, Router
from migrator.shadow.policy.state import NoState, State, encoded
from tests.shadow.policy.experiment import EVERYTHING, experiment


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def everything_off(file: Path) -> None:
    """The kill switch."""
    changing.change(file, changing.kill((), ()), "test")


def test_the_kill_switch_reaches_a_running_process_and_is_taken_back(tmp_path: Path) -> None:
    file = experiment(tmp_path)
    with Router.open(file) as router:
        assert router.decide("mail.reset", "1").arm == "new"
        everything_off(file)
        until(lambda: router.decide("mail.reset", "1").reason == "killed")
        changing.change(file, changing.resume((), ()), "test")
        until(lambda: router.decide("mail.reset", "1").reason == "job")


def test_a_changed_file_is_read_again_and_a_broken_one_is_not_followed(tmp_path: Path) -> None:
    file, told = experiment(tmp_path), list[str]()
    with Router.open(file) as router:
        router._alarm = told.append
        experiment(tmp_path, EVERYTHING.replace('match = "mail.reset"\narm = "new"', 'match = "mail.reset"\narm = "old"'))
        until(lambda: router.decide("mail.reset", "1").arm == "old")
        experiment(tmp_path, "[experiment\n")
        until(lambda: bool(told))
        assert "this is not TOML" in told[0]
        assert router.decide("mail.reset", "1").arm == "old"
        file.unlink()
        until(lambda: len(told) > 1)
        assert router.decide("mail.reset", "1").arm == "old"
        assert len(told) == 2


def test_a_broken_state_changes_nothing_and_is_complained_of_once(tmp_path: Path) -> None:
    file, told = experiment(tmp_path), list[str]()
    everything_off(file)
    with Router.open(file) as router:
        router._alarm = told.append
        (tmp_path / ".migrator" / "Mail-1.routing.json").write_text("{")
        for _ in range(3):
            router.refresh()
        assert router.decide("mail.reset", "1").reason == "killed"
        assert len([words for words in told if "no state of routing" in words]) == 1


def test_without_any_state_that_can_be_read_the_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOBODY_URL", "redis://127.0.0.1:1/0")
    file, told = experiment(tmp_path, EVERYTHING.replace("poll = 0.05", 'poll = 0.05\nstate = "NOBODY_URL"')), list[str]()
    with Router.open(file) as router:
        router._alarm = told.append
        assert router.decide("mail.reset", "1").arm == "new"
    with pytest.raises(MigratorError, match="MIGRATE_KILL=1"):
        everything_off(file)


@pytest.mark.parametrize("address", ["redis://:pa#s3cr@host:x/0", "postgresql://ann:s3@cr@127.0.0.1:1/x", "postgresql://ann:s3cr@[/x"])
def test_an_address_that_is_none_is_told_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("STATE_URL", address)
    file = experiment(tmp_path, EVERYTHING.replace("poll = 0.05", 'poll = 0.05\nstate = "STATE_URL"'))
    with pytest.raises(MigratorError, match="STATE_URL: ") as caught:
        everything_off(file)
    assert "cr@" not in str(caught.value)
    assert "s3" not in str(caught.value)


def test_the_kill_switch_works_where_the_state_is_broken(tmp_path: Path) -> None:
    file, state = experiment(tmp_path), tmp_path / ".migrator" / "Mail-1.routing.json"
    state.parent.mkdir()
    for broken in ("", "nonsense", '{"schema": "migrator.routing/9"}'):
        state.write_text(broken)
        for arguments in (["kill", "--arm", "new"], ["resume", "--job", "mail.*"], ["hold"], ["ramp"]):
            refused = CliRunner().invoke(app, [arguments[0], str(file), *arguments[1:]])
            assert isinstance(refused.exception, NoState), "what else was switched off, nobody can tell"
        assert state.read_text() == broken
        assert CliRunner().invoke(app, ["kill", str(file)]).exit_code == 0
        assert changing.current(file)[1].everything
        state.write_text(broken)
        assert CliRunner().invoke(app, ["resume", str(file)]).exit_code == 0
        assert changing.current(file)[1] == State(version=1)


def test_the_environment_switches_everything_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KILL, "1")
    with Router.open(experiment(tmp_path)) as router:
        assert router.decide("mail.reset", "1").reason == "killed"


def test_a_router_of_another_user_may_read_what_was_switched_off(tmp_path: Path) -> None:
    file, before = experiment(tmp_path), os.umask(0o022)
    try:
        everything_off(file)
    finally:
        os.umask(before)
    state = tmp_path / ".migrator" / "Mail-1.routing.json"
    assert stat.S_IMODE(state.stat().st_mode) == 0o644


def test_a_file_that_cannot_be_written_leads_to_the_environment(tmp_path: Path) -> None:
    file = experiment(tmp_path)
    (tmp_path / ".migrator").mkdir()
    (tmp_path / ".migrator" / "Mail-1.routing.json").symlink_to("nowhere/state.json")
    with pytest.raises(MigratorError, match="MIGRATE_KILL=1"):
        everything_off(file)


@pytest.mark.behaviour
@pytest.mark.parametrize("server", [redis, postgres], ids=["redis", "postgres"])
def test_a_state_in_a_server_reaches_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Callable[[], object]) -> None:
    with server() as url:  # pyright: ignore
        monkeypatch.setenv("STATE_URL", url)
        file = experiment(tmp_path, EVERYTHING.replace("poll = 0.05", 'poll = 0.05\nstate = "STATE_URL"'))
        code = (
            "import sys, time\nfrom migrator.shadow.policy.router import Router\n"
            "router = Router.open(sys.argv[1])\nprint('ready', flush=True)\n"
            "while router.decide('mail.reset', '1').reason != 'killed':\n    time.sleep(0.01)\n"
            "assert router.state.said == 'test'\nprint('off', flush=True)\n"
        )
        processes = [subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True) for _ in range(3)]
        try:
            assert [p.stdout.readline() for p in processes if p.stdout] == ["ready\n"] * 3
            everything_off(file)
            assert [p.communicate(timeout=120)[0] for p in processes] == ["off\n"] * 3
        finally:
            for process in processes:
                process.kill()
        loaded, state, store = changing.current(file)
        assert (state.version, state.everything) == (1, True)
        store.write(encoded(State(version=7)))
        assert changing.current(file)[1].version == 7
        assert loaded.policy.current == "old"


def test_a_child_of_a_fork_hears_of_changes_as_well(tmp_path: Path) -> None:
    file = experiment(tmp_path)
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom migrator.shadow.policy import changing\n"
        "from migrator.shadow.policy.router import Router\n"
        "file = Path(sys.argv[1])\nrouter = Router.open(file)\nchild = os.fork()\n"
        "if child == 0:\n    while router.decide('mail.reset', '1').reason != 'killed':\n        time.sleep(0.01)\n    os._exit(7)\n"
        "changing.change(file, changing.kill((), ()), '')\nsys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(file)], timeout=120, check=False).returncode == 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changing.kill(("nobody",), ()), "is no arm"),
        (changing.kill(("old",), ()), "is the current arm"),
        (changing.step(7, 0), "there is no step 8"),
        (changing.step(None, -1), "there is no step 0"),
    ],
)
def test_changes_that_make_no_sense_are_refused_and_nothing_is_written(tmp_path: Path, change: changing.Change, words: str) -> None:
    file = experiment(tmp_path)
    with pytest.raises(MigratorError, match=words):
        changing.change(file, change, "")
    assert not (tmp_path / ".migrator").exists()
