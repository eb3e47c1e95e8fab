"""YAML as nodes with their places, through the safe loader. Merges (`<<`) are laid open."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from migrator.scanners.manifests.manifest import Manifest

#: the tag of the key `<<`
MERGE = "tag:yaml.org,2002:merge"


def documents(manifest: Manifest) -> list[yaml.Node]:
    """The documents of a file; what cannot be read is recorded, and nothing of the file is given."""
    try:
        # The mark at the start is a character of the text, so that places count from it.
        return [node for node in yaml.compose_all(manifest.text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        manifest.unresolved(f"this is no plain YAML: {error.problem or error.context}", mark.index if mark is not None else 0)
    except (yaml.YAMLError, RecursionError) as error:
        manifest.unresolved(f"this is no plain YAML: {error}".split("\n", 1)[0])
    return []


def pairs(node: yaml.Node | None, depth: int = 8) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """(key, value, node of the key) of a mapping; what is merged in comes last."""
    merged: list[yaml.Node] = []
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.tag == MERGE:
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
        elif isinstance(key, yaml.ScalarNode):
            yield key.value, value, key
    for inner in merged if depth else ():
        yield from pairs(inner, depth - 1)
