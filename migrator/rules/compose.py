"""A service of a compose file, as far as rules ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from migrator.rules.evidence import Evidence
from migrator.scanners.found import Found
from migrator.scanners.manifests import yaml_source
from migrator.scanners.manifests.document import Document
from migrator.scanners.manifests.manifest import Manifest
from migrator.scanners.manifests.versions import Versions

_LOCAL = ("127.", "localhost:", "[::1]:")


class Service:
    """The keys of a service, those that it merges in among them."""

    def __init__(self, node: yaml.Node) -> None:
        self._keys = {key: value for key, value, _ in yaml_source.pairs(node, 0)}

    def text(self, key: str) -> str:
        """A plain value; empty if there is none."""
        node = self._keys.get(key)
        return node.value if isinstance(node, yaml.ScalarNode) else ""

    def items(self, key: str) -> Iterator[str]:
        """The entries of a list as text; of a mapping `key=value`."""
        node = self._keys.get(key)
        if isinstance(node, yaml.SequenceNode):
            yield from (inner.value for inner in node.value if isinstance(inner, yaml.ScalarNode))
        elif node is not None:
            yield from (f"{k}={v.value}" for k, v, _ in yaml_source.pairs(node, 0) if isinstance(v, yaml.ScalarNode))

    @property
    def is_published(self) -> bool:
        """True if a port of it is open on the machine's own addresses, and not only on the one that is its own."""
        node = self._keys.get("ports")
        entries = node.value if isinstance(node, yaml.SequenceNode) else []
        return any(not str(e.value).startswith(_LOCAL) for e in entries if isinstance(e, yaml.ScalarNode)) or any(
            isinstance(e, yaml.MappingNode) for e in entries
        )


def service(evidence: Evidence, path: str, name: str) -> Service | None:
    """The service `name` of the compose file `path`; None if the file is no such file, or has no such service."""
    if not path.endswith((".yml", ".yaml")) or path not in evidence.tree:
        return None
    manifest = Manifest(Document(path, evidence.tree.read(path)), evidence.tree, Found(), Versions())
    for document in yaml_source.documents(manifest):
        for key, services, _ in yaml_source.pairs(document, 0):
            for found, node, _ in yaml_source.pairs(services, 0) if key == "services" else ():
                if found == name:
                    return Service(node)
    return None
