"""Comments that suppress findings, as they are written: `migrate: ignore[JOB105] the reason`, `migrate: ignore-file[JOB1] the reason`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from migrator.jobs.redaction import redact_text
from migrator.regex import regex
from migrator.rules.comments import Comment, can_hold, comments
from migrator.rules.evidence import Evidence
from migrator.scanners.files import area_of
from migrator.scanners.prefilter import containing

_NEEDLE = b"migrate:"
_ANYWHERE = regex(rb"migrate:[ \t]*ignore")
# It begins the comment, or one behind a comment for another tool (`# type: ignore  # migrate: …`).
_MARK = regex(
    r"(?:^[ \t#/*!-]*|[#/][ \t]*)migrate:[ \t]*ignore(?P<file>-file)?(?![\w-])[ \t]*(?:\[(?P<words>[^\]\n]*)\])?(?P<reason>[^\n]*)",
    re.MULTILINE,
)
_ID = regex(r"\bJOB\d")


@dataclass
class Mark:
    """One such comment. `covers` is the line it counts for, None for the whole file; `used` are the words that suppressed something."""

    path: str
    line: int
    covers: int | None
    words: tuple[str, ...]
    reason: str
    used: set[str] = field(default_factory=set[str])


def marks(evidence: Evidence) -> Iterator[Mark]:
    """Every such comment in production code."""
    for path in containing(evidence.tree, filter(can_hold, evidence.tree.sizes), (_NEEDLE,)):
        if not area_of(path) and _ANYWHERE.search(evidence.tree.read(path)):
            said = list(comments(evidence, path))
            lone = {line for comment in said if comment.alone for line in range(comment.line, comment.end + 1)}
            for comment in said:
                yield from _read(path, comment, lone)


def _read(path: str, comment: Comment, lone: Collection[int]) -> Iterator[Mark]:
    """The marks in a comment; `lone` are the lines that hold nothing but comments."""
    for found in _MARK.finditer(comment.text):
        words = tuple(dict.fromkeys(word.strip() for word in (found["words"] or "").split(",") if word.strip()))
        reason = redact_text(found["reason"].strip().removesuffix("*/").removesuffix("-->").strip(" \t:–-"))
        if found["words"] is None and not found["file"] and reason and not _ID.search(reason):
            # A sentence that begins so, such as one about the rows that a migration of the database leaves alone.
            continue
        covers = comment.line
        if comment.alone:
            covers = comment.end + 1
            while covers in lone:
                covers += 1
        line = comment.line + comment.text.count("\n", 0, found.start("file") if found["file"] else found.end())
        yield Mark(path, line, None if found["file"] else covers, words, reason)
