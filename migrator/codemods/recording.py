"""Commits into git without touching the work tree: objects first, then the files, then the branch.

Hooks do not run: they could change files that have been checked already.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from migrator.codemods.commits import Commit
from migrator.codemods.diff import git_mode
from migrator.codemods.files import FileChange
from migrator.codemods.git import run, top
from migrator.errors import MigratorError


class Recorded(msgspec.Struct, frozen=True):
    """Commits that git has but no branch shows. `index` is what the index must learn; `skipped` are files that git ignores."""

    top: Path
    old: str
    new: str
    index: bytes
    skipped: tuple[str, ...]


def record(root: Path, commits: Sequence[Commit]) -> Recorded:
    """Write the objects of `commits` on top of HEAD."""
    folder = top(root)
    if folder is None:
        raise MigratorError(
            "is not under git, so there is nothing to commit to", place=str(root), remedy="Leave out --commit-by, or git init."
        )
    head = run(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1)).decode().strip()
    if not head:
        raise MigratorError("has no commit yet", place=str(folder), remedy="Commit the code as it is first.")
    prefix = os.fsdecode(run(root, "rev-parse", "--show-prefix").removesuffix(b"\n"))
    ignored = _ignored(folder, {prefix + file.path for commit in commits for file in commit.files})
    sign = ("-S",) if run(root, "config", "--type=bool", "--get", "commit.gpgSign", accept=(0, 1)).strip() == b"true" else ()
    parent, told = head, dict[str, bytes]()
    with tempfile.TemporaryDirectory() as scratch:
        environment = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        run(folder, "read-tree", head, environment=environment)
        for commit in commits:
            lines = _index_lines(folder, prefix, commit.files, ignored, none="0" * len(head))
            told |= lines
            run(folder, "update-index", "-z", "--index-info", data=b"".join(lines.values()), environment=environment)
            tree = run(folder, "write-tree", environment=environment).decode().strip()
            parent = run(folder, "commit-tree", tree, "-p", parent, *sign, "-F", "-", data=commit.message.encode()).decode().strip()
    return Recorded(folder, head, parent, b"".join(told.values()), tuple(sorted(path.removeprefix(prefix) for path in ignored)))


def publish(recorded: Recorded) -> None:
    """Move the branch to the recorded commits, and the index with it; the files are expected to be there already."""
    try:
        run(recorded.top, "update-ref", "-m", "migrate codemod", "HEAD", recorded.new, recorded.old)
        run(recorded.top, "update-index", "-z", "--index-info", data=recorded.index)
    except MigratorError as error:
        raise MigratorError(
            f"the files are written, but not committed: {error.cause}", place=error.place, remedy="Commit them by hand."
        ) from error
    run(recorded.top, "update-index", "-q", "--refresh", accept=(0, 1))


def _ignored(folder: Path, paths: Iterable[str]) -> set[str]:
    asked = "".join(f"{path}\0" for path in sorted(paths)).encode()
    said = run(folder, "check-ignore", "-z", "--stdin", data=asked, accept=(0, 1))
    return {os.fsdecode(path) for path in said.split(b"\0") if path}


def _index_lines(folder: Path, prefix: str, files: Sequence[FileChange], ignored: set[str], *, none: str) -> dict[str, bytes]:
    """path -> the line for `git update-index -z --index-info`; `none` is the id of no object."""
    lines: dict[str, bytes] = {}
    for file in files:
        path = prefix + file.path
        if path in ignored:
            continue
        if file.after is None:
            lines[path] = f"0 {none}\t{path}\0".encode()
            continue
        # --path: the same conversion of newlines and filters as `git add`
        blob = run(folder, "hash-object", "-w", "--stdin", f"--path={path}", data=file.after).decode().strip()
        lines[path] = f"{git_mode(file.mode)} {blob}\t{path}\0".encode()
    return lines
