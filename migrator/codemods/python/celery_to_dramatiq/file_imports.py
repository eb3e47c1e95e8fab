"""Import lines of the files that are edited: what is needed comes, what nobody uses any more goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from migrator.codemods.python.celery_to_dramatiq.application import Construction
from migrator.codemods.python.celery_to_dramatiq.local_names import LocalNames
from migrator.codemods.python.celery_to_dramatiq.plan import Change
from migrator.codemods.python.imports import Imported, Piece, add_imports, drop_unused, imported_names, remove_names
from migrator.codemods.python.names import Names
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.systems.celery import MODULES


class FileImports:
    """`pieces`: what is edited in each file; `complete`: nothing of Celery stays."""

    def __init__(self, names: Names, local: LocalNames, found: Construction, *, complete: bool) -> None:
        self.names, self.local, self.found, self.complete = names, local, found, complete
        self.tree: CodeTree = names.tree

    def edits(self, changes: Sequence[Change], pieces: Mapping[str, list[Piece]]) -> Iterator[tuple[str, Span, str]]:
        """New import lines and unused old ones, file by file."""
        for path, of_file in pieces.items():
            if not path.endswith(".py"):
                continue
            source = self.tree.source(path)
            lines = self._wanted(path, [c for c in changes if c.path == path])
            gone = [p for p, text in of_file if not text]
            candidates = [
                i
                for i in imported_names(source)
                if not any(p.start <= i.statement.start_byte < p.end for p in gone)
                and not (self.complete and package_of(source, i) in MODULES)
                and self._may_go(source, i)
            ]
            for where, text in (*add_imports(source, lines, self._is_own(path)), *drop_unused(source, of_file, candidates)):
                yield path, where, text

    def celerys(self, removed: Sequence[str]) -> Iterator[tuple[str, Span, str]]:
        """Every import of Celery's that is left, used before or not: the package will not be installed any more."""
        for path in self.tree.containing(*(m.encode() for m in MODULES)):
            source = self.tree.source(path)
            if path not in removed:
                parts = [i for i in imported_names(source) if package_of(source, i) in MODULES]
                yield from ((path, where, text) for where, text in remove_names(source, parts))

    def _is_own(self, path: str) -> Callable[[str], bool]:
        """A test for modules of the project, as the file `path` sees them."""
        return lambda module: module == self.local.module or bool(self.tree.resolve(path, module))

    def _may_go(self, source: Source, imported: Imported) -> bool:
        """True for an import that does nothing but bind a name.

        Loading a module of the project may register jobs that stay; loading the application tells them their broker, unless something
        else surely does.
        """
        module = child(imported.statement, "module_name")
        dotted = source.text(module if module is not None else imported.part).split(" as ")[0]
        if not dotted.startswith(".") and not self.tree.resolve(source.path, dotted):
            return True
        if self.found.app not in self.names.lookup(source, imported.name, source.root) or self.complete:
            return False
        above = [f"{folder}/__init__.py" for folder in PurePosixPath(source.path).parents if str(folder) != "."]
        return any(
            self.found.app in self.names.lookup(self.tree.source(path), i.name, self.tree.source(path).root)
            for path in above
            if path in self.tree and path != source.path
            for i in imported_names(self.tree.source(path))
        )

    def _wanted(self, path: str, changes: list[Change]) -> list[str]:
        """The lines that the file does not have yet."""
        lines: list[str] = []
        bound = self.tree.bindings(path).module
        if any(c.dramatiq for c in changes) and "dramatiq" not in bound:
            lines.append("import dramatiq")
        if any(c.logging for c in changes) and "logging" not in bound:
            lines.append("import logging")
        helpers = sorted({h for c in changes for h in c.helpers})
        missing = [(h, self.local.name(path, h)) for h in helpers if not self.local.imported(path, h)]
        if missing:
            parts = [helper if helper == name else f"{helper} as {name}" for helper, name in missing]
            lines.append(f"from {self.local.module} import {', '.join(parts)}")
        elif any(c.defines for c in changes) and not self.local.imports_module(path) and not helpers:
            lines.append(f"import {self.local.module}  # noqa: F401")
        return lines


def package_of(source: Source, imported: Imported) -> str:
    """The package that an import statement takes a name from; empty for a relative import."""
    module = child(imported.statement, "module_name")
    return source.text(module if module is not None else imported.part).split(" as ")[0].split(".")[0]
