"""Tables of which SQL in code takes rows and passes over those that others hold: what a worker does, and hardly anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.regex import regex
from migrator.scanners.files import Tree, area_of
from migrator.scanners.prefilter import containing
from migrator.syntax.source import SUFFIXES

_NEEDLES = (b"SKIP LOCKED", b"skip locked", b"Skip Locked")
_SKIPS = regex(r"\bskip\s+locked\b", re.IGNORECASE)
#: what ends the text before a statement, and how a statement begins that takes rows
_EDGES = ("`", ";", '"""', "'''")
_BEGINS = regex(r"\b(?:select|update|with)\b", re.IGNORECASE)
#: the name of a table stands behind one of these words, with its schema before it or not, between quotes that may be escaped or not
_TABLE = regex(r"\b(?:from|update|join)\s+(?:only\s+)?(?:\\?\"?\w+\\?\"?\s*\.\s*)?\\?\"?(\w+)", re.IGNORECASE)
#: how long a statement may be up to there
_LONGEST = 2000


def claimed_in_code(tree: Tree) -> frozenset[str]:
    """The tables, in lower case, of which a statement in the code of production takes rows with `skip locked`."""
    paths = (p for p in tree.sizes if p.endswith(tuple(SUFFIXES)) and not area_of(p))
    return frozenset(name for path in containing(tree, paths, _NEEDLES) for name in _tables(tree.read(path).decode("utf-8", "replace")))


def _tables(text: str) -> Iterator[str]:
    for skips in _SKIPS.finditer(text):
        before = text[max(0, skips.start() - _LONGEST) : skips.start()]
        before = before[max(before.rfind(edge) + len(edge) if edge in before else 0 for edge in _EDGES) :]
        begins = _BEGINS.search(before)
        for name in _TABLE.finditer(before, begins.start()) if begins is not None else ():
            yield name[1].lower()
