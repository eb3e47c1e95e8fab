"""What a helper of Sails gives: `sails.helpers.queues.getQueue("mail")` runs `fn` of `api/helpers/queues/get-queue.js`.

Arguments by position are the helper's inputs in the order in which it declares them; `.with({ … })` hands them over by name. A helper gives
what its function returns, or what that hands to `exits.success`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking.kinds import either
from migrator.scanners.linking.literals import return_values
from migrator.scanners.linking.values import Defined, External, Frame, Instance, Meaning, Member, Place, Structure, Unknown
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_FOLDER = "api/helpers/"
_HELPERS = (("globalThis", "sails", "helpers"), ("sails", "helpers"))
_WRITTEN = regex(rb"sails\s*\??\.\s*helpers\b")
#: what a hook is handed
_HANDED = "the parameter sails"
#: on what helpers are called
OBJECT = b"sails"
#: what hands inputs over by name
WITH = "with"
_HUMP = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_DASH = regex(r"-(\w)")
_SUFFIXES = (".js", ".ts")
#: how often one helper is entered from within itself
_RECURSION = 1


def called(path: str) -> str:
    """The name by which code calls the helper that a file holds; empty for any other file."""
    inside = path.rpartition(_FOLDER)[2] if f"/{path}".find(f"/{_FOLDER}") >= 0 else ""
    stem, suffix = posixpath.splitext(posixpath.basename(inside))
    return _DASH.sub(lambda match: match[1].upper(), stem) if suffix in _SUFFIXES else ""


def given(evaluator: Evaluator, callee: Meaning, call: Place, arguments: Mapping[int | str, Place | Meaning]) -> Meaning | None:
    """What a call of a helper gives; None for any other call, and where the helper is not in the tree."""
    names = _names(callee)
    by_name = names[-1:] == (WITH,)
    path = _file(evaluator, call.source.path, names[:-1] if by_name else names) if names else ""
    definition = evaluator.export(path, "default") if path else None
    entry = definition.entries.get("fn") if isinstance(definition, Structure) else None
    function = evaluator.meaning(entry) if entry is not None else None
    if not isinstance(definition, Structure) or not isinstance(function, Defined) or function.place.node.type not in FUNCTIONS:
        return None
    node = function.place.node
    if evaluator.entered[node.id] >= _RECURSION:
        return None
    handed = arguments.get(0) if by_name else _inputs(evaluator, definition, call, arguments)
    frame = Frame(node, {0: handed} if handed is not None else {}, None, function.place.frame)
    evaluator.entered[node.id] += 1
    try:
        results = [evaluator.of(function.place.source, value, frame) for value in (*return_values(node), *_successes(node))]
        # What was kept of an earlier call is what this one would make.
        made: list[Meaning] = [
            each for each in results if isinstance(each, Instance) and each.call is not None and each.call.frame is not None
        ]
        return either(evaluator, made or [each for each in results if each.key] or results) if results else None
    finally:
        evaluator.entered[node.id] -= 1


def is_called(call: Place) -> bool:
    """True for what may be a call of a helper."""
    return _WRITTEN.match(call.source.data, call.node.start_byte) is not None


def _names(callee: Meaning) -> tuple[str, ...]:
    """`("queues", "getQueue")` of `sails.helpers.queues.getQueue`, where `sails` is the global one or what a hook is handed."""
    names: list[str] = []
    while isinstance(callee, Member):
        names.append(callee.name)
        callee = callee.of
    if isinstance(callee, Unknown):
        return tuple(names[-2::-1]) if callee.why == _HANDED and names[-1:] == ["helpers"] else ()
    path = callee.path if isinstance(callee, External) else ()
    return next(((*path[len(start) :], *names[::-1]) for start in _HELPERS if path[: len(start)] == start), ())


def _file(evaluator: Evaluator, path: str, names: tuple[str, ...]) -> str:
    """The file of a helper: in the application around a file."""
    written = "/".join(_HUMP.sub("-", name).lower() for name in names)
    sizes, folder = evaluator.project.tree.sizes, posixpath.dirname(path)
    while True:
        for suffix in _SUFFIXES:
            found = posixpath.join(folder, f"{_FOLDER}{written}{suffix}")
            if found in sizes:
                return found
        if not folder:
            return ""
        folder = posixpath.dirname(folder)


def _inputs(evaluator: Evaluator, definition: Structure, call: Place, arguments: Mapping[int | str, Place | Meaning]) -> Structure | None:
    """The object of inputs that positional arguments make."""
    declared = definition.entries.get("inputs")
    names = list(evaluator.entries(declared)) if declared is not None else []
    handed = {name: place for position, name in enumerate(names) if isinstance(place := arguments.get(position), Place)}
    return Structure(call, handed) if handed else None


def _successes(function: Node) -> Iterator[Node]:
    """What a helper's function hands to `exits.success`, or to `exits` itself."""
    listed = field(function, "parameters")
    named = [c for c in listed.named_children if c.type != "comment"] if listed is not None else []
    exits = (named[1].text or b"") if len(named) > 1 else b""
    for call in walk(function, ("call_expression",)) if exits else ():
        callee, handed = callee_of(call), field(call, "arguments")
        if callee is not None and handed is not None and handed.named_children and callee.text in (exits, exits + b".success"):
            yield handed.named_children[0]
