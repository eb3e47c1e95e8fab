"""Where programs are looked for: settings, `PATH`, folders that packagers leave off it, and Python wheels that carry a server."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Postgres packages keep the server's programs off PATH: Debian, Fedora and its kin, Homebrew on either kind of Mac.
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def installed_package(name: str) -> Path | None:
    """The folder of an installed Python package, found without importing it; None when it is not installed."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


@dataclass(frozen=True)
class Places:
    """Everything outside this package that decides which server is used; another value of it is another machine."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    postgres_folders: tuple[str, ...] = POSTGRES_FOLDERS
    package: Callable[[str], Path | None] = installed_package

    def setting(self, name: str) -> str | None:
        """The value of an environment variable; None when unset or empty."""
        return self.environ.get(name) or None

    def on_path(self, program: str) -> Path | None:
        """The program on `PATH`, as an absolute path."""
        found = shutil.which(program, path=self.environ.get("PATH", ""))
        return Path(found).absolute() if found else None

    def folders(self, patterns: tuple[str, ...]) -> list[Path]:
        """The folders that match, newest version first."""
        return sorted((folder for pattern in patterns for folder in Path("/").glob(pattern.lstrip("/"))), key=_version, reverse=True)

    def in_package(self, name: str, pattern: str) -> list[Path]:
        """The files of an installed package that match a glob pattern, newest version first."""
        folder = self.package(name)
        return sorted(folder.glob(pattern), key=_version, reverse=True) if folder else []


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(path))]


#: This machine.
HERE = Places()
