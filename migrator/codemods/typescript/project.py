"""The files of a TypeScript or JavaScript application that is rewritten: read once, parsed on demand. Nothing in it is ever run."""

from __future__ import annotations

import json
import posixpath
from functools import cached_property
from pathlib import Path
from typing import Any

from ignore import WalkBuilder
from ignore.overrides import OverrideBuilder

from migrator.codemods.textform import narrow
from migrator.jobs.ours import is_ours
from migrator.syntax.bindings import Bindings
from migrator.syntax.source import SUFFIXES, Source, parse
from migrator.syntax.typescript_modules import TypeScriptModules

_LEFT_OUT = (".git", ".migrator", "node_modules", "bower_components", ".next", ".nuxt", ".svelte-kit", ".turbo", ".yarn", ".pnpm-store")
_LARGEST = 2_000_000


class Project:
    """Paths are relative to `root` with `/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._data: dict[str, bytes] = {}
        self._sources: dict[str, Source] = {}
        self._bindings: dict[str, Bindings] = {}
        self._modules = TypeScriptModules(self)

    @property
    def sizes(self) -> dict[str, int]:
        """Every regular file that git would not ignore, sorted, with its bytes."""
        return self._sizes

    @cached_property
    def _sizes(self) -> dict[str, int]:
        overrides = OverrideBuilder(self.root)
        for name in _LEFT_OUT:
            overrides.add(f"!**/{name}/")
        builder = WalkBuilder(self.root).hidden(False).require_git(False).follow_links(False).overrides(overrides.build())
        found: dict[str, int] = {}
        for entry in builder.build():
            path = entry.path()
            if not path.is_symlink() and path.is_file() and path.stat().st_size <= _LARGEST:
                found[path.relative_to(self.root).as_posix()] = path.stat().st_size
        return dict(sorted(found.items()))

    def __contains__(self, path: str) -> bool:
        return path in self.sizes

    @cached_property
    def code(self) -> tuple[str, ...]:
        """The TypeScript and JavaScript files."""
        return tuple(p for p in self.sizes if posixpath.splitext(p)[1] in SUFFIXES and not p.endswith((".py", ".pyi")))

    def read(self, path: str) -> bytes:
        """The bytes of a file, as the scan reads them."""
        if path not in self._data:
            data = narrow((self.root / path).read_bytes(), path)[0]
            self._data[path] = b"" if is_ours(data) else data
        return self._data[path]

    def source(self, path: str) -> Source:
        """A code file, parsed."""
        if path not in self._sources:
            self._sources[path] = parse(path, self.read(path))
        return self._sources[path]

    def bindings(self, path: str) -> Bindings:
        """What the names of a code file stand for."""
        if path not in self._bindings:
            self._bindings[path] = Bindings(self.source(path))
        return self._bindings[path]

    def resolve(self, importer: str, specifier: str) -> str:
        """The file that an import leads to; empty when it is not in the tree."""
        return self._modules.resolve(importer, specifier)

    def package_of(self, path: str) -> str:
        """The folder of the nearest package.json upwards; empty for the root, with or without one."""
        folder = posixpath.dirname(path)
        while folder and posixpath.join(folder, "package.json") not in self:
            folder = posixpath.dirname(folder)
        return folder

    def manifest(self, folder: str) -> dict[str, Any]:
        """A folder's package.json; empty when there is none that reads."""
        path = posixpath.join(folder, "package.json")
        if path not in self:
            return {}
        try:
            value = json.loads(self.read(path).decode("utf-8-sig"))
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def dependencies(self, folder: str) -> dict[str, str]:
        """What a package may import: its own dependencies and those of the folders around it. Name -> version as written."""
        found: dict[str, str] = {}
        while True:
            manifest = self.manifest(folder)
            for section in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
                table = manifest.get(section)
                for name, version in table.items() if isinstance(table, dict) else ():
                    found.setdefault(str(name), str(version))
            if not folder:
                return found
            folder = posixpath.dirname(folder)
