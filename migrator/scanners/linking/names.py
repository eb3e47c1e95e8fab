"""What the names of a file stand for: imports, values, parameters in the frame of a call, items of loops."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from migrator.scanners.linking import tables
from migrator.scanners.linking.callbacks import handed_back
from migrator.scanners.linking.choosing import first, foreign, is_null, only_typed
from migrator.scanners.linking.global_object import WHOLE
from migrator.scanners.linking.outside import outside
from migrator.scanners.linking.values import (
    UNKNOWN,
    Defined,
    External,
    Frame,
    Instance,
    Known,
    Meaning,
    Member,
    Namespace,
    Place,
    Structure,
    Unknown,
    root_of,
)
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, field, promise_of

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator


#: types of Python that say no more than what can be done with a value (`Any`, `Callable`, `Protocol`), by their modules or names
_SAYING_NOTHING = frozenset(("typing", "typing_extensions", "collections.abc", "types", "builtins.object"))
#: why a parameter is unknown in the frame of a call that leaves it out
_NOT_HANDED = ", which is not handed over"
#: why something may be another thing than the one that is told
BY_DEFAULT = "what is taken where nothing else is handed in"


def bound(evaluator: Evaluator, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
    """What a binding gives its name, in the frame of a call."""
    match binding.kind:
        case "import":
            return _imported(evaluator, source, binding)
        case "function" | "class":
            return evaluator.definition(source, binding.node, frame)
        case "type" if binding.annotation is not None and binding.annotation.type != "object_type":
            return evaluator.of(source, binding.annotation, frame)
        case "enum" | "type":
            return Defined(Place(source, binding.node), binding.name)
        case "parameter":
            return _parameter(evaluator, source, binding, frame)
        case "item":
            return _item(evaluator, source, binding, frame)
        case "value":
            return _value(evaluator, source, binding, frame)


def _imported(evaluator: Evaluator, source: Source, binding: Binding) -> Meaning:
    path = evaluator.project.resolve(source.path, binding.module)
    if not path:
        package = evaluator.project.package_of(source.path, binding.module)
        # `from . import x` of a folder without an `__init__.py`.
        submodule = evaluator.project.resolve(source.path, _joined(binding.module, binding.member)) if source.is_python else ""
        if submodule:
            return Namespace(submodule)
        return External(package if binding.member == NAMESPACE else outside((*package, binding.member)))
    if binding.member == NAMESPACE:
        return module(evaluator, path)
    return evaluator.export(path, binding.member)


def module(evaluator: Evaluator, path: str) -> Meaning:
    """A module as a whole, which in CommonJS may be a function or class."""
    # Most modules are parsed only when something is asked of them.
    is_commonjs = not path.endswith((".py", ".pyi")) and b"module.exports" in evaluator.project.data(path)
    default = evaluator.project.bindings(path).exports().get("default") if is_commonjs else None
    if default is not None and default.commonjs:
        meaning = evaluator.export(path, "default")
        if isinstance(meaning, Defined):
            return meaning
    return Namespace(path)


def _value(evaluator: Evaluator, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
    meaning: Meaning = UNKNOWN
    if binding.value is not None:
        meaning = evaluator.of(source, binding.value, frame)
        for key in binding.path:
            meaning = evaluator.member(meaning, key)
    if binding.default is not None:
        meaning = _or_default(evaluator, Place(source, binding.default, frame), meaning)
    if binding.annotation is not None and meaning != WHOLE and (is_null(meaning) or foreign(meaning, evaluator.notable)):
        said = typed(evaluator, Place(source, binding.annotation, frame))
        meaning = said if not isinstance(said, Unknown) else meaning
    if isinstance(meaning, Instance) and not meaning.symbol and binding.scope.parent is None:
        return msgspec.structs.replace(meaning, symbol=f"{source.path}:{binding.name}")
    return meaning


def _parameter(evaluator: Evaluator, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
    seen = _handed_frame_of(binding, frame)
    meaning: Meaning = Unknown(f"the parameter {binding.name}{_NOT_HANDED if seen is not None else ''}")
    if seen is not None:
        given = given_to(binding, seen)
        if binding.path == ("...",):
            meaning = _gathered(source, binding, seen)
        elif isinstance(given, Place):
            meaning = evaluator.meaning(given)
        elif given is not None:
            meaning = given
        elif binding.value is not None:
            meaning = evaluator.of(source, binding.value, seen)
        # What is given by the name of a leaf of a pattern is that leaf already.
        for key in () if binding.path == ("...",) or binding.name in seen.arguments else binding.path:
            meaning = evaluator.member(meaning, key)
        if binding.default is not None:
            meaning = _or_default(evaluator, Place(source, binding.default, seen), meaning)
    if isinstance(meaning, Unknown) and seen is None:
        promised = promise_of(binding.scope, source.data) if binding.index == 0 and not source.is_python else None
        if promised is not None:
            meaning = evaluator.of(source, promised, frame)
            for key in binding.path:
                meaning = evaluator.member(meaning, key)
            return meaning if not foreign(meaning, evaluator.notable) else Unknown(f"the parameter {binding.name}")
        back = handed_back(evaluator, source, binding) if not source.is_python and binding.annotation is None else UNKNOWN
        if not isinstance(back, Unknown):
            return back
    if isinstance(meaning, Unknown) and binding.annotation is not None and not binding.path:
        kind = typed(evaluator, Place(source, binding.annotation, frame))
        # A type that says nothing leaves it a parameter of its own.
        return meaning if isinstance(kind, Unknown) else kind
    return meaning


def _or_default(evaluator: Evaluator, default: Place, meaning: Meaning) -> Meaning:
    """What a name of a pattern stands for that has a default: that where nothing is given, no more than its kind where that is unknown."""
    root = root_of(meaning)
    left_out = isinstance(root, Unknown) and root.why.endswith(_NOT_HANDED)
    if left_open(meaning):
        # Its callers tell.
        return meaning
    absent = root is not meaning and isinstance(root, Structure) and not any(key.startswith("...") for key in root.entries)
    if left_out or absent or is_null(root):
        return evaluator.meaning(default)
    untold = isinstance(meaning, Unknown | Member | External) and (isinstance(root, Structure) or foreign(meaning, evaluator.notable))
    said = evaluator.meaning(default) if untold else None
    return Instance(said.of) if isinstance(said, Instance) and evaluator.notable(said.key) else meaning


def _any_item(evaluator: Evaluator, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
    """What every item of a loop is, in whatever round."""
    from migrator.scanners.linking.holdings import held, is_map

    if binding.value is None:
        return Unknown("an item of a loop")
    over = Place(source, binding.value, frame)
    if source.is_python:
        each = tables.item(evaluator, over, binding)
        return each if not isinstance(each, Unknown) else Unknown("an item of a loop")
    container = evaluator.meaning(over)
    of_map = is_map(container)
    if binding.path != (("1",) if of_map else ()):
        return Unknown("an item of a loop")
    found = held(evaluator, container, over)
    return found if not isinstance(found, Unknown) else Unknown("an item of a loop")


def _item(evaluator: Evaluator, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
    """What a loop's name stands for, in a frame that was made for one round of the loop (see `loops`)."""
    given, path = _round_of(binding, frame)
    meaning = evaluator.meaning(given) if isinstance(given, Place) else given
    if meaning is None:
        return _any_item(evaluator, source, binding, frame)
    for key in path:
        meaning = evaluator.member(meaning, key)
    return meaning


