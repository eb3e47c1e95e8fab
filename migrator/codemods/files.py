"""What a change set makes of each file of a real tree: content before and after, still in memory."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path, PurePosixPath
from typing import Literal as OneOf

import msgspec

from migrator.codemods.changes import ChangeSet, Edit
from migrator.codemods.edits import apply_edits
from migrator.errors import MigratorError

Status = OneOf["added", "modified", "removed"]
_FORBIDDEN = (".git", ".migrator")


class FileChange(msgspec.Struct, frozen=True):
    """One file that changes. `before` is None for a new file, `after` for a removed one; `mode` holds its permission bits.

    `path` is relative to the root with `/` and passes through no symbolic link: it is the file that really changes.
    """

    path: str
    before: bytes | None
    after: bytes | None
    mode: int = 0o644

    @property
    def status(self) -> Status:
        """What happens to the file."""
        return "added" if self.before is None else "removed" if self.after is None else "modified"


def file_changes(changes: ChangeSet, root: Path, *, read_since: int | None = None) -> tuple[FileChange, ...]:
    """The files that `changes` alters under `root`, by path; those that end as they began are left out.

    `read_since`: when reading of the tree began (ns since the epoch). A file saved after that may no longer be the one that was read,
    so it is refused.
    """
    edits: dict[str, dict[tuple[object, str], Edit]] = {}
    for path, of_file in changes.by_file().items():
        same = edits.setdefault(locate(root, path), {})
        for edit in of_file:
            same.setdefault((edit.span, edit.text), edit)
    new = {locate(root, path): text for path, text in changes.new_files.items()}
    removed = {_own(root, path) for path in changes.removed_files}
    for path in (edits.keys() & new.keys()) | (edits.keys() & removed) | (new.keys() & removed):
        raise MigratorError(
            "the rewrite wants two different things of this file", place=path, remedy="Please report this; nothing was changed."
        )
    found = [
        *(_edited(changes, root, path, list(of_file.values()), read_since) for path, of_file in edits.items()),
        *(_added(root, path, text) for path, text in new.items()),
        *(_removed(root, path, read_since) for path in removed),
    ]
    return tuple(sorted((change for change in found if change.before != change.after), key=lambda change: change.path))


def locate(root: Path, path: str) -> str:
    """`path` with symbolic links resolved, relative to `root`; one that leads out of the tree or into git's own files is refused."""
    parts = PurePosixPath(path)
    if not path or parts.is_absolute() or ".." in parts.parts or any(part in _FORBIDDEN for part in parts.parts):
        raise MigratorError("this path is not part of the code", place=path or "(empty path)", remedy="Nothing was changed.")
    base = root.resolve()
    try:
        real = (base / parts).resolve()
    except (OSError, RuntimeError) as error:
        raise MigratorError(f"cannot be resolved: {error}", place=path, remedy="Mend the symbolic link, or exclude it.") from None
    if not real.is_relative_to(base) or any(part in _FORBIDDEN for part in real.relative_to(base).parts):
        raise MigratorError(
            f"is reached through a symbolic link that leads out of the tree, to {real}",
            place=path,
            remedy="Run migrate on the folder that holds the real file.",
        )
    return real.relative_to(base).as_posix()


def _own(root: Path, path: str) -> str:
    """`path`, which must not be a link: to remove one would leave its target, to remove the target would leave a dead link."""
    real = locate(root, path)
    if (root / path).is_symlink():
        raise MigratorError("is a symbolic link, which a rewrite does not remove", place=path, remedy="Remove it by hand and run again.")
    return real


def read_file(root: Path, path: str) -> tuple[bytes, os.stat_result]:
    """Content and status of a regular file under `root`."""
    place = root / path
    try:
        if not stat.S_ISREG(place.stat().st_mode):
            raise MigratorError("is not a regular file", place=path, remedy="Nothing was changed.")
        with place.open("rb") as file:
            return file.read(), os.fstat(file.fileno())
    except OSError as error:
        raise MigratorError(f"cannot be read: {error.strerror}", place=path, remedy="Nothing was changed.") from None


def _edited(changes: ChangeSet, root: Path, path: str, edits: list[Edit], read_since: int | None) -> FileChange:
    before, status = _read_unchanged(root, path, read_since)
    ordered = sorted(edits, key=lambda e: (e.span.start, e.span.end))
    return FileChange(path, before, apply_edits(before, ordered, changes.decisions), stat.S_IMODE(status.st_mode))


def _added(root: Path, path: str, text: str) -> FileChange:
    if not (root / path).exists():
        return FileChange(path, None, text.encode())
    before, status = read_file(root, path)
    if before.replace(b"\r\n", b"\n") != text.encode():
        raise MigratorError("the rewrite would create this file, but another one stands there", place=path, remedy="Move or rename it.")
    return FileChange(path, before, before, stat.S_IMODE(status.st_mode))


def _removed(root: Path, path: str, read_since: int | None) -> FileChange:
    before, status = _read_unchanged(root, path, read_since)
    return FileChange(path, before, None, stat.S_IMODE(status.st_mode))


def _read_unchanged(root: Path, path: str, read_since: int | None) -> tuple[bytes, os.stat_result]:
    before, status = read_file(root, path)
    # A time stamp in the future says nothing about when the file was saved.
    if read_since is not None and read_since < status.st_mtime_ns <= time.time_ns():
        raise MigratorError("was saved while the code was being read", place=path, remedy="Nothing was changed. Run again.")
    return before, status
