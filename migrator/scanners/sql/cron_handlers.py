"""The code that a schedule of the database runs: a function in SQL, an edge function, a route of the application."""

from __future__ import annotations

import posixpath
from functools import cached_property
from itertools import pairwise

from tree_sitter import Node

from migrator.jobs import Handler, Job, Literal, Location, Retry, Span, Trigger
from migrator.regex import regex
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Project
from migrator.scanners.sql.cron_targets import Target, requested
from migrator.scanners.sql.files import goes_back, history_of, in_order
from migrator.scanners.sql.statements import bodies, created
from migrator.scanners.sql.tokens import Token, tokens
from migrator.scanners.typescript.route_files import Finder, finder
from migrator.scanners.typescript.routes import export_at
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, walk
from migrator.systems.pg_cron import SYSTEM

NAME = SYSTEM.name
_CREATES = regex(rb"\b(?:create|CREATE|Create)\b")
_SERVES = frozenset(("Deno.serve", "serve"))
_REQUESTS = frozenset(("http_post", "http_get"))
#: how deep functions that call functions are followed
_DEPTH = 3


class Handlers:
    """Finds what schedules run, and records each as one job however many schedules run it."""

    def __init__(self, tree: Tree, found: Found, project: Project) -> None:
        self._tree, self._found, self._project = tree, found, project
        self._jobs: dict[str, Job] = {}

    def job(self, target: Target) -> str:
        """`path:name` of the job that a schedule runs; empty where the tree does not have it."""
        if target.function:
            return self._function(target.function)
        if target.edge:
            return self._edge(target.edge)
        if target.path:
            return self._route(target.path) or self._edge(posixpath.basename(target.path))
        return ""

    def record(self) -> None:
        """Add the jobs to what was found."""
        self._found.items += self._jobs.values()

    def _keep(self, job: Job) -> str:
        key = f"{job.module}:{job.symbol or job.name}"
        if key not in self._jobs:
            self._jobs[key] = job
        return key

    # -- functions in SQL ---------------------------------------------------------------------------------------------

    @cached_property
    def _functions(self) -> dict[str, tuple[str, str, tuple[Token, ...]]]:
        """name -> (file, its text, the statement that creates the function last)."""
        found: dict[str, tuple[str, str, tuple[Token, ...]]] = {}
        for path in in_order(p for p in self._tree.sizes if p.endswith(".sql") and not goes_back(p)):
            data = self._tree.read(path)
            if _CREATES.search(data) is None or (b"FUNCTION" not in data.upper() and b"PROCEDURE" not in data.upper()):
                continue
            text = data.decode("utf-8", "replace")
            for body, statement in bodies(text):
                name = created(statement) if not body.function else ""
                # What a migration says last holds; a script or a dump of the schema only where no migration does.
                if name and (history_of(path) or name not in found):
                    found[name] = (path, text, statement)
        return found

    def _function(self, name: str) -> str:
        known = self._functions.get(name)
        if known is None:
            return ""
        path, text, statement = known
        start, end = statement[0].start, statement[-1].end
        line = text.count("\n", 0, start) + 1
        where = Location(path, line, 0, text.count("\n", 0, end) + 1, Span(len(text[:start].encode()), len(text[:end].encode())))
        key = self._keep(_job(name, name, path, "sql", where, "function", None))
        inner = self._requested(name, _DEPTH)
        if inner.edge or inner.path:
            # What the function asks for over HTTP does the work.
            self.job(inner)
        return key

    def _requested(self, name: str, depth: int) -> Target:
        """What a function, or one that it calls, asks for over HTTP."""
        _, _, statement = self._functions[name]
        listed = [t for s in statement if s.kind == "text" for t in tokens(s.value)]
        if any(t.value in _REQUESTS for t in listed):
            return requested(listed)
        called = [t.value for t, following in pairwise(listed) if following.value == "(" and t.value in self._functions and t.value != name]
        found = (self._requested(other, depth - 1) for other in called if depth)
        return next((target for target in found if target.name), Target())

    # -- functions at the edge ----------------------------------------------------------------------------------------

    def _edge(self, name: str) -> str:
        suffix = f"supabase/functions/{name}/index."
        path = next((p for p in sorted(self._tree.sizes) if f"/{p}".rfind(f"/{suffix}") >= 0 and p.endswith((".ts", ".js", ".tsx"))), "")
        if not path:
            return ""
        source = self._project.source(path)
        call = next((n for n in walk(source.root, ("call_expression",)) if source.text(callee_of(n) or n) in _SERVES), None)
        made: Node = call or next((n for n in source.root.named_children if n.type == "export_statement"), source.root)
        function = next((n for n in walk(made, FUNCTIONS)), None)
        handler = Handler(source.location(function), span(function)) if function is not None else None
        return self._keep(_job(name, "", path, source.language, source.location(made), "edge function", handler))

    # -- routes -------------------------------------------------------------------------------------------------------

    @cached_property
    def _find(self) -> Finder:
        return finder(self._tree)

    def _route(self, url: str) -> str:
        hit = self._find(url)
        if hit is None:
            return ""
        path, pattern, names = hit
        at = next((node for name in names if (node := export_at(self._project, path, name)) is not None), None)
        if at is None:
            return ""
        source = self._project.source(path)
        return self._keep(_job(pattern, "", path, source.language, source.location(at), "route", None))


def _job(name: str, symbol: str, path: str, language: str, location: Location, form: str, handler: Handler | None) -> Job:
    facts = SYSTEM.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    return Job(
        system=NAME,
        language=language,
        name=name,
        location=location,
        area=area_of(path),
        symbol=symbol,
        module=path,
        definition=location.span,
        form=form,
        handler=handler,
        triggers=(Trigger("direct", Literal(name)),),
        retry=Retry(Literal(facts.default_attempts), facts.backoff),
    )
