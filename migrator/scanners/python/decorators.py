"""Which of a function's decorators makes it a job."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import Defined, Instance, Meaning, Place
from migrator.scanners.linking.literals import return_values
from migrator.scanners.python.functions import Made, decorators, made, name_of
from migrator.scanners.python.parameters import parameters
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, contains, enclosing, walk
from migrator.syntax.tree import field as child

#: True for what makes a job out of a function: `dramatiq.actor`, `huey.task`
IsDefiner = Callable[[Meaning], bool]


class Decorated(msgspec.Struct, frozen=True):
    """A function that a decorator makes a job. `form`: `decorator` for the system's own, `project-decorator` for one of the project's."""

    made: Made
    decorator: Node
    form: str


def decorated_functions(view: View, is_definer: IsDefiner) -> Iterator[Decorated]:
    """Every function of a file that a decorator makes a job."""
    for node in view.source.nodes("function_definition"):
        found = decorated_function(view, view.place(node), is_definer) if decorators(node) else None
        if found is not None:
            yield found


def decorated_function(view: View, function: Place, is_definer: IsDefiner) -> Decorated | None:
    """A function of the file, as its frame sees it, if a decorator makes it a job."""
    if stands_for_others(view, function.node):
        return None
    how = made(view.evaluator, view.evaluator.definition(view.source, function.node, function.frame))
    if how is None or not how.decorated or not is_definer(how.definer):
        return None
    return Decorated(how, *deciding(view, function, is_definer))


def stands_for_others(view: View, function: Node) -> bool:
    """True for the wrapper that a decorator of the project gives back: each function that it decorates makes a job, not the wrapper."""
    around = enclosing(function, FUNCTIONS)
    name, body = child(function, "name"), child(function, "body")
    if around is None or name is None or body is None:
        return False
    # What the decorators themselves hang on is an application, not what is decorated.
    roots = {root.text for root in map(_first_name, decorators(function)) if root is not None}
    given = {p.name.encode() for p in parameters(view.place(around))} - {b"self", b"cls"} - roots
    returned = any(value.type == "identifier" and value.text == name.text for value in return_values(around))
    return returned and any(node.text in given for node in walk(body, ("identifier",)))


def _first_name(decorator: Node) -> Node | None:
    """`app` of `@app.task(bind=True)`."""
    return next(walk(decorator, ("identifier",)), None)


def makes_for_others(view: View, call: Node, function: Node) -> bool:
    """True for the `app.task(wrapper)` inside a decorator of the project, whose wrapper calls what it decorates."""
    around, body = enclosing(call, FUNCTIONS), child(function, "body")
    if around is None or body is None or not contains(around, function):
        return False
    given = {p.name.encode() for p in parameters(view.place(around))}
    return any(called is not None and called.text in given for called in (child(c, "function") for c in walk(body, ("call",))))


def deciding(view: View, function: Place, is_definer: IsDefiner) -> tuple[Node, str]:
    """The decorator that makes the job, and the form of the definition."""
    inner = Defined(function, name_of(function))
    listed = decorators(function.node)
    for node in reversed(listed):
        expression = node.named_children[0]
        meaning = view.evaluator.of(view.source, expression, function.frame)
        result = view.evaluator.apply(meaning, Place(view.source, expression, function.frame), {0: inner})
        if not isinstance(result, Instance) or not is_definer(root_of(result)):
            continue
        called = child(expression, "function") if expression.type == "call" else expression
        plain = called is not None and is_definer(view.evaluator.of(view.source, called, function.frame))
        return node, "decorator" if plain else "project-decorator"
    return (listed[0] if listed else function.node), "decorator"


def root_of(meaning: Meaning) -> Meaning:
    """What was called first: `app.task` of `app.task(bind=True)(f)`."""
    while isinstance(meaning, Instance):
        meaning = meaning.of
    return meaning
