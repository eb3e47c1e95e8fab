"""Versions that a JavaScript workspace keeps in one place: `pnpm-workspace.yaml`, or catalogs in the root's `package.json` (Bun, Yarn)."""

from __future__ import annotations

import posixpath
from functools import lru_cache

import yaml

from migrator.scanners.files import Tree
from migrator.scanners.manifests import json_source, yaml_source
from migrator.scanners.manifests.document import Document
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.yaml_loading import plain

_FILE = "pnpm-workspace.yaml"
_FILES = (_FILE, "pnpm-workspace.yml")


def catalog_version(tree: Tree, manifest: str, package: str, catalog: str) -> str:
    """The version that `catalog:NAME` stands for in `manifest`, empty where no workspace says."""
    folder = posixpath.dirname(manifest)
    while True:
        found = _pnpm(tree, posixpath.join(folder, _FILE), package, catalog) or _root(
            tree, posixpath.join(folder, "package.json"), package, catalog
        )
        if found or not folder:
            return found
        folder = posixpath.dirname(folder)


def _pnpm(tree: Tree, path: str, package: str, catalog: str) -> str:
    if path not in tree:
        return ""
    content = plain(tree.read(path))
    for keys in _places(catalog):
        value = content
        for key in (*keys, package):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str | int | float):
            return str(value)
    return ""


def _root(tree: Tree, path: str, package: str, catalog: str) -> str:
    if path not in tree:
        return ""
    json = _json(path, tree.read(path))
    places = [*_places(catalog), *(("workspaces", *keys) for keys in _places(catalog))]
    return next((text for keys in places if (text := json.string(json.get(*keys, package)))), "")


@lru_cache(maxsize=64)
def _json(path: str, data: bytes) -> json_source.Json:
    return json_source.parse(Document(path, data))


def _places(catalog: str) -> list[tuple[str, ...]]:
    return [("catalog",), ("catalogs", "default")] if catalog in ("", "default") else [("catalogs", catalog)]


def _read(manifest: Manifest) -> None:
    for document in yaml_source.documents(manifest):
        for key, value, _ in yaml_source.pairs(document):
            if key == "catalog":
                _entries(manifest, value)
            elif key == "catalogs":
                for _, inner, _ in yaml_source.pairs(value):
                    _entries(manifest, inner)


def _entries(manifest: Manifest, catalog: yaml.Node) -> None:
    for name, value, key in yaml_source.pairs(catalog):
        if isinstance(value, yaml.ScalarNode):
            manifest.dependency("npm", name, value.value, key.start_mark.index, value.end_mark.index)


READER = ManifestReader(endings=_FILES, matches=lambda path: posixpath.basename(path) in _FILES, read=_read)
