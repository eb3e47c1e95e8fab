"""Variables of the Serverless Framework: `${self:custom.rate}`, `${file(./queues.yml):mail}`, `${opt:stage, 'dev'}`."""

from __future__ import annotations

import posixpath
import re

import yaml

from migrator.jobs import Expression, Literal, Value
from migrator.regex import regex
from migrator.scanners.branch import Branch, entry
from migrator.scanners.files import Tree
from migrator.scanners.manifests.branches import YamlBranch
from migrator.scanners.manifests.document import Document

#: a variable with no other inside it
_INNERMOST = regex(r"\$\{([^${}]+)\}")
#: pseudo-parameters of CloudFormation and the like: these are no variables of the framework
_FOREIGN = regex(r"^(AWS::|[A-Z]\w*(\.\w+)?$)")
_FILE = regex(r"^file\(\s*(?P<path>[^)]+?)\s*\)(:(?P<key>[\w.-]+))?$")
_ROUNDS = 12


class Variables:
    """Answers what a text with variables stands for, for one configuration. `root` is the configuration itself."""

    def __init__(self, tree: Tree, folder: str) -> None:
        self.root: Branch | None = None
        self._tree, self._folder = tree, folder
        self._files: dict[str, Branch | None] = {}
        self._asked: set[str] = set()

    def resolve(self, text: str) -> Value | Branch | None:
        """The value or branch; an expression where a part is not known; None for a text without variables."""
        if "${" not in text or text in self._asked:
            return None if "${" not in text else Expression(text)
        # What leads back to itself is not known.
        self._asked.add(text)
        try:
            return self._resolved(text)
        finally:
            self._asked.discard(text)

    def _resolved(self, text: str) -> Value | Branch | None:
        whole = text
        for _ in range(_ROUNDS):
            match = next((m for m in _INNERMOST.finditer(whole) if not _FOREIGN.match(m[1])), None)
            if match is None:
                return Literal(whole) if whole != text else None
            answer = self._variable(match[1])
            if answer is not None and not isinstance(answer, Literal | Expression) and match.span() == (0, len(whole)):
                return self._followed(answer)
            known = answer if isinstance(answer, Literal | Expression) or answer is None else answer.scalar()
            if not isinstance(known, Literal):
                return Expression(text)
            if match.span() == (0, len(whole)):
                return known
            whole = f"{whole[: match.start()]}{known.value}{whole[match.end() :]}"
        return Expression(text)

    def _followed(self, branch: Branch) -> Value | Branch:
        """What a branch that is itself a variable stands for; one that leads back to where it came from is not known."""
        node = branch.node if isinstance(branch, YamlBranch) else None
        inner = self.resolve(node.value) if isinstance(node, yaml.ScalarNode) else None
        return inner if inner is not None else branch

    def _variable(self, inside: str) -> Value | Branch | None:
        """What stands within the braces: a source and, after a comma, what holds if it says nothing."""
        for part in re.split(r",(?![^(]*\))", inside):
            answer = self._source(part.strip())
            if answer is not None:
                return answer
        return None

    def _source(self, source: str) -> Value | Branch | None:
        if source[:1] in "'\"" and len(source) > 1:
            return Literal(source[1:-1])
        if re.fullmatch(r"-?\d+", source):
            return Literal(int(source))
        if source in ("true", "false"):
            return Literal(source == "true")
        file = _FILE.match(source)
        if file is not None:
            return entry(self._file(file["path"]), *(file["key"] or "").split(".")) if file["key"] else self._file(file["path"])
        kind, colon, path = source.partition(":")
        if kind == "self" and colon:
            return entry(self.root, *path.split(".")) if path else self.root
        return None

    def _file(self, written: str) -> Branch | None:
        path = posixpath.normpath(posixpath.join(self._folder, written.strip("'\"")))
        if path not in self._files:
            self._files[path] = None
            if path in self._tree and path.endswith((".yml", ".yaml", ".json")):
                document = Document(path, self._tree.read(path))
                try:
                    node = yaml.compose(document.text, Loader=yaml.SafeLoader)
                except (yaml.YAMLError, RecursionError):
                    node = None
                self._files[path] = YamlBranch(document, node, self.resolve) if node is not None else None
        return self._files[path]
