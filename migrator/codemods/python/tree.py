"""The files of an application that is rewritten: read once, parsed on demand. Reading only; nothing in it is ever run."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path, PurePosixPath

from ignore import WalkBuilder
from ignore.overrides import OverrideBuilder

from migrator.syntax.bindings import Bindings
from migrator.syntax.source import Source, parse

#: folders that hold other people's code or build output
_LEFT_OUT = (".git", ".migrator", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".tox", ".nox")
_LARGEST = 2_000_000


class CodeTree:
    """Paths are relative to `root` with `/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._data: dict[str, bytes] = {}
        self._sources: dict[str, Source] = {}
        self._bindings: dict[str, Bindings] = {}
        #: the folder from which the application is imported, where something says so
        self.base: str | None = None

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every regular file that git would not ignore, sorted."""
        overrides = OverrideBuilder(self.root)
        for name in _LEFT_OUT:
            overrides.add(f"!**/{name}/")
        builder = WalkBuilder(self.root).hidden(False).require_git(False).follow_links(False).overrides(overrides.build())
        found: list[str] = []
        for entry in builder.build():
            path = entry.path()
            if not path.is_symlink() and path.is_file() and path.stat().st_size <= _LARGEST:
                found.append(path.relative_to(self.root).as_posix())
        return tuple(sorted(found))

    @cached_property
    def python(self) -> tuple[str, ...]:
        """The Python files."""
        return tuple(p for p in self.paths if p.endswith(".py"))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.paths)

    def __contains__(self, path: str) -> bool:
        return path in self._known

    def data(self, path: str) -> bytes:
        """The bytes of a file."""
        if path not in self._data:
            self._data[path] = (self.root / path).read_bytes()
        return self._data[path]

    def source(self, path: str) -> Source:
        """A Python file, parsed."""
        if path not in self._sources:
            self._sources[path] = parse(path, self.data(path))
        return self._sources[path]

    def bindings(self, path: str) -> Bindings:
        """What the names of a Python file stand for."""
        if path not in self._bindings:
            self._bindings[path] = Bindings(self.source(path))
        return self._bindings[path]

    def containing(self, *needles: bytes) -> tuple[str, ...]:
        """The Python files that contain one of `needles`."""
        return tuple(p for p in self.python if any(n in self.data(p) for n in needles))

    def folder_on_path(self, path: str) -> str:
        """The folder from which a Python file is imported: the first one upwards without `__init__.py`; "" is the root.

        A file in a folder without `__init__.py` is imported from the root, or from below `src`.
        """
        folder = PurePosixPath(path).parent
        if self.base is not None and (not self.base or path.startswith(f"{self.base}/")):
            return self.base
        if f"{folder}/__init__.py" not in self:
            return "src" if PurePosixPath(path).parts[0] == "src" else ""
        while str(folder) != "." and f"{folder}/__init__.py" in self:
            folder = folder.parent
        return "" if str(folder) == "." else str(folder)

    def module_of(self, path: str) -> str:
        """The dotted name under which a Python file is imported."""
        parts = list(PurePosixPath(path).with_suffix("").parts)
        base = self.folder_on_path(path)
        parts = parts[len(PurePosixPath(base).parts) if base else 0 :]
        return ".".join(parts[:-1] if parts and parts[-1] == "__init__" else parts)

    def resolve(self, importer: str, module: str) -> str:
        """The file that `module` stands for where `importer` imports it; empty when it is not in the tree."""
        if module.startswith("."):
            folder = PurePosixPath(importer).parent
            for _ in range(len(module) - len(module.lstrip(".")) - 1):
                folder = folder.parent
            return self._file("" if str(folder) == "." else str(folder), module.lstrip("."))
        above = [str(p) for p in PurePosixPath(importer).parents]
        for base in dict.fromkeys([self.folder_on_path(importer), *("" if p == "." else p for p in above), "", "src"]):
            found = self._file(base, module)
            if found and found != importer:
                return found
        return ""

    def _file(self, base: str, module: str) -> str:
        stem = "/".join(part for part in (base, module.replace(".", "/")) if part)
        candidates = (f"{stem}.py", f"{stem}/__init__.py") if stem else ("__init__.py",)
        return next((c for c in candidates if c in self), "")
