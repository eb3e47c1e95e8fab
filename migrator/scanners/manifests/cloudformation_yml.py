"""Templates of CloudFormation and SAM, in YAML or JSON, under whatever name."""

from __future__ import annotations

import posixpath
import re

from migrator.scanners.branch import Branch, entry
from migrator.scanners.cloudformation import Template
from migrator.scanners.lambdas import Lambdas
from migrator.scanners.manifests import json_source, yaml_source
from migrator.scanners.manifests.branches import JsonBranch, YamlBranch
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

#: a resource that has to do with jobs
_RESOURCE = re.compile(rb"AWS::(Serverless::Function|Lambda::EventSourceMapping|Events::Rule|Scheduler::Schedule|SQS::Queue)")


def _roots(manifest: Manifest) -> list[Branch]:
    if manifest.text.lstrip("\ufeff \t\r\n").startswith("{"):
        json = json_source.parse(manifest.document)
        return [JsonBranch(json, json.root)] if json.root is not None else []
    return [YamlBranch(manifest.document, node) for node in yaml_source.documents(manifest)]


def _read(manifest: Manifest) -> None:
    folder = posixpath.dirname(manifest.path)
    for root in _roots(manifest):
        # The Serverless Framework's own file has its resources one level down, and is read as what it is.
        if entry(root, "Resources") is not None and entry(root, "functions") is None:
            Template(Lambdas(manifest.tree, manifest.found), folder).read(root)


READER = ManifestReader(
    matches=lambda path: path.endswith((".yml", ".yaml", ".json", ".template")) and "/cdk.out/" not in f"/{path}",
    read=_read,
    only_if=lambda data: b"Resources" in data and _RESOURCE.search(data) is not None,
)
