"""`turbo.json`: the names of environment variables that tasks see."""

from __future__ import annotations

import posixpath

from tree_sitter import Node

from migrator.scanners.manifests import json_source
from migrator.scanners.manifests.json_source import Json
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

_NAMES = frozenset(("globalEnv", "globalPassThroughEnv", "env", "passThroughEnv"))


def _read(manifest: Manifest) -> None:
    json = json_source.parse(manifest.document)
    if json.error is not None:
        manifest.unresolved("turbo.json is no valid JSON here; what can be read of it was read", json.error)
    _object(manifest, json, json.root, 0)


def _object(manifest: Manifest, json: Json, node: Node | None, depth: int) -> None:
    for key, value, _, _ in json.pairs(node):
        if key in _NAMES:
            for element in json.elements(value):
                manifest.setting(json.string(element).lstrip("!"), *json.range(element))
        elif depth < 4:
            _object(manifest, json, value, depth + 1)


READER = ManifestReader(endings=("turbo.json",), matches=lambda path: posixpath.basename(path) == "turbo.json", read=_read)
