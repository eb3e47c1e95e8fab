"""What stands around the code: package manifests, environment files, worker command lines."""

from __future__ import annotations

from migrator.scanners.files import Tree
from migrator.scanners.found import Found
from migrator.scanners.manifests.versions import Versions


def read_manifests(tree: Tree, found: Found) -> Versions:
    """Read every manifest of the tree into `found`; returns the versions that they declare."""
    return Versions()
