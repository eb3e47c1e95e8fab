"""Request handlers in Python: decorated functions, methods of view classes, Django's function views."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tree_sitter import Node

from migrator.scanners.linking import Defined, Place
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.reading import View
from migrator.syntax.tree import field, walk

MARKERS = (
    *(b"flask", b"fastapi", b"starlette", b"quart", b"sanic", b"litestar", b"aiohttp", b"bottle", b"ninja", b"rest_framework"),
    *(b"django.views", b"django.http", b"django.shortcuts", b"tornado", b"@app.", b"@router.", b"APIView", b"(request"),
)
#: (function, where it is said, name, HTTP method, path)
Found = tuple[Node, Node, str, str, str]

_DECORATORS = {
    **{name: name.upper() for name in ("get", "post", "put", "patch", "delete", "head", "options")},
    **dict.fromkeys(("route", "api_route", "api_view", "action", "view", "require_http_methods"), ""),
    "require_POST": "POST",
    "require_GET": "GET",
}
#: methods of a view class that answer requests -> the HTTP method
_METHODS = {
    **{name: name.upper() for name in ("get", "post", "put", "patch", "delete")},
    "list": "GET",
    "retrieve": "GET",
    "create": "POST",
    "update": "PUT",
    "partial_update": "PATCH",
    "destroy": "DELETE",
    "perform_create": "POST",
    "perform_update": "PUT",
    "perform_destroy": "DELETE",
    "form_valid": "POST",
}
_VIEW_NAMES = ("View", "APIView", "ViewSet", "Viewset", "MethodView", "Resource", "RequestHandler", "HTTPEndpoint", "Mixin")
_FRAMEWORKS = frozenset(
    ("django", "rest_framework", "flask", "flask_restful", "flask_restx", "tornado", "starlette", "fastapi", "aiohttp", "sanic", "quart")
)
#: how far base classes are looked at
_BASES = 6


def handlers(view: View) -> Iterator[Found]:
    """The functions of a file that answer requests."""
    for function in view.source.nodes("function_definition"):
        name = field(function, "name")
        if name is None:
            continue
        label = view.source.text(name)
        decorated = _decorated(view, function)
        if decorated is not None:
            yield function, name, label, *decorated
        elif (owner := _class_around(function)) is not None:
            if label in _METHODS and _is_view(view, owner):
                class_name = field(owner, "name")
                whole = f"{view.source.text(class_name)}.{label}" if class_name is not None else label
                yield function, name, whole, _METHODS[label], ""
        elif _is_django_view(view, function):
            yield function, name, label, "", ""


def _decorated(view: View, function: Node) -> tuple[str, str] | None:
    """(HTTP method, path) of a function with a decorator that routes to it."""
    whole = function.parent
    if whole is None or whole.type != "decorated_definition":
        return None
    for decorator in (c for c in whole.named_children if c.type == "decorator"):
        expression = decorator.named_children[0]
        called = field(expression, "function") if expression.type == "call" else expression
        name = field(called, "attribute") or called
        word = view.source.text(name) if name is not None else ""
        method = _DECORATORS.get(word)
        if method is None or called is None:
            continue
        given = view.evaluator.arguments(view.place(expression)) if expression.type == "call" else {}
        first = given.get(0, given.get("path"))
        path = view.evaluator.text(first) if isinstance(first, Place) else ""
        # `@app.post("/x")` says a path; `@api_view(["POST"])`, `@require_POST` and `@action(…)` say what they are by their names.
        if path.startswith("/") or called.type == "identifier" or word in ("action", "route"):
            methods = given.get("methods", given.get(0))
            listed = view.evaluator.known_list(methods) if isinstance(methods, Place) else ()
            return method or (listed[0].upper() if len(listed) == 1 else ""), path
    return None


def _class_around(function: Node) -> Node | None:
    outer = function.parent
    outer = outer.parent if outer is not None and outer.type == "decorated_definition" else outer
    return outer.parent if outer is not None and outer.type == "block" and getattr(outer.parent, "type", "") == "class_definition" else None


def _is_view(view: View, owner: Node, depth: int = _BASES, place: Place | None = None) -> bool:
    source = place.source if place is not None else view.source
    for base in base_classes(source, owner):
        meaning = view.evaluator.of(source, base)
        root = meaning.key.partition(".")[0]
        if root in _FRAMEWORKS or (not isinstance(meaning, Defined) and source.text(base).rpartition(".")[2].endswith(_VIEW_NAMES)):
            return True
        if isinstance(meaning, Defined) and depth > 0 and _is_view(view, meaning.place.node, depth - 1, meaning.place):
            return True
    return False


def _is_django_view(view: View, function: Node) -> bool:
    """A function at the top of a module of views whose first parameter is the request."""
    path = view.source.path
    in_views = posixpath.basename(path) == "views.py" or "/views/" in path
    parameters = field(function, "parameters")
    first = next((n for n in walk(parameters, ("identifier",))), None) if parameters is not None else None
    at_top = function.parent is not None and (function.parent.type in ("module", "decorated_definition"))
    return in_views and at_top and first is not None and view.source.text(first) == "request"
