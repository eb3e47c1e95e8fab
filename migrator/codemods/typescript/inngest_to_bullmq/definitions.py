"""The edits of a definition: another call, attempts in place of retries. The handler keeps every byte."""

from __future__ import annotations

import posixpath

from tree_sitter import Node

from migrator.codemods.changes import Edit
from migrator.codemods.typescript.imports import elements_out, whole_line
from migrator.codemods.typescript.inngest_to_bullmq.options import DROPPED
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function, pairs
from migrator.jobs import Span
from migrator.syntax.source import span
from migrator.syntax.tree import field


def define(function: Function, receiver: str) -> list[Edit]:
    """`inngest.createFunction({ retries: 3, … }, …)` becomes `jobs.define({ attempts: 4, … }, …)`."""
    source, options, group = function.source, function.options, function.job.name
    if function.receiver is None or function.method is None or options is None:
        return []
    path = source.path
    edits = [Edit(path, span(function.method), "define", group)]
    if receiver != source.text(function.receiver):
        edits.append(Edit(path, span(function.receiver), receiver, group))
    edits += _done(function)
    entries = pairs(source, options)
    attempts = f"attempts: {function.facts.attempts}"
    first = options.named_children[0]
    if "id" not in entries:
        # Version 2 made the id of the name.
        edits.append(Edit(path, Span(first.start_byte, first.start_byte), f'id: "{function.job.name}", ', group))
    if "retries" in entries:
        edits.append(Edit(path, span(entries["retries"]), attempts, group))
    else:
        edits.append(_added(function, entries.get("id") or entries["name"], attempts))
    entry = entries.get("idempotency")
    if entry is not None:
        typed = "(event: any)" if posixpath.splitext(path)[1] in (".ts", ".tsx", ".mts", ".cts") else "(event)"
        value = field(entry, "value")
        name = "idempotency: " if value is None else ""
        edits.append(Edit(path, span(value or entry), f"{name}{typed} => {function.facts.idempotency}", group))
    gone = {entries[name].id for name in DROPPED if name in entries}
    if gone:
        elements = [n for n in options.named_children if n.type != "comment"]
        edits += [Edit(path, where, "", group) for where in elements_out(elements, gone)]
    return edits


def _done(function: Function) -> list[Edit]:
    """An earlier run's comment that the function stays, which it does no longer."""
    statement: Node | None = function.call
    while statement is not None and statement.parent is not None and statement.parent.type != "program":
        statement = statement.parent
    edits: list[Edit] = []
    comment = statement.prev_sibling if statement is not None else None
    while comment is not None and comment.type == "comment":
        if b"TODO(migrate MIG" in (comment.text or b""):
            edits.append(Edit(function.path, whole_line(function.source, comment), "", function.job.name))
        comment = comment.prev_sibling
    return edits


def _added(function: Function, after: Node, text: str) -> Edit:
    """An entry behind another one: on a line of its own where the object has several."""
    source = function.source
    data = source.data
    line = data.rfind(b"\n", 0, after.start_byte) + 1
    indent = data[line : after.start_byte].decode()
    several = not indent.strip() and function.options is not None and function.options.start_point.row != function.options.end_point.row
    glue = f",\n{indent}" if several else ", "
    return Edit(source.path, Span(after.end_byte, after.end_byte), f"{glue}{text}", function.job.name)
