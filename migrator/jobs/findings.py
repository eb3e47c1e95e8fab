"""What rules say of an inventory: findings, and for every rule what became of it."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.jobs.model import Confidence

Severity = OneOf["critical", "high", "medium", "low", "info"]
#: the worst first
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
#: the surest first
CONFIDENCES: tuple[Confidence, ...] = ("certain", "likely", "possible")
#: `unknown`: the premise could not be established; `not-applicable`: nothing that the rule is about is there
State = OneOf["fail", "pass", "unknown", "not-applicable"]


class Spot(msgspec.Struct, frozen=True):
    """A place of a tree: path relative to the root, 1-based line; `what` stands there.

    In a running server: its address without user and password, `#` and the place there; line 0.
    """

    path: str
    line: int
    what: str = ""


class Finding(msgspec.Struct, frozen=True):
    """A defect in the job code as it is today. `others`: further places of the same defect, or the evidence for it; `fix`: what to do.

    `symbol` is the function, class or variable that it stands in, empty at the top of a file; `fingerprint` stays the same when lines above
    it come and go.
    Of a defect at a running server `path` is its address and the place there, and `line` is 0.
    """

    id: str
    name: str
    severity: Severity
    confidence: Confidence
    path: str
    line: int
    message: str
    fix: str = ""
    systems: tuple[str, ...] = ()
    others: tuple[Spot, ...] = ()
    symbol: str = ""
    fingerprint: str = ""

    def reaches(self, severity: Severity | None, confidence: Confidence | None) -> bool:
        """True if it is at least as bad, and at least as sure, as these; None asks for nothing."""
        bad = severity is None or SEVERITIES.index(self.severity) <= SEVERITIES.index(severity)
        return bad and (confidence is None or CONFIDENCES.index(self.confidence) <= CONFIDENCES.index(confidence))

    @property
    def places(self) -> tuple[Spot, ...]:
        """Every place of it, its own first."""
        return (Spot(self.path, self.line), *self.others)


class Suppressed(msgspec.Struct, frozen=True):
    """A finding that does not count, because people said so: in a comment, in the project's settings, or by writing it into a baseline.

    `path` and `line` say where they did (line 0: anywhere in the file); `reason` is what they wrote.
    """

    finding: Finding
    by: OneOf["comment", "settings", "baseline"]
    reason: str
    path: str
    line: int = 0


class Mended(msgspec.Struct, frozen=True):
    """What a baseline lists and what is no longer found: `number` places of a rule in one file and symbol."""

    rule: str
    path: str
    symbol: str
    number: int


class Compared(msgspec.Struct, frozen=True):
    """What a baseline did: how many findings it knew, if only in part, how many are new, and what `--prune-baseline` takes out of it."""

    path: str
    known: int
    new: int
    mended: tuple[Mended, ...] = ()


class Check(msgspec.Struct, frozen=True):
    """What became of one rule: `evidence` for a pass or a failure; `reason` where it cannot be told somewhere, be it beside a failure."""

    id: str
    name: str
    state: State
    reason: str = ""
    evidence: tuple[Spot, ...] = ()
    untold: tuple[Spot, ...] = ()  #: where it cannot be told
