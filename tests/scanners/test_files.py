"""The walk over a tree that is not all ours to read."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.scanners.files import NO_ENTRY, Tree, walk
from migrator.scanners.found import Found
from migrator.scanners.manifests import read_manifests
from migrator.scanners.prefilter import passed_over


@pytest.fixture
def tree() -> Generator[Path]:
    """Outside pytest's own folder, which is closed to others: root takes the part of a user who may not read everything."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for folder in ("closed", "open"):
            (root / folder).mkdir()
            (root / folder / "tasks.py").write_text("x = 1\n")
        (root / "secret.py").write_text("x = 1\n")
        (root / "secret.py").chmod(0)
        (root / "closed").chmod(0)
        yield root
        (root / "closed").chmod(0o700)


def walked(root: Path) -> tuple[list[str], dict[str, list[str]], str]:
    """(paths, what was skipped once all was read, error) as somebody without rights sees it."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setuid(65534)
        answer: tuple[list[str], dict[str, list[str]], str] = [], {}, "no answer"
        try:
            seen: Tree = walk(root)
            for path in seen.sizes:
                seen.read(path)
            answer = list(seen.sizes), seen.skipped, ""
        except MigratorError as error:
            answer = [], {}, f"{type(error).__name__}: {error}"
        finally:
            os.write(sink, json.dumps(answer).encode())
            os._exit(0)
    os.close(sink)
    with os.fdopen(source, "rb") as stream:
        data = stream.read()
    os.waitpid(child, 0)
    return tuple(json.loads(data))


def test_what_may_not_be_read_is_named_and_the_rest_is_read(tree: Path) -> None:
    # The owner of a folder that is closed to everybody is kept out too, so that this holds for a user that is not root as well.
    paths, skipped, error = walked(tree)
    assert error == ""
    assert paths == ["open/tasks.py", "secret.py"]
    assert skipped == {NO_ENTRY: ["closed"], "permission denied": ["secret.py"]}


def test_a_root_that_may_not_be_read(tree: Path) -> None:
    _, _, error = walked(tree / "closed")
    assert error.startswith(f"{MigratorError.__name__}: {tree / 'closed'}: is a folder that you may not read")


def test_what_is_closed_stands_among_the_loose_ends(tmp_path: Path) -> None:
    tree = Tree(tmp_path, {}, {NO_ENTRY: ["closed"], "permission denied": ["secret.py"], "link": ["away.py"]})
    assert [(u.path, u.reason) for u in passed_over(tree)] == [
        ("closed", "not read: folder may not be read"),
        ("secret.py", "not read: permission denied"),
    ]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def ignoring(tmp_path: Path) -> Path:
    """A folder with a `.gitignore` that names a folder and files with jobs in them."""
    for path in ("tasks/mail.py", "tasks/sms.py", "build/out.py", "app.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("x = 1\n")
    (tmp_path / ".gitignore").write_text("tasks/\nbuild/\n")
    return tmp_path


def paths(root: Path, *exclude: str) -> set[str]:
    return {path for path in walk(root, exclude).sizes if path.endswith(".py")}


def test_in_a_repository_what_git_ignores_is_not_read_unless_git_tracks_it(ignoring: Path) -> None:
    git(ignoring, "init", "-q")
    assert paths(ignoring) == {"app.py"}
    git(ignoring, "add", "--force", "tasks/mail.py")
    assert paths(ignoring) == {"app.py", "tasks/mail.py"}
    assert paths(ignoring, "mail.py") == {"app.py"}
    # Whoever asks for an ignored folder gets all of it.
    assert paths(ignoring / "tasks") == {"mail.py", "sms.py"}


def test_outside_of_a_repository_nothing_is_ignored(ignoring: Path) -> None:
    assert paths(ignoring) == {"app.py", "tasks/mail.py", "tasks/sms.py", "build/out.py"}


def test_without_git_the_ignore_rules_hold(ignoring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(ignoring, "init", "-q")
    git(ignoring, "add", "--force", "tasks/mail.py")
    monkeypatch.setenv("PATH", "")
    assert paths(ignoring) == {"app.py"}


@pytest.mark.parametrize(("code", "told"), [("bullmq", True), ("nothing", False)])
def test_minified_code_is_passed_over_and_said_where_it_may_matter(tmp_path: Path, code: str, told: bool) -> None:
    (tmp_path / "vendor.min.js").write_text(f"/*! licence */\nvar {code}=1;" + "f(1);" * 20_000)
    (tmp_path / "long.js").write_text("call(1);\n" * 20_000)
    tree = walk(tmp_path)
    assert [tree.read(path) == b"" for path in ("vendor.min.js", "long.js")] == [True, False]
    assert tree.skipped == {"minified": ["vendor.min.js"]}
    assert [u.reason for u in passed_over(tree)] == (["not read: minified"] if told else [])


def test_what_is_passed_over_is_said_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "bundle.js").write_text("queue.add(1);" * 8_000)
    (tmp_path / "long.ts").write_text("// mail\n" * 8_000)
    found = walk(tmp_path)
    for _ in range(3):
        assert found.read("bundle.js") == b""
        assert found.read("long.ts") == b"// mail\n" * 8_000
    assert found.skipped == {"minified": ["bundle.js"]}


def install(folder: Path, name: str, files: dict[str, str]) -> None:
    """Leave what pip leaves of an installed package."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    about = {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "INSTALLER": "pip\n"}
    for path, text in about.items():
        (info / path).write_text(text)
    listed = {**files, **{f"{info.name}/{path}": text for path, text in about.items()}}
    rows = [*(f"{path},sha256=x,{len(text)}" for path, text in listed.items()), f"{info.name}/RECORD,,"]
    (info / "RECORD").write_text("".join(f"{row}\n" for row in rows))


