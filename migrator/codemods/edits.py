"""Edits on the bytes of one file, in memory. What would damage the file is an error, never a guess."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.codemods.changes import Decision, Edit
from migrator.codemods.textform import narrow, text_form, widen
from migrator.errors import MigratorError
from migrator.jobs import Span

_OURS = "This is a fault of the rewrite, not of your code, and nothing was changed. Please report it with the lines around that place."


def apply_edits(data: bytes, edits: Sequence[Edit], decisions: Sequence[Decision] = ()) -> bytes:
    """`data` after all `edits`, which are of one file and in file order (see `ChangeSet.by_file`).

    Every byte outside the spans is kept. Overlapping spans, or spans that the file does not have, are errors;
    `decisions` serve to name who asked for them.
    """
    if not edits:
        return data
    path = edits[0].path
    data, wide = narrow(data, path)
    form = text_form(data, path)
    pieces: list[bytes] = []
    end = 0
    last: Edit | None = None
    for edit in (_after_mark(e, form.body) for e in edits):
        start, stop = edit.span.start, edit.span.end
        place = f"{path}:{line_of(data, start)}"
        if not 0 <= start <= stop <= len(data):
            raise MigratorError(f"an edit reaches outside the file: bytes {start} to {stop} of {len(data)}", place=place, remedy=_OURS)
        if start < end and last is not None:
            asked = f"{_who(last, decisions, data)} and {_who(edit, decisions, data)}"
            raise MigratorError(f"two rewrites want to change the same text: {asked}", place=place, remedy=_OURS)
        pieces += data[end:start], form.encode(edit.text, place=path)
        end, last = stop, edit
    return widen(b"".join((*pieces, data[end:])), wide)


def line_of(data: bytes, offset: int) -> int:
    """1-based line of a byte offset."""
    return data.count(b"\n", 0, max(offset, 0)) + 1


def _after_mark(edit: Edit, body: int) -> Edit:
    """A byte order mark stays where it is: what is to stand at the very start of the file stands behind it."""
    span = edit.span
    if span.start >= body or span.start < 0:
        return edit
    return msgspec.structs.replace(edit, span=Span(body, max(body, span.end)))


def _who(edit: Edit, decisions: Sequence[Decision], data: bytes) -> str:
    """The decision behind an edit: of its group if it has one, else the closest around it."""
    touching = [
        d
        for d in decisions
        if d.location.path == edit.path and d.location.span.start <= edit.span.end and edit.span.start <= d.location.span.end
    ]
    mine = [d for d in touching if edit.group and d.group == edit.group] or touching
    if mine:
        nearest = min(mine, key=lambda d: d.location.span.end - d.location.span.start)
        return f"{nearest.kind} {nearest.name!r} (line {nearest.location.line})"
    return f"{edit.group or 'an edit'} (line {line_of(data, edit.span.start)})"
