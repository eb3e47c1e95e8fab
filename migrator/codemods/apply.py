"""Write a change to the disk: all of it or nothing, whatever happens on the way.

New contents are staged beside the files that they will replace, old ones are kept, a journal says what is going on; only then are
files renamed into place. An error or Ctrl-C puts the old tree back at once; after a kill or a power cut `recover` does, on the next run.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from migrator.codemods.files import FileChange, locate
from migrator.codemods.interruption import Interrupted, deferred, stoppable
from migrator.codemods.journal import (
    STAGED,
    Entry,
    Journal,
    Recovery,
    backup_place,
    begin,
    digest,
    finish,
    pending,
    settle,
    staged_place,
    sync,
)
from migrator.errors import MigratorError

_UNCHANGED = "Nothing was changed."


def apply(root: Path, files: Sequence[FileChange]) -> None:
    """Give every one of `files` its new content.

    Raises:
        MigratorError: it could not be done, for lack of space or permission or because a file is no longer as it was read;
            the tree is as before.
        Interrupted: Ctrl-C; the exception tells whether the tree is the old or the new one, and it is one of the two.
    """
    base = root.resolve()
    if not files:
        return
    replaced = False
    try:
        with stoppable(), _locked(base):
            if pending(base):
                raise MigratorError(
                    "an earlier write was cut short", place=str(root), remedy="Run again; the next run puts that right first."
                )
            try:
                _check(base, files)
                journal = _plan(base, files)
                _stage(base, journal, files)
                _check(base, files)
                _replace(base, journal, files)
                replaced = True
                with _told("the journal in .migrator cannot be removed"), deferred():
                    finish(base)
            except BaseException as error:
                replaced = _undo(base, error) or replaced
                raise
    except KeyboardInterrupt:
        raise Interrupted(written=replaced) from None
    except MigratorError as error:
        if replaced:
            raise MigratorError(error.cause, place=error.place, remedy="All files had been written before that.") from error
        raise


def recover(root: Path) -> Recovery | None:
    """Undo what an earlier write left behind when it was killed; None if there is nothing. Call this before reading the tree."""
    base = root.resolve()
    if not pending(base):
        return None
    with _locked(base), deferred(), _told("an earlier write was cut short, and it cannot be undone"):
        return settle(base)


@contextmanager
def _locked(base: Path) -> Generator[None, None, None]:
    """One write at a time. The lock is the kernel's, so it ends with the process."""
    with _told("cannot be opened"):
        handle = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MigratorError(
                "another run is writing to this folder", place=str(base), remedy="Wait until it has ended and run again."
            ) from None
        except OSError as error:
            # Some network mounts have no locks; what a lock guards against there is guarded by `_check` alone.
            if error.errno not in (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP):
                raise MigratorError(f"cannot be locked: {error.strerror}", place=str(base), remedy=_UNCHANGED) from error
        yield
    finally:
        os.close(handle)


def _check(base: Path, files: Sequence[FileChange]) -> None:
    """The disk still holds what the change was made from, and may be written."""
    for file in files:
        place = base / file.path
        if locate(base, file.path) != file.path:
            raise MigratorError("has become a symbolic link since it was read", place=file.path, remedy=f"{_UNCHANGED} Run again.")
        with _told("cannot be read", file.path):
            found = place.read_bytes() if place.exists() else None
        if found != file.before:
            cause = "is gone" if found is None else "was created" if file.before is None else "was changed"
            raise MigratorError(f"{cause} since it was read", place=file.path, remedy=f"{_UNCHANGED} Run again.")
        # Replacing a file needs no right to write to it, only to its folder; but who took that right away meant something by it.
        if found is not None and not (place.stat().st_mode & 0o222 and os.access(place, os.W_OK)):
            raise MigratorError("is read-only", place=file.path, remedy=f"{_UNCHANGED} Make it writable (chmod u+w) and run again.")


def _plan(base: Path, files: Sequence[FileChange]) -> Journal:
    token = secrets.token_hex(4)
    entries = tuple(
        Entry(
            path=file.path,
            staged="" if file.after is None else f"{STAGED}{token}-{number}",
            backup="" if file.before is None else f"{token}-{number}",
            before=digest(file.before),
            after=digest(file.after),
        )
        for number, file in enumerate(files)
    )
    with _told("cannot be read"):
        missing = {folder for file in files if file.after is not None for folder in _missing(base, file.path)}
    return Journal(entries, tuple(sorted(missing, key=lambda folder: (folder.count("/"), folder))))


def _missing(base: Path, path: str) -> Iterator[str]:
    """Folders of a new file that do not exist yet."""
    folder = (base / path).parent
    while not folder.exists():
        yield folder.relative_to(base).as_posix()
        folder = folder.parent
    if not folder.is_dir():
        place = folder.relative_to(base).as_posix()
        raise MigratorError("is a file where a folder is needed", place=place, remedy=f"{_UNCHANGED} Move it.")


def _stage(base: Path, journal: Journal, files: Sequence[FileChange]) -> None:
    """Write everything that takes space, so that what is left to do are renames."""
    with _told("no journal can be written to .migrator"):
        begin(base, journal)
    for folder in journal.folders:
        with _told("cannot be made", folder):
            (base / folder).mkdir()
    for entry, file in zip(journal.entries, files, strict=True):
        with _told("cannot be written", entry.path):
            if entry.backup:
                _keep(base / entry.path, backup_place(base, entry))
            if file.after is not None:
                _write(staged_place(base, entry), file.after, file.mode, like=base / entry.path if entry.backup else None)
    with _told("cannot be written"):
        sync(base, journal)


def _keep(place: Path, backup: Path) -> None:
    """A second name for the old content, which takes no space; a copy where the file system has no such thing."""
    try:
        backup.hardlink_to(place)
    except OSError:
        shutil.copy2(place, backup)
        _sync(backup)


def _write(place: Path, data: bytes, mode: int, *, like: Path | None) -> None:
    """A new file with `data` on the disk, with owner, mode and attributes of `like`; without it, with `mode` under the umask."""
    permission = 0o600 if like else 0o666 | (mode & 0o111)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, permission)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    if like:
        status = like.stat()
        if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            # Only root gives files away; a checkout by git would change the owner as well.
            with suppress(PermissionError):
                os.chown(place, status.st_uid, status.st_gid)
        shutil.copystat(like, place)
        os.utime(place)  # build tools go by the time of the last change
    _sync(place)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(base: Path, journal: Journal, files: Sequence[FileChange]) -> None:
    for entry, file in zip(journal.entries, files, strict=True):
        _check(base, (file,))
        with _told("cannot be replaced", entry.path):
            if entry.staged:
                staged_place(base, entry).replace(base / entry.path)
            else:
                (base / entry.path).unlink()
    with _told("cannot be written"):
        sync(base, journal)


def _undo(base: Path, error: BaseException) -> bool:
    """Put the old tree back. True if the new one was complete already, which then stays."""
    with deferred():
        try:
            recovery = settle(base)
        except (OSError, MigratorError) as second:
            raise MigratorError(
                f"the write failed ({error}) and could not be undone ({second})",
                place=str(base),
                remedy="The old contents are in .migrator/codemod. Mend the cause and run again: the next run starts by undoing it.",
            ) from error
    return recovery is not None and recovery.finished


@contextmanager
def _told(cause: str, place: str = "") -> Generator[None, None, None]:
    """An error of the operating system as one that a user can act on."""
    try:
        yield
    except OSError as error:
        raise MigratorError(f"{cause}: {error.strerror or error}", place=place, remedy=_UNCHANGED) from error
