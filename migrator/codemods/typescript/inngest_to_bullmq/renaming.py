"""A client's name in all of a code base: where it is exported, passed on, imported and used."""

from __future__ import annotations

from tree_sitter import Node

from migrator.codemods.changes import Edit
from migrator.codemods.typescript.imports import Imported, imported, is_commonjs, names_in
from migrator.codemods.typescript.inngest_to_bullmq.clients import ClientSite
from migrator.codemods.typescript.project import Project
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field, walk

_NAMES = ("identifier", "shorthand_property_identifier")
#: files with code in them that is not parsed here
_OTHERS = (".vue", ".svelte", ".astro", ".mdx")


class Renaming:
    """Every place that says a client's name, found through the modules that pass it on."""

    def __init__(self, project: Project, client: ClientSite) -> None:
        self._project, self._client = project, client
        self.name = client.item.symbol
        self.importers: list[tuple[str, Imported]] = []
        self._exporters: list[tuple[str, Imported]] = []
        self._find()

    def files(self) -> set[str]:
        """The files that a renaming touches."""
        return {self._client.path} | {p for p, _ in self.importers} | {p for p, _ in self._exporters}

    def possible(self, new: str) -> bool:
        """True if no file that would change knows `new` yet, and no test speaks of the old name in a text or a mock.

        CommonJS passes names on as properties of objects, which no reading can follow to the end: there the name stays.
        """
        for path in self.files():
            if new in names_in(self._project.source(path)) or is_commonjs(self._project, path):
                return False
        mine = self.files()
        if any(p.endswith(_OTHERS) and self.name.encode() in self._project.read(p) for p in self._project.sizes):
            return False
        for path in self._project.code:
            data = self._project.read(path)
            if (b"* as " in data or b"require(" in data) and self.name.encode() in data and self._is_asked_for_whole(path):
                return False
            if b"mock(" in data and self.name.encode() in data:
                return False
            if path not in mine and f"{{ {self.name} }}".encode() in data and b"import(" in data:
                return False
        return True

    def edits(self, new: str) -> list[Edit]:
        """Say `new` wherever the client's own name stands; names that files gave it themselves stay."""
        source = self._client.source
        edits = [self._use(source, node, new) for node in self._uses(source, self.name)]
        for path, entry in (*self.importers, *self._exporters):
            name = field(entry.specifier, "name") or field(entry.specifier, "key") or entry.specifier
            if name is None:
                continue
            file = self._project.source(path)
            same = entry.local in ("", self.name) and field(entry.specifier, "alias") is None
            if entry.specifier is not None and entry.specifier.type == "shorthand_property_identifier_pattern":
                edits.append(Edit(path, span(entry.specifier), new))
            else:
                edits.append(Edit(path, span(name), new))
            if same and entry.local:
                edits += [self._use(file, node, new) for node in self._uses(file, self.name) if not _in(node, entry.statement)]
        return list({(e.path, e.span.start): e for e in edits}.values())

    def _use(self, source: Source, node: Node, new: str) -> Edit:
        shorthand = node.type == "shorthand_property_identifier"
        return Edit(source.path, span(node), f"{self.name}: {new}" if shorthand else new)

    def _uses(self, source: Source, name: str) -> list[Node]:
        """Mentions of the name that mean the file's own top-level one."""
        bindings = self._project.bindings(source.path)
        found: list[Node] = []
        for node in walk(source.root, _NAMES):
            if source.text(node) != name:
                continue
            bound = bindings.lookup(name, node)
            if bound and bound[0].scope.parent is None:
                found.append(node)
        return found

    def _find(self) -> None:
        known = {(self._client.path, self.name)}
        changed = True
        while changed:
            changed = False
            for path in self._project.code:
                if self.name.encode() not in self._project.read(path) and b"export *" not in self._project.read(path):
                    continue
                for entry in imported(self._project.source(path)):
                    target = self._project.resolve(path, entry.module)
                    if not target:
                        continue
                    if entry.statement.type == "export_statement" and entry.name == "*":
                        if (target, self.name) in known and (path, self.name) not in known:
                            known.add((path, self.name))
                            changed = True
                        continue
                    if (target, entry.name) not in known or entry.name != self.name:
                        continue
                    kind = self.importers if entry.local else self._exporters
                    if not any(p == path and e.statement == entry.statement and e.specifier == entry.specifier for p, e in kind):
                        kind.append((path, entry))
                        changed = True
                    alias = field(entry.specifier, "alias")
                    passed_on = not entry.local or (entry.local == self.name and self._listed(path))
                    if passed_on and alias is None and (path, self.name) not in known:
                        known.add((path, self.name))
                        changed = True
        self._known = {path for path, _ in known}

    def _listed(self, path: str) -> bool:
        """True for a file that imports the name and lists it among its own exports: `export { inngest };`."""
        source = self._project.source(path)
        for statement in source.root.named_children:
            if statement.type == "export_statement" and field(statement, "source") is None:
                for specifier in walk(statement, ("export_specifier",)):
                    name = field(specifier, "name")
                    if name is not None and source.text(name) == self.name and field(specifier, "alias") is None:
                        return True
        return False

    def _is_asked_for_whole(self, path: str) -> bool:
        """True for a file that imports a module that has the name, and asks it for the name later: `import * as client from …`."""
        return any(
            e.name == "*" and self._project.resolve(path, e.module) in self._known for e in imported(self._project.source(path)) if e.local
        )


def _in(node: Node, statement: Node) -> bool:
    return statement.start_byte <= node.start_byte and node.end_byte <= statement.end_byte
