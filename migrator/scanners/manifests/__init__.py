"""What stands around the code: package manifests, environment files, worker command lines.

A `Worker.entry` spans the command line from the program's name to its last word, in whatever form it stands there: as text, or as a
list of strings (then it begins with the first string, quotes included, and ends with the last). `Worker.service` is the name of the
Procfile entry, compose service, script, unit, make target or shell function. A `Dependency.entry` spans the whole entry: the requirement,
the key with its value, or the string.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from migrator.jobs import Unresolved
from migrator.scanners.files import Tree
from migrator.scanners.found import Found
from migrator.scanners.manifests.versions import Versions

if TYPE_CHECKING:
    from migrator.scanners.manifests.manifest import ManifestReader


def read_manifests(tree: Tree, found: Found) -> Versions:
    """Read every manifest of the tree into `found`; returns the versions that they declare."""
    # Imported here: code readers use parts of this package without it as a whole.
    from migrator.scanners.manifests.document import Document
    from migrator.scanners.manifests.manifest import Manifest

    versions = Versions()
    for path in tree.sizes:
        readers = readers_of(path)
        if not readers:
            continue
        try:
            document = Document(path, tree.read(path))
        except OSError as error:
            found.unresolved.append(Unresolved(path, 1, f"could not be read: {error.strerror}"))
            continue
        if b"\0" in document.data[:1024]:
            continue
        for reader in readers:
            if reader.only_if(document.data):
                reader.read(Manifest(document, tree, found, versions))
    return versions


def readers_of(path: str) -> list[ManifestReader]:
    """Those that read a file of this name."""
    # What a file's kind shows in: its name from the last dot on, or the whole name with the slash before it.
    return [r for r in _asked(path[max(path.rfind("."), path.rfind("/"), 0) :]) if r.reads(path)]


@cache
def _asked(last: str) -> tuple[ManifestReader, ...]:
    """Those that may read files whose names end so: most files of a tree are code, which looks like few manifests."""
    return tuple(r for r in installed() if not r.endings or any(e.endswith(last) or last.endswith(e) for e in r.endings))


@cache
def installed() -> tuple[ManifestReader, ...]:
    """Every reader of manifests."""
    modules = sorted(m.name for m in iter_modules(__path__))
    found = (getattr(import_module(f"{__name__}.{name}"), "READER", None) for name in modules)
    return tuple(r for r in found if r is not None)
