"""Uses of packages that others built around a job system, `@PgBossJob("mail")`: they are said."""

from __future__ import annotations

from collections.abc import Iterator

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

_PACKAGE = regex(rb"""(?:from|require\(|import\(?)\s*["']((?:@[\w.-]+/)?[\w.-]+)""")


def report_packages_around(marked: Marked, found: Found, project: Project) -> None:
    """Say where code uses such a package: each decorator of it, else the first import of a file."""
    read = {package for reader in readers("typescript") for package in reader.packages}
    for path in marked.having(MARKERS):
        named = {name.decode() for name in _PACKAGE.findall(project.tree.read(path))}
        around = {name: system for name in named - read if not of_package("npm", name) and (system := system_around(name))}
        if around:
            found.unresolved += _uses(project, path, around)


#: what is looked for in every file: one with none of these uses no such package
MARKERS = frozenset((b"boss", b"bull", b"bee-queue", b"graphile-worker", b"inngest", b"qstash", b"agenda", b"sqs"))


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
