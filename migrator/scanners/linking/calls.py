"""What is handed to a call, how the function that is called sees it, and what the call gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import sails_helpers
from migrator.scanners.linking.choosing import foreign, vague
from migrator.scanners.linking.containers import asks_for_instance, instance_of
from migrator.scanners.linking.holdings import held, is_map
from migrator.scanners.linking.kinds import either
from migrator.scanners.linking.list_results import record
from migrator.scanners.linking.literals import return_values
from migrator.scanners.linking.names import typed
from migrator.scanners.linking.object_functions import given_on
from migrator.scanners.linking.reducing import REDUCE, reduced
from migrator.scanners.linking.tables import LOOKS_UP, entry, is_table
from migrator.scanners.linking.values import (
    Defined,
    External,
    Frame,
    Instance,
    Meaning,
    Member,
    Namespace,
    Place,
    Structure,
    Unknown,
)
from migrator.syntax.tree import FUNCTIONS, SIGNATURES, callee_of, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator


#: how often one function is entered from within itself
_RECURSION = 2

#: methods of Node's emitters that give back what they are called on
_LISTENING = frozenset(("on", "once", "off", "addListener", "removeListener", "prependListener", "setMaxListeners"))

#: those that take a dotted path
_OF_PATHS = frozenset(
    ("importlib.import_module", "pydoc.locate", "django.utils.module_loading.import_string", "werkzeug.utils.import_string")
)
_PARTIAL = "functools.partial"
_CASTS = frozenset(("typing.cast", "typing_extensions.cast"))
_PREPARES = (b"partial", b"functools.partial")
_LENGTHS = frozenset(map(len, _PREPARES))

#: why it is not known what a value is that was found by a name
LOOKED_UP = "looked up by a name at run time"
#: functions that find a value by a name
LOOKUPS = frozenset(
    (
        *("builtins.getattr", "builtins.__import__", "builtins.globals", "builtins.locals", "importlib.import_module", "pydoc.locate"),
        *("django.utils.module_loading.import_string", "werkzeug.utils.import_string", "operator.attrgetter"),
    )
)


def apply(evaluator: Evaluator, callee: Meaning, place: Place, arguments: Mapping[int | str, Place | Meaning]) -> Meaning:
    """What calling `callee` gives."""
    if isinstance(callee, Defined):
        node = callee.place.node
        if node.type in FUNCTIONS:
            if evaluator.entered[node.id] >= _RECURSION or _times_around(place.frame, node) >= _RECURSION:
                return Unknown(f"what {callee.name}() returns")
            frame = enter(callee, arguments, place.frame)
            results = (evaluator.of(callee.place.source, value, frame) for value in _returned(evaluator, node))
            evaluator.entered[node.id] += 1
            try:
                found = either(evaluator, list(results))
            finally:
                evaluator.entered[node.id] -= 1
            annotation = field(node, "return_type")
            if annotation is not None and (vague(found) or foreign(found, evaluator.notable)):
                said = typed(evaluator, Place(callee.place.source, annotation, frame))
                # What is declared says more than `random.choice(…)`.
                told = not isinstance(said, Unknown) and (vague(found) or not foreign(said, evaluator.notable))
                found = said if told else found
            return found if not isinstance(found, Unknown) else Unknown(f"what {callee.name}() returns")
        if node.type in SIGNATURES:
            annotation = field(node, "return_type")
            return typed(evaluator, Place(callee.place.source, annotation)) if annotation is not None else Unknown(callee.name)
        return Instance(callee, place)
    if isinstance(callee, Unknown):
        return Unknown(callee.why)
    if isinstance(callee, Member) and callee.name == "bind" and (isinstance(callee.of, Defined) or not place.source.is_python):
        return callee.of
    if isinstance(callee, Member) and callee.name == "get" and is_map(callee.of):
        function = callee_of(place.node)
        owner = field(function, "object")
        return held(evaluator, callee.of, Place(place.source, owner, place.frame) if owner is not None else None)
    if isinstance(callee, Member) and callee.name in LOOKS_UP and is_table(callee.of):
        found = _entry_of(evaluator, callee.of, place, arguments.get(0))
        return found if found is not None else Instance(callee, place)
    if _only_listens(callee) and not place.source.is_python:
        return callee.of
    if isinstance(callee, Namespace):
        # `import.meta.glob` gives functions that give modules.
        return callee
    if callee.key in LOOKUPS:
        return _looked_up(evaluator, callee.key, place, arguments)
    if not place.source.is_python:
        made = given_on(evaluator, callee.key, place, arguments) or record(evaluator, callee, place)
        if made is not None:
            return made
    if callee.key in _CASTS:
        return _cast(evaluator, arguments)
    joined = reduced(evaluator, place, arguments) if callee.key == REDUCE else None
    if joined is not None:
        return joined
    called = _called_object(evaluator, callee)
    if called is not None:
        return apply(evaluator, called, place, arguments)
    helped = sails_helpers.given(evaluator, callee, place, arguments) if sails_helpers.is_called(place) else None
    if helped is not None:
        return helped
    asks = not place.source.is_python and asks_for_instance(callee)
    given = arguments.get(0) if asks else None
    instance = instance_of(evaluator.meaning(given) if isinstance(given, Place) else given) if asks else None
    if instance is not None:
        return instance
    return _prepared(evaluator, callee, place, arguments) or Instance(callee, place)


def _entry_of(evaluator: Evaluator, table: Meaning, call: Place, given: Place | Meaning | None) -> Meaning | None:
    """What `TABLE.get("mail")` gives; None if that cannot be told."""
    owner = field(callee_of(call.node), "object")
    if owner is None or not isinstance(given, Place):
        return None
    key = evaluator.known(given)
    found = evaluator.member(table, str(key)) if isinstance(table, Structure) and isinstance(key, str | int) else None
    return (
        found
        if found is not None and not isinstance(found, Member)
        else entry(evaluator, table, Place(call.source, owner, call.frame), key)
    )


def _only_listens(callee: Meaning) -> TypeGuard[Member]:
    """True for `new Queue("mail").on("error", log)`, which is that queue."""
    of = callee.of if isinstance(callee, Member) and callee.name in _LISTENING else None
    return isinstance(of, Instance) and isinstance(of.of, External | Defined)


def _prepared(evaluator: Evaluator, callee: Meaning, place: Place, arguments: Mapping[int | str, Place | Meaning]) -> Meaning | None:
    """What calling a `partial` gives; None for anything else, and for one of itself: `f = partial(f, 1)`."""
    target = prepared(evaluator, callee)
    if target is None or not isinstance(callee, Instance) or callee.call is None or evaluator.entered[callee.call.node.id]:
        return None
    evaluator.entered[callee.call.node.id] += 1
    try:
        made = apply(evaluator, target, place, _after_bound(arguments_of(callee.call), arguments))
        outside = isinstance(made, Instance) and made.call is place
        return msgspec.structs.replace(made, prepared=(*made.prepared, callee.call)) if isinstance(made, Instance) and outside else made
    finally:
        evaluator.entered[callee.call.node.id] -= 1


def called_of(call: Node) -> Node | None:
    """What a call calls in the end: of `partial(f, 1)`, `f`."""
    callee = callee_of(call)
    given = _given_to_partial(call, callee)
    return given[0] if given else callee


def is_prepared(call: Node) -> bool:
    """True for `partial(f, …)`, which prepares a call of `f`."""
    return bool(_given_to_partial(call, callee_of(call)))


def _given_to_partial(call: Node, callee: Node | None) -> list[Node]:
    # Most calls are told by the length of what they call alone.
    if callee is None or callee.end_byte - callee.start_byte not in _LENGTHS or callee.text not in _PREPARES or call.type != "call":
        return []
    given = field(call, "arguments")
    return given.named_children if given is not None else []


def handed_of(place: Place) -> dict[int | str, Place | Meaning]:
    """The arguments of a call as what it calls in the end will see them: those of `partial(f, …)` without `f`."""
    given = arguments_of(place)
    return {k - 1 if isinstance(k, int) else k: v for k, v in given.items() if k != 0} if is_prepared(place.node) else given


def _cast(evaluator: Evaluator, arguments: Mapping[int | str, Place | Meaning]) -> Meaning:
    """`cast(ArqRedis, pool)` is the pool; where nothing is known of that, it is what the type says."""
    kind, value = arguments.get(0), arguments.get(1)
    meaning = evaluator.meaning(value) if isinstance(value, Place) else Unknown("cast")
    said = typed(evaluator, kind) if vague(meaning) and isinstance(kind, Place) else Unknown()
    return meaning if isinstance(said, Unknown) else said


def _called_object(evaluator: Evaluator, callee: Meaning) -> Defined | None:
    """The `__call__` of an object of one of the tree's own classes; None for anything else."""
    if not isinstance(callee, Instance) or callee.decorated is not None or not isinstance(callee.of, Defined):
        return None
    method = evaluator.member(callee, "__call__") if callee.of.place.source.is_python else None
    return method if isinstance(method, Defined) and method.place.node.type in FUNCTIONS else None


