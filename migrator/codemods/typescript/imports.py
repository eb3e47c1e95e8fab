"""Import lines of TypeScript and JavaScript: what they bring in, and edits that add, move or take away names."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.changes import Edit
from migrator.codemods.typescript.project import Project
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field, walk
from migrator.syntax.typescript_bindings import string

_OUTPUT = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs"}


@dataclass(frozen=True)
class Imported:
    """One name that an import brings in. `name` is the exported one (`default`, `*`), `local` what the file calls it."""

    statement: Node
    specifier: Node | None  #: the node of `name as local` in braces
    module: str
    name: str
    local: str
    type_only: bool = False


def imported(source: Source) -> Iterator[Imported]:
    """Every name that the file imports or requires at its top, re-exports (`export … from`) included with an empty local name."""
    for node in source.root.named_children:
        match node.type:
            case "import_statement":
                yield from _statement(source, node)
            case "export_statement" if field(node, "source") is not None:
                module = string(source, field(node, "source"))
                names = list(walk(node, ("export_specifier",)))
                for specifier in names:
                    name = field(specifier, "name")
                    yield Imported(node, specifier, module, source.text(name) if name is not None else "", "", _is_type(node))
                if not names:
                    yield Imported(node, None, module, "*", "", _is_type(node))
            case "lexical_declaration" | "variable_declaration":
                for declarator in node.named_children:
                    yield from _required(source, node, declarator)
            case _:
                pass


def _statement(source: Source, node: Node) -> Iterator[Imported]:
    module = string(source, field(node, "source"))
    whole = _is_type(node)
    clauses = [c for c in node.named_children if c.type == "import_clause"]
    if not clauses:
        yield Imported(node, None, module, "", "", whole)
    for clause in clauses:
        for part in clause.named_children:
            if part.type == "identifier":
                yield Imported(node, None, module, "default", source.text(part), whole)
            elif part.type == "namespace_import":
                yield Imported(node, None, module, "*", source.text(part.named_children[0]), whole)
            for specifier in (s for s in part.named_children if s.type == "import_specifier"):
                name = field(specifier, "name")
                local = field(specifier, "alias") or name
                if name is not None and local is not None:
                    yield Imported(node, specifier, module, source.text(name), source.text(local), whole or _is_type(specifier))


def _required(source: Source, node: Node, declarator: Node) -> Iterator[Imported]:
    value, name = field(declarator, "value"), field(declarator, "name")
    call = value.named_children[0] if value is not None and value.type == "await_expression" else value
    function, arguments = field(call, "function"), field(call, "arguments")
    if call is None or call.type != "call_expression" or function is None or arguments is None or name is None:
        return
    if source.text(function) not in ("require", "import") or len(arguments.named_children) != 1:
        return
    module = string(source, arguments.named_children[0])
    if not module:
        return
    if name.type == "identifier":
        yield Imported(node, None, module, "*", source.text(name))
    for part in name.named_children if name.type == "object_pattern" else ():
        key = field(part, "key") or part
        local = field(part, "value") or part
        yield Imported(node, part, module, source.text(key), source.text(local))


def _is_type(node: Node) -> bool:
    return any(c.type == "type" for c in node.children)


def relative(project: Project, importer: str, target: str) -> str:
    """The specifier under which `importer` reaches the file `target`, with or without a suffix as the code around it does."""
    path = posixpath.relpath(posixpath.splitext(target)[0], posixpath.dirname(importer) or ".")
    path = path if path.startswith(".") else f"./{path}"
    return path + suffix_style(project, importer, target)


def suffix_style(project: Project, importer: str, target: str) -> str:
    """What relative imports end with: nothing, `.js` or `.ts`, as most of the package's own do; where none tell, as Node needs it."""
    own = posixpath.splitext(target)[1]
    package = project.package_of(importer)
    counts = {"": 0, "output": 0, "source": 0}
    for path in project.code:
        if project.package_of(path) != package or posixpath.splitext(path)[1] != posixpath.splitext(importer)[1]:
            continue
        for entry in imported(project.source(path)):
            if entry.module.startswith("."):
                end = posixpath.splitext(entry.module)[1]
                kind = "output" if end in (".js", ".mjs", ".cjs", ".jsx") else "source" if end in (".ts", ".tsx", ".mts", ".cts") else ""
                counts[kind] += 1
    if any(counts.values()):
        style = max(counts, key=lambda k: counts[k])
    else:
        style = "output" if _needs_suffix(project, importer) else ""
    return "" if not style else own if style == "source" else _OUTPUT.get(own, own)


