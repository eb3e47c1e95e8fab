"""Edits of a package.json that keep its formatting: dependencies and scripts in and out."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tree_sitter import Node

from migrator.codemods.changes import Edit
from migrator.codemods.typescript.imports import elements_out
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field


class PackageJson:
    """One manifest. Edits are collected in `edits`; each of the methods may be called once for a section."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path, self._data = path, data
        # In parentheses a JSON text is a JavaScript expression; a byte order mark would not be.
        self._skip = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        self._source = Source("package.js", b"(" + data[self._skip :] + b")")
        self.edits: list[Edit] = []

    @property
    def content(self) -> dict[str, object]:
        """The manifest as data; empty when it is not JSON."""
        try:
            value = json.loads(self._data.decode("utf-8-sig"))
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def change(self, section: str, add: Mapping[str, str], gone: frozenset[str] = frozenset()) -> None:
        """Put entries into a section, sorted where it is, and take others out; those that are there already stay as they are."""
        whole = self._whole()
        if whole is None:
            return
        table = field(self._entry(whole, section), "value")
        fresh = {k: v for k, v in add.items() if table is None or self._entry(table, k) is None}
        if table is None:
            if fresh:
                self._new_section(whole, section, fresh)
            return
        pairs = [n for n in table.named_children if n.type == "pair"]
        leaving = {p.id for p in pairs if self._key(p) in gone}
        staying = [p for p in pairs if p.id not in leaving]
        if not staying and fresh:
            indent = self._indent_of_line(table)
            inner = ",".join(f"\n{indent}  {json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(fresh.items()))
            self.edits.append(self._edit(table.start_byte + 1, table.end_byte - 1, f"{inner}\n{indent}"))
            return
        self.edits += [self._edit(where.start, where.end, "") for where in elements_out(pairs, leaving)]
        for name, value in sorted(fresh.items()):
            self._insert(staying, name, value)

    def replace(self, section: str, name: str, value: str) -> None:
        """Give an entry of a section another value."""
        whole = self._whole()
        table = field(self._entry(whole, section), "value") if whole is not None else None
        old = field(self._entry(table, name), "value") if table is not None else None
        if old is not None:
            self.edits.append(self._edit(old.start_byte, old.end_byte, json.dumps(value)))

    def _whole(self) -> Node | None:
        statement = self._source.root.named_children[0] if self._source.root.named_children else None
        inner = statement.named_children[0] if statement is not None and statement.named_children else None
        whole = inner.named_children[0] if inner is not None and inner.named_children else None
        return whole if whole is not None and whole.type == "object" else None

    def _key(self, pair: Node) -> str:
        key = field(pair, "key")
        return self._source.text(key).strip('"') if key is not None else ""

    def _entry(self, table: Node, name: str) -> Node | None:
        return next((p for p in table.named_children if p.type == "pair" and self._key(p) == name), None)

    def _edit(self, start: int, end: int, text: str) -> Edit:
        shift = self._skip - 1
        return Edit(self.path, Span(start + shift, end + shift), text)

    def _insert(self, pairs: list[Node], name: str, value: str) -> None:
        """Before the first entry that sorts after it, if the section is sorted; else at its end."""
        entry = f"{json.dumps(name)}: {json.dumps(value)}"
        names = [self._key(p) for p in pairs]
        later = [p for p in pairs if self._key(p) > name] if names == sorted(names) else []
        if later:
            lead = self._indent(later[0])
            self.edits.append(self._edit(later[0].start_byte, later[0].start_byte, f"{entry},{self._break(later[0])}{lead}"))
        else:
            last = pairs[-1]
            self.edits.append(self._edit(last.end_byte, last.end_byte, f",{self._break(last)}{self._indent(last)}{entry}"))

    def _new_section(self, whole: Node, section: str, entries: Mapping[str, str]) -> None:
        pairs = [n for n in whole.named_children if n.type == "pair"]
        indent = self._indent(pairs[-1]) if pairs else "  "
        inner = ",".join(f"\n{indent}{indent}{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(entries.items()))
        text = f"\n{indent}{json.dumps(section)}: {{{inner}\n{indent}}}"
        if pairs:
            self.edits.append(self._edit(pairs[-1].end_byte, pairs[-1].end_byte, f",{text}"))
        else:
            self.edits.append(self._edit(whole.start_byte + 1, whole.end_byte - 1, f"{text}\n"))

    def _indent(self, node: Node) -> str:
        """The white space before a node, where it begins its line."""
        line = self._source.data.rfind(b"\n", 0, node.start_byte) + 1
        lead = self._source.data[line : node.start_byte]
        return lead.decode() if not lead.strip() else ""

    def _indent_of_line(self, node: Node) -> str:
        """The white space that the node's line begins with."""
        line = self._source.data[self._source.data.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
        return line[: len(line) - len(line.lstrip())].decode()

    def _break(self, node: Node) -> str:
        """A line break, where the section has one entry a line; else a space."""
        line = self._source.data.rfind(b"\n", 0, node.start_byte) + 1
        return "\n" if not self._source.data[line : node.start_byte].strip() else " "
