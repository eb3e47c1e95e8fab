"""The pre-commit hook, installed and run by pre-commit itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.checkout import ROOT, TASK, checkout, clean_environment, git, repository

PRE_COMMIT = str(Path(sys.executable).with_name("pre-commit"))
ONLY = '[audit]\nselect = ["JOB105", "JOB098"]\n'


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The settings of a repository that uses the hook, and where pre-commit keeps what it installs."""
    folder = tmp_path_factory.mktemp("hook")
    project = checkout(folder / "migrator")
    rev = git(project, "rev-parse", "HEAD")
    return f"repos:\n- repo: {project}\n  rev: {rev}\n  hooks:\n  - id: migrate-audit\n", folder / "home"


def commit(folder: Path, hook: tuple[str, Path], files: dict[str, str], staged: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What pre-commit says to a commit of `staged` on top of `files`."""
    settings, home = hook
    repository(folder, {".pre-commit-config.yaml": settings, "migrate.toml": ONLY, **files})
    for path, text in staged.items():
        (folder / path).write_text(text)
    git(folder, "add", "-A")
    environment = clean_environment(PRE_COMMIT_HOME=str(home), COLUMNS="80")
    return subprocess.run(
        [PRE_COMMIT, "run", "--color", "never"], cwd=folder, capture_output=True, text=True, timeout=600, check=False, env=environment
    )


def test_its_definition_is_what_pre_commit_wants(tmp_path: Path) -> None:
    done = subprocess.run(
        [PRE_COMMIT, "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_defect_stops_the_commit(tmp_path: Path, hook: tuple[str, Path]) -> None:
    done = commit(tmp_path / "app", hook, {}, {"tasks.py": TASK.format("")})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "audit of background jobs" in done.stdout
    assert "JOB105 swallowed-exception" in done.stdout


def test_one_that_stands_in_another_file_stops_it_too(tmp_path: Path, hook: tuple[str, Path]) -> None:
    done = commit(tmp_path / "app", hook, {"tasks.py": TASK.format("")}, {"other.py": "x = 1\n"})
    assert done.returncode == 1, done.stdout + done.stderr


def test_an_accepted_one_does_not(tmp_path: Path, hook: tuple[str, Path]) -> None:
    accepted = TASK.format("  # migrate: ignore[JOB105] counted elsewhere")
    done = commit(tmp_path / "app", hook, {}, {"tasks.py": accepted})
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_where_no_job_can_stand_nothing_is_looked_at(tmp_path: Path, hook: tuple[str, Path]) -> None:
    done = commit(tmp_path / "app", hook, {"tasks.py": TASK.format("")}, {"notes.md": "x\n"})
    assert (done.returncode, "no files to check" in done.stdout) == (0, True), done.stdout + done.stderr