def _round_of(binding: Binding, frame: Frame | None) -> tuple[Place | Meaning | None, tuple[str, ...]]:
    """(what the loop's name is bound to, or is taken from; the path in the latter)."""
    while frame is not None and frame.function.id != binding.node.id:
        frame = frame.parent
    if frame is None:
        return None, ()
    return (frame.arguments[binding.name], ()) if binding.name in frame.arguments else (frame.arguments.get(0), binding.path)


def typed(evaluator: Evaluator, annotation: Place) -> Meaning:
    """What the annotation says of a value: an instance of an outside thing or of a class of the tree."""
    kind = evaluator.meaning(annotation)
    if isinstance(kind, Known) and annotation.source.is_python and (quoted := str(kind.value).removesuffix(" | None")).isidentifier():
        # A class that is not made yet is named in quotes.
        kind = evaluator.name(annotation.source, quoted, annotation.node)
    if isinstance(kind, Instance):
        # `typeof x`, `ReturnType<typeof f>`
        return kind
    if isinstance(kind, External) and annotation.source.is_python and {kind.key, kind.key.rpartition(".")[0]} & _SAYING_NOTHING:
        return UNKNOWN
    if isinstance(kind, External | Member) or (isinstance(kind, Defined) and kind.place.node.type not in FUNCTIONS):
        return Instance(kind)
    return UNKNOWN


