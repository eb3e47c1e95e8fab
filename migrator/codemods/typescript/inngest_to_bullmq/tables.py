"""The generated route table and worker of an earlier run: what they hold, and how more is put into them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from tree_sitter import Node

from migrator.codemods.changes import Edit
from migrator.codemods.rendering import render
from migrator.codemods.typescript.imports import imported
from migrator.codemods.typescript.inngest_to_bullmq.generated import MARK, Place, finished
from migrator.codemods.typescript.project import Project
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field, walk


def constant(source: Source) -> str:
    """What a file calls its `createJobs(…)`; empty if it has none."""
    for declarator in walk(source.root, ("variable_declarator",)):
        name, value = field(declarator, "name"), field(declarator, "value")
        function = field(value, "function") if value is not None and value.type == "call_expression" else None
        if name is not None and function is not None and source.text(function) == "createJobs":
            return source.text(name)
    return ""


def events_of_earlier_runs(project: Project) -> set[str]:
    """Events that route tables of earlier runs name: what has moved listens to them."""
    found: set[str] = set()
    for path in project.code:
        if MARK in project.read(path):
            routes = posixpath.join(posixpath.dirname(path), f"routes{posixpath.splitext(path)[1]}")
            array = _array(project.source(routes), "routes") if routes in project else None
            for pair in walk(array, ("pair",)) if array is not None else ():
                key, value = field(pair, "key"), field(pair, "value")
                if key is not None and value is not None and key.text == b"name" and value.type == "string":
                    found.add(project.source(routes).text(value)[1:-1])
    return found


def definitions_of_earlier_runs(project: Project, clients: Iterable[str]) -> dict[str, list[Span]]:
    """File -> spans of the `jobs.define(…)` calls in it. `clients`: files in which clients are made."""
    made = {path: constant(project.source(path)) for path in clients}
    found: dict[str, list[Span]] = {}
    for path in project.code:
        if b".define(" not in project.read(path):
            continue
        source = project.source(path)
        names = {e.local for e in imported(source) if e.name and made.get(project.resolve(path, e.module)) == e.name}
        names |= {made[path]} if made.get(path) else set()
        for call in walk(source.root, ("call_expression",)):
            owner, method = field(call, "function", "object"), field(call, "function", "property")
            if owner is not None and method is not None and source.text(method) == "define" and source.text(owner) in names:
                found.setdefault(path, []).append(Span(call.start_byte, call.end_byte))
    return found


def sends_of_earlier_runs(project: Project, definitions: Mapping[str, list[Span]]) -> set[str]:
    """Names of events that functions of earlier runs send by steps, as far as they are written there."""
    names: set[str] = set()
    for path, spans in definitions.items():
        source = project.source(path)
        for call in walk(source.root, ("call_expression",)):
            method, arguments = field(call, "function", "property"), field(call, "arguments")
            inside = any(s.start <= call.start_byte and call.end_byte <= s.end for s in spans)
            if not inside or method is None or source.text(method) != "sendEvent" or arguments is None:
                continue
            for pair in walk(arguments, ("pair",)):
                key, value = field(pair, "key"), field(pair, "value")
                if key is not None and value is not None and source.text(key).strip("'\"") == "name" and value.type == "string":
                    names.add(source.text(value)[1:-1])
    return names


def existing_rows(project: Project, place: Place) -> set[str]:
    """The queues that a route table names."""
    path = place.file("routes")
    array = _array(project.source(path), "routes") if path in project else None
    found: set[str] = set()
    for row in array.named_children if array is not None else ():
        for pair in (p for p in row.named_children if p.type == "pair"):
            key, value = field(pair, "key"), field(pair, "value")
            if key is not None and value is not None and key.text == b"queue":
                found.add(project.source(path).text(value).strip("'\""))
    return found


def append_routes(project: Project, place: Place, rows: Iterable[str], *, compares: bool) -> list[Edit]:
    """More rows at the end of the table."""
    path = place.file("routes")
    texts = [finished(place, row) if place.end == ".ts" else row for row in rows]
    if path not in project or not texts:
        return []
    source = project.source(path)
    array = _array(source, "routes")
    if array is None:
        return []
    start = array.end_byte - 1
    edits = [Edit(path, Span(start, start), "".join(f"  {text}\n" for text in texts))]
    if compares and b"function compare(" not in source.data:
        end = len(source.data)
        edits.append(Edit(path, Span(end, end), "\n" + finished(place, render("bullmq_compare.ts"))))
    return edits


def append_workers(project: Project, place: Place, lines: list[tuple[str, list[str]]]) -> list[Edit]:
    """More functions for the worker to run."""
    path = place.file("worker")
    if path not in project:
        return []
    source = project.source(path)
    array = next((n for n in walk(source.root, ("array",)) if _is_argument(source, n)), None)
    known = {e.local for e in imported(source)}
    fresh = [(line, names) for line, names in lines if not known & set(names)]
    if array is None or not fresh:
        return []
    last = max((e.statement for e in imported(source)), key=lambda n: n.end_byte)
    text = "".join(f"{line}\n" for line, _ in fresh)
    names = ", ".join(name for _, several in fresh for name in several)
    elements = [n for n in array.named_children if n.type != "comment"]
    if not elements:
        at, listed = array.start_byte + 1, names
    else:
        at, listed = elements[-1].end_byte, f", {names}"
        line = source.data.rfind(b"\n", 0, elements[-1].start_byte) + 1
        lead = source.data[line : elements[-1].start_byte]
        if not lead.strip():
            listed = "".join(f",\n{lead.decode()}{name}" for name in names.split(", "))
    return [Edit(path, Span(last.start_byte, last.start_byte), text), Edit(path, Span(at, at), listed)]


def _array(source: Source, name: str) -> Node | None:
    for declarator in walk(source.root, ("variable_declarator",)):
        key, value = field(declarator, "name"), field(declarator, "value")
        if key is not None and value is not None and source.text(key) == name and value.type == "array":
            return value
    return None


def _is_argument(source: Source, array: Node) -> bool:
    call = array.parent.parent if array.parent is not None else None
    function = field(call, "function")
    return function is not None and source.text(function) == "startWorkers"
