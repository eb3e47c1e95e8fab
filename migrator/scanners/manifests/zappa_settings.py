"""`zappa_settings.json` and its kin: the stages of an application that Zappa puts on Lambda."""

from __future__ import annotations

import posixpath

from migrator.scanners.aws.lambdas import Lambdas
from migrator.scanners.aws.zappa import Zappa
from migrator.scanners.manifests import json_source, yaml_source
from migrator.scanners.manifests.branches import JsonBranch, YamlBranch
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

_NAMES = tuple(f"zappa_settings.{ending}" for ending in ("json", "yml", "yaml", "toml"))
_TOML = "Zappa's events are not read in TOML: see whether they start something by the clock or from a queue"


def _read(manifest: Manifest) -> None:
    zappa = Zappa(Lambdas(manifest.tree, manifest.found, language="python"), posixpath.dirname(manifest.path))
    if manifest.path.endswith(".toml"):
        manifest.unresolved(_TOML, manifest.text.find("events"))
    elif manifest.path.endswith(".json"):
        source = json_source.parse(manifest.document)
        if source.error is not None:
            manifest.unresolved("this is no valid JSON here; what can be read of it was read", source.error)
        if source.root is not None:
            zappa.read(JsonBranch(source, source.root))
    else:
        for node in yaml_source.documents(manifest):
            zappa.read(YamlBranch(manifest.document, node))


READER = ManifestReader(
    endings=_NAMES, matches=lambda path: posixpath.basename(path) in _NAMES, read=_read, only_if=lambda data: b"events" in data
)
