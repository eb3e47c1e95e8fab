"""Import statements of a file that is edited: names that nobody uses any more go, new ones come where they belong."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.python.expressions import is_docstring
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

Piece = tuple[Span, str]
_STATEMENTS = ("import_statement", "import_from_statement")


@dataclass(frozen=True, slots=True)
class Imported:
    """One name that an import statement binds. `part` is its place in the statement."""

    name: str
    statement: Node
    part: Node


def imported_names(source: Source) -> list[Imported]:
    """Every name that an import statement of the file binds, wherever it stands."""
    found: list[Imported] = []
    for statement in walk(source.root, _STATEMENTS):
        for part in statement.children_by_field_name("name"):
            bound = child(part, "alias") if part.type == "aliased_import" else part
            if bound is not None:
                text = source.text(bound)
                found.append(
                    Imported(text.split(".")[0] if statement.type == "import_statement" and part is bound else text, statement, part)
                )
    return found


def drop_unused(source: Source, pieces: Sequence[Piece], candidates: Iterable[Imported]) -> list[Piece]:
    """Edits that take out those of `candidates` that were used before `pieces` and are not after."""
    gone = [c for c in candidates if _became_unused(source, pieces, c)]
    edits: list[Piece] = []
    for statement in dict.fromkeys(c.statement for c in gone):
        parts = [c.part for c in gone if c.statement == statement]
        every = statement.children_by_field_name("name")
        if len(parts) < len(every):
            edits += _remove_parts(every, parts)
            continue
        where = whole_lines(source, statement)
        # A block must not be left empty.
        if where is not None and statement.parent is not None and (statement.parent == source.root or _has_company(statement, gone)):
            edits.append((where, ""))
    return edits


def remove_names(source: Source, names: Iterable[Imported]) -> list[Piece]:
    """Edits that take import names out whether or not they are used."""
    edits: list[Piece] = []
    chosen = list(names)
    for statement in dict.fromkeys(c.statement for c in chosen):
        parts = [c.part for c in chosen if c.statement == statement]
        every = statement.children_by_field_name("name")
        where = whole_lines(source, statement)
        if len(parts) < len(every):
            edits += _remove_parts(every, parts)
        elif where is not None and statement.parent == source.root:
            edits.append((where, ""))
    return edits


def whole_lines(source: Source, node: Node) -> Span | None:
    """The lines of a statement that has them for itself, a comment behind it excepted; else None."""
    data = source.data
    start = data.rfind(b"\n", 0, node.start_byte) + 1
    end = data.find(b"\n", node.end_byte)
    end = len(data) if end < 0 else end + 1
    # A byte order mark is no part of the first line.
    start = max(start, 3) if data.startswith(b"\xef\xbb\xbf") else start
    lead = data[start : node.start_byte]
    if lead.strip() or data[node.end_byte : end].split(b"#", 1)[0].strip():
        return None
    return Span(start, end)


def add_imports(source: Source, lines: Sequence[str], is_own: Callable[[str], bool]) -> list[Piece]:
    """Edits that add import lines at the top of a file, each beside its like: `import x`, or `from package.module import a, b`.

    `is_own` says if a module belongs to the project.
    """
    by_place: dict[tuple[int, str, str], list[str]] = {}
    for line in lines:
        by_place.setdefault(_place(source, line, is_own), []).append(line)
    pieces: list[Piece] = []
    places = sorted(by_place.items(), key=lambda entry: (entry[0][0], _kind(entry[1][0].split()[1], is_own)))
    for (offset, before, after), group in places:
        text = "".join(f"{line}\n" for line in group)
        if offset == len(source.data) and offset and not source.data.endswith(b"\n"):
            text = f"\n{before}{text}".removesuffix("\n")
        else:
            text = f"{before}{text}{after}"
        pieces.append((Span(offset, offset), text))
    return pieces


def _place(source: Source, line: str, is_own: Callable[[str], bool]) -> tuple[int, str, str]:
    """(offset, what stands before, what stands after) of an import line: within its own group, or as a group of its own."""
    module = line.split()[1]
    top = _block([n for n in source.root.named_children if n.type in _STATEMENTS])
    if not top:
        return _after_preamble(source)
    kind = _kind(module, is_own)
    kinds = [_kind(_module(source, n), is_own) for n in top]
    alike = [n for n, k in zip(top, kinds, strict=True) if k == kind]
    if alike:
        order = (not line.startswith("import "), module)
        later = next((n for n in alike if (n.type != "import_statement", _module(source, n)) > order), None)
        return (_line_start(source, later), "", "") if later is not None else (_line_end(source, alike[-1]), "", "")
    earlier = [n for n, k in zip(top, kinds, strict=True) if k < kind]
    if earlier:
        return _line_end(source, earlier[-1]), "\n", ""
    return _line_start(source, top[0]), "", "\n"


def _kind(module: str, is_own: Callable[[str], bool]) -> int:
    """0 for the standard library, 1 for other packages, 2 for the project's own."""
    first = module.split(".")[0]
    if not first or is_own(module):
        return 2
    return 0 if first in sys.stdlib_module_names else 1


