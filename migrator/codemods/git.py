"""What git says about a tree, and the few things asked of it. Outside git every question has an answer too."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from migrator.errors import MigratorError

#: what a hook or an alias that runs us may have set; it is about another tree or another index
_FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE")
_SHOWN = 5


def run(
    folder: Path, *arguments: str, data: bytes = b"", environment: Mapping[str, str] | None = None, accept: tuple[int, ...] = (0,)
) -> bytes:
    """Standard output of a git command in `folder`; an exit status outside `accept` is an error that quotes git."""
    clean = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, input=data, capture_output=True, check=False, env={**clean, "LC_ALL": "C", **(environment or {})}
        )
    except FileNotFoundError:
        raise MigratorError("git is not installed, but this tree is under git", place=str(folder), remedy="Install git.") from None
    if done.returncode not in accept:
        said = done.stderr.decode("utf-8", "replace").strip() or f"exit status {done.returncode}"
        raise MigratorError(f"git {arguments[0]} failed: {said}", place=str(folder), remedy="Mend what git complains about and run again.")
    return done.stdout


def top(root: Path) -> Path | None:
    """The work tree that `root` is in, None outside git."""
    if not any((folder / ".git").exists() for folder in (root.resolve(), *root.resolve().parents)):
        return None
    return Path(os.fsdecode(run(root, "rev-parse", "--show-toplevel").removesuffix(b"\n")))


def uncommitted(root: Path) -> list[str]:
    """Files under `root`, relative to it, that differ from the last commit, new ones included, ignored ones not."""
    if top(root) is None:
        return []
    prefix = os.fsdecode(run(root, "rev-parse", "--show-prefix").removesuffix(b"\n"))
    fields = iter(os.fsdecode(run(root, "status", "--porcelain=v1", "-z", "--", ".", ":(exclude).migrator")).split("\0"))
    found: list[str] = []
    for entry in fields:
        if not entry:
            continue
        found.append(entry[3:].removeprefix(prefix))
        if entry[0] in "RC":
            next(fields)  # where it was renamed or copied from
    return found


def require_clean(root: Path, *, remedy: str) -> None:
    """Raise MigratorError if `root` has uncommitted changes, so that what is written can be told from what was there."""
    found = uncommitted(root)
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise MigratorError(f"has changes that are not committed: {', '.join(found[:_SHOWN])}{more}", place=str(root), remedy=remedy)
