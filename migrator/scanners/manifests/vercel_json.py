"""`vercel.json`: the routes that Vercel calls by the clock, and those that it hands the messages of its queues to."""

from __future__ import annotations

import posixpath

from migrator.scanners.manifests import json_source
from migrator.scanners.manifests.branches import JsonBranch
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.vercel import Vercel

_FILES = ("vercel.json", "now.json")


def _read(manifest: Manifest) -> None:
    json = json_source.parse(manifest.document)
    if json.error is not None:
        manifest.unresolved("vercel.json is no valid JSON here; what can be read of it was read", json.error)
    if json.root is not None:
        Vercel(manifest.tree, manifest.found, manifest.path).read(JsonBranch(json, json.root))


READER = ManifestReader(
    endings=_FILES,
    matches=lambda path: posixpath.basename(path) in _FILES,
    read=_read,
    only_if=lambda data: b"crons" in data or b"riggers" in data,
)