def _frame_of(binding: Binding, frame: Frame | None) -> Frame | None:
    """The frame of the call whose parameter `binding` is."""
    while frame is not None and frame.function.id != binding.scope.id:
        frame = frame.parent
    return frame


def _handed_frame_of(binding: Binding, frame: Frame | None) -> Frame | None:
    """`_frame_of`; None also where nobody knows what that call hands over."""
    seen = _frame_of(binding, frame)
    return seen if seen is not None and seen.handed else None


def left_open(meaning: Meaning) -> bool:
    """True for a parameter of which nobody has said what is handed over for it, and for what hangs on one."""
    root = root_of(meaning)
    return isinstance(root, Unknown) and root.why.startswith("the parameter") and not root.why.endswith(_NOT_HANDED)


def unless_given(evaluator: Evaluator, given: Meaning, others: Iterable[Meaning]) -> Meaning:
    """What `given ?? other` stands for: nobody can tell before it is known what is given."""
    kind_alone = only_typed(given) and evaluator.notable(given.key)
    best = first(chain((given,), others))
    if left_open(given) and isinstance(best, Known) and isinstance(best.value, str):
        return given
    if not (kind_alone or left_open(given)) or best is given or not evaluator.notable(best.key):
        return best
    return msgspec.structs.replace(best, doubt=BY_DEFAULT) if kind_alone and isinstance(best, Instance) else given


def unless_handed(evaluator: Evaluator, handed: Meaning, others: Iterable[Meaning]) -> Meaning:
    """What a parameter stands for that is given something else under a condition: `if (!queue) queue = mails`."""
    return handed if left_open(handed) else unless_given(evaluator, handed, others)


def given_for(evaluator: Evaluator, place: Place) -> Place | Meaning | None:
    """What was given for a parameter, or for the name of a loop, or for a member of an object that was given."""
    node, source, frame = place.node, place.source, place.frame
    owner, name = field(node, "object"), field(node, "property")
    if owner is not None and name is not None:
        of = evaluator.meaning(Place(source, owner, frame))
        if isinstance(of, Namespace):
            return exported_value(evaluator, of.path, source.text(name))
        return of.entries.get(source.text(name)) if isinstance(of, Structure) else None
    named = node.type in ("identifier", "shorthand_property_identifier")
    found = evaluator.project.bindings(source.path).lookup(place.text, node) if named else []
    if not found or frame is None:
        return None
    path = found[0].path
    if found[0].kind == "item":
        given, path = _round_of(found[0], frame)
    else:
        given = given_to(found[0], frame) or _left_out(source, found[0], frame) if found[0].kind == "parameter" else None
    for key in path:
        of = evaluator.meaning(given) if isinstance(given, Place) else given
        given = of.entries.get(key) if isinstance(of, Structure) else None
    return given


def _left_out(source: Source, binding: Binding, frame: Frame) -> Place | None:
    """The `None` that a parameter of Python is by default, where a caller leaves it out."""
    seen = _handed_frame_of(binding, frame)
    if seen is None or binding.value is None or binding.value.type != "none" or {"*", "**"} & seen.arguments.keys():
        return None
    return Place(source, binding.value, seen)


def exported_value(evaluator: Evaluator, path: str, name: str) -> Place | None:
    """The expression that a file gives out under a name of its own."""
    export = evaluator.project.bindings(path).exports().get(name)
    return Place(evaluator.project.source(path), export.value) if export is not None and export.value is not None else None


def given_to(binding: Binding, frame: Frame) -> Place | Meaning | None:
    """What a parameter is bound to in `frame` or around it."""
    seen = _frame_of(binding, frame)
    return seen.arguments.get(binding.name, seen.arguments.get(binding.index)) if seen is not None else None


def _gathered(source: Source, binding: Binding, frame: Frame) -> Meaning:
    """What `...names` holds: the arguments from its position on."""
    pattern = field(binding.node, "pattern") or binding.node
    rest = {k - binding.index: v for k, v in frame.arguments.items() if isinstance(k, int) and k >= binding.index}
    given = {str(k): v for k, v in rest.items() if isinstance(v, Place)}
    spread = frame.arguments.get("*")
    if isinstance(spread, Place):
        given["...0"] = spread
    whole = len(given) == len(rest) + isinstance(spread, Place)
    return Structure(Place(source, pattern, frame), given) if whole else Unknown(f"the parameter {binding.name}")


def _joined(module: str, member: str) -> str:
    return f"{module}{member}" if module.endswith(".") else f"{module}.{member}"
