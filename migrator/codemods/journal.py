"""The record from which a write that was cut short is undone, or found complete: `.migrator/codemod/` in the root.

It is there while a write is under way and at no other time. It names each file with digests of its old and its new content, so that
the files themselves tell how far the write came, and it holds the old contents.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Literal as OneOf

import msgspec

from migrator.codemods.files import locate
from migrator.errors import MigratorError

STAGED = ".migrator-"  #: how the names of staged files begin
_HOME = ".migrator"
_FOLDER = f"{_HOME}/codemod"
_FILE = "journal.json"


class Entry(msgspec.Struct, frozen=True):
    """One file of a write. Digests are SHA-256 in hex; an empty one means that there is no such file."""

    path: str  #: relative to the root
    staged: str  #: name of the new content, beside the file; empty where the file is removed
    backup: str  #: name of the old content in the journal's folder; empty where the file is new
    before: str
    after: str


class Journal(msgspec.Struct, frozen=True):
    """A write of several files; `folders` are those that it has to make, outermost first."""

    entries: tuple[Entry, ...]
    folders: tuple[str, ...]
    version: OneOf[1] = 1


class Recovery(msgspec.Struct, frozen=True):
    """What became of a write that was cut short: `finished` if all of it had been done, else undone; `files` it had changed."""

    finished: bool
    files: tuple[str, ...]


def backup_place(base: Path, entry: Entry) -> Path:
    """Where the old content of a file is kept."""
    return base / _FOLDER / entry.backup


def staged_place(base: Path, entry: Entry) -> Path:
    """Where the new content of a file waits: in the file's own folder, and so on its file system."""
    return (base / entry.path).with_name(entry.staged)


def digest(data: bytes | None) -> str:
    """SHA-256 in hex; empty for no file."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def begin(base: Path, journal: Journal) -> None:
    """Put the journal on the disk, for good before the first change."""
    folder = _folder(base)
    folder.mkdir(parents=True)
    draft = folder / f"{_FILE}.draft"
    with draft.open("xb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(journal)))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / _FILE)
    _sync_folders((folder, base / _HOME, base))


def pending(base: Path) -> bool:
    """True if there is something for `settle` to do."""
    home = _folder(base).parent
    return home.is_dir() and ((base / _FOLDER).is_dir() or not any(home.iterdir()))


def finish(base: Path) -> None:
    """Forget the write: it is done, or undone. Removing the journal is the moment at which that becomes final."""
    folder = _folder(base)
    if folder.is_dir():
        (folder / _FILE).unlink(missing_ok=True)
        _sync_folders((folder,))
        shutil.rmtree(folder)
    try:
        (base / _HOME).rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def settle(base: Path) -> Recovery | None:
    """Undo a write that was cut short, unless every file had its new content already; None if there was none.

    May itself be cut short and called again. Raises MigratorError where a file was changed by someone else since.
    """
    if not pending(base):
        return None
    if not (base / _FOLDER / _FILE).is_file():
        finish(base)  # cut short before its first change, or after its last
        return None
    journal = _read(base)
    states = {entry.path: _state(base, entry) for entry in journal.entries}
    strange = [path for path, state in states.items() if state == "other"]
    if strange:
        raise MigratorError(
            "an earlier write was cut short, and this file has been changed since",
            place=", ".join(strange),
            remedy=f"{_FOLDER} holds the old contents. Bring the file into the state that you want, remove {_FOLDER}, and run again.",
        )
    changed = [entry for entry in journal.entries if states[entry.path] == "new"]
    finished = len(changed) == len(journal.entries)
    for entry in () if finished else changed:
        _restore(base, entry)
    for entry in journal.entries:
        if entry.staged:
            with suppress(FileNotFoundError, NotADirectoryError):
                staged_place(base, entry).unlink()
    if not finished:
        _remove_empty(base, journal.folders)
    sync(base, journal)
    finish(base)
    return Recovery(finished, tuple(entry.path for entry in changed))


def sync(base: Path, journal: Journal) -> None:
    """Have the disk keep what was made, renamed or removed in the folders of the write."""
    folders = {(base / entry.path).parent for entry in journal.entries}
    _sync_folders((*(folder for folder in folders if folder.is_dir()), base / _FOLDER))


def _sync_folders(folders: Iterable[Path]) -> None:
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _folder(base: Path) -> Path:
    """The journal's folder. As a link it could lead what is removed here to any place."""
    for place in (base / _HOME, base / _FOLDER):
        if place.is_symlink():
            raise MigratorError("is a symbolic link", place=place.relative_to(base).as_posix(), remedy="Remove it and run again.")
    return base / _FOLDER


def _read(base: Path) -> Journal:
    """The journal, checked: it may have come with the code, so it is trusted no further than the tree it lies in."""
    place = base / _FOLDER / _FILE
    broken = MigratorError("is not a journal that migrate wrote", place=f"{_FOLDER}/{_FILE}", remedy=f"Remove {_FOLDER} and run again.")
    try:
        journal = msgspec.json.decode(place.read_bytes(), type=Journal)
    except msgspec.MsgspecError as error:
        raise broken from error
    for entry in journal.entries:
        names = [name for name in (entry.staged, entry.backup) if name]
        if locate(base, entry.path) != entry.path or any(name != PurePosixPath(name).name for name in names):
            raise broken
        if entry.staged and not entry.staged.startswith(STAGED):
            raise broken
    for folder in journal.folders:
        locate(base, folder)
    return journal


def _state(base: Path, entry: Entry) -> OneOf["old", "new", "other"]:
    """Which content the file has. `old` includes one that someone else wrote, as long as ours still waits beside it."""
    place = base / entry.path
    try:
        found = digest(place.read_bytes()) if place.exists() else ""
    except OSError:
        return "other"
    if found == entry.after:
        return "new"
    waits = bool(entry.staged) and staged_place(base, entry).exists()
    return "old" if found == entry.before or waits else "other"


def _restore(base: Path, entry: Entry) -> None:
    """Give one file its old content back; a file that had none goes."""
    place = base / entry.path
    if not entry.backup:
        place.unlink()
        return
    backup = backup_place(base, entry)
    if backup.is_symlink() or not backup.is_file() or digest(backup.read_bytes()) != entry.before:
        raise MigratorError(
            "an earlier write was cut short, and the old content of this file is not where it was put",
            place=entry.path,
            remedy=f"Take the file from your version control, remove {_FOLDER}, and run again.",
        )
    try:
        backup.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = place.with_name(f"{STAGED}{entry.backup}")
        shutil.copy2(backup, beside)
        beside.replace(place)


def _remove_empty(base: Path, folders: Iterable[str]) -> None:
    for folder in reversed(tuple(folders)):
        try:
            (base / folder).rmdir()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
