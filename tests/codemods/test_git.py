"""Is there git, and is the tree clean? Asked of real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemods.git import require_clean, run, top, uncommitted
from migrator.errors import MigratorError
from tests.codemods.repositories import ENVIRONMENT, git, repository


@pytest.fixture(autouse=True)
def git_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "app", {"tasks.py": "def a(): ...\n"})


def test_a_clean_tree_passes(root: Path) -> None:
    assert uncommitted(root) == []
    require_clean(root, remedy="")


@pytest.mark.parametrize("state", ["modified", "staged", "new", "deleted", "renamed"])
def test_any_uncommitted_change_counts(root: Path, state: str) -> None:
    if state in ("modified", "staged"):
        (root / "tasks.py").write_text("changed\n")
    if state == "new":
        (root / "new one.py").write_text("x\n")
    if state == "deleted":
        (root / "tasks.py").unlink()
    if state == "renamed":
        git(root, "mv", "tasks.py", "jobs.py")
    if state == "staged":
        git(root, "add", "-A")
    expected = {"new": ["new one.py"], "renamed": ["jobs.py"]}.get(state, ["tasks.py"])
    assert uncommitted(root) == expected
    with pytest.raises(MigratorError, match=f"not committed: {expected[0]}"):
        require_clean(root, remedy="Commit.")


def test_many_changes_are_summed_up(root: Path) -> None:
    for i in range(9):
        (root / f"n{i}.py").write_text("x\n")
    with pytest.raises(MigratorError, match=r"n0\.py, n1\.py, n2\.py, n3\.py, n4\.py and 4 more"):
        require_clean(root, remedy="")


def test_ignored_files_other_folders_and_our_own_do_not_count(tmp_path: Path) -> None:
    folder = repository(tmp_path / "mono", {"app/a.py": "x\n", "lib/b.py": "y\n", ".gitignore": "*.log\n"})
    (folder / "lib/b.py").write_text("changed\n")
    (folder / "app/debug.log").write_text("x")
    (folder / "app/.migrator").mkdir()
    (folder / "app/.migrator/ledger").write_text("x")
    assert uncommitted(folder / "app") == []
    (folder / "app/a.py").write_text("changed\n")
    assert uncommitted(folder / "app") == ["a.py"]


def test_outside_git_there_is_nothing_to_commit(tmp_path: Path) -> None:
    assert top(tmp_path) is None
    assert uncommitted(tmp_path) == []


def test_the_environment_of_a_hook_does_not_lead_astray(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = repository(tmp_path / "other", {"z.py": "z\n"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    (root / "tasks.py").write_text("changed\n")
    assert uncommitted(root) == ["tasks.py"]


def test_git_that_fails_says_why(root: Path) -> None:
    with pytest.raises(MigratorError, match="git rev-parse failed: fatal: Needed a single revision"):
        run(root, "rev-parse", "--verify", "nonsense")


def test_git_that_is_missing_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MigratorError, match="git is not installed"):
        uncommitted(root)