def _needs_suffix(project: Project, importer: str) -> bool:
    """True for plain JavaScript that Node runs as ES modules."""
    end = posixpath.splitext(importer)[1]
    return end == ".mjs" or (end == ".js" and project.manifest(project.package_of(importer)).get("type") == "module")


def is_commonjs(project: Project, path: str) -> bool:
    """True for a JavaScript file that says `require` and `module.exports`."""
    end = posixpath.splitext(path)[1]
    if end == ".cjs":
        return True
    if end not in (".js", ".jsx"):
        return False
    source = project.source(path)
    if any(n.type in ("import_statement", "export_statement") for n in source.root.named_children):
        return False
    return b"require(" in source.data or b"module.exports" in source.data


def add(project: Project, path: str, names: Collection[str], module: str, group: str) -> list[Edit]:
    """Import `names` (each `name` or `name as local`) from `module`, below the file's other imports."""
    if not names:
        return []
    source = project.source(path)
    listed = ", ".join(sorted(names, key=str.lower))
    if is_commonjs(project, path):
        listed = listed.replace(" as ", ": ")
        text = f"const {{ {listed} }} = require({quote(source)}{module}{quote(source)}){semicolon(source)}\n"
    else:
        text = f"import {{ {listed} }} from {quote(source)}{module}{quote(source)}{semicolon(source)}\n"
    last = _last_import(source)
    if last is None:
        start = _after_prologue(source)
        return [Edit(path, Span(start, start), text, group)]
    end = source.data.find(b"\n", last.end_byte)
    if end < 0:
        return [Edit(path, Span(len(source.data), len(source.data)), "\n" + text.rstrip("\n"), group)]
    return [Edit(path, Span(end + 1, end + 1), text, group)]


def _last_import(source: Source) -> Node | None:
    statements = {id(e.statement): e.statement for e in imported(source) if e.statement.type != "export_statement"}
    return max(statements.values(), key=lambda n: n.end_byte, default=None)


def _after_prologue(source: Source) -> int:
    """Where a first import may stand: behind a hash-bang, directives such as `"use strict"`, and the comments above them."""
    offset = 0
    for node in source.root.children:
        if node.type == "hash_bang_line" or (node.type == "expression_statement" and node.named_children[0].type == "string"):
            end = source.data.find(b"\n", node.end_byte)
            offset = end + 1 if end >= 0 else len(source.data)
        elif node.type != "comment":
            break
    return offset


def remove(source: Source, gone: Collection[Imported], group: str = "") -> list[Edit]:
    """Take names out of their import statements, and a statement that is left with none."""
    edits: list[Edit] = []
    statements = {e.statement.id: e.statement for e in gone}
    empty: list[Node] = []
    for statement in statements.values():
        before = [e for e in imported(source) if e.statement.id == statement.id]
        leaving = {e.local for e in gone if e.statement.id == statement.id}
        if all(e.local in leaving for e in before):
            empty.append(statement)
            continue
        named = [e for e in before if e.specifier is not None]
        plain = next((e for e in before if e.specifier is None), None)
        if named and all(e.local in leaving for e in named):
            # `import a, { b } from "x"`: the braces go with their comma.
            braces = named[0].specifier.parent if named[0].specifier is not None else None
            comma = source.data.rfind(b",", statement.start_byte, braces.start_byte) if braces is not None else -1
            if braces is not None and comma > 0:
                edits.append(Edit(source.path, Span(comma, braces.end_byte), "", group))
        else:
            nodes = [e.specifier for e in named if e.specifier is not None]
            leave = {e.specifier.id for e in named if e.specifier is not None and e.local in leaving}
            edits += [Edit(source.path, where, "", group) for where in elements_out(nodes, leave)]
        if plain is not None and plain.local in leaving:
            first = next(n for n in walk(statement, ("identifier",)) if source.text(n) == plain.local)
            brace = source.data.find(b"{", first.end_byte)
            edits.append(Edit(source.path, Span(first.start_byte, brace), "", group))
    return edits + [Edit(source.path, where, "", group) for where in lines_out(source, empty)]


