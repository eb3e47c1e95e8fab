"""From a Python import to a file of the tree."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from pathlib import PurePosixPath

from migrator.scanners.files import Tree


class PythonModules:
    """Resolves modules against every folder that can be on `sys.path`: the parents of top-level packages."""

    def __init__(self, tree: Tree, outside: Collection[str]) -> None:
        self._tree = tree
        self._outside = frozenset(outside)
        self.resolve = lru_cache(maxsize=None)(self._resolve)
        self.name_of = lru_cache(maxsize=None)(self._name_of)

    def _name_of(self, path: str) -> str:
        parts = list(PurePosixPath(path).with_suffix("").parts)
        root = self._root(path)
        if root:
            parts = parts[len(PurePosixPath(root).parts) :]
        if parts and parts[-1] == "__init__":
            parts.pop()
        return ".".join(parts)

    def _root(self, path: str) -> str:
        """The folder from which `path` is imported: the first one upwards without an `__init__.py`.

        A package without `__init__.py` files is imported from the tree's root, or from below `src`.
        """
        folder = PurePosixPath(path).parent
        if f"{folder}/__init__.py" not in self._tree:
            first = PurePosixPath(path).parts[0]
            return "src" if first == "src" else ""
        while str(folder) != "." and f"{folder}/__init__.py" in self._tree:
            folder = folder.parent
        return "" if str(folder) == "." else str(folder)

    def _resolve(self, importer: str, module: str) -> str:
        if module.startswith("."):
            dots = len(module) - len(module.lstrip("."))
            folder = PurePosixPath(importer).parent
            for _ in range(dots - 1):
                folder = folder.parent
            return self._file(str(folder), module.lstrip("."))
        # `proj/celery.py` exists in most Django projects, and `from celery import …` beside it means the package.
        if module.split(".")[0] in self._outside:
            return ""
        # The importer's own root, then every folder above it, the tree's root and `src`.
        folder = PurePosixPath(importer).parent
        candidates = [self._root(importer), *(str(p) for p in (folder, *folder.parents)), "", "src"]
        for base in dict.fromkeys("" if c == "." else c for c in candidates):
            found = self._file(base, module)
            # A module never means the file that imports it.
            if found and found != importer:
                return found
        return ""

    def _file(self, base: str, module: str) -> str:
        stem = "/".join(p for p in ("" if base == "." else base, module.replace(".", "/")) if p)
        for candidate in (f"{stem}.py", f"{stem}/__init__.py", f"{stem}.pyi") if stem else ("__init__.py",):
            if candidate in self._tree:
                return candidate
        return ""
