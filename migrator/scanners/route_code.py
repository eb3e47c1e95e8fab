"""Routes that code makes instead of a file's name: `app.get("/api/cron", handler)`, `@app.get("/api/cron")`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.scanners.declared import Declared
from migrator.scanners.files import area_of
from migrator.scanners.linking import Project
from migrator.syntax.source import SUFFIXES, Source
from migrator.syntax.tree import callee_of, enclosing, field

_VERBS = rb"(?:get|post|all|use|route|api_route|on)"
_CALLS = ("call_expression", "call")


def route_in_code(project: Project, route: str) -> Declared | None:
    """The call, or the decorator, that makes a route of the path; of several, the one that says most of it. None where two say as much."""
    wanted = "/" + "/".join(part for part in route.split("?")[0].split("/") if part)
    for written in _endings(wanted):
        found = [at for path in _holding(project, written) for at in _made(project.source(path), written)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _endings(route: str) -> Iterator[str]:
    """The path, and what is left of it where a router has the first parts of it elsewhere; a single part says too little."""
    parts = route.strip("/").split("/")
    for start in range(max(1, len(parts) - 1)):
        yield "/" + "/".join(parts[start:])


def _pattern(written: str) -> re.Pattern[bytes]:
    return re.compile(rb"\.\s*" + _VERBS + rb"\(\s*[\"'`]" + re.escape(written.encode()) + rb"/?[\"'`]")


def _holding(project: Project, written: str) -> Iterator[str]:
    needle, pattern = written.encode(), _pattern(written)
    for path in project.tree.sizes:
        if posixpath.splitext(path)[1] in SUFFIXES and not area_of(path):
            data = project.data(path)
            if needle in data and pattern.search(data):
                yield path


def _made(source: Source, written: str) -> Iterator[Declared]:
    for match in _pattern(written).finditer(source.data):
        inner = source.root.descendant_for_byte_range(match.end() - 1, match.end() - 1)
        call = enclosing(inner, _CALLS) if inner is not None else None
        if call is not None:
            yield _declared(source, call)


def _declared(source: Source, call: Node) -> Declared:
    if call.parent is not None and call.parent.type == "decorator" and call.parent.parent is not None:
        function = field(call.parent.parent, "definition") or call
        name = field(function, "name") or function
        return Declared(source, call.parent.parent, call.parent, function, source.text(name))
    callee = callee_of(call) or call
    arguments = field(call, "arguments")
    given = [c for c in arguments.named_children if c.type != "comment"] if arguments is not None else []
    return Declared(source, call, field(callee, "property") or field(callee, "attribute") or callee, given[-1] if given else call, "")
