"""Under which name a file knows what the generated module offers: its own name, or an alias where that is taken."""

from __future__ import annotations

from migrator.codemods.python.celery_to_dramatiq.plan import Change, Helper
from migrator.codemods.python.tree import CodeTree
from migrator.syntax.tree import field, walk


class LocalNames:
    """`module` is the dotted name of the generated module."""

    def __init__(self, tree: CodeTree, module: str) -> None:
        self.tree, self.module = tree, module
        self._taken: dict[str, set[str]] = {}
        self._bound: dict[str, dict[str, str]] = {}

    def use(self, change: Change, helper: Helper) -> str:
        """The name of `helper` in the file that `change` edits; notes that the file needs it."""
        change.helpers.add(helper)
        return self.name(change.path, helper)

    def name(self, path: str, helper: str) -> str:
        """The name of `helper` in the file `path`."""
        already = self._imported(path).get(helper)
        if already:
            return already
        name = helper
        while name in self._names(path):
            name = f"dramatiq_{name}"
        return name

    def imported(self, path: str, helper: str) -> bool:
        """True if the file imports `helper` already."""
        return helper in self._imported(path)

    def imports_module(self, path: str) -> bool:
        """True if the file loads the generated module in any way."""
        return any(
            b.kind == "import" and (b.module == self.module or f"{b.module}.{b.member}" == self.module)
            for bindings in self.tree.bindings(path).module.values()
            for b in bindings
        )

    def free(self, path: str, name: str) -> bool:
        """True if `name` means nothing in the file yet."""
        return name not in self._names(path)

    def _imported(self, path: str) -> dict[str, str]:
        """What the file already imports of the generated module, from an earlier run: helper -> local name."""
        if path not in self._bound:
            self._bound[path] = {
                b.member: b.name
                for bindings in self.tree.bindings(path).module.values()
                for b in bindings
                if b.kind == "import" and b.module == self.module
            }
        return self._bound[path]

    def _names(self, path: str) -> set[str]:
        if path not in self._taken:
            source = self.tree.source(path)
            found: set[str] = set()
            for node in walk(source.root, ("identifier",)):
                parent = node.parent
                if parent is not None and field(parent, "attribute") == node:
                    continue
                if parent is not None and parent.type == "keyword_argument" and field(parent, "name") == node:
                    continue
                found.add(source.text(node))
            self._taken[path] = found
        return self._taken[path]
