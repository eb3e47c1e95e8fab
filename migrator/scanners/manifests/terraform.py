"""Terraform and OpenTofu. The files of one folder are one module; a module that others of the tree call is read once for each call."""

from __future__ import annotations

import posixpath
from collections import defaultdict

from migrator.scanners.aws.lambdas import Lambdas
from migrator.scanners.manifests.document import Document
from migrator.scanners.manifests.hcl import Block, blocks
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.terraform_module import Given, Module
from migrator.scanners.manifests.terraform_resources import Resources

_SUFFIXES = (".tf", ".tofu")
#: how many calls of modules within modules are followed
_DEPTH = 4
#: how many calls of modules are read in all
_MAXIMUM = 2_000


class Terraform:
    """Every module of a tree."""

    def __init__(self, manifest: Manifest, paths: list[str]) -> None:
        self._lambdas = Lambdas(manifest.tree, manifest.found)
        self._blocks: dict[str, list[Block]] = defaultdict(list)
        for path in paths:
            self._blocks[posixpath.dirname(path)] += blocks(Document(path, manifest.tree.read(path)))
        self._left = _MAXIMUM
        self._called = {target for folder in self._blocks for _, target in self._calls(folder)}

    def read(self) -> None:
        """Record what the modules say: those that nothing calls as they stand, the others as they are called."""
        for folder in self._blocks:
            if folder not in self._called:
                self._module(folder, None, _DEPTH)
        for folder in self._called - self._reached():
            self._module(folder, None, 0)

    def _module(self, folder: str, given: Given | None, depth: int) -> None:
        self._left -= 1
        module = Module(folder, self._blocks[folder], given, self._child)
        Resources(self._lambdas, module).read()
        for block, target in self._calls(folder) if depth and self._left > 0 else ():
            self._module(target, Given(module, block), depth - 1)

    def _child(self, module: Module, name: str) -> Module | None:
        """The module of the tree that a call in another one makes."""
        for block, target in self._calls(module.folder):
            if block.labels[1] == name:
                return Module(target, self._blocks[target], Given(module, block), self._child)
        return None

    def _calls(self, folder: str) -> list[tuple[Block, str]]:
        """(call, folder that it means) of the modules of the tree that a module calls."""
        found: list[tuple[Block, str]] = []
        for block in self._blocks[folder]:
            source = block.settings.get("source") if block.labels[:1] == ("module",) and len(block.labels) == 2 else None
            if source is not None and source.text.startswith("."):
                target = posixpath.normpath(posixpath.join(folder, source.text)).removeprefix(".").lstrip("/")
                if target in self._blocks and target != folder:
                    found.append((block, target))
        return found

    def _reached(self) -> set[str]:
        """Modules that are called, at any distance, by one that nothing calls."""
        reached: set[str] = set()
        waiting = [folder for folder in self._blocks if folder not in self._called]
        while waiting:
            for _, target in self._calls(waiting.pop()):
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return reached


def _read(manifest: Manifest) -> None:
    # What one file says is only understood with all the others: they are read at the first one.
    paths = [path for path in manifest.tree.sizes if path.endswith(_SUFFIXES)]
    if paths[0] == manifest.path:
        Terraform(manifest, paths).read()


READER = ManifestReader(endings=_SUFFIXES, read=_read)
