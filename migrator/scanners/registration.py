"""Workers that nothing ever runs: no file imports theirs, no command starts it, or nothing calls the function that makes them.

Inngest's functions are told by the lists that endpoints are given (`typescript/inngest_liveness`); in other systems whoever makes a worker
registers it, if that code runs at all. Said is only what can be told: a file that a folder's listing may load stays open.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
from tree_sitter import Node

from migrator.jobs import Job
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Project
from migrator.scanners.manifests.launches import Entrypoints
from migrator.scanners.prefilter import containing, each_containing
from migrator.syntax.source import SUFFIXES
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, name_of, walk

_SYSTEMS = frozenset(("bullmq", "bull", "bee-queue", "pg-boss", "agenda"))
#: files that frameworks, package managers and people start by their names, and folders of which every file is one
_STARTED = regex(
    r"(^|/)((index|main|server|app|worker|workers|start|bootstrap|boot|run|cli|instrumentation|cron|jobs|queue|queues|route|page|layout|"
    r"middleware)|[^/]*\.(config|module|service|controller|processor|resolver|plugin))\.\w+$"
    r"|(^|/)(pages|routes|api|bin|scripts|commands|functions|plugins|middleware|hooks|controllers|cli)/"
)
#: what loads files that it does not name
LOADS = regex(
    rb"readdirSync|\breaddir\(|import\.meta\.glob|require\.context|\bglob(by)?(Sync|\.sync)?\(|(require|include)-?(all|dir)\b|autoload",
    re.IGNORECASE,
)
_QUOTED = regex(rb"""["'`]([^"'`\n]{1,200})["'`]""")
#: how many importers of importers are looked at
_DEPTH = 8


@dataclass
class _Reach:
    """Which files are loaded by anything."""

    project: Project
    started: set[str]
    code: list[str]
    _known: dict[str, bool | None] = field(default_factory=dict)
    _naming: dict[bytes, list[str]] = field(default_factory=dict)  #: the files in which each of some stems stands

    def look_for(self, paths: Collection[str]) -> None:
        """Look at once for what names any of these files: asking for them one by one takes a pass over the code for each."""
        self._naming.update(each_containing(self.project.tree, self.code, {_stem(path).encode() for path in paths}))

    def starts(self, path: str) -> bool:
        """True for a file that is started by name."""
        return path in self.started or _STARTED.search(path) is not None

    def loaded(self, path: str, depth: int = _DEPTH) -> bool | None:
        """Whether something loads a file; None where that cannot be told."""
        if self.starts(path):
            return True
        if depth == 0:
            return None
        if path not in self._known:
            self._known[path] = None  # files that import each other in a circle
            self._known[path] = self._look(path, depth)
        return self._known[path]

    def _look(self, path: str, depth: int) -> bool | None:
        stem = _stem(path)
        importers, named = self._mentions(path, stem)
        if importers:
            answers = [self.loaded(importer, depth - 1) for importer in importers]
            return True if True in answers else None if None in answers else False
        if named:
            return None
        tree = self.project.tree
        if self._is_program(path):
            return None
        others = [p for p in tree.sizes if not p.endswith(tuple(SUFFIXES)) and posixpath.basename(p) not in _LOCKS]
        return None if any(containing(tree, others, {stem.encode()})) or self._listed else False

    def _is_program(self, path: str) -> bool:
        """True for a file that exports nothing and calls a function of its own at the end: people start such files by hand."""
        root = self.project.source(path).root
        statements = root.named_children
        if any(s.type == "export_statement" for s in statements):
            return False
        own = {name.text for s in statements if s.type == "function_declaration" and (name := name_of(s)) is not None}
        calls = (call for s in statements if s.type == "expression_statement" for call in walk(s, ("call_expression",), skip=FUNCTIONS))
        return any((callee := callee_of(call)) is not None and callee.text in own for call in calls)

    def _mentions(self, path: str, stem: str) -> tuple[list[str], bool]:
        """(the files that import it, whether any other text names it)."""
        importers, named = [], False
        if stem.encode() not in self._naming:
            self.look_for((path,))
        for other in self._naming[stem.encode()]:
            if other == path:
                continue
            for match in _QUOTED.finditer(self.project.data(other)):
                text = match[1].decode("utf-8", "replace")
                if posixpath.basename(text).split(".")[0] != stem.split(".")[0]:
                    continue
                if self.project.resolve(other, text) == path:
                    importers.append(other)
                    break
                named = True
        return importers, named

    @cached_property
    def _listed(self) -> bool:
        """True if anything loads files without naming them."""
        return any(LOADS.search(self.project.data(path)) for path in self.code)

    def called(self, node: Node, path: str) -> str:
        """The name of a function around `node` that nothing else names; empty if there is none."""
        for function in (a for a in ancestors(node) if a.type in FUNCTIONS):
            name = name_of(function)
            text = name.text if name is not None else None
            if text is None or function.type == "method_definition" or len(text) < _SHORTEST or text == b"default":
                continue
            elsewhere = containing(self.project.tree, (p for p in self.code if p != path), {text})
            if self.project.data(path).count(text) == 1 and not any(elsewhere):
                return text.decode()
        return ""


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


_SHORTEST = 5
_LOCKS = frozenset(("package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"))


def settle(found: Found, project: Project) -> None:
    """Say of each worker's job that nothing runs it, where that is so, and that it cannot be told, where that is so."""
    jobs = [(i, item) for i, item in enumerate(found.items) if isinstance(item, Job) and _asked(item)]
    if not jobs:
        return
    entrypoints = Entrypoints(project.tree)
    code = [p for p in project.tree.sizes if p.endswith(tuple(SUFFIXES)) and not p.endswith((".py", ".pyi")) and not area_of(p)]
    reach = _Reach(project, {entrypoints.of(launch) for launch in found.launches}, code)
    reach.look_for({job.location.path for _, job in jobs if not reach.starts(job.location.path)})
    for index, job in jobs:
        path = job.location.path
        live, reason = reach.loaded(path), ""
        if live is False:
            reason = f"nothing imports or starts {path}"
        else:
            node = project.source(path).root.descendant_for_byte_range(job.location.span.start, job.location.span.end)
            unused = reach.called(node, path) if node is not None else ""
            live, reason = (False, f"nothing calls {unused}") if unused else (live, "")
        if live is not True:
            found.items[index] = msgspec.structs.replace(job, live=live, reason=job.reason or reason)


def _asked(job: Job) -> bool:
    return job.system in _SYSTEMS and job.language != "python" and job.live is True and not job.area and not job.wrapper
