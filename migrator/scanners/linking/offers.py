"""Names that files of the tree offer to others and that lead to a job system, followed through re-exports without evaluating anything."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from migrator.scanners.linking.project import Project
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.typescript_bindings import required_module

DEFAULT = "default"
#: shorter names are in every file: whoever imports one names the file that offers it, too
_SHORTEST_NAME = 4

#: what stands in every file that passes on what another one offers; in Python, all do
_PASSES = re.compile(rb"export\s*(type\s*)?[{*]|export\s+(default|=)|exports")

_Name = tuple[str, str]


@dataclass(frozen=True)
class _Passing:
    """Names that a file gives on, with the (file, name) from which it has each, and the files of which it gives on all."""

    named: Mapping[str, list[_Name]] = field(default_factory=dict)
    whole: Sequence[str] = ()


class Offers:
    """What has been found so far; it only ever grows."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names: dict[str, set[str]] = defaultdict(set)
        self._answers: dict[_Name, bool] = {}
        self._every = {NAMESPACE}
        self._passing: dict[str, _Passing] = {}
        self._fresh: set[bytes] = set()

    def add(self, path: str, name: str) -> None:
        """Note that the file `path` offers `name` (a top-level name, or `default`)."""
        if name in self._names[path]:
            return
        self._names[path].add(name)
        self._every.add(name)
        self._fresh.add((name if len(name) >= _SHORTEST_NAME and name != DEFAULT else _stem(path)).encode())

    def of(self, path: str) -> set[str]:
        """What a file is known to offer."""
        return self._names.get(path, set())

    def fresh(self) -> set[bytes]:
        """One of these is in every file that imports what was added since the last question."""
        fresh, self._fresh = self._fresh, set()
        if fresh:
            self._answers = {key: leads for key, leads in self._answers.items() if leads}
        return fresh

    def imported(self, importer: str, module: str, member: str) -> bool:
        """True if `member` of a module leads to a job system by way of the tree's own files, as far as was known at the last `fresh`."""
        # In Python the member may be a module. Elsewhere a name that nobody offers is not worth looking for.
        if member not in self._every and not _is_python(importer):
            return False
        return any(self.leads(path, name) for path, name in self._targets(importer, module, member))

    def leads(self, path: str, name: str) -> bool:
        """True if the file offers `name` itself, or passes it on from one that does; `*` asks for anything at all."""
        start = (path, name)
        if start not in self._answers:
            self._answers[start] = self._search(start)
        return self._answers[start]

    def _search(self, start: _Name) -> bool:
        seen, waiting = {start}, [start]
        while waiting:
            path, name = waiting.pop()
            offered = self._names.get(path)
            if offered and (name == NAMESPACE or name in offered):
                return True
            passes = self._passing.get(path)
            if passes is None:
                self._passing[path] = passes = self._passes(path)
            following = [*passes.named.get(name, ())] if name != NAMESPACE else [key for keys in passes.named.values() for key in keys]
            following += [(target, name) for target in passes.whole]
            if path.endswith("__init__.py"):
                following += self._below(path, name)
            waiting.extend(key for key in following if key not in seen)
            seen.update(following)
        return False

    def _passes(self, path: str) -> _Passing:
        """What a file takes from others and gives on."""
        data = self._project.data(path)
        if not _is_python(path) and not _PASSES.search(data):
            return _Passing()
        bindings = self._project.bindings(path)
        named = {name: self._imports(path, bound) for name, bound in bindings.module.items()}
        whole = [t for module in bindings.star_exports() for t, _ in self._targets(path, module, NAMESPACE)]
        if _is_python(path):
            return _Passing({name: keys for name, keys in named.items() if keys}, whole)
        given: dict[str, list[_Name]] = {}
        for export in bindings.exports().values():
            given[export.name] = [*self._targets(path, export.module, export.member)] if export.module else named.get(export.local, [])
            if export.commonjs:
                # `module.exports = require("./x")`: whatever is asked of this file is asked of that one.
                whole += [target for target, member in named.get(export.local, []) if member == NAMESPACE]
                whole += [t for t, _ in self._targets(path, required_module(bindings.source, export.value), NAMESPACE)]
        return _Passing({name: keys for name, keys in given.items() if keys}, whole)

    def _imports(self, path: str, bound: Iterable[Binding]) -> list[_Name]:
        return [target for b in bound if b.kind == "import" for target in self._targets(path, b.module, b.member)]

    def _targets(self, importer: str, module: str, member: str) -> Iterator[_Name]:
        target = self._project.resolve(importer, module) if module else ""
        if target:
            yield target, member
        if _is_python(importer) and member != NAMESPACE:
            submodule = self._project.resolve(importer, f"{module}{member}" if module.endswith(".") else f"{module}.{member}")
            if submodule:
                yield submodule, NAMESPACE

    def _below(self, package: str, name: str) -> Iterator[_Name]:
        """The submodules of a Python package that are reached through it."""
        folder = package.removesuffix("__init__.py")
        for path in self._names:
            if path.startswith(folder) and (name == NAMESPACE or path[len(folder) :].split("/")[0].removesuffix(".py") == name):
                yield path, NAMESPACE


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def _stem(path: str) -> str:
    """What an import of the file has to say of its path: the file's name, or that of the folder for which it stands."""
    parts = PurePosixPath(path)
    return parts.parent.name if parts.stem in ("index", "__init__") and parts.parent.name else parts.stem
