"""G10: documents speak of the new system."""

from __future__ import annotations

import re

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, met, unmet
from migrator.cutover.mentions import lines
from migrator.regex import regex

_DOCUMENTS = (".md", ".mdx", ".rst", ".adoc", ".txt")
#: what tells of the past may name it
_HISTORY = regex(r"(^|/)(change-?log|changes|history|news|releases?|adr|adrs|decisions)\b|(^|/)requirements[^/]*\.txt$", re.IGNORECASE)


def check(evidence: Evidence) -> Answer:
    """Unmet while a document names the old system."""
    documents = sorted(p for p in evidence.tree.sizes if p.lower().endswith(_DOCUMENTS) and not _HISTORY.search(p))
    names = {evidence.source.title, evidence.lock.source, *evidence.source.npm, *evidence.source.pypi}
    spelt = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    left = tuple(lines(evidence, documents, re.compile(rf"(?<![\w-])({spelt})(?![\w-])", re.IGNORECASE)))
    return unmet(*left) if left else met(f"none of {len(documents)} documents names {evidence.source.title}")


GATE = Gate(
    id="G10",
    title="Documents are up to date",
    asks="Does no document outside of the history name the old system?",
    how="Markdown and text files of the tree, but for changelogs and records of decisions. A wiki cannot be seen.",
    answered_by="machine",
    check=check,
)
