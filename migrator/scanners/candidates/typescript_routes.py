"""Request handlers in TypeScript and JavaScript: routers, controllers, files that are routes, tRPC procedures, server actions."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.scanners.linking import Defined
from migrator.scanners.reading import View
from migrator.scanners.typescript.route_files import METHODS, file_route
from migrator.scanners.typescript.routes import decorators, method_route, router_calls
from migrator.syntax.tree import FUNCTIONS, callee_of, field

#: what a file that may hold request handlers contains
MARKERS = (
    *(b".post(", b".get(", b".put(", b".patch(", b".delete(", b"@Post(", b"@Get(", b"@Put(", b"@Patch(", b"@Delete("),
    *(b".mutation(", b'"use server"', b"'use server'", b"export "),
)
#: (function, where it is said, name, HTTP method, path)
Found = tuple[Node, Node, str, str, str]
_READS = {"loader": "GET"}


def handlers(view: View) -> Iterator[Found]:
    """The functions of a file that answer requests."""
    yield from _of_routers(view)
    yield from _of_controllers(view)
    yield from _of_file(view)
    yield from _procedures(view)
    yield from _actions(view)


def _of_routers(view: View) -> Iterator[Found]:
    for call, path in router_calls(view):
        name = field(callee_of(call), "property")
        method = view.source.text(name).upper() if name is not None else ""
        for node in _given(call)[1:]:
            function = _function(view, node)
            if function is not None:
                yield function, name or call, path, "" if method in ("ALL", "USE", "ROUTE", "ON") else method, path


def _of_controllers(view: View) -> Iterator[Found]:
    for method in view.source.nodes("method_definition"):
        route = method_route(view, method)
        if route is not None:
            verb = next((v for d in decorators(method) if (v := view.source.text(d).lstrip("@").partition("(")[0]) in _VERBS), "")
            yield method, route.at, route.export, verb.upper() if verb != "All" else "", route.path


_VERBS = frozenset(("Post", "Get", "Put", "Patch", "Delete", "All"))


def _of_file(view: View) -> Iterator[Found]:
    found = file_route(view.project.tree, view.source.path)
    if found is None:
        return
    url, names = found
    exports = view.project.bindings(view.source.path).exports()
    for name in names:
        if name not in exports:
            continue
        meaning = view.evaluator.export(view.source.path, name)
        if isinstance(meaning, Defined) and meaning.place.source is view.source and meaning.place.node.type in FUNCTIONS:
            node = meaning.place.node
            yield node, field(node, "name") or node, name, _READS.get(name, name if name in METHODS else ""), url


def _procedures(view: View) -> Iterator[Found]:
    """`publicProcedure.input(…).mutation(async ({ input }) => …)` of tRPC."""
    for call in view.source.nodes("call_expression"):
        function = callee_of(call)
        name = field(function, "property")
        if (
            name is None
            or view.source.text(name) != "mutation"
            or b"rocedure" not in (function.text or b"" if function is not None else b"")
        ):
            continue
        for node in _given(call):
            handler = _function(view, node)
            if handler is not None:
                entry = field(call.parent, "key") if call.parent is not None and call.parent.type == "pair" else None
                label = view.source.text(entry) if entry is not None else view.around(call)
                yield handler, entry or name, label or "mutation", "", "tRPC"


def _actions(view: View) -> Iterator[Found]:
    """Functions that say, or whose file says, `"use server"`."""
    whole = _says(view, view.source.root)
    for node in view.source.nodes("function_declaration", "arrow_function", "function_expression"):
        body = field(node, "body")
        top = node.parent is not None and (node.parent.parent is None or node.parent.type == "export_statement" or _at_top(node))
        if (whole and top) or (body is not None and body.type == "statement_block" and _says(view, body)):
            name = field(node, "name") or field(node.parent, "name")
            label = view.source.text(name) if name is not None else "action"
            yield node, name or node, label, "", "server action"


def _at_top(node: Node) -> bool:
    declaration = node.parent.parent if node.parent is not None and node.parent.type == "variable_declarator" else None
    return declaration is not None and declaration.parent is not None and declaration.parent.type in ("program", "export_statement")


def _says(view: View, block: Node) -> bool:
    for statement in block.named_children[:3]:
        if statement.type == "expression_statement" and view.source.text(statement).strip(";'\"") == "use server":
            return True
        if statement.type not in ("comment", "expression_statement"):
            return False
    return False


def _given(call: Node) -> list[Node]:
    arguments = field(call, "arguments")
    return [c for c in arguments.named_children if c.type != "comment"] if arguments is not None else []


def _function(view: View, node: Node) -> Node | None:
    """The function of this file that `node` is, names, or wraps: `async () => …`, `handler`, `withAuth(async () => …)`."""
    if node.type in FUNCTIONS:
        return node
    meaning = view.evaluator.of(view.source, node)
    if isinstance(meaning, Defined):
        return meaning.place.node if meaning.place.source is view.source and meaning.place.node.type in FUNCTIONS else None
    if node.type == "call_expression":
        return next((f for given in _given(node) if (f := _function(view, given)) is not None), None)
    return None
