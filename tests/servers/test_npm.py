"""node_modules: what is installed, how often, and what goes wrong."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.servers import NodeRuntime, install, node
from migrator.servers.node_project import NodeProject

pytestmark = pytest.mark.behaviour

LOCK = {
    "name": "app",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "app", "dependencies": {"ms": "^2.1.0"}},
        "node_modules/ms": {
            "version": "2.1.2",
            "integrity": "sha512-sGkPx+VjMtmA6MX27oA4FBFELFCZZ4S4XqeGOXCv68tT+jb3vk/RyaKWP0PTKyWtmLSM0b+adUTEvbs1PEaH2w==",
        },
    },
}


@pytest.fixture
def runtime(tmp_path: Path, program: Callable[..., Path]) -> NodeRuntime:
    """The real Node and npm, with a cache of their own and a file `runs` that counts."""
    real = node()
    counting = program(npm=f'echo "$1" >> {tmp_path}/runs; exec {" ".join(real.npm)} "$@"') / "npm"
    return dataclasses.replace(real, npm=(str(counting),), environ={**real.environ, "MIGRATOR_CACHE": str(tmp_path / "cache")})


def runs(tmp_path: Path) -> list[str]:
    return (tmp_path / "runs").read_text().split() if (tmp_path / "runs").exists() else []


def project(folder: Path, manifest: dict[str, object], lock: dict[str, object] | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(manifest))
    if lock:
        (folder / "package-lock.json").write_text(json.dumps(lock))
    return folder


def version(folder: Path) -> str:
    return json.loads((folder / "node_modules/ms/package.json").read_text())["version"]


def test_locked_versions_once_for_every_copy(tmp_path: Path, runtime: NodeRuntime) -> None:
    one = project(tmp_path / "one", {"name": "app", "dependencies": {"ms": "^2.1.0"}}, LOCK)
    install(one, runtime)
    assert version(one) == "2.1.2", "2.1.3 exists, but 2.1.2 is locked"
    install(one, runtime)
    two = project(tmp_path / "two", {"name": "app", "dependencies": {"ms": "^2.1.0"}, "scripts": {"new": "true"}}, LOCK)
    install(two, runtime)
    assert version(two) == "2.1.2"
    assert runtime.run(["-p", "require('ms')('1h')"], folder=two).stdout == "3600000\n"
    assert runs(tmp_path) == ["ci"]


def test_a_changed_package_json_is_installed_anew(tmp_path: Path, runtime: NodeRuntime) -> None:
    folder = project(tmp_path / "one", {"name": "app", "dependencies": {"ms": "^2.1.0"}}, LOCK)
    install(folder, runtime)
    (folder / "package.json").write_text(json.dumps({"name": "app", "dependencies": {"ms": "2.1.3"}}))
    install(folder, runtime)
    assert version(folder) == "2.1.3"
    assert runs(tmp_path) == ["ci", "install"]


def test_a_broken_off_installation_is_done_again(tmp_path: Path, runtime: NodeRuntime) -> None:
    folder = project(tmp_path / "one", {"name": "app", "dependencies": {"ms": "^2.1.0"}}, LOCK)
    (folder / "node_modules/ms").mkdir(parents=True)
    (folder / "node_modules/left-over").mkdir()
    install(folder, runtime)
    assert version(folder) == "2.1.2"
    assert not (folder / "node_modules/left-over").exists()


def test_workspaces_stay_linked_to_their_own_folder_in_each_copy(tmp_path: Path, runtime: NodeRuntime) -> None:
    one = project(tmp_path / "one", {"name": "app", "workspaces": ["packages/*"], "dependencies": {"@app/mail": "*"}})
    project(one / "packages/mail", {"name": "@app/mail", "version": "1.0.0", "main": "main.js", "dependencies": {"ms": "2.1.3"}})
    (one / "packages/mail/main.js").write_text("module.exports = require('ms')('2s')")
    two = tmp_path / "two"
    shutil.copytree(one, two)
    (two / "packages/mail/main.js").write_text("module.exports = 'mine, ' + require('ms')('2s')")
    for folder, said in ((one, "2000\n"), (two, "mine, 2000\n")):
        install(folder, runtime)
        assert runtime.run(["-p", "require('@app/mail')"], folder=folder).stdout == said
    assert runs(tmp_path) == ["install"]


def test_a_package_from_a_folder_is_installed_where_it_is(tmp_path: Path, runtime: NodeRuntime) -> None:
    project(tmp_path / "mine", {"name": "mine", "version": "1.0.0"})
    folder = project(tmp_path / "one", {"name": "app", "dependencies": {"mine": "file:../mine"}})
    install(folder, runtime)
    install(folder, runtime)
    assert (folder / "node_modules/mine").resolve() == (tmp_path / "mine").resolve()
    assert sorted(path.name for path in folder.iterdir()) == ["node_modules", "package.json"], "a lockfile is not ours to write"
    assert runs(tmp_path) == ["install"]


def test_no_dependencies_at_all(tmp_path: Path, runtime: NodeRuntime) -> None:
    folder = project(tmp_path / "one", {"name": "app"})
    install(folder, runtime)
    install(folder, runtime)
    assert runs(tmp_path) == ["install"]


def test_scripts_of_packages_are_not_run(tmp_path: Path, runtime: NodeRuntime) -> None:
    folder = project(
        tmp_path / "one", {"name": "app", "scripts": {"postinstall": f"touch {tmp_path}/ran", "prepare": f"touch {tmp_path}/ran"}}
    )
    install(folder, runtime)
    assert not (tmp_path / "ran").exists()


def test_an_installation_that_fails_says_where_and_why_and_is_not_kept(tmp_path: Path, runtime: NodeRuntime) -> None:
    folder = project(tmp_path / "one", {"name": "app", "dependencies": {"ms": "999.0.0"}})
    with pytest.raises(MigratorError) as caught:
        install(folder, runtime)
    assert caught.value.place == str(folder / "package.json")
    assert "No matching version found for ms@999.0.0" in caught.value.cause
    with pytest.raises(MigratorError):
        install(folder, runtime)
    assert runs(tmp_path) == ["install", "install"]


@pytest.mark.parametrize(("text", "said"), [(None, "no such file"), ("{", "not readable as JSON"), ("[]", "not a JSON object")])
def test_a_bad_package_json_is_an_error_at_its_place(tmp_path: Path, runtime: NodeRuntime, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "package.json").write_text(text)
    with pytest.raises(MigratorError) as caught:
        install(tmp_path, runtime)
    assert caught.value.place == str(tmp_path / "package.json")
    assert said in caught.value.cause


def test_a_cache_that_cannot_be_written_names_the_setting(tmp_path: Path, runtime: NodeRuntime) -> None:
    (tmp_path / "file").touch()
    folder = project(tmp_path / "one", {"name": "app"})
    broken = dataclasses.replace(runtime, environ={**runtime.environ, "MIGRATOR_CACHE": str(tmp_path / "file/below")})
    with pytest.raises(MigratorError) as caught:
        install(folder, broken)
    assert "MIGRATOR_CACHE" in caught.value.remedy


@pytest.mark.parametrize(
    ("workspaces", "members"),
    [
        (["packages/*"], ["", "packages/a", "packages/b"]),
        ({"packages": ["packages/b", "tools"]}, ["", "packages/b", "tools"]),
        (["packages/*", "!packages/a"], ["", "packages/b"]),
        ([], [""]),
    ],
)
def test_workspaces_are_found_as_npm_finds_them(tmp_path: Path, workspaces: object, members: list[str]) -> None:
    root = project(tmp_path / "root", {"name": "app", "workspaces": workspaces})
    for folder in ("packages/a", "packages/b", "tools", "packages/a/node_modules/deep"):
        project(root / folder, {"name": folder.replace("/", "-")})
    assert list(NodeProject.read(root).manifests) == members
