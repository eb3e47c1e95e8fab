"""Findings that people chose to live with: said in a comment beside the code, or in the project's settings.

A comment counts for its own line or, alone on a line, for the next one; `ignore-file` counts for the whole file. It has to name rules and
to say why. What is unknown cannot be suppressed: it is no finding.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from migrator.jobs.findings import Check, Finding, Spot, Suppressed
from migrator.regex import regex
from migrator.rules.evidence import Evidence
from migrator.rules.marks import Mark, marks
from migrator.rules.parts import part, rest
from migrator.scanners.files import matching

#: the rule that speaks about comments that suppress nothing; no comment can silence it
ITSELF = "JOB098"
_BEGINNING = regex(r"JOB\d+")


class PerFile(msgspec.Struct, frozen=True):
    """What a project's settings say: pattern of files (as in `.gitignore`) -> rules that do not count there. `origin` is their file."""

    rules: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict[str, Sequence[str]])
    origin: str = ""


class _Leave(msgspec.Struct, frozen=True):
    """By what a finding is accepted."""

    by: OneOf["comment", "settings"]
    reason: str
    path: str
    line: int = 0


class Suppressions:
    """All that an application says about findings that it lives with. `names`: id -> name of every rule there is."""

    def __init__(self, evidence: Evidence, names: Mapping[str, str], per_file: PerFile) -> None:
        self._names, self._origin = names, per_file.origin
        self._marks: dict[str, list[Mark]] = defaultdict(list)
        for mark in marks(evidence):
            self._marks[mark.path].append(mark)
        self._settings = [(pattern, matching(evidence.root, (pattern,)), words) for pattern, words in per_file.rules.items()]
        self._looked_at: dict[str, Check] = {}
        self._told: dict[tuple[str, str], set[int]] = defaultdict(set)

    def apply(self, findings: Iterable[Finding], checks: Iterable[Check]) -> tuple[list[Finding], list[Suppressed]]:
        """The findings that count, and those that do not. A finding with many places goes on counting for those that nobody accepts."""
        self._looked_at = {check.id: check for check in checks}
        kept: list[Finding] = []
        suppressed: list[Suppressed] = []
        for finding in findings:
            accepted: dict[_Leave, list[Spot]] = defaultdict(list)
            left: list[Spot] = []
            for spot in finding.places:
                self._told[finding.id, spot.path].add(spot.line)
                leave = self._leave(finding.id, spot)
                (accepted[leave] if leave is not None else left).append(spot)
            for leave, spots in accepted.items():
                suppressed.append(Suppressed(part(finding, spots), leave.by, leave.reason, leave.path, leave.line))
            if left:
                kept.append(rest(finding, left, "is accepted", "are accepted"))
        return kept, suppressed

    def wrong(self) -> Iterator[tuple[Spot, str]]:
        """Every comment that does not do what it looks like, with what is wrong. To be asked after `apply`."""
        for mark in (mark for group in self._marks.values() for mark in group):
            at = Spot(mark.path, mark.line)
            form = "ignore-file" if mark.covers is None else "ignore"
            if not mark.words:
                yield at, f"This comment names no rule and suppresses nothing: write `migrate: {form}[JOB105] the reason`."
            elif not mark.reason:
                named = ", ".join(mark.words)
                yield at, f"This comment gives no reason and suppresses nothing: write `migrate: {form}[{named}] the reason`."
            else:
                yield from ((at, message) for word in mark.words if (message := self._wrong_word(mark, word)))

    def right(self) -> Spot | None:
        """A comment that suppresses something."""
        return next((Spot(m.path, m.line, "suppresses what it names") for group in self._marks.values() for m in group if m.used), None)

    def _wrong_word(self, mark: Mark, word: str) -> str:
        """What is wrong with one word of a comment; empty if nothing is, or if it cannot be told."""
        ids = self._meant(word, whole=mark.covers is not None)
        if not ids:
            close = difflib.get_close_matches(word, [*self._names, *self._names.values()], 1)
            return f"`{word}` is no rule" + (f"; did you mean {close[0]}?" if close else ".")
        if ids == frozenset((ITSELF,)):
            return f"{ITSELF} cannot be suppressed by a comment: mend the comment that it is about."
        # Of a rule that was not looked at, or cannot tell, nobody knows whether there is something to suppress.
        decided = all(i in self._looked_at and not self._looked_at[i].reason for i in ids - {ITSELF})
        if word in mark.used or not decided:
            return ""
        if mark.covers is None:
            return f"Nothing in this file is found by {word}: the comment can go."
        there = sorted({line for i in ids for line in self._told.get((i, mark.path), ())})
        if there:
            lines = f"line{'s' * (len(there) > 1)} {', '.join(map(str, there[:3]))}{' …' * (len(there) > 3)}"
            return f"{word} finds nothing at line {mark.covers}, but at {lines}: the comment belongs there."
        return f"{word} finds nothing at line {mark.covers}: the comment can go."

    def _leave(self, rule: str, spot: Spot) -> _Leave | None:
        """Who says that a rule does not count at a place; None if nobody does."""
        for mark in self._marks.get(spot.path, ()):
            if mark.reason and mark.covers in (None, spot.line):
                words = [word for word in mark.words if rule in self._meant(word, whole=mark.covers is not None)]
                mark.used.update(words)
                if words:
                    return _Leave("comment", mark.reason, mark.path, mark.line)
        for pattern, files, words in self._settings:
            if spot.path in files and any(rule in self._meant(word, whole=False) for word in words):
                return _Leave("settings", f"per-file-ignores of {pattern}", self._origin)
        return None

    def _meant(self, word: str, *, whole: bool) -> frozenset[str]:
        """The ids of the rules that a word means: an id or a name, and unless it has to be `whole`, the beginning of an id (`JOB1`)."""
        beginning = not whole and _BEGINNING.fullmatch(word) is not None
        return frozenset(i for i, name in self._names.items() if word in (i, name) or (beginning and i.startswith(word)))
