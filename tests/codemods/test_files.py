"""From a change set and a real tree to contents before and after."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from migrator.codemods.changes import ChangeSet, Edit
from migrator.codemods.files import FileChange, file_changes
from migrator.errors import MigratorError
from migrator.jobs import Span


def changes(*edits: tuple[str, int, int, str], new: dict[str, str] | None = None, removed: tuple[str, ...] = ()) -> ChangeSet:
    made = tuple(Edit(path, Span(start, end), text) for path, start, end, text in edits)
    return ChangeSet(source="a", target="b", edits=made, new_files=new or {}, removed_files=removed)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    (root / "src").mkdir(parents=True)
    (root / "src/a.py").write_bytes(b"one\n")
    (root / "run").write_bytes(b"two\n")
    (root / "run").chmod(0o755)
    return root


def test_edits_new_and_removed_files(root: Path) -> None:
    found = file_changes(changes(("src/a.py", 0, 3, "1"), new={"new/b.py": "x\n"}, removed=("run",)), root)
    assert found == (
        FileChange("new/b.py", None, b"x\n", 0o644),
        FileChange("run", b"two\n", None, 0o755),
        FileChange("src/a.py", b"one\n", b"1\n", 0o644),
    )
    assert [f.status for f in found] == ["added", "removed", "modified"]
    assert (root / "src/a.py").read_bytes() == b"one\n", "nothing is written"


def test_a_file_that_ends_as_it_began_is_left_out(root: Path) -> None:
    (root / "same.py").write_bytes(b"x\r\n")
    assert file_changes(changes(("src/a.py", 0, 3, "one"), new={"same.py": "x\n"}), root) == ()


def test_a_new_file_never_replaces_another(root: Path) -> None:
    with pytest.raises(MigratorError, match="another one stands there"):
        file_changes(changes(new={"src/a.py": "mine\n"}), root)


@pytest.mark.parametrize(
    "wrong",
    [
        changes(("src/a.py", 0, 0, "x"), removed=("src/a.py",)),
        changes(("src/a.py", 0, 0, "x"), new={"src/a.py": ""}),
        changes(new={"src/a.py": ""}, removed=("src/a.py",)),
    ],
)
def test_two_wishes_for_one_file_are_an_error(root: Path, wrong: ChangeSet) -> None:
    with pytest.raises(MigratorError, match="two different things"):
        file_changes(wrong, root)


@pytest.mark.parametrize("path", ["../out.py", "/etc/passwd", "", ".git/config", "src/.git/hooks/x", ".migrator/x", "src/../../out.py"])
def test_paths_outside_the_code_are_refused(root: Path, path: str) -> None:
    with pytest.raises(MigratorError, match="not part of the code"):
        file_changes(changes(new={path: "x"}), root)


def test_a_symbolic_link_inside_the_tree_is_followed(root: Path) -> None:
    (root / "link.py").symlink_to("src/a.py")
    assert [f.path for f in file_changes(changes(("link.py", 0, 3, "1")), root)] == ["src/a.py"]
    both = file_changes(changes(("link.py", 0, 3, "1"), ("src/a.py", 0, 3, "1")), root)
    assert [(f.path, f.after) for f in both] == [("src/a.py", b"1\n")]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_symbolic_link_out_of_the_tree_is_refused(root: Path, kind: str) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "x.py").write_bytes(b"x\n")
    path = "link.py" if kind == "file" else "link/x.py"
    (root / path.split("/")[0]).symlink_to(outside / "x.py" if kind == "file" else outside)
    for wish in (changes((path, 0, 1, "y")), changes(removed=(path,)), changes(new={path: "y"})):
        with pytest.raises(MigratorError, match="leads out of the tree"):
            file_changes(wish, root)


def test_a_symbolic_link_is_not_removed_with_its_target(root: Path) -> None:
    (root / "link.py").symlink_to("src/a.py")
    with pytest.raises(MigratorError, match="symbolic link"):
        file_changes(changes(removed=("link.py",)), root)


def test_a_loop_of_links_is_refused(root: Path) -> None:
    (root / "loop").symlink_to("loop")
    with pytest.raises(MigratorError, match="loop"):
        file_changes(changes(("loop/a.py", 0, 0, "x")), root)


def test_the_root_may_be_a_link_itself(root: Path) -> None:
    (root.parent / "alias").symlink_to(root)
    assert [f.path for f in file_changes(changes(("src/a.py", 0, 3, "1")), root.parent / "alias")] == ["src/a.py"]


def test_what_cannot_be_read_is_an_error(root: Path) -> None:
    for path, cause in (("gone.py", "No such file"), ("src", "not a regular file")):
        with pytest.raises(MigratorError, match=cause):
            file_changes(changes((path, 0, 0, "x")), root)
    os.mkfifo(root / "pipe.py")
    with pytest.raises(MigratorError, match="not a regular file"):
        file_changes(changes(("pipe.py", 0, 0, "x")), root)


def test_a_file_saved_while_the_code_was_read_is_refused(root: Path) -> None:
    began = time.time_ns() - 10_000_000_000
    path = root / "src/a.py"
    os.utime(path, ns=(began + 1, began + 1))
    with pytest.raises(MigratorError, match="saved while"):
        file_changes(changes(("src/a.py", 0, 3, "1")), root, read_since=began)
    for harmless in (began - 1, time.time_ns() + 3_600_000_000_000):
        os.utime(path, ns=(harmless, harmless))
        assert file_changes(changes(("src/a.py", 0, 3, "1")), root, read_since=began)
