"""`migrate audit --format json` as typed structs: a public contract, versioned; `docs/audit.schema.json` is generated from here."""

from __future__ import annotations

from typing import Any
from typing import Literal as OneOf

import msgspec

from migrator.jobs.findings import Check, Compared, Finding, Suppressed
from migrator.jobs.inventory import Inventory, Scope, Stats
from migrator.jobs.live import Live
from migrator.jobs.model import Candidate, Confidence, Item, Kind, Unresolved
from migrator.jobs.redaction import redact, redact_text
from migrator.jobs.runtime import Runtime

_HEADER = frozenset(("system", "language", "name", "location", "confidence"))
_EMPTY = (None, "", [], {}, False)


class AuditItem(msgspec.Struct, frozen=True):
    """One thing found. `line` is 1-based and stands at the decorator or call that makes the thing; `details` leave out what is empty.

    Of what a running system knows `path` is its address and the place there, and `line` is 0.
    """

    kind: Kind
    system: str
    language: str
    name: str
    path: str
    line: int
    column: int
    end_line: int
    confidence: Confidence
    details: dict[str, Any]


class AuditReport(msgspec.Struct, frozen=True):
    """Everything that an audit says. Items in tests and examples are only counted, in `left_out`; `scope` says what it was narrowed to.

    `findings` are those that count; `suppressed` those that people chose to live with; `below` is how many `scope` asks not to show.
    """

    schema: OneOf["migrator.audit/1"]
    root: str
    scope: Scope
    systems: dict[str, dict[Kind, int]]
    versions: dict[str, str]
    items: tuple[AuditItem, ...]
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    below: int
    baseline: Compared | None
    checks: tuple[Check, ...]
    candidates: tuple[Candidate, ...]
    unresolved: tuple[Unresolved, ...]
    left_out: dict[str, int]
    runtime: Runtime | None
    live: Live | None
    stats: Stats


def audit_report(inventory: Inventory) -> AuditReport:
    """The inventory in its public form, secrets masked."""
    return AuditReport(
        "migrator.audit/1",
        inventory.root,
        inventory.scope,
        inventory.counts(),
        inventory.versions,
        tuple(_item(i) for i in inventory.production),
        inventory.findings,
        inventory.suppressed,
        inventory.below,
        inventory.baseline,
        inventory.checks,
        tuple(_masked(c) for c in inventory.candidates),
        tuple(msgspec.structs.replace(u, source=redact_text(u.source)) for u in inventory.unresolved),
        inventory.left_out(),
        inventory.runtime,
        inventory.live,
        inventory.stats,
    )


def _masked(candidate: Candidate) -> Candidate:
    reasons = tuple(msgspec.structs.replace(r, call=redact_text(r.call)) for r in candidate.reasons)
    return msgspec.structs.replace(candidate, reasons=reasons)


def _item(item: Item) -> AuditItem:
    where = item.location
    fields = {k: v for k, v in msgspec.to_builtins(item).items() if k not in _HEADER and v not in _EMPTY}
    return AuditItem(
        item.kind,
        item.system,
        item.language,
        item.name,
        where.path,
        where.line,
        where.column,
        where.end_line,
        item.confidence,
        redact(fields),
    )
