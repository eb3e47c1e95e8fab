"""A rewrite as data: edits by byte range, new and removed files, and the decision behind each. Nothing here touches a disk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Literal as OneOf

import msgspec

from migrator.jobs import Location, Span

Safety = OneOf["safe", "unsafe", "manual"]
#: what became of it: `rewritten`, or `left` as it was
Outcome = OneOf["rewritten", "left"]


class Edit(msgspec.Struct, frozen=True, order=True):
    """Replace the bytes of `span` in `path` by `text` (an empty span inserts).

    Spans count bytes of the file as the scan read it: as it is on disk, a byte order mark included, but UTF-16 as UTF-8.
    `text` is written with `\\n`; it takes the file's own newlines and encoding. `group` is that of the decision it serves, empty
    where it serves several (an import line, a manifest). What several groups share is best said as an insertion and a deletion:
    a commit in between then holds both the old and the new.
    """

    path: str
    span: Span
    text: str
    group: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one job, call, schedule, worker, setting or other reference, and why.

    `safe`: meaning is kept (and `left` then says that it needs no change). `unsafe`: depends on something that code cannot show.
    `manual`: left, a person must act.
    """

    kind: str  #: item kind, or `reference`
    name: str
    location: Location
    safety: Safety
    outcome: Outcome
    summary: str  #: one sentence: what was done, or what is to be done
    traps: tuple[str, ...] = ()  #: `MIG…` ids
    group: str = ""  #: the job (or file) that this belongs to; commits are made per group

    @property
    def open(self) -> bool:
        """True where work is left: for a person, or for a run with `--unsafe`."""
        return self.outcome == "left" and self.safety != "safe"


class ChangeSet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a codemod wants to do to a tree. Paths are relative to the root with `/`.

    Edits that say the same thing twice count once; insertions at one point keep the order in which they stand here.
    """

    source: str  #: source system
    target: str  #: target system
    edits: tuple[Edit, ...] = ()
    new_files: Mapping[str, str] = {}
    removed_files: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()  #: what to do around the deployment, in order

    def by_file(self) -> dict[str, list[Edit]]:
        """Edits grouped by path, in file order, without duplicates."""
        files: dict[str, dict[tuple[Span, str], Edit]] = defaultdict(dict)
        for edit in self.edits:
            files[edit.path].setdefault((edit.span, edit.text), edit)
        return {path: sorted(files[path].values(), key=lambda e: (e.span.start, e.span.end)) for path in sorted(files)}

    def counts(self) -> Counter[str]:
        """Number of decisions by safety."""
        return Counter(d.safety for d in self.decisions)
