"""From request handlers down into the functions that they call, to every call that makes the request wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from migrator.jobs import Candidate, Confidence, Endpoint, Inventory, Job, Reason
from migrator.scanners.bodies import Bodies
from migrator.scanners.candidates import python_routes, typescript_routes
from migrator.scanners.candidates.request_handlers import RequestHandler, request_handlers
from migrator.scanners.candidates.slow_calls import kind_of, packages
from migrator.scanners.files import Tree, area_of, walk
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.prefilter import containing
from migrator.scanners.progress import Progress, counted, unwatched
from migrator.scanners.reading import View
from migrator.scanners.workspace import Workspace
from migrator.syntax.source import SUFFIXES

#: called in a handler once, and needed for its answer as a rule
_WEAK = frozenset(("service", "model"))


def find_candidates(root: Path, inventory: Inventory, *, progress: Progress = unwatched) -> tuple[Candidate, ...]:
    """The request handlers below `root` that do what a job could do, by path and line; not those that are jobs of its `inventory` already.

    Raises:
        MigratorError: `root` is not a folder.
    """
    tree = walk(root, inventory.scope.exclude)
    jobs = _Jobs(inventory)
    bodies = Bodies(Workspace.of(tree, packages(), Versions()))
    found: list[Candidate] = []
    paths = list(_worth_reading(tree))
    for path in counted(progress, "looking for synchronous work", paths):
        view = bodies.view(path)
        for handler in request_handlers(view):
            if not jobs.have(path, handler):
                found += _judged(view, handler, list(_reasons(bodies, view, handler)))
    return tuple(sorted(found, key=lambda c: (c.location.path, c.location.line, c.name)))


class _Jobs:
    """What a job system calls: its jobs and endpoints, by file."""

    def __init__(self, inventory: Inventory) -> None:
        self._lines: defaultdict[str, set[int]] = defaultdict(set)
        for item in inventory.items:
            if isinstance(item, Job | Endpoint):
                self._lines[item.location.path].add(item.location.line)
                if isinstance(item, Job) and item.handler is not None:
                    self._lines[item.handler.location.path].add(item.handler.location.line)

    def have(self, path: str, handler: RequestHandler) -> bool:
        """True if one of them is made where the handler stands."""
        first = min(handler.at.start_point.row, handler.function.start_point.row) + 1
        return any(first <= line <= handler.function.end_point.row + 1 for line in self._lines[path])


def _worth_reading(tree: Tree) -> Iterator[str]:
    production = [p for p in tree.sizes if p.endswith(tuple(SUFFIXES)) and not p.endswith(".d.ts") and not area_of(p)]
    python = [p for p in production if p.endswith((".py", ".pyi"))]
    rest = [p for p in production if not p.endswith((".py", ".pyi"))]
    yield from containing(tree, python, set(python_routes.MARKERS))
    yield from containing(tree, rest, set(typescript_routes.MARKERS))


def _reasons(bodies: Bodies, view: View, handler: RequestHandler) -> Iterator[Reason]:
    for call in bodies.calls(view, handler.function):
        kind = kind_of(call.meaning.key, in_loop=call.in_loop)
        if kind is not None:
            yield Reason(kind, call.written, call.view.source.location(call.node, at=call.callee), call.in_loop, call.via)


def _judged(view: View, handler: RequestHandler, reasons: list[Reason]) -> list[Candidate]:
    """The candidate that a handler is, if any."""
    strong = [r for r in reasons if r.kind not in _WEAK or r.in_loop]
    weak = [r for r in reasons if r not in strong]
    confidence: Confidence = "likely"
    if not strong:
        # A page that asks one other service for what it shows has to wait for it.
        if not weak or (not handler.writes and len(weak) < 2):
            return []
        confidence = "possible"
    location = view.source.location(handler.function, at=handler.at)
    return [Candidate(handler.name, view.source.language, location, handler.route, confidence, (*strong, *weak))]
