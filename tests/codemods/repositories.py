"""Real git repositories for tests, untouched by the configuration of the machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

#: an author, and no configuration but the repository's own
ENVIRONMENT = {
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Test"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "test@localhost"),
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
}


def git(folder: Path, *arguments: str) -> str:
    """Standard output of a git command that must succeed."""
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, env={**os.environ, **ENVIRONMENT}
    ).stdout


def repository(folder: Path, files: dict[str, str]) -> Path:
    """A repository with one commit that holds `files`."""
    folder.mkdir(exist_ok=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "as it was")
    return folder
