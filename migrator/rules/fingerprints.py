"""By what a finding is known again in the next audit, when lines above it have come and gone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec
from tree_sitter import Node

from migrator.jobs.findings import Finding
from migrator.rules.evidence import Evidence
from migrator.rules.registry import rules
from migrator.syntax.source import SUFFIXES, Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, ancestors, field, name_of

_DIGITS = 16
_CLOSING = b" ;:,(){}[]"


class Identity(NamedTuple):
    """By what one place of a finding is known again. Both `path` and `symbol` are empty for what is wrong with a system as a whole."""

    path: str
    symbol: str
    mark: str  #: SHA-256 of rule, file, symbol and the line's text without its spaces; of rule and systems for a system as a whole


def identities(finding: Finding, evidence: Evidence) -> tuple[Identity, ...]:
    """One identity for each place of a finding, in order; only one for what is wrong with a system as a whole: its places are examples."""
    if any(rule.id == finding.id and rule.anywhere for rule in rules()):
        return (Identity("", "", _digest(finding.id, *finding.systems)),)
    told: list[Identity] = []
    for spot in finding.places:
        symbol, text = _where(spot.path, spot.line, evidence)
        told.append(Identity(spot.path, symbol, _digest(finding.id, spot.path, symbol, text)))
    return tuple(told)


def identified(findings: Iterable[tuple[Finding, Identity]]) -> tuple[Finding, ...]:
    """The findings with the symbol and fingerprint of their first place; where that is the same twice, the second has `:2` behind it."""
    seen = Counter[str]()
    told: list[Finding] = []
    for finding, first in findings:
        seen[first.mark] += 1
        mark = first.mark if seen[first.mark] == 1 else f"{first.mark}:{seen[first.mark]}"
        told.append(msgspec.structs.replace(finding, symbol=first.symbol, fingerprint=mark))
    return tuple(told)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS]


def _where(path: str, line: int, evidence: Evidence) -> tuple[str, str]:
    """The symbol around a line, and the text of the line; empty where the place is no line of a file."""
    if path not in evidence.tree:
        return "", ""
    if not path.endswith(tuple(SUFFIXES)):
        return "", "".join(_line(evidence.tree.read(path), line).decode("utf-8", "replace").split())
    source = evidence.bodies.view(path).source
    text = _line(source.data, line)
    # Its end is deeper in what it defines than its beginning: `export const mail = new Worker(`.
    column = len(text.rstrip().rstrip(_CLOSING) or text.rstrip()) - 1
    node = source.root.descendant_for_point_range((line - 1, column), (line - 1, column)) if text.strip() else None
    symbol = ".".join(reversed(list(_names(node, source)))) if node is not None else ""
    return symbol, "".join(text.decode("utf-8", "replace").split())


def _line(data: bytes, line: int) -> bytes:
    lines = _lines(data)
    return lines[line - 1] if 0 < line <= len(lines) else b""


@lru_cache(maxsize=4)
def _lines(data: bytes) -> list[bytes]:
    # Findings of a file follow each other.
    return data.split(b"\n")


def _names(node: Node, source: Source) -> Iterator[str]:
    """The names of what stands around a node, the innermost first."""
    last: Node | None = None
    for outer in (node, *ancestors(node)):
        named = field(outer, "definition") if outer.type == "decorated_definition" else outer
        if named is None:
            continue
        if named.type in FUNCTIONS or named.type in CLASSES:
            name = name_of(named)
        elif named.type == "variable_declarator":
            name = field(named, "name")
        elif named.type == "assignment":
            name = field(named, "left")
        else:
            continue
        # A pattern (`const { a, b } =`) is no name: it would change with every part of it.
        if name is not None and not name.child_count and name != last:
            yield source.text(name)
            last = name
