"""Functions of the project that a job runs: found behind a decorator or handed to a call, with the facts that a definition needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from tree_sitter import Node

from migrator.jobs import Handler, Location, Span
from migrator.scanners.linking import Defined, Evaluator, Instance, Meaning, Place
from migrator.scanners.linking.classes import enclosing_class
from migrator.scanners.python.parameters import parameters
from migrator.scanners.python.surroundings import is_async
from migrator.scanners.reading import View
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES, FUNCTIONS, enclosing
from migrator.syntax.tree import field as child


@dataclass(frozen=True)
class Function:
    """A function of the project. `qualified` is its name as Python has it within the module: `send`, `Mail.send`, `<lambda>`.

    For an object that is called `place` is its `__call__`, `owner` its class, and `qualified` the class's name.
    """

    place: Place
    module: str
    qualified: str
    owner: Defined | None = None

    @property
    def job(self) -> str:
        """`module:symbol`: what ties an enqueue to its definition."""
        return f"{self.module}:{self.qualified}"

    @property
    def dotted(self) -> str:
        """`module.symbol`."""
        return f"{self.module}.{self.qualified}"

    @property
    def name(self) -> str:
        """Its own name."""
        return self.qualified.rpartition(".")[2]

    @property
    def whole(self) -> Node:
        """The definition, decorators included."""
        return whole_of(self.place.node)


class Made(msgspec.Struct, frozen=True):
    """What a decorator, or a call that takes a function, made of a function.

    `definer` is the decorator without its options (`dramatiq.actor` for both `@actor` and `@actor(queue_name="x")`); `arguments` its
    own, by position and keyword (`**` for unpacked ones), without the function. `call` is the call that has them, if there is one.
    """

    definer: Meaning
    function: Function
    arguments: Mapping[int | str, Place] = msgspec.field(default_factory=dict[int | str, Place])
    call: Place | None = None
    decorated: bool = True


def function_of(evaluator: Evaluator, meaning: Meaning) -> Function | None:
    """The function that a meaning stands for: a function itself, one behind decorators that are known, an object that can be called.

    An object is known by its class. None for anything else.
    """
    if isinstance(meaning, Instance) and meaning.decorated is None:
        return _of_object(evaluator, meaning)
    if isinstance(meaning, Instance):
        inner = child(meaning.decorated.node, "definition") if meaning.decorated is not None else None
        if meaning.decorated is None or inner is None or inner.type not in FUNCTIONS:
            return None
        return function_at(evaluator, Place(meaning.decorated.source, inner, meaning.decorated.frame))
    if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
        return function_at(evaluator, meaning.place)
    return None


def _of_object(evaluator: Evaluator, meaning: Instance) -> Function | None:
    """The `__call__` of an object of one of the project's classes."""
    if not isinstance(meaning.of, Defined) or meaning.of.place.node.type not in CLASSES:
        return None
    method = evaluator.member(meaning, "__call__")
    if not isinstance(method, Defined) or method.place.node.type not in FUNCTIONS:
        return None
    owner = meaning.of.place
    return Function(method.place, evaluator.project.module_of(owner.source.path), qualified_name(owner), meaning.of)


def function_at(evaluator: Evaluator, place: Place) -> Function:
    """The function whose definition stands at `place`."""
    return Function(place, evaluator.project.module_of(place.source.path), qualified_name(place))


def made(evaluator: Evaluator, meaning: Meaning) -> Made | None:
    """How a meaning was made of a function: by decorating, by `definer(function, **options)` or `definer(**options)(function)`.

    Whether `definer` is one that matters is for the caller to tell.
    """
    if not isinstance(meaning, Instance):
        return None
    given = _arguments(evaluator, meaning.call)
    before = _prepared(evaluator, meaning)
    if meaning.decorated is not None:
        function = function_of(evaluator, meaning)
        if meaning.call is not None and _takes_function(evaluator, meaning.call, given):
            given = _without_first(given)
        return Made(meaning.of, function, {**before, **given}, meaning.call) if function is not None else None
    function = function_of(evaluator, evaluator.meaning(given[0])) if 0 in given else None
    if function is None:
        return None
    if isinstance(meaning.of, Instance):
        return Made(meaning.of.of, function, {**before, **_arguments(evaluator, meaning.of.call)}, meaning.call, decorated=False)
    return Made(meaning.of, function, {**before, **_without_first(given)}, meaning.call, decorated=False)


