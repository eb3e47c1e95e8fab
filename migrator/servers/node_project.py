"""What a Node project asks to be installed: its package.json, those of its workspaces, and its lockfile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.errors import MigratorError

#: What of a package.json decides what is installed.
DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
LOCKFILE = "package-lock.json"
#: Every file that npm reads for an installation, besides the package.json files.
FILES = (LOCKFILE, ".npmrc")


@dataclass(frozen=True)
class NodeProject:
    """`manifests` are the package.json files by folder, relative to the root: `""` is the root's own, the others are its workspaces'."""

    root: Path
    manifests: Mapping[str, Mapping[str, Any]]
    lock: Mapping[str, Any]

    @classmethod
    def read(cls, root: Path) -> NodeProject:
        """Raises MigratorError when there is no package.json, or a file of the project cannot be read."""
        manifest = _json(root / "package.json")
        members = {folder.relative_to(root).as_posix(): _json(folder / "package.json") for folder in _workspaces(root, manifest)}
        lock = _json(root / LOCKFILE) if (root / LOCKFILE).exists() else {}
        return cls(root, {"": manifest, **members}, lock)

    def locked(self) -> bool:
        """Whether there is a lockfile and it was made for these package.json files."""
        entries = self.lock.get("packages", {})
        return all(
            folder in entries and all(manifest.get(kind, {}) == entries[folder].get(kind, {}) for kind in DEPENDENCIES)
            for folder, manifest in self.manifests.items()
        )

    def portable(self) -> bool:
        """Whether what is installed for it is of use in a copy of it: no package comes from a folder, and no workspace offers a program."""
        versions = [
            str(version) for manifest in self.manifests.values() for kind in DEPENDENCIES for version in manifest.get(kind, {}).values()
        ]
        return not any(version.startswith(("file:", "link:", ".", "/")) for version in versions) and not any(
            "bin" in manifest for folder, manifest in self.manifests.items() if folder
        )

    def key(self, *machine: object) -> str:
        """A name for what will be installed on such a machine: the same for the same packages."""
        asked = {
            folder: [manifest.get(kind) for kind in ("name", *DEPENDENCIES, "overrides", "workspaces")]
            for folder, manifest in self.manifests.items()
        }
        return hashlib.sha256(json.dumps([asked, self.lock, machine], sort_keys=True).encode()).hexdigest()[:32]


def _workspaces(root: Path, manifest: Mapping[str, Any]) -> list[Path]:
    asked = manifest.get("workspaces", [])
    patterns: list[str] = asked.get("packages", []) if isinstance(asked, dict) else asked
    found: set[Path] = set()
    for pattern in patterns:
        folders = {file.parent for file in root.glob(f"{pattern.lstrip('!').strip('/')}/package.json") if "node_modules" not in file.parts}
        found = found - folders if pattern.startswith("!") else found | folders
    return sorted(found)


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MigratorError("there is no such file to install packages from", place=str(path)) from None
    except (OSError, ValueError) as error:
        raise MigratorError(f"not readable as JSON: {error}", place=str(path)) from None
    if not isinstance(value, dict):
        raise MigratorError("not a JSON object", place=str(path))
    return value
