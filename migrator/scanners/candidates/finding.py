"""From request handlers down into the functions that they call, to every call that makes the request wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from tree_sitter import Node

from migrator.jobs import Candidate, Confidence, Endpoint, Inventory, Job, Reason
from migrator.scanners.candidates import python_routes, typescript_routes
from migrator.scanners.candidates.request_handlers import RequestHandler, request_handlers
from migrator.scanners.candidates.slow_calls import kind_of, packages
from migrator.scanners.files import Tree, area_of, walk
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, Frame, Instance, Member, Place, Project
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.prefilter import containing
from migrator.scanners.reading import View
from migrator.syntax.source import SUFFIXES
from migrator.syntax.tree import FUNCTIONS, callee_of, name_of
from migrator.syntax.tree import walk as nodes_below

#: how many functions of the project lead from a handler to a call at most
_DEPTH = 4
#: called in a handler once, and needed for its answer as a rule
_WEAK = frozenset(("service", "model"))
_CALLS = ("call", "call_expression", "new_expression")


def find_candidates(
    root: Path, inventory: Inventory, *, progress: Callable[[str, int, int], None] = lambda *_: None
) -> tuple[Candidate, ...]:
    """The request handlers below `root` that do what a job could do, by path and line; not those that are jobs of its `inventory` already.

    Raises:
        MigratorError: `root` is not a folder.
    """
    tree = walk(root, inventory.scope.exclude)
    jobs = _Jobs(inventory)
    project = Project(tree, packages())
    views = _Views(project)
    found: list[Candidate] = []
    paths = list(_worth_reading(tree))
    for number, path in enumerate(paths):
        progress("looking for synchronous work", number, len(paths))
        view = views.of(path)
        for handler in request_handlers(view):
            if not jobs.have(path, handler):
                found += _judged(view, handler, list(_reasons(views, view, handler)))
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


class _Views:
    """Files as readers see them; what is found in them goes nowhere."""

    def __init__(self, project: Project) -> None:
        known = packages()
        self._project, self._found, self._versions = project, Found(), Versions({})
        self._evaluator = Evaluator(project, lambda key: key.partition(".")[0] in known)

    def of(self, path: str) -> View:
        return View(self._project.source(path), self._project, self._evaluator, self._versions, self._found)


def _worth_reading(tree: Tree) -> Iterator[str]:
    production = [p for p in tree.sizes if p.endswith(tuple(SUFFIXES)) and not p.endswith(".d.ts") and not area_of(p)]
    python = [p for p in production if p.endswith((".py", ".pyi"))]
    rest = [p for p in production if not p.endswith((".py", ".pyi"))]
    yield from containing(tree, python, set(python_routes.MARKERS))
    yield from containing(tree, rest, set(typescript_routes.MARKERS))


def _reasons(views: _Views, view: View, handler: RequestHandler) -> Iterator[Reason]:
    seen: set[tuple[str, int]] = set()
    pending: list[tuple[View, Node, Frame | None, bool, tuple[str, ...]]] = [(view, handler.function, None, False, ())]
    while pending:
        inside, function, frame, looped, via = pending.pop(0)
        for call in nodes_below(function, _CALLS):
            callee = callee_of(call)
            if callee is None:
                continue
            in_loop = looped or inside.in_loop(call)
            meaning = inside.evaluator.of(inside.source, callee, frame)
            key = (inside.source.path, call.start_byte)
            kind = kind_of(meaning.key, in_loop=in_loop) if isinstance(meaning, Member | Instance) or meaning.key else None
            if kind is not None and key not in seen:
                seen.add(key)
                written = " ".join(inside.source.text(callee).split())
                yield Reason(
                    kind, written if len(written) < 60 else f"…{written[-58:]}", inside.source.location(call, at=callee), in_loop, via
                )
            elif isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS and len(via) < _DEPTH:
                body = (meaning.place.source.path, -meaning.place.node.start_byte - 1)
                if body not in seen and not area_of(meaning.place.source.path):
                    seen.add(body)
                    entered = inside.evaluator.enter(meaning, inside.evaluator.arguments(Place(inside.source, call, frame)))
                    pending.append((views.of(meaning.place.source.path), meaning.place.node, entered, in_loop, (*via, _label(meaning))))


def _label(function: Defined) -> str:
    name = name_of(function.place.node)
    return function.place.source.text(name) if name is not None else "a function"


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