def test_packages_that_were_installed_into_the_tree_are_not_the_application(tmp_path: Path) -> None:
    install(tmp_path / "libs", "Celery", {"celery/app.py": "def task(): ...\n", "celery/beat.py": "every = 1\n", "../bin/celery": "#!\n"})
    # Two versions, one after the other, of which the first was never taken away.
    install(tmp_path / "libs", "celery-old", {"celery/app.py": "def task(): ...\n"})
    (tmp_path / "libs" / "tasks.py").write_text("from celery import app\n")
    (tmp_path / "libs" / "celery" / "beat.py").write_text("every = 1  # as we need it\n")
    tree = walk(tmp_path)
    assert {path for path in tree.sizes if path.endswith(".py")} == {"libs/tasks.py", "libs/celery/beat.py"}
    assert tree.skipped == {"installed package": ["bin/celery", "libs/celery/app.py"]}
    assert list(passed_over(tree)) == []
    assert read_manifests(tree, Found()).of("app/mail.py", "celery") == "1.0"


@pytest.mark.parametrize("record", [b'celery/app.py,"', b"celery/app.py,x,\xc2\xb2", b"celery/app.py,sha256=x,15", b"\xff", b""])
def test_of_a_list_of_installed_files_that_tells_nothing_all_is_read(tmp_path: Path, record: bytes) -> None:
    install(tmp_path, "celery", {"celery/app.py": "def task(): ...\n"})
    assert "celery/app.py" not in paths(tmp_path)
    (tmp_path / "celery-1.0.dist-info" / "RECORD").write_bytes(record)
    assert "celery/app.py" in paths(tmp_path)


def test_a_wheel_that_was_only_unpacked_may_be_the_application(tmp_path: Path) -> None:
    install(tmp_path, "shop", {"shop/tasks.py": "def task(): ...\n"})
    (tmp_path / "shop-1.0.dist-info" / "INSTALLER").unlink()
    assert "shop/tasks.py" in paths(tmp_path)
