"""The unprivileged account for a server that refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import MigratorError

#: Accounts that exist for this, the most fitting first; `nobody` is on every Unix.
CANDIDATES = ("postgres", "nobody", "daemon")
REMEDY = "Run as another user, or set MIGRATOR_POSTGRES_URL to a server that runs."


@dataclass(frozen=True)
class Account:
    """A user to start a process as."""

    name: str
    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Makes the account the owner of a file or folder."""
        try:
            os.chown(path, self.uid, self.gid)
        except OSError as error:
            raise MigratorError(
                f"Postgres does not run as root, and this root may not act as {self.name}: {error.strerror}", remedy=REMEDY
            ) from None


def unprivileged() -> Account | None:
    """Whom to run a server as that root may not run; None when this process is not root and can run it itself."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise MigratorError(
        f"Postgres does not run as root, and none of the accounts {', '.join(CANDIDATES)} exists to run it as",
        remedy=REMEDY,
    )


def common_temp_folder() -> str:
    """A folder for temporary files that every account can reach into."""
    for folder in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - only a parent: what is made in it has a random name and is private
        if all(part.stat().st_mode & stat.S_IXOTH for part in (Path(folder), *Path(folder).resolve().parents) if part.exists()):
            return folder
    raise MigratorError(
        "no folder for temporary files can be reached by an unprivileged account",
        place=tempfile.gettempdir(),
        remedy="Set TMPDIR to a folder that others may enter, or run as another user than root.",
    )