def _block(top: Sequence[Node]) -> list[Node]:
    """The imports at the head of the file, up to the first other statement."""
    block = list(top[:1])
    for node in top[1:]:
        between = block[-1].next_named_sibling
        while between is not None and between.type == "comment":
            between = between.next_named_sibling
        if between != node:
            break
        block.append(node)
    return block


def _after_preamble(source: Source) -> tuple[int, str, str]:
    """Behind comments, the docstring and `from __future__` at the head of a file without imports."""
    offset = start = 3 if source.data.startswith(b"\xef\xbb\xbf") else 0
    for node in source.root.named_children:
        is_head = node.type in ("comment", "future_import_statement") or (is_docstring(node) and node.start_byte <= _first_code(source))
        if not is_head:
            break
        offset = _line_end(source, node)
    blank = source.data[offset:].lstrip(b" \t").startswith((b"\n", b"\r\n"))
    return offset, "\n" if offset > start else "", "" if blank or offset >= len(source.data) else "\n"


def _first_code(source: Source) -> int:
    return next((n.start_byte for n in source.root.named_children if n.type != "comment"), 0)


def _module(source: Source, statement: Node) -> str:
    name = child(statement, "module_name") or next(iter(statement.children_by_field_name("name")), None)
    return source.text(name).split(" as ")[0] if name is not None else ""


def _line_start(source: Source, node: Node) -> int:
    start = source.data.rfind(b"\n", 0, node.start_byte) + 1
    return 3 if start == 0 and source.data.startswith(b"\xef\xbb\xbf") else start


def _line_end(source: Source, node: Node) -> int:
    end = source.data.find(b"\n", node.end_byte)
    return len(source.data) if end < 0 else end + 1


def _became_unused(source: Source, pieces: Sequence[Piece], imported: Imported) -> bool:
    name = imported.name.encode()
    uses = [n for n in walk(source.root, ("identifier",)) if n.text == name and not _binds_or_member(n, imported)]
    covered = [any(p.start <= n.start_byte and n.end_byte <= p.end for p, _ in pieces) for n in uses]
    if not uses or not all(covered):
        return False
    word = re.compile(rf"(?<![\w.]){re.escape(imported.name)}\b")
    if any(word.search(text) for _, text in pieces):
        return False
    # A name in a string annotation or in `__all__` is a use that no identifier shows.
    strings = (source.text(n) for n in walk(source.root, ("string",)) if not any(p.start <= n.start_byte < p.end for p, _ in pieces))
    return not any(re.search(rf"\b{re.escape(imported.name)}\b", text) for text in strings if len(text) < 200)


def _binds_or_member(node: Node, imported: Imported) -> bool:
    parent = node.parent
    if parent is None:
        return True
    if imported.part.start_byte <= node.start_byte and node.end_byte <= imported.part.end_byte:
        return True
    if child(parent, "attribute") == node or (parent.type == "keyword_argument" and child(parent, "name") == node):
        return True
    return any(a.type in _STATEMENTS for a in (parent, parent.parent) if a is not None)


def _remove_parts(every: Sequence[Node], parts: Sequence[Node]) -> list[Piece]:
    edits: list[Piece] = []
    index = 0
    while index < len(every):
        if every[index] not in parts:
            index += 1
            continue
        last = index
        while last + 1 < len(every) and every[last + 1] in parts:
            last += 1
        if last + 1 < len(every):
            edits.append((Span(every[index].start_byte, every[last + 1].start_byte), ""))
        else:
            edits.append((Span(every[index - 1].end_byte, every[last].end_byte), ""))
        index = last + 1
    return edits


def _has_company(statement: Node, gone: Sequence[Imported]) -> bool:
    """True if a block keeps another statement besides the imports that go."""
    block = statement.parent
    removed = {c.statement.id for c in gone}
    return block is not None and any(n.id not in removed and n.type != "comment" for n in block.named_children)
