"""From a tree to an inventory: walk, prefilter, read, link, and a second pass over files that only use what the first pass found."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from pkgutil import iter_modules

from migrator.jobs import Inventory, Item, Stats
from migrator.scanners.by_name import ByName, depends_on_parameter
from migrator.scanners.files import Tree, walk
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, External, Instance, Meaning, Member, Place, Project
from migrator.scanners.linking.classes import member_names
from migrator.scanners.manifests import read_manifests
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.references import references
from migrator.scanners.sql import drop_history, read_schemas
from migrator.scanners.wrappers import Wrappers
from migrator.syntax.source import SUFFIXES, Source
from migrator.syntax.tree import FUNCTIONS, field

#: called with what is being done, how many files are done, and how many there are
Progress = Callable[[str, int, int], None]

_CALLS = ("call", "call_expression", "new_expression")
#: names too short to tell files apart in the second pass
_SHORTEST_NAME = 4
_FOLDERS = ("python", "typescript")
#: a name, and the parts of the path of the file that defines it
_ShortName = tuple[bytes, tuple[bytes, ...]]


@cache
def readers(folder: str = "") -> tuple[Reader, ...]:
    """Every reader of code that is installed, by file name; with `folder`, those of one language."""
    found: list[Reader] = []
    for name in (folder,) if folder else _FOLDERS:
        package = import_module(f"migrator.scanners.{name}")
        for module in sorted(iter_modules(package.__path__), key=lambda m: m.name):
            reader = getattr(import_module(f"{package.__name__}.{module.name}"), "READER", None)
            if isinstance(reader, Reader):
                found.append(reader)
    return tuple(found)


def _readers_of(source: Source) -> tuple[Reader, ...]:
    return readers("python" if source.is_python else "typescript")


def scan(root: Path, *, progress: Progress = lambda *_: None, prefilter: bool = True) -> Inventory:
    """Read the tree below `root`. Nothing in it is run.

    Raises:
        MigratorError: `root` is not a folder.
    """
    started = time.monotonic()
    tree = walk(root)
    found = Found()
    versions = read_manifests(tree, found)
    read_schemas(tree, found)
    packages = {p for r in readers() for p in r.packages}
    project = Project(tree, packages)
    evaluator = Evaluator(project, lambda key: package_of_key(key) in packages)
    sources = [p for p in tree.sizes if _suffix(p) in SUFFIXES]
    scanner = _Scanner(project, evaluator, versions, found, packages)
    first = _first(tree, sources, found) if prefilter else sources
    done: set[str] = set()
    pending = list(first)
    while pending:
        for path in pending:
            progress("reading", len(done), len(sources))
            scanner.read(path)
            done.add(path)
        names, short = scanner.derived_names()
        left = [p for p in sources if p not in done]
        pending = sorted({*_containing(tree, left, names), *_naming(tree, left, short)}) if names or short else []
    scanner.finish()
    _drop_strangers(found)
    return Inventory(
        root=str(root),
        items=tuple(sorted(_distinct(found.items), key=_order)),
        references=tuple(sorted(set(found.references), key=lambda r: (r.location.path, r.location.span.start, r.form, r.target))),
        unresolved=tuple(sorted(set(found.unresolved), key=lambda u: (u.path, u.line, u.reason))),
        stats=Stats(
            files_seen=len(tree.sizes),
            files_parsed=project.parsed,
            files_failed=sum(1 for u in found.unresolved if u.reason.startswith("parsed with gaps")),
            bytes_read=project.bytes_read,
            files_skipped={k: len(v) for k, v in tree.skipped.items()},
            seconds=round(time.monotonic() - started, 3),
        ),
        versions=scanner.system_versions(),
    )


def _drop_strangers(found: Found) -> None:
    """Loose ends of a system that nothing else in the tree knows are another library's methods of the same name."""
    present = {i.system for i in found.items} | {r.system for r in found.references}
    found.unresolved[:] = [u for u in found.unresolved if not u.system or u.system in present]


