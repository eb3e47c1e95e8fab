"""`serverless.yml`: the configuration of the Serverless Framework, with the variables and files that it refers to."""

from __future__ import annotations

import posixpath

from migrator.regex import regex
from migrator.scanners.aws.lambdas import Lambdas
from migrator.scanners.aws.serverless import Serverless
from migrator.scanners.branch import entry
from migrator.scanners.manifests import yaml_source
from migrator.scanners.manifests.branches import YamlBranch
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.serverless_variables import Variables

_FILE = regex(r"^serverless([.-][\w.-]+)?\.(ya?ml|json)$")


def _read(manifest: Manifest) -> None:
    for node in yaml_source.documents(manifest):
        folder = posixpath.dirname(manifest.path)
        variables = Variables(manifest.tree, folder)
        root = YamlBranch(manifest.document, node, variables.resolve)
        variables.root = root
        if entry(root, "functions") is not None and entry(root, "provider") is not None:
            Serverless(Lambdas(manifest.tree, manifest.found), folder).read(root)


READER = ManifestReader(
    endings=(".yml", ".yaml", ".json"),
    matches=lambda path: bool(_FILE.match(posixpath.basename(path))),
    read=_read,
    only_if=lambda data: b"functions" in data,
)
