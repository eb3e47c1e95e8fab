"""The code of one tree: its files, parsed once, when they are asked for, and what their names mean. All who come ask the same one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from migrator.scanners.files import Tree
from migrator.scanners.found import Found
from migrator.scanners.leading import package_of_key
from migrator.scanners.linking import Evaluator, Project
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.reading import View


@dataclass(frozen=True)
class Workspace:
    """Read-only. `versions` are those that the manifests ask for."""

    project: Project
    evaluator: Evaluator
    versions: Versions

    @classmethod
    def of(cls, tree: Tree, packages: Collection[str], versions: Versions, naming_global: Collection[str] = ()) -> Workspace:
        """The workspace of a tree. `packages`: those of which it matters what they make; they are never a folder of the tree.

        `naming_global`: the files that name JavaScript's global object.
        """
        project = Project(tree, packages, naming_global)
        return cls(project, Evaluator(project, lambda key: package_of_key(key) in packages), versions)

    @property
    def tree(self) -> Tree:
        """The files."""
        return self.project.tree

    def view(self, path: str, found: Found) -> View:
        """A file as its readers see it."""
        return View(self.project.source(path), self.project, self.evaluator, self.versions, found)
