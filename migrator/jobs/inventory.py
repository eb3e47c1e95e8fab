"""What a scan found: items, loose ends, and how the scan went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

import msgspec

from migrator.jobs.findings import Check, Compared, Finding, Severity, Suppressed
from migrator.jobs.live import Live
from migrator.jobs.model import Candidate, Confidence, Item, Kind, Reference, Unresolved
from migrator.jobs.runtime import Runtime

KINDS: tuple[Kind, ...] = ("definition", "enqueue", "schedule", "worker", "client", "endpoint", "dependency", "setting")

I = TypeVar("I", bound=Item)


class Stats(msgspec.Struct, frozen=True):
    """How the scan went. `seconds` is wall time and the only figure that differs between two runs on one tree."""

    files_seen: int = 0
    files_parsed: int = 0
    files_failed: int = 0
    bytes_read: int = 0
    files_skipped: dict[str, int] = {}  #: reason -> number, such as a file over the size limit
    seconds: float = 0.0


class Scope(msgspec.Struct, frozen=True):
    """What an inventory was narrowed to, as it was asked for; all empty: nothing was left out. Patterns are those of `.gitignore`."""

    include: tuple[str, ...] = ()  #: only what stands in these files
    exclude: tuple[str, ...] = ()  #: files that were not read at all
    systems: tuple[str, ...] = ()  #: only these systems
    since: str = ""  #: only files that changed since this revision
    severity: Severity | None = None  #: only findings that are as bad, or worse
    confidence: Confidence | None = None  #: only findings that are as sure, or surer


class Inventory(msgspec.Struct, frozen=True, dict=True):
    """Everything known about the jobs of one code base, sorted by path, line and kind."""

    root: str
    items: tuple[Item, ...]
    references: tuple[Reference, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    stats: Stats = Stats()
    findings: tuple[Finding, ...] = ()  #: that count, the worst first
    suppressed: tuple[Suppressed, ...] = ()  #: findings that do not count, with the reason
    below: int = 0  #: findings that are not shown because they are less bad, or less sure, than was asked for
    baseline: Compared | None = None  #: what a baseline did, where there is one
    checks: tuple[Check, ...] = ()  #: what became of each rule that was looked at
    candidates: tuple[Candidate, ...] = ()  #: synchronous code that could be a job, where it was asked for
    versions: dict[str, str] = {}  #: system -> declared version, where a manifest tells
    scope: Scope = Scope()
    runtime: Runtime | None = None  #: what running systems said, where they were asked
    live: Live | None = None  #: what was seen at running servers, where they were looked at

    def of(self, kind: type[I], system: str = "") -> tuple[I, ...]:
        """Items of one record type, of one system if named."""
        return tuple(i for i in self.items if isinstance(i, kind) and system in ("", i.system))

    def narrowed(self, scope: Scope, *, wanted: Callable[[str], bool]) -> Inventory:
        """Only what stands in files that are `wanted`, by their path, and belongs to the systems of `scope`, which says why."""

        def ours(system: str) -> bool:
            return not scope.systems or system in scope.systems

        def kept(path: str, system: str) -> bool:
            return ours(system) and wanted(path)

        def about(finding: Finding) -> bool:
            # What is wrong at a running server stands in no file; at one that several systems share, or none, it concerns all.
            concerned = not scope.systems or bool(set(finding.systems) & set(scope.systems)) or not (finding.line or finding.systems)
            return concerned and (not finding.line or wanted(finding.path))

        findings = tuple(f for f in self.findings if about(f))
        shown = tuple(f for f in findings if f.reaches(scope.severity, scope.confidence))
        return msgspec.structs.replace(
            self,
            # What only a running system knows stands in no file.
            items=tuple(i for i in self.items if kept(i.location.path, i.system) or (not i.location.line and ours(i.system))),
            references=tuple(r for r in self.references if kept(r.location.path, r.system)),
            candidates=tuple(c for c in self.candidates if wanted(c.location.path)),
            findings=shown,
            below=len(findings) - len(shown),
            suppressed=tuple(s for s in self.suppressed if about(s.finding)),
            # A file that could not be read may hold jobs of any system.
            unresolved=tuple(u for u in self.unresolved if wanted(u.path) and (not u.system or kept(u.path, u.system))),
            versions={system: version for system, version in self.versions.items() if not scope.systems or system in scope.systems},
            scope=scope,
            runtime=self.runtime.narrowed(scope.systems) if self.runtime is not None else None,
            live=self.live.narrowed(scope.systems) if self.live is not None else None,
        )

    @cached_property
    def production(self) -> tuple[Item, ...]:
        """Items outside tests and examples; of a wrapper its callers, not its inside."""
        return tuple(i for i in self.items if not i.area and not i.wrapper)

    def left_out(self) -> dict[str, int]:
        """Items in tests and examples: area -> number. They matter to a rewrite, not to what runs in production."""
        return dict(Counter(i.area for i in self.items if i.area))

    def counts(self) -> dict[str, dict[Kind, int]]:
        """system -> kind -> number of items in production code."""
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for item in self.production:
            table[item.system][item.kind] += 1
        return {system: {k: table[system][k] for k in KINDS if table[system][k]} for system in sorted(table)}
