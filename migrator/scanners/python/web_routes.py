"""HTTP routes in Python: functions under a decorator that says the path, as FastAPI, Flask, Starlette and Bottle have them, and views."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.literals import return_values
from migrator.scanners.reading import View
from migrator.syntax.tree import callee_of, enclosing
from migrator.syntax.tree import field as child

_VERBS = frozenset(("post", "get", "put", "patch", "delete", "route", "api_route"))
#: what shows that a function answers requests: what it gives back, and what it is decorated with
_ANSWERS = regex(r"\w*Response\w*\(|^render\(|csrf_exempt|require_(POST|GET|http_methods|safe)|api_view")


class WebRoute(msgspec.Struct, frozen=True):
    """A function that answers requests: `at` is the decorator that says the path, or the name of a view."""

    path: str
    at: Node
    function: Node


def route_around(view: View, node: Node) -> WebRoute | None:
    """The route whose function `node` is in, or decorates."""
    current: Node | None = node
    while current is not None:
        if current.type in ("function_definition", "decorated_definition"):
            found = route_of(view, current)
            if found is not None:
                return found
        current = current.parent
    return None


def route_of(view: View, definition: Node) -> WebRoute | None:
    """The route that a function is, by its decorators, or because it is handed the request of a Django view."""
    whole = definition.parent if definition.parent is not None and definition.parent.type == "decorated_definition" else definition
    function = child(whole, "definition") if whole.type == "decorated_definition" else definition
    if function is None or function.type != "function_definition":
        return None
    for decorator in decorators(whole):
        path = _path(view, decorator)
        if path is not None:
            return WebRoute(path, decorator, function)
    return _view(view, whole, function)


def _view(view: View, whole: Node, function: Node) -> WebRoute | None:
    """A view of Django: a function that is handed the request and answers it, or the method of a class that does."""
    name, parameters = child(function, "name"), child(function, "parameters")
    given = [view.source.text(p).partition(":")[0].strip() for p in parameters.named_children] if parameters is not None else []
    if name is None or b"django" not in view.source.data:
        return None
    owner = enclosing(function, ("class_definition",))
    class_name = child(owner, "name")
    if given[:2] == ["self", "request"] and class_name is not None and view.source.text(name) in _VERBS:
        return WebRoute(view.source.text(class_name), name, function)
    decorated = any(_ANSWERS.search(view.source.text(d)) for d in decorators(whole))
    answers = decorated or any(_ANSWERS.search(view.source.text(value)) for value in return_values(function))
    return WebRoute(view.source.text(name), name, function) if given[:1] == ["request"] and answers else None


def decorators(whole: Node) -> Iterator[Node]:
    """What a definition is decorated with: calls and names, outermost first."""
    for decorator in whole.named_children:
        if decorator.type == "decorator" and decorator.named_children:
            yield decorator.named_children[0]


def _path(view: View, decorator: Node) -> str | None:
    callee = callee_of(decorator) if decorator.type == "call" else None
    name = child(callee, "attribute")
    owner = child(callee, "object")
    if name is None or owner is None or view.source.text(name) not in _VERBS:
        return None
    given = view.evaluator.arguments(view.place(decorator))
    first = next((given[k] for k in (0, "path", "rule") if k in given), None)
    path = view.evaluator.text(first) if isinstance(first, Place) else ""
    if not path.startswith("/") and path != "":
        return None
    made = view.evaluator.of(view.source, owner)
    inner = view.evaluator.arguments(made.call) if isinstance(made, Instance) and made.call is not None else {}
    prefix = next((view.evaluator.text(p) for k in ("prefix", "url_prefix") if isinstance(p := inner.get(k), Place)), "")
    return f"{prefix}{path}" or "/"
