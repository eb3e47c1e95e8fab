"""What is left of Inngest when everything has moved: every other word of it, for a person to look at."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from migrator.codemods.changes import Decision, Edit
from migrator.codemods.typescript.inngest_to_bullmq.generated import MARK
from migrator.codemods.typescript.project import Project
from migrator.jobs import Location, Span
from migrator.regex import regex

_LOCKS = frozenset(("package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb", "npm-shrinkwrap.json"))
_WORD = regex(rb"inngest", re.IGNORECASE)
_BINARY = regex(rb"\x00")


def mentions(
    project: Project, edits: Iterable[Edit], removed: Iterable[str], decisions: Iterable[Decision], names: Iterable[str]
) -> list[Decision]:
    """One decision for each file that still speaks of Inngest in a place that nothing has changed or explained.

    Paths of modules count as the application's own names: `./inngest/client` may be called what it likes. So do `names`, what its
    clients are called.
    """
    gone, own = set(removed), {n.encode() for n in names}
    changed: dict[str, list[Span]] = {}
    for edit in edits:
        changed.setdefault(edit.path, []).append(edit.span)
    told = {(d.location.path, d.location.line) for d in decisions}
    generated = {posixpath.dirname(p) for p in project.code if MARK in project.read(p)}
    found: list[Decision] = []
    for path in project.sizes:
        if path in gone or posixpath.basename(path) in _LOCKS:
            continue
        data = project.read(path)
        if _BINARY.search(data[:1000]) or posixpath.dirname(path) in generated:
            continue
        lines = [line for line in _lines(data, changed.get(path, []), own) if (path, line) not in told]
        if lines:
            where = Location(path, lines[0], 0, lines[0], Span(0, 0))
            more = f" (and on {len(lines) - 1} more lines)" if len(lines) > 1 else ""
            found.append(
                Decision(
                    kind="reference",
                    name=path,
                    location=where,
                    safety="manual",
                    outcome="left",
                    summary=f"Still speaks of Inngest{more}, which is no longer there; see whether it should.",
                    traps=("MIG468",),
                    group=path,
                )
            )
    return found


def _lines(data: bytes, spans: list[Span], own: set[bytes]) -> list[int]:
    lines: list[int] = []
    for match in _WORD.finditer(data):
        start, end = match.span()
        if _word(data, start, end) in own:
            continue
        if any(s.start <= start and end <= s.end for s in spans) or _in_path(data, start, end):
            continue
        line = data.count(b"\n", 0, start) + 1
        if not lines or lines[-1] != line:
            lines.append(line)
    return lines


def _word(data: bytes, start: int, end: int) -> bytes:
    """The identifier around a match."""
    while start > 0 and (data[start - 1 : start].isalnum() or data[start - 1 : start] in (b"_", b"$")):
        start -= 1
    while data[end : end + 1].isalnum() or data[end : end + 1] in (b"_", b"$"):
        end += 1
    return data[start:end]


def _in_path(data: bytes, start: int, end: int) -> bool:
    """True within a relative or aliased module path in quotes."""
    line = data[data.rfind(b"\n", 0, start) + 1 : end + 200].split(b"\n", 1)[0]
    at = start - (data.rfind(b"\n", 0, start) + 1)
    for match in re.finditer(rb"""(["'])((?:\.{1,2}/|[@~#]/|[@~#][\w-]+/)[^"'\n]*)\1""", line):
        if match.start() <= at < match.end() and not match[2].startswith(b"@inngest/"):
            return True
    return False
