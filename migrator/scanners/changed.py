"""Which files of a tree differ from a revision of its git repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

from migrator.errors import MigratorError


def changed_since(root: Path, revision: str) -> frozenset[str]:
    """The files below `root` that were added or changed since the branch left `revision`, committed or not; relative, with `/`.

    Raises:
        MigratorError: git is missing, `root` is in no repository, or it has no such revision.
    """
    _git(root, "rev-parse", "--git-dir", place=str(root), remedy="Give a folder of a git repository, or leave out --since.")
    # A revision that begins with a dash would be an option.
    known = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = _git(root, *known, place=revision, remedy="Give a commit, tag or branch of this repository.", cause="is no revision").strip()
    differing = ("diff", "--name-only", "-z", "--relative", "--no-renames", "--diff-filter=d", "--merge-base", commit, "--", ".")
    unrelated = "Give a revision that this branch has an ancestor in common with."
    changed = _git(root, *differing, place=revision, remedy=unrelated)
    added = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".", place=str(root), remedy=unrelated)
    return frozenset(path for path in (changed + added).split("\0") if path)


def _git(root: Path, *arguments: str, place: str, remedy: str, cause: str = "") -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, errors="surrogateescape", check=False)
    except FileNotFoundError:
        raise MigratorError("git is not on PATH", place=place, remedy="Install git, or leave out --since.") from None
    if done.returncode:
        said = done.stderr.strip().removeprefix("fatal: ").split("\n")[0]
        raise MigratorError(cause or f"git says: {said}", place=place, remedy=remedy)
    return done.stdout
