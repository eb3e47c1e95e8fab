"""Where code runs, or what it does there, that keeps functions on Inngest."""

from __future__ import annotations

import posixpath
import re

from migrator.codemods.typescript.imports import imported
from migrator.codemods.typescript.inngest_to_bullmq.endpoints import call_of
from migrator.codemods.typescript.inngest_to_bullmq.generated import MARK
from migrator.codemods.typescript.inngest_to_bullmq.survey import NAME, Survey, is_test
from migrator.codemods.typescript.project import Project
from migrator.jobs import Worker
from migrator.regex import regex
from migrator.syntax.source import span
from migrator.syntax.tree import walk
from migrator.systems.inngest import FRAMEWORKS

_API = "api.inngest.com"
_ORIGIN = regex(r"""["'`]https://api\.inngest\.com/?["'`]""")
_POLICY = b"connect-src"
_FROM_SETTING = regex(r"\$\{[^}]*INNGEST_")
_ABOUT_RUNS = regex(r"/runs\b|/v\d+/(?:events|functions|cancellations)\b")
#: frameworks whose code runs where no connection to Redis can be held
_EDGE = ("edge", "cloudflare", "deno/fresh")
#: how Deno asks for packages
_BY_ADDRESS = ("jsr:", "npm:", "https://", "http://")
_EDGE_RUNTIME = regex(rb"""\bruntime\s*[:=]\s*["'](?:experimental-)?edge["']""")
_NODE = regex(rb"""\bruntime\s*[:=]\s*["']nodejs["']""")


def block_for_places(found: Survey) -> None:
    """Where code runs that cannot talk to Redis, or that talks to Inngest in another way."""
    for endpoint in found.endpoints:
        framework = str(getattr(endpoint.options.get("framework"), "value", ""))
        for name in _EDGE:
            if framework == FRAMEWORKS[name]:
                reason = f"the application is served by inngest/{name}, where no connection to Redis can be held"
                for function in found.functions:
                    # `inngest/edge` is for anything that speaks Request and Response, Node among it.
                    function.block("MIG461", reason, unsafe=name == "edge")
    for path in found.project.code:
        if _on_edge(found.project, path) and _reaches(found, path):
            for function in found.functions:
                function.block("MIG461", "code runs on an edge runtime, where no connection to Redis can be held", place=path)
    for client in found.clients:
        if runs_on_deno(found.project, client.path):
            for function in found.functions:
                function.block("MIG461", "a client runs on Deno, where the generated code finds no packages", place=client.path)
    for path in found.project.code:
        line = _asks(found, path)
        if line:
            for function in found.functions:
                function.block("MIG472", "code asks Inngest about runs, and would hear nothing of those in a queue", place=f"{path}:{line}")
    for worker in found.inventory.of(Worker, NAME):
        if worker.name == "connect" and not worker.area:
            for function in found.functions:
                function.block("MIG454", f"connect() in {worker.location.path} runs it; take it out of that list")
    for function in found.functions:
        dependencies = found.project.dependencies(found.project.package_of(function.path))
        for name, least in (("bullmq", 5), ("ioredis", 5)):
            number = re.search(r"\d+", dependencies.get(name, ""))
            if number and int(number[0]) < least:
                function.block("MIG467", f"the application has {name} {dependencies[name]}; the runtime needs version {least}")


def runs_on_deno(project: Project, path: str) -> bool:
    """True for a file that takes its packages by address, and for a function of Supabase."""
    if "supabase/functions/" in f"/{path}":
        return True
    return any(e.module.startswith(_BY_ADDRESS) for e in imported(project.source(path)) if not e.type_only)


def _asks(found: Survey, path: str) -> int:
    """The line on which code asks Inngest's API what has become of a run; 0 if none does."""
    data = found.project.read(path)
    if is_test(path) or MARK in data or b"inngest" not in data.lower():
        return 0
    source = found.project.source(path)
    ours = [span(c.call) for c in found.clients if c.path == path and c.call is not None]
    for endpoint in found.endpoints:
        call = call_of(found.project, endpoint)
        if endpoint.location.path == path and call is not None:
            ours.append(span(call))
    for node in walk(source.root, ("string", "template_string")):
        text = source.text(node)
        own = any(s.start <= node.start_byte and node.end_byte <= s.end for s in ours)
        # A policy that lets browsers connect to an address asks nothing of it.
        if own or "/e/" in text or (_POLICY in data and _ORIGIN.fullmatch(text)):
            continue
        if _API in text or (b"INNGEST_" in data and _ABOUT_RUNS.search(text)) or _FROM_SETTING.search(text):
            return node.start_point.row + 1
    return 0


def _on_edge(project: Project, path: str) -> bool:
    """True for a file that says so, and for Next.js's middleware, which has to say otherwise."""
    data = project.read(path)
    stem, end = posixpath.splitext(posixpath.relpath(path, project.package_of(path) or "."))
    if stem in ("middleware", "src/middleware") and end in (".ts", ".js") and "next" in project.dependencies(project.package_of(path)):
        return _NODE.search(data) is None
    return _EDGE_RUNTIME.search(data) is not None


def _reaches(found: Survey, path: str) -> bool:
    """True if the file, or what it imports, has to do with a client."""
    wanted = {c.path for c in found.clients} | {s.location.path for s in found.sends} | {e.location.path for e in found.endpoints}
    seen, pending = set[str](), [path]
    while pending:
        current = pending.pop()
        if current in wanted:
            return True
        if current not in seen:
            seen.add(current)
            entries = [e for e in imported(found.project.source(current)) if not e.type_only]
            pending += [target for e in entries if (target := found.project.resolve(current, e.module))]
    return False
