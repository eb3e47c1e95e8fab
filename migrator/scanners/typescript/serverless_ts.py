"""`serverless.ts` and `serverless.js`: the configuration of the Serverless Framework as code."""

from __future__ import annotations

import posixpath

from migrator.scanners.aws.lambdas import Lambdas
from migrator.scanners.aws.serverless import Serverless
from migrator.scanners.branch import entry
from migrator.scanners.declared import declared
from migrator.scanners.linking import Place
from migrator.scanners.manifests.serverless_variables import Variables
from migrator.scanners.reading import Reader, View
from migrator.scanners.typescript.code_branch import CodeBranch
from migrator.systems.sqs import SYSTEM

_FILES = tuple(f"serverless{suffix}" for suffix in (".ts", ".js", ".cjs", ".mjs"))


def _file(view: View) -> None:
    folder, name = posixpath.split(view.source.path)
    at = declared(view.project, view.source.path, "default") if name in _FILES else None
    if at is None:
        return
    variables = Variables(view.project.tree, folder)
    root = CodeBranch(view, Place(at.source, at.value), variables.resolve)
    variables.root = root
    if entry(root, "functions") is not None and entry(root, "provider") is not None:
        Serverless(Lambdas(view.project.tree, view.found, "code", view.source.language), folder).read(root)


#: what such a file has in it: the type, the version, or one of the plugins that nearly all use
_MARKERS = (
    b"@serverless/typescript",
    b"frameworkVersion",
    b"serverless-offline",
    b"serverless-esbuild",
    b"serverless-webpack",
    b"serverless-plugin",
)

READER = Reader(system=SYSTEM.name, markers=_MARKERS, packages=(), file=_file)
