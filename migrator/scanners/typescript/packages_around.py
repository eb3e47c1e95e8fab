"""Uses of packages that others built around a job system, `@PgBossJob("mail")`, or of a system that no reader knows: they are said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from migrator.jobs import Unresolved
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Project
from migrator.scanners.manifests.packages import of_package
from migrator.scanners.prefilter import Marked
from migrator.scanners.reading import excerpt
from migrator.scanners.registry import readers
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import walk
from migrator.systems import SYSTEMS
from migrator.systems.around import system_around
from migrator.systems.unread import UNREAD

_NAMED_SO = (b"boss", b"bull", b"bee-queue", b"graphile-worker", b"inngest", b"qstash", b"agenda", b"sqs")
_PACKAGE = regex(rb"""(?:from|require\(|import\(?)\s*["']((?:@[\w.-]+/)?[\w.-]+)""")


def report_packages_around(marked: Marked, found: Found, project: Project) -> None:
    """Say where code uses such a package: each decorator of it, else the first import of a file; of a system as a whole, the first file."""
    read = {package for reader in readers("typescript") for package in reader.packages}
    met: dict[str, list[str]] = {}
    for path in marked.having(MARKERS):
        named = {name.decode() for name in _PACKAGE.findall(project.tree.read(path))}
        around = {name: system for name in named - read if not of_package("npm", name) and (system := system_around(name))}
        if around:
            found.unresolved += _uses(project, path, around)
        for package in sorted(named & UNREAD.keys()):
            met.setdefault(package, []).append(path)
    for package, files in met.items():
        found.unresolved += _unread(project, package, files)


def _quoted(packages: Iterable[str]) -> set[bytes]:
    """A package as it stands in an import, whole or with a path in it."""
    return {f"{quote}{package}{end}".encode() for package in packages for quote in "\"'" for end in (quote, "/")}


#: what is looked for in every file: one with none of these uses no such package
MARKERS = frozenset((*_NAMED_SO, *_quoted(UNREAD)))


def _unread(project: Project, package: str, files: list[str]) -> Iterator[Unresolved]:
    """The first place that imports the package of a system that is not read, and how many files name it."""
    for path in files:
        source, named = project.source(path), project.bindings(path).every()
        binding = next((b for b in named if b.kind == "import" and _is_of(project, path, b, package)), None)
        shown = excerpt(source.text(binding.node)) if binding is not None else ""
        source.forget()
        if binding is not None:
            more = f"; {len(files)} files name it" if len(files) > 1 else ""
            reason = f"{package}: the jobs of {UNREAD[package]} are not read{more}"
            yield Unresolved(path, binding.node.start_point.row + 1, reason, "", shown)
            return


def _is_of(project: Project, path: str, binding: Binding, package: str) -> bool:
    named = project.package_of(path, binding.module)[0]
    return (named == package or named.startswith(f"{package}/")) and not project.resolve(path, binding.module)


def _uses(project: Project, path: str, around: dict[str, str]) -> Iterator[Unresolved]:
    source = project.source(path)
    imports = [b for b in project.bindings(path).every() if b.kind == "import" and not project.resolve(path, b.module)]
    bound = {b.name.encode(): b for b in imports if project.package_of(path, b.module)[0] in around}
    uses = [(node, bound[name]) for node in walk(source.root, ("decorator",)) if (name := _root(node)) in bound]
    for node, binding in uses or [(b.node, b) for b in list(bound.values())[:1]]:
        package = project.package_of(path, binding.module)[0]
        system = SYSTEMS[around[package]]
        reason = f"{_what(node, binding)} of {package}, a package around {system.title}, is not read: look for its jobs here"
        yield Unresolved(path, node.start_point.row + 1, reason, "", excerpt(source.text(node)))
    source.forget()


def _what(node: Node, binding: Binding) -> str:
    return f"`@{binding.name}`" if node.type == "decorator" else f"`{binding.name}`"


def _root(decorator: Node) -> bytes:
    """The first name of a decorator: `jobs` of `@jobs.Handle()`."""
    name = next(walk(decorator, ("identifier",)), None)
    return (name.text or b"") if name is not None else b""
