"""G07: no manifest asks for the old system's packages."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, met, nothing, unmet
from migrator.cutover.mentions import LOCKFILES, files, lines, packages
from migrator.jobs import Dependency


def check(evidence: Evidence) -> Answer:
    """Unmet while a manifest or a lockfile names a package of the old system."""
    system = evidence.source
    if not system.npm and not system.pypi:
        return nothing(f"{system.title} has no package")
    left = [f"{i.location.place}: {i.name}" for i in evidence.left() if isinstance(i, Dependency)]
    locked = files(evidence, LOCKFILES)
    left += lines(evidence, locked, packages(system))
    return unmet(*left) if left else met(f"no manifest names {system.title}", *(f"{path} neither" for path in locked))


GATE = Gate(
    id="G07",
    title="Packages of the old system are gone",
    asks="Is no package of the old system left in a manifest or a lockfile, of any workspace, for development or production?",
    how="Dependencies of the audit, and lockfiles of any size searched for the packages' names, so that one that another package brings "
    "along is found, too.",
    answered_by="machine",
    check=check,
)
