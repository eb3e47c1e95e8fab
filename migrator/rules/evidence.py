"""What rules look at: the inventory, the bodies of jobs, and the files around them. Nothing is run and nothing is asked of a network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tree_sitter import Node

from migrator.jobs import Inventory, Item, Job, Location, Span, Value, literal_of
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.installed import majors
from migrator.scanners.bodies import Bodies, Reached
from migrator.scanners.files import Tree, area_of, walk
from migrator.scanners.found import Found
from migrator.scanners.manifests import read_manifests
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.prefilter import containing
from migrator.scanners.reading import View
from migrator.scanners.registry import readers
from migrator.scanners.workspace import Workspace
from migrator.syntax.source import SUFFIXES
from migrator.syntax.tree import FUNCTIONS
from migrator.systems import SYSTEMS

if TYPE_CHECKING:
    from migrator.rules.suppression import Suppressions

I = TypeVar("I", bound=Item)

#: files that set up what runs: environment files, containers, charts, Terraform, SQL, shell
_AROUND = regex(
    r"(?:^|/)(?:Dockerfile|Containerfile|Procfile|\.env|env\.|\.flaskenv)[^/]*$|\.(?:ya?ml|toml|conf|cfg|ini|tf|tfvars|hcl|sh|sql|service|env|"
    r"dockerfile|tpl|properties|prisma)$"
)
#: so many files without their comments are kept
_KEPT = 64
_SHOWN = regex(rb"[^\n]")
#: what is larger is data
_MOST_BYTES = 300_000


class Evidence:
    """One application, as `inventory` lists it and as it stands below `root`. Files are parsed when they are asked for, once."""

    suppressions: Suppressions  #: what comments and settings accept; there as soon as all other rules have been looked at

    def __init__(self, inventory: Inventory, root: Path, workspace: Workspace | None = None) -> None:
        """`workspace`: the code as the audit read it; read anew where it is gone."""
        self.inventory, self.root, self._workspace = inventory, root, workspace
        self._of: dict[tuple[type[Item], tuple[str, ...]], tuple[Any, ...]] = {}
        self._bodies_of_jobs: dict[Location, tuple[Reached, ...]] = {}
        self.containing = cache(self._containing)
        self.mentioning = cache(self._mentioning)
        self.code = lru_cache(_KEPT)(self._code_of)

    # -- what there is ------------------------------------------------------------------------------------------------

    @cached_property
    def systems(self) -> frozenset[str]:
        """The systems that production code defines, enqueues, schedules or works off jobs with."""
        kinds = ("definition", "enqueue", "schedule", "worker")
        return frozenset(item.system for item in self.inventory.production if item.kind in kinds)

    def of(self, kind: type[I], *systems: str) -> tuple[I, ...]:
        """Items of production code, of these systems if any are named."""
        found = self._of.get((kind, systems))
        if found is None:
            every = self.inventory.production if not systems else self.of(kind)
            self._of[kind, systems] = found = tuple(i for i in every if isinstance(i, kind) and (not systems or i.system in systems))
        return found

    def major(self, system: str, path: str = "") -> int | None:
        """First number of the installed version of a system's main package, as the nearest manifest of `path` tells.

        None if none does, or if it allows several.
        """
        known = SYSTEMS[system]
        written = (self.versions.of(path, package) for package in (*known.npm[:1], *known.pypi[:1]))
        low, high = next((found for text in written if (found := majors(text)) is not None), (None, None))
        return low if low == high else None

    def package(self, *names: str) -> Spot | None:
        """Where a manifest asks for one of these packages (npm or normalised PyPI names)."""
        for folder, packages in sorted(self.versions.by_folder.items()):
            for name in names:
                if name in packages:
                    return Spot(folder or ".", 1, name)
        return None

    # -- bodies -------------------------------------------------------------------------------------------------------

    def handler(self, job: Job) -> tuple[View, Node] | None:
        """The function that a job runs; None where it was not found."""
        if job.handler is None or job.handler.location.path not in self.tree:
            return None
        view = self.bodies.view(job.handler.location.path)
        span = job.handler.location.span
        node = view.source.root.descendant_for_byte_range(span.start, max(span.start, span.end - 1))
        while node is not None and node.type not in FUNCTIONS:
            node = node.parent
        return (view, node) if node is not None else None

    def node(self, path: str, span: Span | None) -> Node | None:
        """The node of a file that `span` covers exactly; None if there is none."""
        if span is None or path not in self.tree or not path.endswith(tuple(SUFFIXES)):
            return None
        node = self.bodies.view(path).source.root.descendant_for_byte_range(span.start, max(span.start, span.end - 1))
        while node is not None and (node.start_byte > span.start or node.end_byte < span.end):
            node = node.parent
        return node if node is not None and (node.start_byte, node.end_byte) == (span.start, span.end) else None

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs of production code, each body once."""
        seen: dict[Location, Job] = {}
        for job in self.of(Job):
            seen.setdefault(job.handler.location if job.handler is not None else job.location, job)
        return tuple(seen.values())

    def calls(self, job: Job) -> tuple[Reached, ...]:
        """Every call in a job's body and in the functions of the project that it calls."""
        if job.location not in self._bodies_of_jobs:
            found = self.handler(job)
            self._bodies_of_jobs[job.location] = tuple(self.bodies.calls(*found)) if found is not None else ()
        return self._bodies_of_jobs[job.location]

    # -- files --------------------------------------------------------------------------------------------------------

    @cached_property
    def workspace(self) -> Workspace:
        """The code below the root, as the audit saw it."""
        if self._workspace is not None:
            return self._workspace
        tree = walk(self.root, self.inventory.scope.exclude)
        return Workspace.of(tree, {p for reader in readers() for p in reader.packages}, read_manifests(tree, Found()))

    @property
    def tree(self) -> Tree:
        """Its files."""
        return self.workspace.tree

    @cached_property
    def bodies(self) -> Bodies:
        """The way into functions."""
        return Bodies(self.workspace)

    @property
    def versions(self) -> Versions:
        """Every package that a manifest asks for, with its version."""
        return self.workspace.versions

    def _code_of(self, path: str) -> bytes:
        """A file with the comments of source code blanked: what they mention does nothing. Places are those of the file."""
        if not path.endswith(tuple(SUFFIXES)):
            return self.tree.read(path)
        source = self.bodies.view(path).source
        text = bytearray(source.data)
        for node in source.nodes("comment"):
            text[node.start_byte : node.end_byte] = _SHOWN.sub(b" ", text[node.start_byte : node.end_byte])
        return bytes(text)

    def _containing(self, *markers: bytes, comments: bool = False) -> tuple[str, ...]:
        """Source files of production code with one of these bytes in them, outside of comments unless these count, too."""
        wanted = re.compile(b"|".join(map(re.escape, sorted(markers))))
        return tuple(path for path in containing(self.tree, self._code, set(markers)) if comments or self.said(path, wanted))

    def said(self, path: str, wanted: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """A match outside of comments in a file of source code; None if there is none. Places are those of the file."""
        data, doubtful = self.tree.read(path), False
        may_be_comment = _may_be_python_comment if path.endswith((".py", ".pyi")) else _may_be_comment
        for match in wanted.finditer(data):
            if not may_be_comment(data, match):
                return match
            doubtful = True
        # A file is parsed only where every match may stand in a comment.
        return wanted.search(self.code(path)) if doubtful else None

    def with_one_of(self, markers: Collection[bytes]) -> Iterator[str]:
        """Source files of production code with one of these bytes in them, comments included, looked for as they are asked for."""
        return containing(self.tree, self._code, markers)

    def _mentioning(self, *markers: bytes) -> tuple[str, ...]:
        """Files of production that are no code, but say how it is run or set up, with one of these bytes in them."""
        return tuple(containing(self.tree, self._around, set(markers)))

    @cached_property
    def _code(self) -> list[str]:
        return [p for p in self.tree.sizes if p.endswith(tuple(SUFFIXES)) and not area_of(p)]

    @cached_property
    def _around(self) -> list[str]:
        return [p for p, size in self.tree.sizes.items() if size <= _MOST_BYTES and _AROUND.search(p) and not area_of(p)]


def _may_be_python_comment(data: bytes, match: re.Match[bytes]) -> bool:
    return b"#" in data[data.rfind(b"\n", 0, match.start()) + 1 : match.end()]


def _may_be_comment(data: bytes, match: re.Match[bytes]) -> bool:
    at = match.start()
    written = data[data.rfind(b"\n", 0, at) + 1 : match.end()]
    return any(mark in written for mark in (b"//", b"/*", b"*/")) or data.rfind(b"/*", 0, at) > data.rfind(b"*/", 0, at)


def spot(item: Item | Location, what: str = "") -> Spot:
    """Where an item stands."""
    where = item if isinstance(item, Location) else item.location
    return Spot(where.path, where.line, what or (item.name if isinstance(item, Item) else ""))


def spots(items: Iterable[Item]) -> tuple[Spot, ...]:
    """Where items stand."""
    return tuple(spot(item) for item in items)


def number(value: Value | None) -> float | None:
    """A number that the code says; None for anything else, a null among it."""
    known = literal_of(value)
    return float(known) if isinstance(known, int | float) and not isinstance(known, bool) else None
