"""The project as others get it from version control: a git repository with one commit."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PARTS = ("migrator", "pyproject.toml", "constraints.txt", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "action.yml")

#: a job with one defect, JOB105, in line 7; a comment fits in there
TASK = """from celery import shared_task

@shared_task
def send(order):
    try:
        deliver(order)
    except Exception:{}
        print(1)
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def repository(folder: Path, files: dict[str, str]) -> Path:
    """A repository in which `files` are committed."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first", "--allow-empty")
    return folder


def checkout(folder: Path) -> Path:
    """This project as a repository of its own."""
    folder.mkdir(parents=True)
    for part in _PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    return repository(folder, {})


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what leads to the checkout that is tested from."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV") and not k.startswith("GIT_")} | more
