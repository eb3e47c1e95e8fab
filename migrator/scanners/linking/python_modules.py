"""From a Python import to a file of the tree."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Collection
from functools import cache, cached_property

from migrator.scanners.files import Tree, area_of
from migrator.scanners.linking.django_settings import SETTINGS, DjangoSettings
from migrator.scanners.linking.search_path import added_folders

#: what a distribution is made of, and the folders in which it may have its packages
_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg")
_SOURCES = frozenset(("src", "lib", "python"))


class PythonModules:
    """Resolves modules against every folder that can be on `sys.path`: the parents of top-level packages."""

    def __init__(self, tree: Tree, outside: Collection[str]) -> None:
        self._tree = tree
        self._outside = frozenset(outside)
        self.resolve = cache(self._resolve)
        self.name_of = cache(self._name_of)
        self._root = cache(self._find_root)
        self._named_from = cache(self._find_named_from)
        self._bases = cache(self._find_bases)
        self._asking_settings = False
        self._adding = cache(self._find_adding)
        self._adding_for = cache(self._find_adding_for)
        self._settings = DjangoSettings(tree, self.resolve)

    def _name_of(self, path: str) -> str:
        root = self._named_from(posixpath.dirname(path))
        stem = path[: path.rindex(".")].removeprefix(f"{root}/" if root else "")
        return ("" if stem == "__init__" else stem.removesuffix("/__init__")).replace("/", ".")

    def last_names(self, path: str) -> tuple[str, str]:
        """What the last part of a module can be that stands for the file: its own name, and that under which Django gives its settings."""
        folder, name = posixpath.split(path[: path.rindex(".")])
        return (posixpath.basename(folder) if name == "__init__" else name, SETTINGS.rpartition(".")[2])

    def _find_named_from(self, folder: str) -> str:
        """The folder from which the names of modules count: in a project of Django's that of `manage.py`, where Python looks first."""
        root = self._root(folder)
        while folder and f"{folder}/manage.py" not in self._tree:
            folder = posixpath.dirname(folder)
        is_package = not folder or f"{folder}/__init__.py" in self._tree
        return root if is_package or self._adds_folders(folder) else folder

    def _adds_folders(self, project: str) -> bool:
        """True where the `manage.py` or the settings of a project may say where else modules are looked for."""
        return any(b"sys.path" in self._tree.read(path) for path in self._set_up_by(project))

    def _set_up_by(self, project: str) -> list[str]:
        """The `manage.py` of a project of Django's, its settings, and what stands beside those."""
        start = f"{project}/manage.py" if project else "manage.py"
        settings = self._settings.of(start)
        beside = posixpath.dirname(settings) or project
        read = [start, *(path for path in self._tree.sizes if settings and posixpath.dirname(path) == beside)]
        return [path for path in read if path.endswith(".py") and path in self._tree]

    def _find_added(self, importer: str) -> tuple[str, ...]:
        """Where else the imports of a file are looked for: what it adds itself, and what the project around it adds as it is set up."""
        project = posixpath.dirname(importer)
        while project and f"{project}/manage.py" not in self._tree:
            project = posixpath.dirname(project)
        if self._asking_settings:
            # Which settings a project has is told without what they add.
            return self._adding(importer)
        self._asking_settings = True
        try:
            return tuple(dict.fromkeys((*self._adding(importer), *self._adding_for(project))))
        finally:
            self._asking_settings = False

    def _find_adding(self, path: str) -> tuple[str, ...]:
        return tuple(added_folders(path, self._tree.read(path), self._folders))

    def _find_adding_for(self, project: str) -> tuple[str, ...]:
        return tuple(each for path in self._set_up_by(project) for each in self._adding(path))

    @cached_property
    def _folders(self) -> frozenset[str]:
        """Every folder in which something of Python lies, and those around."""
        found: set[str] = set()
        for path in self._tree.sizes:
            folder = posixpath.dirname(path) if path.endswith(".py") else ""
            while folder and folder not in found:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(found)

    def _find_root(self, folder: str) -> str:
        """The folder from which the files of `folder` are imported: the first one upwards without an `__init__.py`.

        A package without `__init__.py` files is imported from the tree's root, or from below `src`.
        """
        if f"{folder}/__init__.py" not in self._tree:
            return "src" if folder == "src" or folder.startswith("src/") else ""
        while folder and f"{folder}/__init__.py" in self._tree:
            folder = posixpath.dirname(folder)
        return folder

    def _resolve(self, importer: str, module: str) -> str:
        folder = posixpath.dirname(importer)
        if module.startswith("."):
            name = module.lstrip(".")
            for _ in range(len(module) - len(name) - 1):
                folder = posixpath.dirname(folder)
            return self._file(folder, name)
        if module == SETTINGS:
            return self._settings.of(importer)
        # `proj/celery.py` exists in most Django projects, and `from celery import …` beside it means the package.
        first = module.split(".", 1)[0]
        if first in self._outside or first not in self._names:
            return ""
        for base in self._bases(folder):
            found = self._file(base, module)
            # A module never means the file that imports it.
            if found and found != importer:
                return found
        root = self._installed.get(first, "")
        found = self._file(root, module) if root else ""
        return found or next((added for base in self._find_added(importer) if (added := self._file(base, module))), "")

    @cached_property
    def _installed(self) -> dict[str, str]:
        """Top-level package -> the folder that it is imported from, where one distribution of the tree has it: others may install that."""
        roots: dict[str, set[str]] = defaultdict(set)
        for path in self._tree.sizes:
            folder = posixpath.dirname(path)
            root = posixpath.dirname(folder)
            if path.endswith("/__init__.py") and root and f"{root}/__init__.py" not in self._tree and not area_of(path):
                whole = posixpath.dirname(root) if posixpath.basename(root) in _SOURCES else root
                if any(f"{whole}/{manifest}" in self._tree for manifest in _MANIFESTS):
                    roots[posixpath.basename(folder)].add(root)
        return {name: next(iter(found)) for name, found in roots.items() if len(found) == 1}

    def _find_bases(self, folder: str) -> tuple[str, ...]:
        """Where the imports of a file in `folder` are looked for: its own root, then every folder above it, the tree's root and `src`."""
        above = [folder]
        while above[-1]:
            above.append(posixpath.dirname(above[-1]))
        return tuple(dict.fromkeys((self._root(folder), *above, "", "src")))

    @cached_property
    def _names(self) -> frozenset[str]:
        """The name of every module and folder of the tree: nothing else can be the beginning of a module that is in it."""
        names: set[str] = set()
        for path in self._tree.sizes:
            if path.endswith((".py", ".pyi")):
                names.update(path[: path.rindex(".")].split("/"))
        return frozenset(names)

    def _file(self, base: str, module: str) -> str:
        below = module.replace(".", "/")
        return self._files.get(f"{base}/{below}" if base and below else base or below, "")

    @cached_property
    def _files(self) -> dict[str, str]:
        """Path without what makes a module of it -> the file: of those with the same the one that Python takes."""
        found: dict[str, str] = {}
        for suffix in (".pyi", "/__init__.py", ".py"):
            found.update((path.removesuffix(suffix), path) for path in self._tree.sizes if path.endswith(suffix))
        return {**found, "": "__init__.py"} if "__init__.py" in self._tree else found
