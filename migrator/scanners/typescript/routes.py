"""HTTP routes in code: the export of a file, the call of a router or the method of a controller that some code is part of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from migrator.scanners.linking import Project
from migrator.scanners.reading import View
from migrator.scanners.typescript.route_files import file_route
from migrator.syntax.bindings import Bindings, Export
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, contains, enclosing, field, name_of, walk

#: methods of a router that are given a path and functions
_VERBS = frozenset(("post", "get", "put", "patch", "delete", "all", "use", "route", "on"))
#: decorators of a controller's methods
_DECORATORS = frozenset(("Post", "Get", "Put", "Patch", "Delete", "All"))


#: how many names of one handler are followed
_ALIASES = 4


@dataclass(frozen=True)
class Route:
    """A place that answers HTTP requests. `export` is the export that does, or empty; `at` is where the route is made."""

    path: str
    export: str
    at: Node
    handler: Node | None = None


def route_at(view: View, node: Node) -> Route | None:
    """The route whose handling `node` is part of: of the file, of a router's call, or of a controller's method."""
    return _of_call(view, node) or _of_method(view, node) or _of_file(view, node) or _of_worker(view, node)


def export_at(project: Project, path: str, name: str) -> Node | None:
    """Where a file declares what it exports as `name`."""
    export = project.bindings(path).exports().get(name)
    return _made_at(project.bindings(path), export) if export is not None else None


def exported(view: View, name: str) -> Route | None:
    """The route of the file whose handler is exported as `name`."""
    found = file_route(view.project.tree, view.source.path)
    at = export_at(view.project, view.source.path, name) if found is not None else None
    return Route(found[0], name, at) if found is not None and at is not None else None


def _of_file(view: View, node: Node) -> Route | None:
    found = file_route(view.project.tree, view.source.path)
    if found is None:
        return None
    url, names = found
    if not names:
        return Route(url, "", _outermost(view.source, node))
    bindings = view.project.bindings(view.source.path)
    own = _declared_around(view.source, node)
    for name in names:
        export = bindings.exports().get(name)
        if export is not None and _reaches(view.source, bindings, export, node, own):
            at = _made_at(bindings, export)
            return Route(url, name, at if at is not None else node)
    return None


def _of_worker(view: View, node: Node) -> Route | None:
    """`export default { async fetch(request) { … } }`, which answers every path."""
    method = enclosing(node, ("method_definition", "pair"))
    while method is not None:
        name = field(method, "name") or field(method, "key")
        holder = method.parent.parent if method.parent is not None else None
        if name is not None and view.source.text(name) == "fetch" and holder is not None and holder.type == "export_statement":
            return Route("/", "default", name, method)
        method = enclosing(method, ("method_definition", "pair"))
    return None


def _reaches(source: Source, bindings: Bindings, export: Export, node: Node, own: frozenset[str]) -> bool:
    """True if what is exported is, or is made of, the declaration around `node`."""
    if export.local in own:
        return True
    values = [export.value] if export.value is not None else [b.value for b in bindings.module.get(export.local, []) if b.value is not None]
    for value in values:
        # `handler`, `handlers.POST`, `withLogging(handler)`, and `signed ? verify(handler) : handler`.
        if contains(value, node) or any(source.text(n) in own for n in walk(value, ("identifier",), skip=FUNCTIONS)):
            return True
    return False


def _made_at(bindings: Bindings, export: Export) -> Node | None:
    """The name in the declaration that makes an export, or its value; of `export const POST = GET` that of `GET`."""
    name = export.local
    for _ in range(_ALIASES):
        bound = next(iter(bindings.module.get(name, [])), None) if name else None
        if bound is None:
            break
        if bound.kind in ("function", "class"):
            return field(bound.node, "name") or bound.node
        if bound.value is None:
            return None
        if bound.value.type != "identifier":
            return bound.value if bound.value.type == "call_expression" else field(bound.value.parent, "name") or bound.value
        name = bindings.source.text(bound.value)
    return export.value


def _declared_around(source: Source, node: Node) -> frozenset[str]:
    """The names that the declaration at the top of the file gives in which `node` stands."""
    outer = _outermost(source, node)
    if outer.type == "export_statement":
        outer = field(outer, "declaration") or outer
    if outer.type in ("lexical_declaration", "variable_declaration"):
        outer = next((d for d in outer.named_children if contains(d, node)), outer)
    name = field(outer, "name")
    if name is None:
        return frozenset()
    return frozenset(source.text(n) for n in walk(name, ("identifier", "shorthand_property_identifier_pattern")))


def _outermost(source: Source, node: Node) -> Node:
    """The statement at the top of the file in which `node` stands."""
    outer = node
    while outer.parent is not None and outer.parent.id != source.root.id:
        outer = outer.parent
    return outer


def _of_call(view: View, node: Node) -> Route | None:
    """`app.post("/path", …)` with `node` among, or within, what is given to it; or within a function that is given to one by its name."""
    for ancestor in ancestors(node):
        if ancestor.type == "call_expression":
            path = router_path(view, ancestor)
            if path is not None and not contains(callee_of(ancestor) or ancestor, node):
                return Route(path, "", field(callee_of(ancestor), "property") or ancestor, node)
    function = enclosing(node, FUNCTIONS)
    while function is not None:
        name = name_of(function)
        if name is not None and name.type == "identifier":
            found = _given_by_name(view, view.source.text(name))
            if found is not None:
                return found
        function = enclosing(function, FUNCTIONS)
    return None


def _given_by_name(view: View, name: str) -> Route | None:
    for call, path in router_calls(view):
        arguments = field(call, "arguments")
        for given in arguments.named_children if arguments is not None else ():
            if given.type == "identifier" and view.source.text(given) == name:
                return Route(path, "", field(callee_of(call), "property") or call, given)
    return None


def router_calls(view: View) -> Iterator[tuple[Node, str]]:
    """(call, path) of every `app.post("/path", …)` of the file."""
    for call in view.source.nodes("call_expression"):
        path = router_path(view, call)
        if path is not None:
            yield call, path


def router_path(view: View, call: Node) -> str | None:
    """The path that a router's method is given; None if the call is none of a router."""
    function = callee_of(call)
    name = field(function, "property")
    if function is None or name is None or view.source.text(name) not in _VERBS:
        return None
    arguments = field(call, "arguments")
    given = [c for c in arguments.named_children if c.type != "comment"] if arguments is not None else []
    if len(given) < 2 or given[0].type not in ("string", "template_string", "identifier", "member_expression"):
        return None
    path = view.evaluator.text(view.place(given[0]))
    return path if path.startswith("/") or (path and given[0].type == "string" and _hands_over(given[1:])) else None


