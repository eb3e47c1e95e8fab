"""`TODO(migrate MIG…)` comments: above what a person has to change, once, in the comment syntax of the file."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from pathlib import PurePosixPath

from migrator.codemods.python.expressions import statement
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Location, Span

#: file suffixes and names whose comments begin with `#`
_HASH = frozenset((".yml", ".yaml", ".toml", ".txt", ".in", ".sh", ".cfg", ".ini", ".conf", ".service", ".env", ".py"))
_HASH_NAMES = ("Makefile", "makefile", "Procfile", "Dockerfile", "Pipfile")
_WIDTH = 120


def marker(tree: CodeTree, where: Location, trap: str, reason: str) -> tuple[Span, str] | None:
    """An insertion of the comment above the statement or line at `where`; None where it stands already, or cannot stand."""
    data = tree.data(where.path)
    offset = _statement_start(tree, where) if where.path.endswith(".py") else _line_start(data, where.line)
    if offset is None or not _takes_comments(where.path):
        return None
    start = data.rfind(b"\n", 0, offset) + 1
    if start == 0 and data.startswith(b"\xef\xbb\xbf"):
        start = 3
    if trap.encode() in _comments_above(data, start):
        return None
    indent = re.match(rb"[ \t]*", data[start:])
    lead = indent[0].decode() if indent is not None and PurePosixPath(where.path).name not in ("Makefile", "makefile") else ""
    width = max(40, _WIDTH - len(lead) - 2)
    lines = textwrap.wrap(f"TODO(migrate {trap}): {_sentence(reason)}", width, break_long_words=False, break_on_hyphens=False)
    return Span(start, start), "".join(f"{lead}# {line}\n" for line in lines)


def _sentence(reason: str) -> str:
    return reason[0].upper() + reason[1:].rstrip(".") + "." if reason else ""


def _statement_start(tree: CodeTree, where: Location) -> int | None:
    source = tree.source(where.path)
    node = source.root.descendant_for_byte_range(where.span.start, max(where.span.start, where.span.end - 1))
    if node is None or node.type == "module":
        return _line_start(source.data, where.line)
    found = statement(node)
    # The parts of a compound statement that are no block of their own (`elif`, `except`) cannot have a comment above them.
    while found.type in ("elif_clause", "else_clause", "except_clause", "finally_clause", "case_clause") and found.parent is not None:
        found = statement(found.parent)
    start = source.data.rfind(b"\n", 0, found.start_byte) + 1
    if source.data[start : found.start_byte].strip() and start != 0:
        # `if x: y`: the statement shares its line with what is before it.
        outer = found.parent
        return _statement_start(tree, source.location(outer)) if outer is not None and outer.type != "module" else found.start_byte
    return found.start_byte


def _line_start(data: bytes, line: int) -> int | None:
    offset = 0
    for _ in range(line - 1):
        offset = data.find(b"\n", offset) + 1
        if offset == 0:
            return None
    return offset


def _comments_above(data: bytes, start: int) -> bytes:
    """The comment lines directly above an offset."""
    found: list[bytes] = []
    for line in reversed(data[:start].splitlines()):
        if not line.strip().removeprefix(b"\xef\xbb\xbf").startswith(b"#"):
            break
        found.append(line)
    return b"\n".join(found)


def _takes_comments(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.suffix in _HASH or pure.name.startswith(_HASH_NAMES) or pure.name.startswith(".env")


def distinct(markers: Iterable[tuple[str, Span, str]]) -> list[tuple[str, Span, str]]:
    """Markers without those that say the same trap at the same place twice."""
    seen: set[tuple[str, int, str]] = set()
    kept: list[tuple[str, Span, str]] = []
    for path, where, text in markers:
        key = (path, where.start, text.split("(migrate ", 1)[1].split(")", 1)[0])
        if key not in seen:
            seen.add(key)
            kept.append((path, where, text))
    return kept
