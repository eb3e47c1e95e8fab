"""YAML as nodes with their places, through the safe loader. Merges (`<<`) are laid open."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import yaml

from migrator.scanners.manifests.manifest import Manifest
from migrator.scanners.manifests.yaml_loading import DEPTH, is_deep, loader

#: more than this, and somebody wants to keep us busy
_MOST_NODES = 200_000
#: the tag of the key `<<`
MERGE = "tag:yaml.org,2002:merge"


def documents(manifest: Manifest) -> list[yaml.Node]:
    """The documents of a file; what cannot be read is recorded, and nothing of the file is given."""
    if is_deep(manifest.text):
        manifest.unresolved(f"nested more than {DEPTH} deep, not read")
        return []
    try:
        # The mark at the start is a character of the text, so that places count from it.
        found = [node for node in yaml.compose_all(manifest.text, Loader=loader(manifest.text)) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        manifest.unresolved(f"this is no plain YAML: {error.problem or error.context}", mark.index if mark is not None else 0)
        return []
    except (yaml.YAMLError, RecursionError) as error:
        manifest.unresolved(f"this is no plain YAML: {error}".split("\n", 1)[0])
        return []
    if sum(_expanded(node) for node in found) > _MOST_NODES:
        manifest.unresolved(f"its aliases make more than {_MOST_NODES:,} entries of it, not read")
        return []
    return found


def _expanded(node: yaml.Node) -> float:
    """How many nodes a reader comes across that follows every alias; without end where one leads back to itself."""
    sizes: dict[int, float] = {}
    waiting: list[tuple[yaml.Node, bool]] = [(node, False)]
    while waiting:
        current, done = waiting.pop()
        parts = current.value if isinstance(current, yaml.SequenceNode) else []
        if isinstance(current, yaml.MappingNode):
            parts = [part for pair in current.value for part in pair]
        if done:
            sizes[id(current)] = 1 + sum(sizes[id(part)] for part in parts)
        elif id(current) not in sizes:
            # One that is met again before it is done stands within itself.
            sizes[id(current)] = inf
            waiting.append((current, True))
            waiting.extend((part, False) for part in parts)
    return sizes[id(node)]


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