def _hands_over(given: Collection[Node]) -> bool:
    return any(n.type in FUNCTIONS for n in given)


def _of_method(view: View, node: Node) -> Route | None:
    """A method of a controller class, with a decorator that says the path."""
    method = enclosing(node, ("method_definition",)) if node.type != "method_definition" else node
    if method is None:
        return None
    return method_route(view, method)


def method_route(view: View, method: Node) -> Route | None:
    """The route of a method with a decorator `@Post("path")` in a class with `@Controller("base")`."""
    verb = next((d for d in decorators(method) if _decorator_name(view.source, d) in _DECORATORS), None)
    owner = enclosing(method, ("class_declaration", "abstract_class_declaration"))
    name = field(method, "name")
    if verb is None or owner is None or name is None:
        return None
    base = next((d for d in decorators(owner) if _decorator_name(view.source, d) == "Controller"), None)
    parts = [_decorator_text(view, d) for d in (base, verb) if d is not None]
    return Route("/" + "/".join(p.strip("/") for p in parts if p.strip("/")), view.source.text(name), name, method)


def decorators(node: Node) -> list[Node]:
    """The decorators of a method or class."""
    own = [c for c in node.named_children if c.type == "decorator"]
    before, parent = node.prev_named_sibling, node.parent
    while before is not None and before.type in ("decorator", "comment"):
        if before.type == "decorator":
            own.append(before)
        before = before.prev_named_sibling
    if parent is not None and parent.type == "export_statement":
        own += [c for c in parent.named_children if c.type == "decorator"]
    return own


def _decorator_name(source: Source, decorator: Node) -> str:
    inner = decorator.named_children[0] if decorator.named_children else None
    function = callee_of(inner) if inner is not None and inner.type == "call_expression" else inner
    return source.text(function) if function is not None else ""


def _decorator_text(view: View, decorator: Node) -> str:
    call = decorator.named_children[0]
    arguments = field(call, "arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    if first is None:
        return ""
    place = view.place(first)
    return view.evaluator.text(place) or view.evaluator.text(view.evaluator.entries(place).get("path"))