def _returned(evaluator: Evaluator, function: Node) -> tuple[Node, ...]:
    """`return_values`, looked for once: a function is applied for each of its callers."""
    _, found = evaluator.returned.get(function.id, (function, None))
    if found is None:
        found = tuple(return_values(function))
        evaluator.returned[function.id] = (function, found)
    return found


def prepared(evaluator: Evaluator, meaning: Meaning) -> Meaning | None:
    """What `partial(f, …)` calls in the end; None for anything else."""
    if not isinstance(meaning, Instance) or meaning.of.key != _PARTIAL or meaning.call is None:
        return None
    first = arguments_of(meaning.call).get(0)
    return evaluator.meaning(first) if isinstance(first, Place) else None


def _after_bound(
    bound: Mapping[int | str, Place | Meaning], given: Mapping[int | str, Place | Meaning]
) -> dict[int | str, Place | Meaning]:
    """What the function of a `partial` is handed: what that was made with comes first, keywords of the call win."""
    before = {k - 1 if isinstance(k, int) else k: v for k, v in bound.items() if k != 0}
    count = sum(1 for k in before if isinstance(k, int))
    return {**before, **{k + count if isinstance(k, int) else k: v for k, v in given.items()}}


def _looked_up(evaluator: Evaluator, lookup: str, place: Place, arguments: Mapping[int | str, Place | Meaning]) -> Meaning:
    """`getattr(x, "name")` is `x.name`, `import_string("a.b.C")` what it says; a name that is not written there is left to the run."""
    owner, name = arguments.get(0), arguments.get(1)
    if lookup == "builtins.getattr" and isinstance(owner, Place) and isinstance(name, Place):
        text = evaluator.text(name)
        if text:
            return evaluator.member(evaluator.meaning(owner), text)
    if lookup in _OF_PATHS and isinstance(owner, Place):
        found = _at_path(evaluator, place.source.path, evaluator.text(owner))
        if found is not None:
            return found
    return Unknown(LOOKED_UP)


