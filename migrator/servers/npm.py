"""`node_modules` for a folder with a package.json, installed once for each set of packages and linked from a cache after that."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from migrator.errors import MigratorError
from migrator.servers.node import NodeRuntime, node

#: Names, inside a node_modules folder, the packages that are in it; written last, so a folder without it is unfinished.
STAMP = ".migrator-installed"
CACHE_SETTING = "MIGRATOR_CACHE"
#: What of a package.json decides what is installed.
DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
#: Packages' own install scripts stay off: nothing from a registry runs on this machine before it is asked for.
FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--loglevel=error")


def install(folder: Path, runtime: NodeRuntime | None = None, *, timeout: float = 600) -> None:
    """Fills `folder/node_modules` with what package.json and package-lock.json ask for; does nothing when that is there already.

    With a lockfile that fits package.json the locked versions are installed, else the newest that package.json allows. Raises MigratorError
    when there is no package.json, it cannot be read, or npm fails or takes over `timeout` seconds.
    """
    runtime = runtime or node()
    manifest, lock = _json(folder / "package.json"), _json(folder / "package-lock.json", missing={})
    key = _key(manifest, lock, runtime)
    modules = folder / "node_modules"
    if _stamp(modules) == key:
        return
    if _needs_its_folder(manifest, lock):
        _npm(folder, folder, manifest, lock, runtime, timeout)
        (modules / STAMP).write_text(key, encoding="utf-8")
        return
    cached = _cached(folder, key, manifest, lock, runtime, timeout)
    if modules.is_symlink():
        modules.unlink()
    elif modules.exists():
        shutil.rmtree(modules)
    shutil.copytree(cached / "node_modules", modules, symlinks=True, copy_function=_link)
    (modules / STAMP).write_text(key, encoding="utf-8")


def _cached(folder: Path, key: str, manifest: Mapping[str, Any], lock: Mapping[str, Any], runtime: NodeRuntime, timeout: float) -> Path:
    """A folder with these packages' node_modules; made once, by whoever comes first."""
    cache = cache_folder(runtime.environ) / "node"
    finished = cache / key
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / f"{key}.lock"):
            if not finished.exists():
                with tempfile.TemporaryDirectory(dir=cache, prefix="unfinished-") as name:
                    work = Path(name) / "work"
                    work.mkdir()
                    for file in ("package.json", "package-lock.json", ".npmrc"):
                        if (folder / file).is_file():
                            shutil.copyfile(folder / file, work / file)
                    _npm(work, folder, manifest, lock, runtime, timeout)
                    (work / "node_modules").mkdir(exist_ok=True)
                    work.rename(finished)
    except OSError as error:
        raise MigratorError(
            f"packages cannot be kept here: {error.strerror or error}",
            place=str(cache),
            remedy=f"Set {CACHE_SETTING} to a folder that can be written.",
        ) from None
    return finished


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where things that are slow to make are kept between runs; safe to remove at any time."""
    if chosen := environ.get(CACHE_SETTING):
        return Path(chosen)
    home = Path(environ.get("HOME") or tempfile.gettempdir())
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "migrator"


def _npm(work: Path, folder: Path, manifest: Mapping[str, Any], lock: Mapping[str, Any], runtime: NodeRuntime, timeout: float) -> None:
    verb = "ci" if _fits(manifest, lock) else "install"
    try:
        runtime.run_command([*runtime.npm, verb, *FLAGS], folder=work, timeout=timeout)
    except MigratorError as error:
        raise MigratorError(f"its packages cannot be installed: {error.cause}", place=str(folder / "package.json")) from None


def _fits(manifest: Mapping[str, Any], lock: Mapping[str, Any]) -> bool:
    """Whether the lockfile was made for this package.json."""
    root = lock.get("packages", {}).get("")
    return root is not None and all(manifest.get(kind, {}) == root.get(kind, {}) for kind in DEPENDENCIES)


def _needs_its_folder(manifest: Mapping[str, Any], lock: Mapping[str, Any]) -> bool:
    """Whether packages come from folders beside this one, so that the result means nothing elsewhere."""
    local = any(str(version).startswith(("file:", "link:")) for kind in DEPENDENCIES for version in manifest.get(kind, {}).values())
    linked = any(entry.get("link") for entry in lock.get("packages", {}).values())
    return local or linked or "workspaces" in manifest


def _key(manifest: Mapping[str, Any], lock: Mapping[str, Any], runtime: NodeRuntime) -> str:
    asked = {kind: manifest.get(kind) for kind in (*DEPENDENCIES, "overrides", "workspaces")}
    machine = (sys.platform, platform.machine(), runtime.version[0])
    return hashlib.sha256(json.dumps([asked, lock, machine], sort_keys=True).encode()).hexdigest()[:32]


def _json(path: Path, *, missing: dict[str, Any] | None = None) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if missing is not None:
            return missing
        raise MigratorError("there is no package.json to install from", place=str(path)) from None
    except (OSError, ValueError) as error:
        raise MigratorError(f"not readable as JSON: {error}", place=str(path)) from None
    if not isinstance(value, dict):
        raise MigratorError("not a JSON object", place=str(path))
    return value


def _stamp(modules: Path) -> str | None:
    with contextlib.suppress(OSError):
        return (modules / STAMP).read_text(encoding="utf-8")
    return None


def _link(source: str, target: str) -> str:
    """A second name for the same file; a copy where the two are on different disks."""
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
