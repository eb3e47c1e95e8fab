"""Names that files of the tree offer to others and that lead to a job system, followed through re-exports without evaluating anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from migrator.scanners.linking.project import Project
from migrator.syntax.bindings import NAMESPACE
from migrator.syntax.import_text import DEFAULT, members_used, words_of

#: shorter names are in every file: whoever imports one names the file that offers it, too
_SHORTEST_NAME = 4

_Name = tuple[str, str]


class Offers:
    """What has been found so far; it only ever grows."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names: dict[str, set[str]] = defaultdict(set)
        self._answers: dict[_Name, bool] = {}
        self._members: dict[_Name, frozenset[str] | None] = {}  #: what each file asks of a module that it has under a name
        self._every = {NAMESPACE}
        self._any = False
        self._fresh: set[tuple[str, bytes]] = set()
        self.version = 0  #: grows with every `fresh` that brought something

    def add(self, path: str, name: str) -> None:
        """Note that the file `path` offers `name` (a top-level name, `default`, or `*` for whatever is asked of it)."""
        if name in self._names[path]:
            return
        self._names[path].add(name)
        self._every.add(name)
        self._any = self._any or name == NAMESPACE
        needle = name if len(name) >= _SHORTEST_NAME and name != DEFAULT else _stem(path)
        self._fresh.add((path, needle.encode()))

    def of(self, path: str) -> set[str]:
        """What a file is known to offer."""
        return self._names.get(path, set())

    def fresh(self) -> set[tuple[str, bytes]]:
        """(file that offers it, bytes that are in every file that imports it) of what was added since the last question."""
        fresh, self._fresh = self._fresh, set()
        if fresh:
            self.version += 1
            self._answers = {key: leads for key, leads in self._answers.items() if leads}
        return fresh

    def imported(self, importer: str, local: str, module: str, member: str) -> bool:
        """True if `member` of a module leads to a job system by way of the tree's own files, as far as was known at the last `fresh`.

        Of a module that `importer` has as a whole, under the name `local`, what it asks for is looked at.
        """
        # In Python the member may be a module. Elsewhere a name that nobody offers is not worth looking for.
        if member not in self._every and not self._any and not _is_python(importer):
            return False
        return any(
            self.leads(path, name) and (name != NAMESPACE or self._asks_for_more(importer, _written(local, module, member), path))
            for path, name in self._targets(importer, module, member)
        )

    def _asks_for_more(self, importer: str, name: str, path: str) -> bool:
        """True if anything leads on that is asked of the file `path` under `name`, or if that cannot be told."""
        if not name or (name == NAMESPACE and not _is_python(importer)):
            return True
        members = words_of(self._project.data(importer)) if name == NAMESPACE else self._members_used(importer, name)
        # What `module.exports` is given whole is its default.
        whole = not _is_python(importer) and self.leads(path, DEFAULT)
        return members is None or whole or any(self.leads(path, member) for member in members)

    def _members_used(self, importer: str, name: str) -> frozenset[str] | None:
        key = (importer, name)
        if key not in self._members:
            self._members[key] = members_used(self._project.data(importer), name, python=_is_python(importer))
        return self._members[key]

    def leads(self, path: str, name: str) -> bool:
        """True if the file offers `name` itself, or passes it on from one that does; `*` asks for anything at all."""
        start = (path, name)
        if start not in self._answers:
            self._search(start)
        return self._answers[start]

    def _search(self, start: _Name) -> None:
        """Answer for `start`, and for whatever was asked on the way."""
        origin: dict[_Name, _Name] = {}
        seen, waiting = {start}, [start]
        while waiting:
            key = waiting.pop()
            if self._answers.get(key) or self._offers_itself(*key):
                self._answers[key] = True
                while key in origin:
                    key = origin[key]
                    self._answers[key] = True
                return
            if key in self._answers:
                continue
            for further in self._passed_on(*key):
                if further not in seen:
                    seen.add(further)
                    origin[further] = key
                    waiting.append(further)
        # Nothing that was passed on the way leads anywhere either.
        self._answers.update(dict.fromkeys(seen, False))

    def _offers_itself(self, path: str, name: str) -> bool:
        offered = self._names.get(path)
        # What passes on all of a job system's package offers any name.
        return bool(offered) and (name == NAMESPACE or name in offered or NAMESPACE in offered)

    def _passed_on(self, path: str, name: str) -> Iterator[_Name]:
        """(file, name) of what stands behind a name that the file has from others."""
        text = self._project.imports(path)
        everything = (origin for origins in text.given.values() for origin in origins)
        for module, member in everything if name == NAMESPACE else text.given.get(name, ()):
            yield from self._targets(path, module, member)
        for module in text.whole:
            yield from ((target, name) for target, _ in self._targets(path, module, NAMESPACE))
        if path.endswith("__init__.py"):
            yield from self._below(path, name)

    def _targets(self, importer: str, module: str, member: str) -> Iterator[_Name]:
        target = self._project.resolve(importer, module) if module else ""
        submodule = self._submodule(importer, module, member) if _is_python(importer) and member != NAMESPACE else ""
        if target and not (submodule and self._has_no_other(target, member, submodule)):
            yield target, member
        if submodule:
            yield submodule, NAMESPACE

    def _submodule(self, importer: str, module: str, member: str) -> str:
        return self._project.resolve(importer, f"{module}{member}" if module.endswith(".") else f"{module}.{member}")

    def _has_no_other(self, package: str, member: str, submodule: str) -> bool:
        """True if the package has nothing but its submodule under that name."""
        text = self._project.imports(package)
        given = all(self._submodule(package, *origin) == submodule for origin in text.given.get(member, ()))
        return given and not text.whole and not self._offers_itself(package, member)

    def _below(self, package: str, name: str) -> Iterator[_Name]:
        """The submodules of a Python package that are reached through it."""
        folder = package.removesuffix("__init__.py")
        for path in self._names:
            if path.startswith(folder) and (name == NAMESPACE or path[len(folder) :].split("/")[0].removesuffix(".py") == name):
                yield path, NAMESPACE


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def _written(local: str, module: str, member: str) -> str:
    """How a file writes a module that it has as a whole: after `import a.b` as `a.b`, after `import a.b as c` as `c`."""
    return module if member == NAMESPACE and module.startswith(f"{local}.") else local


def _stem(path: str) -> str:
    """What an import of the file has to say of its path: the file's name, or that of the folder for which it stands."""
    parts = PurePosixPath(path)
    return parts.parent.name if parts.stem in ("index", "__init__") and parts.parent.name else parts.stem
