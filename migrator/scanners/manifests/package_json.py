"""`package.json`: dependencies of every kind, catalogs, and scripts."""

from __future__ import annotations

import posixpath

from migrator.jobs import Location
from migrator.scanners.launch import Launch
from migrator.scanners.manifests import json_source
from migrator.scanners.manifests.commands import in_words
from migrator.scanners.manifests.json_source import Json
from migrator.scanners.manifests.launches import launch_words
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.shell import commands
from migrator.scanners.manifests.workspace import catalog_version

_FIELDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
#: where Bun and Yarn keep shared versions
_CATALOGS = (("catalog",), ("workspaces", "catalog"))
_NAMED_CATALOGS = (("catalogs",), ("workspaces", "catalogs"))


def _read(manifest: Manifest) -> None:
    json = json_source.parse(manifest.document)
    if json.error is not None:
        manifest.unresolved("package.json is no valid JSON here; what can be read of it was read", json.error)
    for name in _FIELDS:
        _dependencies(manifest, json, (name,))
    for keys in _CATALOGS:
        _dependencies(manifest, json, keys)
    for keys in _NAMED_CATALOGS:
        for name, _, _, _ in json.pairs(json.get(*keys)):
            _dependencies(manifest, json, (*keys, name))
    for name, value, _, _ in json.pairs(json.get("scripts")):
        text, (start, end) = json.string(value), json.range(value)
        # Only where the text stands there as it is read do places within it mean anything.
        if manifest.text.startswith(text, start + 1):
            manifest.script(text, start + 1, name)
        else:
            _escaped(manifest, text, name, manifest.document.location(start, end))


def _escaped(manifest: Manifest, text: str, name: str, location: Location) -> None:
    """A script with escaped quotes: whatever it starts stands where the whole text stands."""
    for words in commands(text):
        found = list(in_words(words))
        for each in found:
            manifest.started(each.command, location, name)
        launched = launch_words(words) if not found else []
        if launched:
            manifest.found.launches.append(Launch(manifest.path, location, name, tuple(w.text for w in launched)))


def _dependencies(manifest: Manifest, json: Json, keys: tuple[str, ...]) -> None:
    for name, value, start, end in json.pairs(json.get(*keys)):
        version = json.string(value)
        if version.startswith("catalog:"):
            version = catalog_version(manifest.tree, manifest.path, name, version.removeprefix("catalog:")) or version
        manifest.dependency("npm", name, version, start, end)


READER = ManifestReader(endings=("package.json",), matches=lambda path: posixpath.basename(path) == "package.json", read=_read)