def elements_out(elements: list[Node], gone: Collection[int]) -> list[Span]:
    """What to cut so that the elements with these node ids leave a list, their commas and line breaks with them."""
    spans: list[Span] = []
    kept_before: Node | None = None
    run: list[Node] = []
    for element in elements:
        if element.id in gone:
            run.append(element)
            continue
        if run:
            spans.append(Span(run[0].start_byte, element.start_byte))
            run = []
        kept_before = element
    if run:
        last = run[-1]
        comma = last.next_sibling
        end = comma.end_byte if comma is not None and comma.type == "," and kept_before is None else last.end_byte
        spans.append(Span(kept_before.end_byte if kept_before is not None else run[0].start_byte, end))
    return spans


def lines_out(source: Source, statements: Collection[Node]) -> list[Span]:
    """What to cut so that statements leave with their lines, and without two blank lines where there was one before and one after."""
    data, runs = source.data, list[Span]()
    for span in sorted((whole_line(source, s) for s in statements), key=lambda s: s.start):
        if runs and not data[runs[-1].end : span.start].strip() and data[runs[-1].end - 1 : runs[-1].end] == b"\n":
            runs[-1] = Span(runs[-1].start, span.end)
        else:
            runs.append(span)
    last = max((e.statement.start_byte for e in imported(source)), default=0)
    return [_closed(data, run, last) for run in runs]


def _closed(data: bytes, run: Span, last_import: int) -> Span:
    following = data.find(b"\n", run.end) + 1
    if data[run.end - 1 : run.end] != b"\n" or not following or data[run.end : following].strip():
        return run
    previous = data.rfind(b"\n", 0, max(run.start - 1, 0)) + 1
    if run.start > previous and not data[previous : run.start].strip():
        return Span(previous, run.end)
    # At the top of a file, unless it is where a new import is to stand.
    return Span(run.start, following) if not data[: run.start].removeprefix(b"\xef\xbb\xbf") and last_import > run.end else run


def whole_line(source: Source, node: Node) -> Span:
    """A statement with its indentation and its line end, where nothing else stands on its lines."""
    data = source.data
    start = data.rfind(b"\n", 0, node.start_byte) + 1
    if data[start : node.start_byte].strip(b" \t\xef\xbb\xbf"):
        start = node.start_byte
    elif start == 0 and data.startswith(b"\xef\xbb\xbf"):
        start = 3
    end = data.find(b"\n", node.end_byte)
    end = len(data) if end < 0 else end + 1
    return Span(start, end) if not data[node.end_byte : end].strip() else Span(node.start_byte, node.end_byte)


def quote(source: Source) -> str:
    """The kind of quotes that the file's imports use."""
    double = source.data.count(b'from "') + source.data.count(b'require("')
    single = source.data.count(b"from '") + source.data.count(b"require('")
    return "'" if single > double else '"'


def literal(source: Source, text: str) -> str:
    """A text in the file's kind of quotes, or in double ones where it would need a backslash."""
    mark = quote(source)
    return f"{mark}{text}{mark}" if not set(text) & set("'\"\\\n") else json.dumps(text, ensure_ascii=False)


def semicolon(source: Source) -> str:
    """A semicolon, unless the file's imports go without."""
    lines = [source.text(n).rstrip() for n in source.root.named_children if n.type in ("import_statement", "lexical_declaration")]
    return "" if lines and not any(line.endswith(";") for line in lines) else ";"


def names_in(source: Source) -> frozenset[str]:
    """Every identifier that the file mentions."""
    kinds = ("identifier", "type_identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")
    return frozenset(source.text(n) for n in walk(source.root, kinds))
