"""Which version of a package a file is written against: the nearest manifest upwards that names it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field


@dataclass
class Versions:
    """Declared versions by folder. Filled by the manifest readers before any code is read."""

    by_folder: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, manifest: str, package: str, version: str) -> None:
        """Record that `manifest` (a path) asks for `package` in `version` (as written, may be a range)."""
        self.by_folder.setdefault(posixpath.dirname(manifest), {}).setdefault(package, version)

    def of(self, path: str, package: str) -> str:
        """The version of `package` that holds for the file `path`; empty when no manifest names it."""
        folder = posixpath.dirname(path)
        while True:
            version = self.by_folder.get(folder, {}).get(package)
            if version:
                return version
            if not folder:
                # A package declared only in a sibling workspace still tells more than nothing.
                return next((v[package] for _, v in sorted(self.by_folder.items()) if package in v), "")
            folder = posixpath.dirname(folder)

    def major(self, path: str, package: str) -> int | None:
        """The first number of that version: `^6.7.0` is 6; None when it is not to be told."""
        digits = ""
        for character in self.of(path, package):
            if character.isdigit():
                digits += character
            elif digits:
                break
        return int(digits) if digits else None
