"""Where Inngest reaches the application: taken out with the last function, narrowed to those that stay before that."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.changes import Edit
from migrator.codemods.typescript.imports import elements_out, lines_out
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function, node_at
from migrator.codemods.typescript.project import Project
from migrator.jobs import Endpoint, Location, Span
from migrator.syntax.source import Source
from migrator.syntax.tree import ancestors, field

#: what decides between several outcomes
_CASES = ("ternary_expression", "if_statement", "switch_statement")
#: ways to hang a handler into a framework, as statements of their own
_MOUNTS = frozenset(("use", "all", "on", "route", "register", "addRoute", "add", "get", "post", "put"))


@dataclass(frozen=True)
class Removal:
    """How an endpoint goes: with its whole file, or by one statement."""

    file: bool
    statement: Node | None = None


def removal(project: Project, endpoint: Endpoint) -> Removal | None:
    """How to take an endpoint out; None where more hangs on it than the rewrite understands."""
    source = project.source(endpoint.location.path)
    call = call_of(project, endpoint)
    if call is None:
        return None
    statement = next((a for a in ancestors(call) if a.parent is not None and a.parent.type == "program"), None)
    if statement is None:
        return _mounted(source, call)
    if statement.type == "export_statement" and _only_serves(source, statement):
        return Removal(file=True)
    return _mounted(source, call)


def call_of(project: Project, endpoint: Endpoint) -> Node | None:
    """The call of `serve` and its like."""
    where = endpoint.location
    node = project.source(where.path).root.descendant_for_byte_range(where.span.start, where.span.end)
    while node is not None and node.type != "call_expression":
        node = node.parent
    return node


def _only_serves(source: Source, statement: Node) -> bool:
    """True if the file has nothing but the endpoint: imports, settings of the framework, comments."""
    for node in source.root.named_children:
        if node.id == statement.id or node.type in ("comment", "import_statement", "expression_statement"):
            if node.type == "expression_statement" and node.named_children[0].type != "string":
                return False
            continue
        declaration = field(node, "declaration")
        if node.type != "export_statement" or declaration is None or declaration.type != "lexical_declaration":
            return False
        values = [field(d, "value") for d in declaration.named_children]
        if any(v is None or v.type not in ("number", "string", "true", "false", "object") for v in values):
            return False
    return True


def _mounted(source: Source, call: Node) -> Removal | None:
    """`app.use("/api/inngest", serve({ … }))`, alone on its statement."""
    outer = call.parent.parent if call.parent is not None and call.parent.type == "arguments" else call
    if outer is None or outer.type != "call_expression":
        return None
    name = field(outer, "function", "property")
    if name is None or source.text(name) not in _MOUNTS:
        return None
    statement = outer.parent
    if statement is not None and statement.type == "await_expression":
        statement = statement.parent
    return Removal(file=False, statement=statement) if statement is not None and statement.type == "expression_statement" else None


def takes_out(project: Project, endpoint: Endpoint, how: Removal) -> tuple[list[Edit], list[str]]:
    """(edits, files that go) of removing an endpoint. Its imports are seen to elsewhere."""
    source = project.source(endpoint.location.path)
    if how.file:
        return [], [source.path]
    assert how.statement is not None  # noqa: S101 - one of the two is there
    return [Edit(source.path, lines_out(source, [how.statement])[0], "")], []


def element_of(project: Project, where: Location) -> Node | None:
    """The element of an array literal that stands at a place."""
    source = project.source(where.path)
    node = node_at(source, where.span)
    while node is not None and node.parent is not None and node.parent.type != "array":
        if node.parent.type not in ("as_expression", "satisfies_expression", "parenthesized_expression", "non_null_expression"):
            return None
        node = node.parent
    return node if node is not None and node.parent is not None else None


def conditional(project: Project, where: Location) -> bool:
    """True if what stands at a place of a list is only part of it in some cases."""
    source = project.source(where.path)
    node = source.root.descendant_for_byte_range(where.span.start, where.span.end)
    for outer in ancestors(node) if node is not None else ():
        operator = field(outer, "operator")
        if outer.type in _CASES or (
            outer.type == "binary_expression" and operator is not None and source.text(operator) in ("&&", "||", "??")
        ):
            return True
    return False


def narrowable(project: Project, endpoints: list[Endpoint], function: Function) -> bool:
    """True if every list that holds the function is written out, so that it can leave it."""
    places = [w for e in endpoints for k, w in zip(e.serves, e.listed, strict=True) if k == function.key]
    return bool(places) and all(element_of(project, w) is not None for w in places)


def narrows(project: Project, endpoints: list[Endpoint], moved: list[Function]) -> list[Edit]:
    """Take functions out of the lists of what Inngest may call."""
    keys = {f.key for f in moved}
    places = {(w.path, w.span.start): w for e in endpoints for k, w in zip(e.serves, e.listed, strict=True) if k in keys}
    arrays: dict[tuple[str, int], tuple[Node, set[int]]] = {}
    for where in places.values():
        element = element_of(project, where)
        if element is not None and element.parent is not None:
            array = element.parent
            arrays.setdefault((where.path, array.start_byte), (array, set()))[1].add(element.id)
    edits: list[Edit] = []
    for (path, _), (array, gone) in arrays.items():
        elements = [n for n in array.named_children if n.type != "comment"]
        edits += [Edit(path, _blank_line(project.source(path), where), "") for where in elements_out(elements, gone)]
    return edits


def _blank_line(source: Source, cut: Span) -> Span:
    """The whole line, where nothing but white space would be left of it."""
    start, end = source.data.rfind(b"\n", 0, cut.start) + 1, source.data.find(b"\n", cut.end) + 1
    return Span(start, end) if end and not (source.data[start : cut.start] + source.data[cut.end : end]).strip() else cut


def lists(project: Project, endpoints: list[Endpoint], functions: list[Function]) -> list[tuple[str, str]]:
    """(file, exported name) of the arrays that hold these functions and nothing else; empty where they stand in other ways too."""
    keys = {f.key for f in functions}
    found: dict[tuple[str, str], set[str]] = {}
    for endpoint in endpoints:
        for key, where in zip(endpoint.serves, endpoint.listed, strict=True):
            if key not in keys:
                continue
            element = element_of(project, where)
            name = _list_name(project, where.path, element) if element is not None else ""
            if not name or where.path in (e.location.path for e in endpoints):
                return []
            found.setdefault((where.path, name), set()).add(key)
    return sorted(found) if found and set().union(*found.values()) == keys else []


def _list_name(project: Project, path: str, element: Node) -> str:
    """The name under which a file exports the array around `element`, if it holds nothing but names."""
    array = element.parent
    declarator = array.parent if array is not None else None
    while declarator is not None and declarator.type in ("as_expression", "satisfies_expression"):
        declarator = declarator.parent
    name = field(declarator, "name")
    if array is None or declarator is None or declarator.type != "variable_declarator" or name is None or name.type != "identifier":
        return ""
    if any(n.type not in ("identifier", "comment") for n in array.named_children) or field(declarator, "type") is not None:
        return ""
    local = project.source(path).text(name)
    return next((e.name for e in project.bindings(path).exports().values() if e.local == local and e.name != "default"), "")
