"""A finding at some of its places: where people accept the others, or knew them before."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.jobs.findings import Finding, Spot


def part(finding: Finding, spots: Sequence[Spot]) -> Finding:
    """The finding as it stands at some of its places."""
    return msgspec.structs.replace(finding, path=spots[0].path, line=spots[0].line, others=tuple(spots[1:]))


def rest(finding: Finding, left: Sequence[Spot], one: str, many: str) -> Finding:
    """What counts of a finding: the places that are `left`. Its message says what became of the others (`one`: `is accepted`)."""
    gone = len(finding.places) - len(left)
    if not gone:
        return finding
    became = f"1 of the places {one}." if gone == 1 else f"{gone} of the places {many}."
    return msgspec.structs.replace(part(finding, left), message=f"{finding.message} {became}")
