"""What a scan found: items, loose ends, and how the scan went. Its JSON is a public contract (`migrator.audit/1`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, TypeVar

import msgspec

from migrator.jobs.model import Item, Reference, Unresolved
from migrator.jobs.redaction import redact, redact_text

SCHEMA = "migrator.audit/1"
KINDS = ("definition", "enqueue", "schedule", "worker", "client", "endpoint", "dependency", "setting")

_HEADER = frozenset(("system", "language", "name", "location", "confidence"))
I = TypeVar("I", bound=Item)


class Stats(msgspec.Struct, frozen=True):
    """How the scan went. `seconds` is wall time and the only figure that differs between two runs on one tree."""

    files_seen: int = 0
    files_parsed: int = 0
    files_failed: int = 0
    bytes_read: int = 0
    files_skipped: dict[str, int] = {}  #: reason -> number, such as a file over the size limit
    seconds: float = 0.0


class Inventory(msgspec.Struct, frozen=True):
    """Everything known about the jobs of one code base, sorted by path, line and kind."""

    root: str
    items: tuple[Item, ...]
    references: tuple[Reference, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    stats: Stats = Stats()
    versions: dict[str, str] = {}  #: system -> declared version, where a manifest tells

    def of(self, kind: type[I], system: str = "") -> tuple[I, ...]:
        """Items of one record type, of one system if named."""
        return tuple(i for i in self.items if isinstance(i, kind) and system in ("", i.system))

    @property
    def production(self) -> tuple[Item, ...]:
        """Items outside tests and examples; of a wrapper its callers, not its inside."""
        return tuple(i for i in self.items if not i.area and not i.wrapper)

    def left_out(self) -> dict[str, int]:
        """Items in tests and examples: area -> number. They matter to a rewrite, not to what runs in production."""
        return dict(Counter(i.area for i in self.items if i.area))

    def counts(self) -> dict[str, dict[str, int]]:
        """system -> kind -> number of items in production code."""
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for item in self.production:
            table[item.system][item.kind] += 1
        return {system: {k: table[system][k] for k in KINDS if table[system][k]} for system in sorted(table)}

    def to_contract(self) -> dict[str, Any]:
        """The public JSON form, built of plain dicts and lists; see `docs/audit.schema.json`."""
        return {
            "schema": SCHEMA,
            "root": self.root,
            "systems": self.counts(),
            "items": [_contract_item(item) for item in self.production],
            "findings": [],
            "unresolved": [{**u, "source": redact_text(u["source"])} for u in msgspec.to_builtins(self.unresolved)],
            "left_out": self.left_out(),
            "stats": msgspec.to_builtins(self.stats),
        }


def _contract_item(item: Item) -> dict[str, Any]:
    fields = msgspec.to_builtins(item)
    where = item.location
    return {
        "kind": item.kind,
        "system": item.system,
        "language": item.language,
        "name": item.name,
        "path": where.path,
        "line": where.line,
        "column": where.column,
        "end_line": where.end_line,
        "confidence": item.confidence,
        "details": redact({k: v for k, v in fields.items() if k not in _HEADER and v not in (None, "", [], {}, ())}),
    }
