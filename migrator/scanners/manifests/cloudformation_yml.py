"""Templates of CloudFormation and SAM, in YAML or JSON, under whatever name."""

from __future__ import annotations

import posixpath

from migrator.regex import regex
from migrator.scanners.aws.cloudformation import Template
from migrator.scanners.aws.lambdas import Lambdas
from migrator.scanners.branch import Branch, entry
from migrator.scanners.manifests import json_source, yaml_source
from migrator.scanners.manifests.branches import JsonBranch, YamlBranch
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

#: a resource that has to do with jobs
_RESOURCE = regex(rb"AWS::(Serverless::(?:Function|StateMachine)|Lambda::EventSourceMapping|Events::Rule|Scheduler::Schedule|SQS::Queue)")
#: what CDK writes into the templates that it makes, and how a `cdk.json` names an application in a language that is read
_MADE = b"aws:cdk:path"
_READ = regex(rb'"app"\s*:\s*"[^"]*(node|tsx|bun|deno|python|\.py|\.[jt]s)')


def _roots(manifest: Manifest) -> list[Branch]:
    if manifest.text.lstrip("\ufeff \t\r\n").startswith("{"):
        json = json_source.parse(manifest.document)
        return [JsonBranch(json, json.root)] if json.root is not None else []
    return [YamlBranch(manifest.document, node) for node in yaml_source.documents(manifest)]


def _is_output(manifest: Manifest) -> bool:
    """True for a template that CDK made of code that is read itself."""
    if _MADE not in manifest.document.data:
        return False
    folder = posixpath.dirname(manifest.path)
    while True:
        path = posixpath.join(folder, "cdk.json")
        if path in manifest.tree:
            return _READ.search(manifest.tree.read(path)) is not None
        if not folder:
            return False
        folder = posixpath.dirname(folder)


def _read(manifest: Manifest) -> None:
    folder = posixpath.dirname(manifest.path)
    if _is_output(manifest):
        return
    for root in _roots(manifest):
        # The Serverless Framework's own file has its resources one level down, and is read as what it is.
        if entry(root, "Resources") is not None and entry(root, "functions") is None:
            Template(Lambdas(manifest.tree, manifest.found), folder).read(root)


READER = ManifestReader(
    endings=(".yml", ".yaml", ".json", ".template"),
    matches=lambda path: "/cdk.out/" not in f"/{path}",
    read=_read,
    only_if=lambda data: b"Resources" in data and _RESOURCE.search(data) is not None,
)