def _prepared(evaluator: Evaluator, meaning: Instance) -> dict[int | str, Place]:
    """The keyword arguments that `partial(definer, …)` has ready."""
    while isinstance(meaning.of, Instance) and not meaning.prepared:
        meaning = meaning.of
    return {k: v for call in meaning.prepared for k, v in _arguments(evaluator, call).items() if isinstance(k, str)}


def _takes_function(evaluator: Evaluator, call: Place, given: Mapping[int | str, Place]) -> bool:
    """True for the `app.task(wrapper, name="x")` within a decorator of the project, which is handed the function itself."""
    parent = call.node.parent
    called = child(parent, "function") if parent is not None and parent.type == "call" else None
    if 0 not in given or (parent is not None and parent.type == "decorator") or (called is not None and called.id == call.node.id):
        return False
    return function_of(evaluator, evaluator.meaning(given[0])) is not None


def _without_first(given: Mapping[int | str, Place]) -> dict[int | str, Place]:
    return {k - 1 if isinstance(k, int) else k: v for k, v in given.items() if k != 0}


def _arguments(evaluator: Evaluator, call: Place | None) -> dict[int | str, Place]:
    given = evaluator.arguments(call) if call is not None else {}
    return {k: v for k, v in given.items() if isinstance(v, Place)}


def handler(function: Place) -> Handler:
    """The function as the model describes it."""
    source, node = function.source, function.node
    owner = enclosing_class(node) if is_method(node) else None
    return Handler(
        location=source.location(node),
        body=span(child(node, "body") or node),
        name=name_of(function),
        parameters=parameters(function),
        is_async=is_async(node),
        method_of=name_of(Place(source, owner)) if owner is not None else "",
    )


def location_of(function: Function, decorator: Node | None = None) -> Location:
    """The definition, at the line of the decorator that makes the job, or of `def`."""
    return function.place.source.location(function.whole, at=decorator or function.place.node)


def definition_span(function: Function) -> Span:
    """The definition, decorators included."""
    return span(function.whole)


def view_of(view: View, place: Place) -> View:
    """A view of the file in which `place` is."""
    return view if place.source.path == view.source.path else View(place.source, view.project, view.evaluator, view.versions, view.found)


def whole_of(node: Node) -> Node:
    """A function or class definition with its decorators."""
    return node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node


def decorators(node: Node) -> list[Node]:
    """The decorators of a function or class definition, from the top."""
    whole = whole_of(node)
    return [c for c in whole.named_children if c.type == "decorator"] if whole is not node else []


def is_method(node: Node) -> bool:
    """True for a function that stands directly in a class."""
    outer = enclosing(node, (*FUNCTIONS, *CLASSES)) if node.type == "function_definition" else None
    return outer is not None and outer.type in CLASSES


def name_of(place: Place) -> str:
    """The name of a function or class definition, `<lambda>` for a lambda, as Python has it."""
    name = child(place.node, "name")
    return place.source.text(name) if name is not None else "<lambda>"


def qualified_name(place: Place) -> str:
    """The name within the module: `Mail.send` for a method, the bare name for a function within a function."""
    names = [name_of(place)]
    node = place.node
    while is_method(node) or (node.type in CLASSES and names):
        owner = enclosing(node, (*FUNCTIONS, *CLASSES))
        if owner is None or owner.type not in CLASSES:
            break
        names.append(name_of(Place(place.source, owner)))
        node = owner
    return ".".join(reversed(names))
