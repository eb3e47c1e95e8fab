"""Following names through a whole project: imports, re-exports, factories, wrappers, decorators, classes."""

from migrator.scanners.linking.evaluate import Evaluator
from migrator.scanners.linking.project import Project
from migrator.scanners.linking.values import (
    UNKNOWN,
    Defined,
    External,
    Frame,
    Instance,
    Known,
    Meaning,
    Member,
    Namespace,
    Node,
    Place,
    Structure,
    Unknown,
    parts,
)

__all__ = [
    "UNKNOWN",
    "Defined",
    "Evaluator",
    "External",
    "Frame",
    "Instance",
    "Known",
    "Meaning",
    "Member",
    "Namespace",
    "Node",
    "Place",
    "Project",
    "Structure",
    "Unknown",
    "parts",
]
