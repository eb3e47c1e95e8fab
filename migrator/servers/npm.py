"""`node_modules` for a Node project: installed once for each set of packages, and linked from a cache after that."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

from migrator.errors import MigratorError
from migrator.servers.node import NodeRuntime, node
from migrator.servers.node_project import FILES, NodeProject

#: Names, inside a node_modules folder, the packages that are in it; written last, so a folder without it is unfinished.
STAMP = ".migrator-installed"
CACHE_SETTING = "MIGRATOR_CACHE"
#: Two more tries, seconds apart: a registry that cannot be reached is said in a minute, not after eight.
RETRIES = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
#: Packages' own install scripts stay off: nothing from a registry runs on this machine before it is asked for.
FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--loglevel=error", *RETRIES)


def install(folder: Path, runtime: NodeRuntime | None = None, *, timeout: float = 600) -> None:
    """Fills a project's `node_modules` with what package.json and package-lock.json ask for; does nothing when that is there already.

    With a lockfile that fits, the locked versions are installed, else the newest that package.json allows. Raises MigratorError when there
    is no package.json, it cannot be read, or npm fails or takes over `timeout` seconds.
    """
    runtime = runtime or node()
    project = NodeProject.read(folder)
    key = project.key(sys.platform, platform.machine(), runtime.version[0])
    stamp = folder / "node_modules" / STAMP
    if _read(stamp) == key:
        return
    if project.portable():
        _copy_modules(project, _cached(project, key, runtime, timeout), folder)
    else:
        _npm(project, folder, runtime, timeout)
    stamp.write_text(key, encoding="utf-8")


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where things that are slow to make are kept between runs; safe to remove at any time."""
    if chosen := environ.get(CACHE_SETTING):
        return Path(chosen)
    home = Path(environ.get("HOME") or tempfile.gettempdir())
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "migrator"


def _cached(project: NodeProject, key: str, runtime: NodeRuntime, timeout: float) -> Path:
    """A folder in which these packages are installed; made once, by whoever comes first."""
    cache = cache_folder(runtime.environ) / "node"
    finished = cache / key
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / f"{key}.lock"), tempfile.TemporaryDirectory(dir=cache, prefix="unfinished-") as name:
            if not finished.exists():
                work = Path(name) / "project"
                for file in (*FILES, *(f"{member}/package.json".lstrip("/") for member in project.manifests)):
                    if (project.root / file).is_file():
                        (work / file).parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(project.root / file, work / file)
                _npm(project, work, runtime, timeout)
                work.rename(finished)
    except OSError as error:
        remedy = f"Set {CACHE_SETTING} to a folder that can be written."
        raise MigratorError(f"packages cannot be kept here: {error.strerror or error}", place=str(cache), remedy=remedy) from None
    return finished


def _copy_modules(project: NodeProject, source: Path, target: Path) -> None:
    for member in project.manifests:
        old, new = target / member / "node_modules", source / member / "node_modules"
        if old.is_symlink():
            old.unlink()
        elif old.exists():
            shutil.rmtree(old)
        if new.exists():
            shutil.copytree(new, old, symlinks=True, copy_function=_link)
    (target / "node_modules").mkdir(exist_ok=True)


def _npm(project: NodeProject, folder: Path, runtime: NodeRuntime, timeout: float) -> None:
    verb = ("ci",) if project.locked() else ("install", "--no-save")
    try:
        runtime.run_command([*runtime.npm, *verb, *FLAGS], folder=folder, timeout=timeout)
    except MigratorError as error:
        raise MigratorError(f"its packages cannot be installed: {error.cause}", place=str(project.root / "package.json")) from None
    (folder / "node_modules").mkdir(exist_ok=True)


def _read(stamp: Path) -> str | None:
    with contextlib.suppress(OSError):
        return stamp.read_text(encoding="utf-8")
    return None


def _link(source: str, target: str) -> str:
    """A second name for the same file; a copy where the two are on different disks, and of the one file that npm rewrites in place."""
    if Path(source).name == ".package-lock.json":
        return shutil.copy2(source, target)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


@contextlib.contextmanager
def _alone(path: Path) -> Generator[None]:
    """Only one process at a time is inside, for each path."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