def package_of_key(key: str) -> str:
    """The outside package that a key begins with: `celery.Celery().task` -> `celery`, `@nestjs/bullmq.X` -> `@nestjs/bullmq`."""
    return key.split(".", 1)[0].removesuffix("()")


def root_package(meaning: Meaning) -> str:
    """The outside package that a meaning leads back to, empty if none."""
    while isinstance(meaning, Member | Instance):
        meaning = meaning.of
    return meaning.path[0] if isinstance(meaning, External) else ""


class _Scanner:
    """Reads one candidate file after another."""

    def __init__(self, project: Project, evaluator: Evaluator, versions: Versions, found: Found, packages: set[str]) -> None:
        self._project, self._evaluator, self._versions, self._found = project, evaluator, versions, found
        self._packages = packages
        self._wrappers = Wrappers(found)
        self._by_name = ByName(found)
        self._names: set[bytes] = set()
        self._used: set[bytes] = set()
        self._short: set[_ShortName] = set()
        self._short_used: set[_ShortName] = set()

    def read(self, path: str) -> None:
        """Let every reader see the file."""
        source = self._project.source(path)
        view = View(source, self._project, self._evaluator, self._versions, self._found)
        if source.refused:
            view.unresolved(source.root, source.refused)
        for gap in source.gaps[:1]:
            view.unresolved(source.root, f"parsed with gaps: the first is at line {gap.line}")
        for call in calls(view):
            self._dispatch(call)
        for reader in _readers_of(source):
            if reader.file:
                reader.file(view)
        view.add(*references(view, self._packages))
        self._collect_names(view)
        source.forget()

    def derived_names(self) -> tuple[set[bytes], set[_ShortName]]:
        """Names that lead to a system's objects, found since the last question: they mark files of the next pass."""
        clients = {name for name in self._by_name.names() if len(name) >= _SHORTEST_NAME}
        fresh, short = (self._names | clients) - self._used, self._short - self._short_used
        self._used |= fresh
        self._short_used |= short
        return fresh, short

    def finish(self) -> None:
        """What only the whole project can tell: callers of wrappers, clients reached by name alone."""
        self._by_name.resolve(self._follow)
        self._wrappers.resolve()
        drop_history(self._found)
        for reader in readers():
            if reader.finish:
                reader.finish(self._found)

    def system_versions(self) -> dict[str, str]:
        """system -> declared version of its main package at the tree's root or in the first manifest that has it."""
        versions = {}
        for reader in readers():
            version = next((v for p in reader.packages if (v := self._versions.of("", p))), "")
            if version:
                versions[reader.system] = version
        return dict(sorted(versions.items()))

    def _dispatch(self, call: Call) -> None:
        package = root_package(call.callee)
        if isinstance(call.callee, Defined):
            self._wrappers.use(call)
            return
        for reader in _readers_of(call.view.source):
            if package in reader.packages:
                self._follow(reader, call)
            # A name that nothing in the file binds may still come from somewhere.
            elif package in ("", "builtins") and call.view.source.text(call.name) in reader.telltales:
                self._by_name.remember(reader, call)
                if depends_on_parameter(call.callee):
                    self._open(reader, call, [])
                elif reader.unknown:
                    reader.unknown(call)

    def _follow(self, reader: Reader, call: Call) -> None:
        if reader.call is None:
            return
        before = len(self._found.items)
        reader.call(call)
        fresh = self._found.items[before:]
        self._by_name.clients(reader, call, fresh)
        if any(not item.name for item in fresh):
            self._open(reader, call, fresh)

    def _open(self, reader: Reader, call: Call, items: list[Item]) -> None:
        name = self._wrappers.watch(reader, call, items)
        if len(name) >= _SHORTEST_NAME:
            self._names.add(name.encode())

    def _collect_names(self, view: View) -> None:
        bindings = view.project.bindings(view.source.path)
        for name, bound in bindings.module.items():
            if bound[0].kind == "import" or name.encode() in self._names:
                continue
            if not self._leads_on(view, view.evaluator.name(view.source, name, view.source.root)):
                continue
            if len(name) >= _SHORTEST_NAME:
                self._names.add(name.encode())
            else:
                # Whoever uses it must import it from this file, or from a folder around it.
                self._short.add((name.encode(), tuple(part.encode() for part in PurePosixPath(view.source.path).with_suffix("").parts)))

    def _leads_on(self, view: View, meaning: Meaning) -> bool:
        """True if the value, what it returns, or one of its members belongs to a job system."""
        if root_package(meaning) in self._packages:
            return True
        evaluator = view.evaluator
        if isinstance(meaning, Instance) and isinstance(meaning.of, Defined):
            return meaning.of.name.encode() in self._names or self._leads_on(view, meaning.of)
        if not isinstance(meaning, Defined):
            return False
        if meaning.place.node.type in FUNCTIONS:
            return root_package(evaluator.apply(meaning, meaning.place, {})) in self._packages
        members = (evaluator.member(Instance(meaning), name) for name in member_names(meaning.place.source, meaning.place.node))
        return any(
            root_package(evaluator.apply(m, m.place, {}) if isinstance(m, Defined) and m.place.node.type in FUNCTIONS else m)
            in self._packages
            for m in members
        )


