"""The function behind a job in TypeScript and JavaScript, and what it reads from the context it is given."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Handler, Parameter
from migrator.regex import regex
from migrator.scanners.linking import Defined, Instance, Namespace, Place
from migrator.scanners.linking.folders import path_of
from migrator.scanners.reading import View
from migrator.syntax.source import Source, span
from migrator.syntax.tree import FUNCTIONS, callee_of, field

#: what makes a path out of parts of one
_JOINS = regex(r"^(path\.)?(join|resolve)$|^require\.resolve$")


def function_of(view: View, place: Place | None) -> Place | None:
    """The function that an expression stands for, where the tree defines it.

    That is what a factory of processors returns, and the function that is handed to something outside that wraps it.
    """
    if place is None:
        return None
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Namespace):
        meaning = view.evaluator.export(meaning.path, "default")
    if isinstance(meaning, Defined):
        return meaning.place if meaning.place.node.type in FUNCTIONS else None
    if isinstance(meaning, Instance) and meaning.call is not None and meaning.decorated is None:
        given = (view.evaluator.meaning(p) for p in view.evaluator.arguments(meaning.call).values() if isinstance(p, Place))
        return next((m.place for m in given if isinstance(m, Defined) and m.place.node.type in FUNCTIONS), None)
    return None


def file_of(view: View, place: Place | None) -> str:
    """The file of the tree that a path in code names.

    A text, or what code puts together from the folder of its file (`folders.path_of`): `new URL("./x.js", import.meta.url)`.
    """
    if place is None:
        return ""
    path = path_of(view.evaluator, place)
    if path is not None:
        return view.project.resolve("package.json", f"./{path}")
    place = view.evaluator.origin(place)
    text = view.evaluator.text(place)
    callee = callee_of(place.node)
    if not text and callee is not None and _JOINS.match(place.source.text(callee)):
        given = [p for p in view.evaluator.arguments(place).values() if isinstance(p, Place)]
        text = posixpath.join("", *(view.evaluator.text(p) for p in given))
    if not text:
        return ""
    relative = text if text.startswith(".") else f"./{text.lstrip('/')}"
    # A path beside the file, or from the folder in which the application is started.
    return view.project.resolve(place.source.path, relative) or view.project.resolve("package.json", relative)


def handler_of(view: View, place: Place | None) -> Handler | None:
    """The handler that `place` stands for; None when it is not a function of the tree (a file name, an import from outside)."""
    return handler_at(function_of(view, place))


def handler_in(view: View, path: str) -> Handler | None:
    """The handler that the file `path` exports as its default."""
    meaning = view.evaluator.export(path, "default") if path else None
    return handler_at(meaning.place) if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS else None


def handler_at(function: Place | None) -> Handler | None:
    """A function as a handler."""
    if function is None:
        return None
    source, node = function.source, function.node
    body = field(node, "body")
    name = field(node, "name") or (field(node.parent, "name") if node.parent is not None else None)
    return Handler(
        source.location(node),
        span(body if body is not None else node),
        source.text(name) if name is not None else "",
        tuple(_parameters(source, node)),
        any(c.type == "async" for c in node.children),
    )


def _parameters(source: Source, function: Node) -> Iterator[Parameter]:
    single = field(function, "parameter")
    if single is not None:
        yield Parameter(source.text(single), span=span(single))
    parameters = field(function, "parameters")
    for node in parameters.named_children if parameters is not None else ():
        if node.type == "comment":
            continue
        pattern = field(node, "pattern") or (field(node, "left") if node.type == "assignment_pattern" else node)
        value, annotation = field(node, "value") or field(node, "right"), field(node, "type")
        kind = "pattern" if pattern is not None and pattern.type.endswith("_pattern") else "plain"
        yield Parameter(
            source.text(pattern if pattern is not None else node),
            "star" if pattern is not None and pattern.type == "rest_pattern" else kind,
            source.text(value) if value is not None else "",
            source.text(annotation).lstrip(": ") if annotation is not None else "",
            span(node),
        )
