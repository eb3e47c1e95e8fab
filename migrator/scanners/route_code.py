"""Routes that code makes instead of a file's name: `app.get("/api/cron", handler)`, `@app.get("/api/cron")`."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.declared import Declared
from migrator.scanners.files import area_of
from migrator.scanners.linking import Project
from migrator.syntax.source import SUFFIXES, Source
from migrator.syntax.tree import callee_of, enclosing, field

_MADE = regex(rb"""\.\s*(?:get|post|all|use|route|api_route|on)\(\s*["'`](/[^"'`\n]*)["'`]""")
_CALLS = ("call_expression", "call")
#: path -> (file, byte of its last quote) of the routes that a project's code makes
_Made = dict[str, list[tuple[str, int]]]
_KNOWN: WeakKeyDictionary[Project, _Made] = WeakKeyDictionary()


def route_in_code(project: Project, route: str) -> Declared | None:
    """The call, or the decorator, that makes a route of the path; of several, the one that says most of it. None where two say as much."""
    wanted = "/" + "/".join(part for part in route.split("?")[0].split("/") if part)
    for written in _endings(wanted):
        found = [_declared(project.source(path), end) for path, end in _made(project).get(written, ())]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def route_in_file(project: Project, route: str, path: str) -> Declared | None:
    """The call in the file `path`, which is known to answer a route, that makes it; None where several may be meant."""
    wanted = "/" + "/".join(part for part in route.split("?")[0].split("/") if part)
    for written in _endings(wanted, shortest=1):
        found = [end for file, end in _made(project).get(written, ()) if file == path]
        if found:
            return _declared(project.source(path), found[0]) if len(found) == 1 else None
    return None


def _endings(route: str, shortest: int = 2) -> Iterator[str]:
    """The path, and what is left of it where a router has the first parts of it elsewhere; a single part mostly says too little."""
    parts = route.strip("/").split("/")
    for start in range(max(1, len(parts) - shortest + 1)):
        yield "/" + "/".join(parts[start:])


def _made(project: Project) -> _Made:
    """Every route of the code outside of tests, looked for once."""
    known = _KNOWN.get(project)
    if known is None:
        known = _KNOWN[project] = defaultdict(list)
        for path in project.tree.sizes:
            if posixpath.splitext(path)[1] in SUFFIXES and not area_of(path):
                for match in _MADE.finditer(project.data(path)):
                    known[match[1].decode("utf-8", "replace").rstrip("/") or "/"].append((path, match.end() - 1))
    return known


def _declared(source: Source, end: int) -> Declared | None:
    inner = source.root.descendant_for_byte_range(end, end)
    call = enclosing(inner, _CALLS) if inner is not None else None
    return _of_call(source, call) if call is not None else None


def _of_call(source: Source, call: Node) -> Declared:
    if call.parent is not None and call.parent.type == "decorator" and call.parent.parent is not None:
        function = field(call.parent.parent, "definition") or call
        name = field(function, "name") or function
        return Declared(source, call.parent.parent, call.parent, function, source.text(name))
    callee = callee_of(call) or call
    arguments = field(call, "arguments")
    given = [c for c in arguments.named_children if c.type != "comment"] if arguments is not None else []
    return Declared(source, call, field(callee, "property") or field(callee, "attribute") or callee, given[-1] if given else call, "")