def _at_path(evaluator: Evaluator, importer: str, path: str) -> Meaning | None:
    """What stands at a dotted path: the longest part that is a module of the tree, and the names that are left within it."""
    parts = path.split(".")
    for cut in range(len(parts), 0, -1) if all(parts) else ():
        file = evaluator.project.resolve(importer, ".".join(parts[:cut]))
        if file:
            meaning: Meaning = Namespace(file)
            for name in parts[cut:]:
                meaning = evaluator.member(meaning, name)
            return meaning
    return None


def _times_around(frame: Frame | None, function: Node) -> int:
    """How many of the calls that led to a frame were of that function: entries of what it gives are looked at when it has been left."""
    times = 0
    while frame is not None:
        times += frame.function.id == function.id
        frame = frame.caller
    return times


def enter(callee: Defined, arguments: Mapping[int | str, Place | Meaning], caller: Frame | None = None) -> Frame:
    """The frame in which the body of a function of the tree sees those arguments; `caller`: the one that the call stands in."""
    if callee.owner is not None and callee.place.source.is_python and not _is_static(callee.place.node):
        arguments = after_self(arguments, callee.owner)
    return Frame(callee.place.node, arguments, callee.owner, callee.place.frame, caller=caller)


def arguments_of(place: Place) -> dict[int | str, Place | Meaning]:
    """The arguments of a call: by position and by keyword; unpacked ones under `*` and `**`."""
    found: dict[int | str, Place | Meaning] = {}
    given = field(place.node, "arguments")
    if given is not None and given.type == "generator_expression":
        return {0: Place(place.source, given, place.frame)}
    position = 0
    for node in given.named_children if given is not None else ():
        match node.type:
            case "comment":
                continue
            case "keyword_argument":
                name, value = field(node, "name"), field(node, "value")
                if name is not None and value is not None:
                    found[place.source.text(name)] = Place(place.source, value, place.frame)
            case "list_splat" | "dictionary_splat" | "spread_element":
                found["**" if node.type == "dictionary_splat" else "*"] = Place(place.source, node.named_children[0], place.frame)
            case _:
                found[position] = Place(place.source, node, place.frame)
                position += 1
    return found


def _is_static(function: Node) -> bool:
    """True for a method that is handed neither its object nor its class."""
    whole = function.parent
    decorators = whole.named_children if whole is not None and whole.type == "decorated_definition" else ()
    return any(d.type == "decorator" and d.named_children and d.named_children[0].text == b"staticmethod" for d in decorators)


def after_self(arguments: Mapping[int | str, Place | Meaning], this: Meaning) -> dict[int | str, Place | Meaning]:
    """The arguments of a method call as the method's own parameters see them: `self` comes first."""
    return {0: this, **{k + 1 if isinstance(k, int) else k: v for k, v in arguments.items()}}
