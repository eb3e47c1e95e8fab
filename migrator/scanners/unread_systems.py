"""Systems that no reader knows, in code that uses one: said once for each, where the first file of production takes something of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from migrator.jobs import Unresolved
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Project
from migrator.scanners.prefilter import Marked
from migrator.scanners.reading import excerpt
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.systems.unread import UNREAD, UNREAD_IN_PYTHON

_PACKAGE = regex(rb"""(?:from|require\(|import\(?)\s*["']((?:@[\w.-]+/)?[\w.-]+)""")
_MODULE = regex(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t(]+(\w+)|import[ \t]+([\w.]+))", re.MULTILINE)


def _quoted(packages: Iterable[str]) -> set[bytes]:
    """A package as it stands in an import, whole or with a path in it."""
    return {f"{quote}{package}{end}".encode() for package in packages for quote in "\"'" for end in (quote, "/")}


def _imported(modules: Iterable[str]) -> set[bytes]:
    """A module as it stands in an import of Python."""
    beginnings = {module.rpartition(".")[0] or module for module in modules}
    return {f"{word} {beginning}".encode() for beginning in beginnings for word in ("from", "import")}


#: what is looked for in every file of a language: one with none of these uses no such system
MARKERS: Mapping[str, frozenset[bytes]] = {
    "typescript": frozenset(_quoted(UNREAD)),
    "python": frozenset(_imported(UNREAD_IN_PYTHON)),
}


def report_unread_systems(marked: Marked, found: Found, project: Project) -> None:
    """Say of each such system that its jobs are not read, and how many files name it."""
    met: dict[tuple[str, str], list[str]] = {}
    for path in marked.having(MARKERS["typescript"]):
        for name in sorted({name.decode() for name in _PACKAGE.findall(project.tree.read(path))} & UNREAD.keys()):
            met.setdefault((name, UNREAD[name]), []).append(path)
    for path in marked.having(MARKERS["python"]):
        for name in sorted(_modules(project.tree.read(path))):
            met.setdefault((name, UNREAD_IN_PYTHON[name]), []).append(path)
    for (package, title), files in met.items():
        found.unresolved += _said(project, package, title, files)


def _modules(data: bytes) -> set[str]:
    """The modules of such systems that a file of Python imports."""
    named: set[str] = set()
    for module, member, whole in (match.groups(b"") for match in _MODULE.finditer(data)):
        written = b".".join(filter(None, (module, member))) if module else whole
        named |= {known for known in UNREAD_IN_PYTHON if f"{written.decode()}.".startswith(f"{known}.")}
    return named


def _said(project: Project, package: str, title: str, files: list[str]) -> Iterator[Unresolved]:
    """The first place that takes something of the package."""
    for path in files:
        source, named = project.source(path), project.bindings(path).every()
        binding = next((b for b in named if b.kind == "import" and _is_of(project, path, b, package)), None)
        shown = excerpt(source.text(binding.node)) if binding is not None else ""
        source.forget()
        if binding is not None:
            more = f"; {len(files)} files name it" if len(files) > 1 else ""
            yield Unresolved(path, binding.node.start_point.row + 1, f"{package}: the jobs of {title} are not read{more}", "", shown)
            return


def _is_of(project: Project, path: str, binding: Binding, package: str) -> bool:
    if project.resolve(path, binding.module):
        return False
    if not path.endswith((".py", ".pyi")):
        named = project.package_of(path, binding.module)[0]
        return named == package or named.startswith(f"{package}/")
    taken = "" if binding.member == NAMESPACE else f".{binding.member}"
    # `import google.cloud.tasks_v2` binds `google`.
    return f"{binding.module}{taken}.".startswith(f"{package}.") or (not taken and package.startswith(f"{binding.module}."))
