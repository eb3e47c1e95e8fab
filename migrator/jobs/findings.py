"""What rules say of an inventory: findings, and for every rule what became of it."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.jobs.model import Confidence

Severity = OneOf["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
#: `unknown`: the premise could not be established; `not-applicable`: nothing that the rule is about is there
State = OneOf["fail", "pass", "unknown", "not-applicable"]


class Spot(msgspec.Struct, frozen=True):
    """A place of a tree: path relative to the root, 1-based line; `what` stands there."""

    path: str
    line: int
    what: str = ""


class Finding(msgspec.Struct, frozen=True):
    """A defect in the job code as it is today. `others`: further places of the same defect, or the evidence for it; `fix`: what to do."""

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


class Check(msgspec.Struct, frozen=True):
    """What became of one rule: `evidence` for a pass or a failure, `reason` for what is unknown."""

    id: str
    name: str
    state: State
    reason: str = ""
    evidence: tuple[Spot, ...] = ()
