"""`migrate codemod` for every pair that there is, on the fixture application of its source system, as a user would run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.codemods import WRITERS
from tests.codemods.repositories import ENVIRONMENT, git

FIXTURES = Path(__file__).parents[2] / "fixtures"
APPLICATIONS = {"celery": "notifier", "inngest": "articles"}
OPEN = {0, 1}


def migrate(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from migrator.cli import main; main()", "codemod", *arguments]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, **ENVIRONMENT})
    assert done.returncode in OPEN, done.stderr.decode()
    return done


def copy(folder: Path, application: str) -> Path:
    """The application under git, without what others have installed or built in it."""
    shutil.copytree(FIXTURES / application, folder, ignore=shutil.ignore_patterns("node_modules", "__pycache__", ".venv", "dist"))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "as it was")
    return folder


def content(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file() and ".git" not in p.parts}


@pytest.fixture(params=sorted(WRITERS), ids=lambda pair: f"{pair[0]} to {pair[1]}")
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param


def test_shown_patched_written_and_committed_are_the_same_tree(pair: tuple[str, str], tmp_path: Path) -> None:
    source, target = pair
    one, two, three = (copy(tmp_path / name, APPLICATIONS[source]) for name in ("patched", "written", "committed"))
    route = ("--from", source, "--to", target)

    before = content(one)
    shown = migrate(str(one), *route).stdout
    assert content(one) == before
    subprocess.run(["git", "apply", "--index"], input=shown, cwd=one, check=True)

    report = json.loads(migrate(str(two), *route, "--write", "--format", "json").stdout)
    assert content(two) == content(one) != before
    totals = report["totals"]
    assert totals["decisions"] == len(report["decisions"]) == totals["rewritten"] + totals["left"]
    assert totals["rewritten"] > 0
    assert {f["path"] for f in report["files"]} == {path for path in content(two) | before if content(two).get(path) != before.get(path)}

    migrate(str(three), *route, "--write", "--commit-by", "job")
    assert content(three) == content(one)
    assert git(three, "status", "--porcelain") == ""
    assert len(git(three, "log", "--format=%h").split()) > 3

    again = migrate(str(three), *route, "--write", "--diff")
    assert again.stdout == b""
    assert b"No file changes." in again.stderr
