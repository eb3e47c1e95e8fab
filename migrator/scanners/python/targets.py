"""What a call names to be run: a function itself, or its dotted path in a string."""

from __future__ import annotations

import builtins

import msgspec

from migrator.jobs import Job, Literal, Trigger
from migrator.scanners.linking import Defined, External, Instance, Meaning, Namespace, Place, Unknown
from migrator.scanners.python.functions import Function, definition_span, function_at, function_of, handler, location_of, view_of
from migrator.scanners.python.made_around import handed_function
from migrator.scanners.reading import View
from migrator.syntax.tree import CLASSES, FUNCTIONS

_PARTIALS = frozenset(("functools.partial", "functools.partialmethod"))


class Target(msgspec.Struct, frozen=True):
    """`name` is the dotted path, empty where only the run knows it; `function` what it leads to in the project, if it does."""

    name: str = ""
    function: Function | None = None

    @property
    def job(self) -> str:
        """`module:symbol` of the function in the project, else empty."""
        return self.function.job if self.function is not None else ""


def target(view: View, place: Place | None) -> Target:
    """The function that is meant at `place`."""
    if place is None:
        return Target()
    evaluator = view.evaluator
    text = evaluator.text(place)
    if text:
        return dotted(view, text)
    meaning = evaluator.meaning(place)
    while isinstance(meaning, Instance) and meaning.of.key in _PARTIALS and meaning.call is not None:
        first = evaluator.arguments(meaning.call).get(0)
        meaning = evaluator.meaning(first) if isinstance(first, Place) else Unknown()
    handed = handed_function(evaluator, meaning)
    return target(view, handed) if handed is not None else _of(view, meaning)


def dotted(view: View, path: str) -> Target:
    """The function of a dotted path: the longest part that is a module of the project, and what is left within it."""
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:cut])
        file = view.project.resolve(view.source.path, module) if all(parts) else ""
        # A file may name its own functions by path.
        file = file or (view.source.path if module == view.module else "")
        if file:
            meaning: Meaning = Namespace(file)
            for name in parts[cut:]:
                meaning = view.evaluator.member(meaning, name)
            return Target(path, _of(view, meaning).function)
    return Target(path)


def _of(view: View, meaning: Meaning) -> Target:
    function = function_of(view.evaluator, meaning)
    if function is not None:
        return Target(function.dotted, function)
    match meaning:
        case Defined() if meaning.place.node.type in CLASSES:
            function = function_at(view.evaluator, meaning.place)
            return Target(function.dotted, function)
        case External() if _is_function(meaning.path):
            return Target(meaning.key)
        case _:
            return Target()


def _is_function(path: tuple[str, ...]) -> bool:
    """False for what only the run knows: a name that nothing binds, an entry of the environment or of Django's settings."""
    if path[0] == "builtins":
        return len(path) == 2 and hasattr(builtins, path[1])
    return path[:2] != ("os", "environ") and path[:3] != ("django", "conf", "settings")


def definition(view: View, system: str, found: Target) -> Job | None:
    """The function that is named somewhere to be run, as a job; None where it is not of the project.

    What only tests run of an application is no job of it.
    """
    function = found.function
    if function is None or function.place.node.type not in FUNCTIONS:
        return None
    inner = view_of(view, function.place)
    if view.area and not inner.area:
        return None
    return Job(
        **inner.common(system, location_of(function)),
        name=found.name,
        symbol=function.qualified,
        module=function.module,
        definition=definition_span(function),
        form="function",
        handler=handler(function.place),
        triggers=(Trigger("direct", Literal(found.name)),),
    )