def calls(view: View) -> Iterator[Call]:
    """Every call and `new` in the file with what it calls, in document order; decorators are calls where they are written as such."""
    for node in view.source.nodes(*_CALLS):
        function = field(node, "function") or field(node, "constructor")
        if function is None:
            continue
        callee = view.evaluator.of(view.source, function)
        name = field(function, "attribute") or field(function, "property") or function
        yield Call(view, node, callee, callee.key, name, Place(view.source, node))


def _containing(tree: Tree, paths: Iterable[str], needles: set[bytes]) -> list[str]:
    """The files that contain one of `needles`."""
    wanted = sorted(needles)
    found = []
    for path in paths:
        data = tree.read(path)
        if any(n in data for n in wanted):
            found.append(path)
    return found


def _naming(tree: Tree, paths: Iterable[str], names: set[_ShortName]) -> list[str]:
    """The files that contain one of `names` as a whole word, and a part of the path of the file that defines it."""
    wanted = [(name, parts, re.compile(rb"\b%s\b" % re.escape(name))) for name, parts in sorted(names)]
    found: list[str] = []
    for path in paths if wanted else ():
        data = tree.read(path)
        if any(name in data and any(part in data for part in parts) and word.search(data) for name, parts, word in wanted):
            found.append(path)
    return found


def _first(tree: Tree, sources: Iterable[str], found: Found) -> list[str]:
    """The files of the first pass: those with a marker of a reader of their language."""
    tables = found.markers()
    files: list[str] = []
    for folder in _FOLDERS:
        needles = {m for r in readers(folder) for m in r.markers} | tables
        files += _containing(tree, [p for p in sources if (SUFFIXES[_suffix(p)][1] == "python") == (folder == "python")], needles)
    return sorted(files)


def _suffix(path: str) -> str:
    dot = path.rfind(".")
    return path[dot:] if dot > 0 else ""


def _order(item: Item) -> tuple[str, int, int, str, str, str]:
    return (item.location.path, item.location.line, item.location.column, item.kind, item.system, item.name)


def _distinct(items: list[Item]) -> list[Item]:
    """The same thing seen by two rules counts once; the surer one stays."""
    rank = {"certain": 0, "likely": 1, "possible": 2}
    best: dict[tuple[str, int, int, str, str, str], Item] = {}
    for item in items:
        key = _order(item)
        if key not in best or rank[item.confidence] < rank[best[key].confidence]:
            best[key] = item
    return list(best.values())
