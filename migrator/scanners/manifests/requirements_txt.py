"""`requirements.txt` and its kin: `requirements/*.in`, `dev-requirements.txt`, constraints."""

from __future__ import annotations

import posixpath
import re

import msgspec

from migrator.jobs import Dependency, Literal
from migrator.scanners.manifests import requirement
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.packages import normalise

_NAME = re.compile(r"(requirement|constraint)[^/]*\.(txt|in)$|(^|/)requirements/[^/]+\.(txt|in)$", re.IGNORECASE)


def _read(manifest: Manifest) -> None:
    compiled = manifest.path.endswith(".txt") and f"{manifest.path[:-4]}.in" in manifest.tree
    constraint = "constraint" in posixpath.basename(manifest.path).lower()
    for offset, line in manifest.document.lines():
        stripped = line.lstrip("\ufeff \t")
        # Options (`-r base.txt`, `--hash=…`), addresses and comments name no package.
        if not stripped or stripped[0] in "#-" or "://" in stripped.split("@", 1)[0].split("#", 1)[0].split(";", 1)[0]:
            continue
        found = requirement.read(stripped)
        if found is None:
            continue
        start = offset + len(line) - len(stripped)
        before = len(manifest.found.items)
        extras = {"extras": Literal(list(found.extras))} if found.extras else {}
        manifest.dependency("pypi", normalise(found.name), found.version, start + found.start, start + found.end, **extras)
        if compiled or constraint:
            reason = "compiled from the .in file beside it" if compiled else "a constraint, which asks for nothing by itself"
            _doubt(manifest, before, reason)


def _doubt(manifest: Manifest, before: int, reason: str) -> None:
    """Say of the items found since `before` that they follow from something else."""
    items = manifest.found.items
    for index in range(before, len(items)):
        if isinstance(items[index], Dependency):
            items[index] = msgspec.structs.replace(items[index], confidence="likely", reason=reason)


READER = ManifestReader(matches=lambda path: _NAME.search(path) is not None, read=_read)
