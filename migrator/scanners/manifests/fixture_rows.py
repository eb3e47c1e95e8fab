"""The rows of a fixture of Django's, whatever it is written in: the model, the key, the fields, and where each stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import yaml
from tree_sitter import Node

from migrator.jobs import Location
from migrator.scanners.manifests import json_source, yaml_source
from migrator.scanners.manifests.manifest import Manifest


class Row(msgspec.Struct, frozen=True):
    """A row: its model in small letters, its key as text, its fields as they stand in the file."""

    location: Location
    model: str
    key: str
    fields: Mapping[str, Any]


def rows_of(manifest: Manifest, prefixes: tuple[str, ...]) -> list[Row]:
    """The rows whose models begin with one of `prefixes`; what cannot be read is recorded."""
    read = _of_json if manifest.path.endswith(".json") else _of_yaml
    return [row for row in read(manifest) if row.model.startswith(prefixes)]


def key_text(key: Any) -> str:
    """A key as text: numbers, words and natural keys (lists) alike."""
    return json.dumps(key, default=str)


def _of_json(manifest: Manifest) -> Iterator[Row]:
    source = json_source.parse(manifest.document)
    if source.error is not None:
        manifest.unresolved("this fixture is no valid JSON here; what can be read of it was read", source.error)
    for node in source.elements(source.root):
        parts = {key: value for key, value, _, _ in source.pairs(node)}
        model = source.string(parts.get("model"))
        if model:
            location = manifest.document.location(*source.range(node))
            yield _row(location, model, _json_value(parts.get("pk")), _json_value(parts.get("fields")))


def _json_value(node: Node | None) -> Any:
    try:
        return json.loads(node.text or b"") if node is not None else None
    except ValueError:
        return None


def _of_yaml(manifest: Manifest) -> Iterator[Row]:
    for document in yaml_source.documents(manifest):
        for node in document.value if isinstance(document, yaml.SequenceNode) else ():
            parts = {key: value for key, value, _ in yaml_source.pairs(node)}
            model = parts.get("model")
            if isinstance(model, yaml.ScalarNode):
                start = node.start_mark.index
                # A block ends where the next thing begins.
                end = start + len(manifest.text[start : node.end_mark.index].rstrip())
                yield _row(
                    manifest.document.location(start, end), model.value, _yaml_value(parts.get("pk")), _yaml_value(parts.get("fields"))
                )


def _yaml_value(node: yaml.Node | None) -> Any:
    try:
        return yaml.constructor.SafeConstructor().construct_document(node) if node is not None else None
    except (yaml.YAMLError, ValueError):
        return None


def _row(location: Location, model: str, key: Any, fields: Any) -> Row:
    return Row(location, model.lower(), key_text(key), fields if isinstance(fields, dict) else {})
