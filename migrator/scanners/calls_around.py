"""Calls of packages of Python that others built around a job system, `defer.ingest(app)` of `acme_procrastinate`: they are said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Unresolved
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Evaluator, External, Instance, Meaning, Member, Project
from migrator.scanners.prefilter import Marked
from migrator.scanners.reading import excerpt
from migrator.scanners.registry import readers
from migrator.syntax.tree import callee_of
from migrator.systems import SYSTEMS

_SYSTEMS = ("procrastinate", "dramatiq", "taskiq", "huey", "celery", "arq", "rq")
_MODULE = regex(rb"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
#: what stands in the name of such a package, as a word of its own
_NAMED = regex(rf"(?:^|_)({'|'.join(_SYSTEMS)})(?:_|$)")
#: what functions, methods and modules are called that put a job on its way
_SENDS = regex(r"(?:defer|enqueue|dispatch|delay|kiq|apply_async|send_task|send)(?:_\w+)?")
#: what is looked for in every file: one with none of these imports no such package
MARKERS = frozenset(f"{word}{end}".encode() for word in _SYSTEMS for end in ("_", " ", ".", "\n"))


def report_calls_around(marked: Marked, found: Found, project: Project, evaluator: Evaluator) -> None:
    """Say of each call of such a package that it may put a job on its way, if that is what it is called."""
    paths = marked.having(MARKERS)
    if not paths:
        # Readers of Python are never loaded for a tree without any.
        return
    known = {package for reader in readers("python") for package in reader.packages}
    known |= {package.replace("-", "_") for system in SYSTEMS.values() for package in system.pypi}
    said = {(each.path, each.line) for each in found.unresolved}
    for path in paths:
        modules = {name.decode() for name in _MODULE.findall(project.tree.read(path))} - known
        around = {module: told[1] for module in modules if (told := _NAMED.search(module)) and not project.resolve(path, module)}
        if around:
            found.unresolved += [each for each in _calls(project, evaluator, path, around) if (each.path, each.line) not in said]


def _calls(project: Project, evaluator: Evaluator, path: str, around: dict[str, str]) -> Iterator[Unresolved]:
    source = project.source(path)
    for node in source.nodes("call"):
        function = callee_of(node)
        package, *names = _names(evaluator.of(source, function)) if function is not None and not _decorates(node) else [""]
        # A function that is called so, or one of a module that is: `defer.ingest`.
        if package in around and any(map(_SENDS.fullmatch, names[-2:])):
            title = SYSTEMS[around[package]].title
            reason = f"may put a job on its way: it is of {package}, a package around {title} that is not in this tree"
            yield Unresolved(path, node.start_point.row + 1, reason, "", excerpt(source.text(node)))
    source.forget()


def _names(meaning: Meaning) -> list[str]:
    """The package that what is called comes from, and the names on the way from there."""
    names: list[str] = []
    while isinstance(meaning, Member | Instance):
        names += [meaning.name] if isinstance(meaning, Member) else []
        meaning = meaning.of
    return [*meaning.path, *reversed(names)] if isinstance(meaning, External) else [""]


def _decorates(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "decorator"
