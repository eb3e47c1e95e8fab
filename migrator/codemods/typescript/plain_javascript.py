"""TypeScript that was written here as plain JavaScript: types are cut out, nothing else changes.

Only for code of our own: it may use what can be erased (no enums, namespaces, parameter properties or decorators).
"""

from __future__ import annotations

import re

from tree_sitter import Node

from migrator.syntax.source import Source
from migrator.syntax.tree import field

_ANNOTATIONS = ("type_annotation", "type_predicate_annotation", "asserts_annotation", "type_parameters", "type_arguments")
_CUT = frozenset((*_ANNOTATIONS, "accessibility_modifier", "override_modifier"))
_WHOLE = frozenset(("interface_declaration", "type_alias_declaration"))
_CASTS = frozenset(("as_expression", "satisfies_expression", "non_null_expression"))


def erase_types(text: str) -> str:
    """The same program without types.

    >>> erase_types("export function f(a?: string): number[] { return [a!.length] as number[]; }")
    'export function f(a) { return [a.length]; }'
    """
    source = Source("erased.ts", text.encode())
    cuts: list[tuple[int, int]] = []
    stack = [source.root]
    while stack:
        node = stack.pop()
        whole = _cut(source, node, cuts)
        if not whole:
            stack.extend(node.children)
    data, end, kept = source.data, 0, list[bytes]()
    for start, stop in sorted(cuts):
        if start >= end:
            kept.append(data[end:start])
            end = stop
    kept.append(data[end:])
    return re.sub(r"\n{3,}", "\n\n", b"".join(kept).decode()).lstrip("\n")


def _cut(source: Source, node: Node, cuts: list[tuple[int, int]]) -> bool:
    """Note what of a node goes; True if all of it does."""
    declaration = field(node, "declaration") if node.type == "export_statement" else node
    if declaration is not None and declaration.type in _WHOLE:
        cuts.append((_with_comment(node), _line_end(source, node)))
        return True
    if node.type == "import_statement" and any(c.type == "type" for c in node.children):
        cuts.append((node.start_byte, _line_end(source, node)))
        return True
    if node.type == "import_specifier" and any(c.type == "type" for c in node.children):
        cuts.append(_specifier(node))
        return True
    if node.type in _CUT:
        # A modifier goes with the space behind it.
        cuts.append((node.start_byte, node.end_byte + node.type.endswith("modifier")))
        return True
    if node.type in _CASTS:
        cuts.append((node.children[0].end_byte, node.end_byte))
    if node.type in ("readonly", "declare", "abstract") and node.parent is not None and not node.parent.type.endswith("type"):
        cuts.append((node.start_byte, node.end_byte + 1))
    if node.type in ("?", "!") and node.parent is not None and node.parent.type in ("optional_parameter", "public_field_definition"):
        cuts.append((node.start_byte, node.end_byte))
    return False


def _with_comment(node: Node) -> int:
    """The first byte of a declaration, or of the comment right above it."""
    previous = node.prev_sibling
    if previous is not None and previous.type == "comment" and node.start_point.row - previous.end_point.row == 1:
        return previous.start_byte
    return node.start_byte


def _line_end(source: Source, node: Node) -> int:
    end = source.data.find(b"\n", node.end_byte)
    return len(source.data) if end < 0 else end + 1


def _specifier(node: Node) -> tuple[int, int]:
    """One name of an import, with one of the commas around it."""
    before, after = node.prev_sibling, node.next_sibling
    start = before.end_byte if before is not None else node.start_byte
    if after is not None and after.type == ",":
        return start, after.end_byte
    return (before.start_byte if before is not None and before.type == "," else start), node.end_byte


def to_commonjs(text: str) -> str:
    """ES module syntax of our own templates as CommonJS: named imports, exports of functions, classes and constants.

    >>> to_commonjs('import { a } from "./a";\\nexport const b = a;\\n')
    'const { a } = require("./a");\\nconst b = a;\\n\\nmodule.exports = { b };\\n'
    """
    text = re.sub(
        r"^import (\{[^}]*\}) from (\"[^\"]*\");",
        lambda m: f"const {m[1].replace(' as ', ': ')} = require({m[2]});",
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(r"^import (\"[^\"]*\");", r"require(\1);", text, flags=re.MULTILINE)
    text = re.sub(r"^import (\w+) from (\"[^\"]*\");", r"const \1 = require(\2);", text, flags=re.MULTILINE)
    names = re.findall(r"^export (?:async )?(?:function|class|const) (\w+)", text, flags=re.MULTILINE)
    text = re.sub(r"^export (?=(?:async )?(?:function|class|const) )", "", text, flags=re.MULTILINE)
    return f"{text.rstrip()}\n\nmodule.exports = {{ {', '.join(names)} }};\n" if names else text
