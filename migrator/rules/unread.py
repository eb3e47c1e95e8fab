"""Files that were read in part, or not at all: what a rule looks for may stand there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from migrator.jobs import Unresolved
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence
from migrator.scanners.files import area_of
from migrator.systems import SYSTEMS

#: how the readers say that a file, and not a piece of code in it, could not be read
_UNREAD = regex(
    r"parsed with gaps|not read:|could not be read:|nested more than|this is no plain YAML|its aliases make|.* is no valid (?:JSON|TOML)"
)
#: what asks for packages
_MANIFESTS = ("package.json", "pyproject.toml", "Pipfile", "setup.cfg")


def unread(evidence: Evidence) -> tuple[Unresolved, ...]:
    """The files of production code that could not be read as a whole, each with the reason."""
    found = (u for u in evidence.inventory.unresolved if not u.system and not area_of(u.path) and _UNREAD.match(u.reason))
    return tuple({u.path: u for u in found}.values())


def in_doubt(evidence: Evidence, systems: Iterable[str]) -> Spot | None:
    """A file that was not read as a whole and may say something of one of these systems: it names one, or asks for packages."""
    names = {p for s in systems if s in SYSTEMS for p in (*SYSTEMS[s].npm, *SYSTEMS[s].pypi)}
    named = re.compile(rb"\b(?:" + "|".join(map(re.escape, sorted(names))).encode() + rb")\b") if names else None
    for file in unread(evidence):
        if posixpath.basename(file.path) in _MANIFESTS or (named is not None and named.search(evidence.tree.head(file.path))):
            return Spot(file.path, file.line, file.reason)
    return None
