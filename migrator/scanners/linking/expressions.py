"""What each kind of expression stands for, by the type of its node."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking import tables
from migrator.scanners.linking.attributes import bound_this, derived_from, own_class, this
from migrator.scanners.linking.choosing import first, one_of, vague
from migrator.scanners.linking.conditions import holds
from migrator.scanners.linking.folders import path_of
from migrator.scanners.linking.global_object import WHOLE
from migrator.scanners.linking.kinds import either
from migrator.scanners.linking.list_results import any_entry
from migrator.scanners.linking.literals import literal
from migrator.scanners.linking.names import module, typed, unless_given
from migrator.scanners.linking.symbol_keys import under_symbol
from migrator.scanners.linking.values import (
    UNKNOWN,
    Defined,
    External,
    Instance,
    Known,
    Meaning,
    Member,
    Place,
    Structure,
    Unknown,
)
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, field
from migrator.syntax.typescript_bindings import required_module

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator


_TRANSPARENT = frozenset(
    (
        *("await", "await_expression", "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"),
        *("type_assertion", "expression_statement", "type_annotation", "type", "export_statement", "type_query"),
    )
)
#: generic types that say what their argument says
_OF_ITS_ARGUMENT = frozenset(("Promise", "Awaited", "Readonly", "Optional", "Annotated", "NonNullable", "InstanceType", "ReturnType"))
#: `a ?? b`, `a || b`, `a or b`, `a ??= b`
_OR_ELSE = frozenset(("binary_expression", "boolean_operator", "augmented_assignment_expression"))
_ANNOTATED = frozenset(("typing.Annotated", "typing_extensions.Annotated", "typing.Optional"))
#: why what is looked up in a table may be something else
_MIXED = "looked up in a table that holds other things, too"
_LAST = frozenset(("type_assertion", "expression_statement"))

#: `process.env.NODE_ENV === "test"`, `isTest`, `!IS_TESTING`
_TESTS = regex(
    r"^\s*(?:(?P<not>!|not\s+)?\s*(?:[\w.]+\.)?(?:is_?test(?:ing|s)?|testing)(?:\(\))?"
    r"|[\w.]*(?:NODE_ENV|APP_ENV|\benv)\s*(?:===?|(?P<unlike>!==?))\s*[\"']test[\"'])\s*$",
    re.IGNORECASE,
)


def answer(evaluator: Evaluator, place: Place) -> Meaning:
    """What the expression stands for."""
    node = place.node
    kind = node.type
    if kind in _TRANSPARENT:
        inner = [c for c in node.named_children if c.type != "comment"]
        chosen = inner[-1] if kind in _LAST else inner[0] if inner else None
        meaning = evaluator.meaning(Place(place.source, chosen, place.frame)) if chosen is not None else UNKNOWN
        if kind == "as_expression" and len(inner) > 1 and vague(meaning) and meaning != WHOLE:
            # What the code says that it is, where nothing else does.
            said = typed(evaluator, Place(place.source, inner[1], place.frame))
            return said if not isinstance(said, Unknown) else meaning
        return meaning
    if kind in FUNCTIONS or kind in CLASSES:
        return evaluator.definition(place.source, node, place.frame)
    return _ANSWERS.get(kind, literal)(evaluator, place)


def _identifier(evaluator: Evaluator, place: Place) -> Meaning:
    return evaluator.name(place.source, place.text, place.node, place.frame)


def _member_access(evaluator: Evaluator, place: Place) -> Meaning:
    owner = field(place.node, "object")
    name = field(place.node, "attribute") or field(place.node, "property")
    if owner is None or name is None:
        return UNKNOWN
    if owner.type == "identifier" and owner.text == b"self" and place.source.is_python:
        base = this(place)
    elif owner.type == "super":
        own, above = this(place), derived_from(evaluator, place)
        if isinstance(own, Defined) and isinstance(above, Defined):
            # A static method of the base is called on the class that is at hand.
            return evaluator.attributes.of(above, place.source.text(name), own) or Member(above, place.source.text(name))
        built = evaluator.attributes.built(own.of, own) if isinstance(own, Instance) and isinstance(own.of, Defined) else None
        base = Instance(above, built)
    else:
        base = evaluator.meaning(Place(place.source, owner, place.frame))
        if owner.type == "this" and name.text == b"name" and isinstance(base, Defined) and not bound_this(place):
            # The class that a static method is called on may be a subclass.
            return Unknown("the class that a static method is called on")
    if place.source.is_python and owner.type == "call" and base.key == "builtins.super()":
        inherited = evaluator.attributes.inherited(place, place.source.text(name))
        if inherited is not None:
            return inherited
    if place.source.is_python and owner.text == b"cls" and isinstance(base, Unknown):
        base = own_class(place)
    return _entry(evaluator, evaluator.member(base, place.source.text(name)), Place(place.source, owner, place.frame))


def _nested_type(evaluator: Evaluator, place: Place) -> Meaning:
    module, name = field(place.node, "module"), field(place.node, "name")
    if module is None or name is None:
        return UNKNOWN
    return evaluator.member(evaluator.meaning(Place(place.source, module, place.frame)), place.source.text(name))


def _generic_type(evaluator: Evaluator, place: Place) -> Meaning:
    """`Queue<Data>` is a `Queue`; `Promise<X>`, `Optional[X]` and `Union[X, None]` are an X; `ReturnType<typeof f>` is what `f` gives."""
    inner = place.node.named_children
    if place.source.is_python and len(inner) > 1 and inner[0].text == b"Union":
        return first(evaluator.meaning(Place(place.source, option, place.frame)) for option in inner[1].named_children)
    if inner and place.source.text(inner[0]) in _OF_ITS_ARGUMENT and len(inner) > 1 and inner[1].named_children:
        argument = Place(place.source, inner[1].named_children[0], place.frame)
        meaning = evaluator.meaning(argument)
        return evaluator.apply(meaning, argument, {}) if place.source.text(inner[0]) == "ReturnType" else meaning
    return evaluator.meaning(Place(place.source, inner[0], place.frame)) if inner else UNKNOWN


def _subscript(evaluator: Evaluator, place: Place) -> Meaning:
    node = place.node
    owner = field(node, "value") or field(node, "object")
    index = field(node, "subscript") or field(node, "index")
    if owner is None or index is None:
        return UNKNOWN
    base = evaluator.meaning(Place(place.source, owner, place.frame))
    if base.key in _ANNOTATED:
        # `PoolDep = Annotated[ArqRedis, Depends(get_pool)]`: a name for a type.
        return evaluator.meaning(Place(place.source, index, place.frame))
    key = evaluator.known(Place(place.source, index, place.frame))
    container = Place(place.source, owner, place.frame)
    if isinstance(key, str | int) and not isinstance(key, bool):
        found = evaluator.member(base, str(key))
        put_in = tables.entry(evaluator, base, container, key) if isinstance(found, Member) else None
        return put_in or _entry(evaluator, found, container)
    if not place.source.is_python and isinstance(base, Defined | Instance) and index.type == "identifier":
        # `static [JOB_NAME] = "mail"` is asked for as `Mail[JOB_NAME]`: under a symbol, which goes by its name.
        named = evaluator.member(base, f"[{place.source.text(index)}]")
        if isinstance(named, Known):
            return named
        other = under_symbol(evaluator, base, Place(place.source, index, place.frame))
        if other is not None:
            return other
    found = _one_of(evaluator, base) or tables.entry(evaluator, base, container, None)
    if found is None and not place.source.is_python:
        from migrator.scanners.linking.holdings import recorded

        found = recorded(evaluator, base, container)
        found = found or (any_entry(evaluator, base) if isinstance(base, Instance) else None)
    return found or Unknown("a key only known at run time")


def _entry(evaluator: Evaluator, found: Meaning, owner: Place) -> Meaning:
    """What an object has under a key where it is written, else what is put there later."""
    if not isinstance(found, Member) or not isinstance(found.of, Structure):
        return found
    from migrator.scanners.linking.holdings import entry

    return entry(evaluator, found.of, owner, found.name) or found


def _one_of(evaluator: Evaluator, base: Meaning) -> Meaning | None:
    """What a look-up by an unknown key gives, where all that a dictionary or list holds is made by one and the same thing; else None."""
    if isinstance(base, Structure) and not base.place.source.is_python:
        return _any_of(evaluator, base)
    if not isinstance(base, Structure) or any(key.startswith("...") for key in base.entries):
        return None
    held = [evaluator.meaning(entry) for entry in base.entries.values()]
    made = [meaning for meaning in held if isinstance(meaning, Instance)]
    # In Python, what one key leads to is known elsewhere.
    if len(made) < 2 or len(made) != len(held) or len({meaning.key for meaning in made}) > 1 or not evaluator.notable(made[0].key):
        return None
    return Instance(made[0].of)


def _any_of(evaluator: Evaluator, table: Structure) -> Meaning | None:
    """What a look-up in a table of JavaScript gives: one of those of its entries that belong to a job system; None where none does."""
    held = [evaluator.meaning(entry) for entry in evaluator.entries(table.place).values()]
    made = [meaning for meaning in held if isinstance(meaning, Instance) and evaluator.notable(meaning.key)]
    if not made:
        return None
    found = one_of(made)
    return found if len(made) == len(held) else msgspec.structs.replace(found, doubt=_MIXED)


def _call(evaluator: Evaluator, place: Place) -> Meaning:
    callee = callee_of(place.node)
    if callee is None:
        return UNKNOWN
    required = "" if place.source.is_python else required_module(place.source, place.node)
    if not required and (callee.type == "import" or (callee.type == "identifier" and place.text.startswith("require("))):
        return _computed(evaluator, place)
    if required:
        path = evaluator.project.resolve(place.source.path, required)
        return module(evaluator, path) if path else External(evaluator.project.package_of(place.source.path, required))
    return evaluator.apply(evaluator.meaning(Place(place.source, callee, place.frame)), place, evaluator.arguments(place))


def _computed(evaluator: Evaluator, call: Place) -> Meaning:
    """`require(path.join(dir, file))`, `import(`./jobs/${file}`)`: the module, where the path is known in the frame."""
    given = evaluator.arguments(call).get(0)
    text = evaluator.text(given) if isinstance(given, Place) else ""
    path = path_of(evaluator, given) if isinstance(given, Place) and not text else None
    importer, specifier = (call.source.path, text) if text else ("package.json", f"./{path}" if path else "")
    target = evaluator.project.resolve(importer, specifier) if specifier else ""
    return module(evaluator, target) if target else Unknown("a module only known at run time")


def _outside_tests(condition: str) -> bool | None:
    """What a condition comes to that asks whether tests are being run: they are not. None for any other."""
    match = _TESTS.match(condition.strip("()"))
    return None if match is None else bool(match["not"] or match["unlike"])


def _choice(evaluator: Evaluator, place: Place) -> Meaning:
    """`a if c else b`, `c ? a : b`, `a or b`, `A | None`: the first that can be told."""
    node = place.node
    options = [c for c in node.named_children if c.type != "comment"]
    condition: Node | None = None
    if node.type == "conditional_expression":
        options, condition = [options[0], options[-1]], options[1]
    elif node.type == "ternary_expression":
        condition, *options = options
    chosen = holds(evaluator, Place(place.source, condition, place.frame)) if condition is not None and place.frame is not None else None
    if chosen is None and condition is not None:
        chosen = _outside_tests(place.source.text(condition))
    if chosen is not None:
        options = options[:1] if chosen else options[1:]
    meanings = (evaluator.meaning(Place(place.source, o, place.frame)) for o in options)
    if node.type in _OR_ELSE:
        return unless_given(evaluator, next(meanings), meanings)
    # Of `a or "b"` the text is the one that holds where nothing else is said; of `c ? "a" : "b"` either may.
    return either(evaluator, list(meanings)) if node.type in ("conditional_expression", "ternary_expression") else first(meanings)


def _binary(evaluator: Evaluator, place: Place) -> Meaning:
    operator = field(place.node, "operator")
    symbol = place.source.text(operator) if operator is not None else ""
    if symbol == "|" and place.source.is_python:
        joined = _joined(evaluator, place)
        if joined is not None:
            return joined
    if symbol in ("??", "||", "|"):
        return _choice(evaluator, place)
    return (_concatenated(evaluator, place) if symbol == "+" else None) or literal(evaluator, place)


def _concatenated(evaluator: Evaluator, place: Place) -> Structure | None:
    """`[a] + names`: one list, if a side is one; the other side is spread in it. None for anything else."""
    sides = [Place(place.source, n, place.frame) for n in (field(place.node, "left"), field(place.node, "right")) if n is not None]
    meanings = [evaluator.meaning(side) for side in sides]
    if not place.source.is_python or not any(isinstance(m, Structure) and m.is_list for m in meanings):
        return None
    entries: dict[str, Place] = {}
    for side, meaning in zip(sides, meanings, strict=True):
        whole = isinstance(meaning, Structure) and meaning.is_list
        for key, entry in meaning.entries.items() if whole and isinstance(meaning, Structure) else (("...", side),):
            entries[f"...{len(entries)}" if key.startswith("...") else str(len(entries))] = entry
    return Structure(place, entries)


def _joined(evaluator: Evaluator, place: Place) -> Meaning | None:
    """`a | b` of two objects of an outside package that matters: what `a.__or__(b)` gives. None for anything else.

    What cannot be told is taken for such an object beside one.
    """
    left, right = field(place.node, "left"), field(place.node, "right")
    if left is None or right is None:
        return None
    sides = [evaluator.meaning(Place(place.source, n, place.frame)) for n in (left, right)]
    joined = [m for m in sides if isinstance(m, Instance) and evaluator.notable(m.key)]
    if joined and all(m in joined or vague(m) or _given_at_run_time(m) for m in sides):
        return Instance(Member(joined[0], "__or__"), place)
    return None


def _given_at_run_time(meaning: Meaning) -> bool:
    """True for what hangs on an attribute that an object of the project does not show, or on what a function of it gives."""
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and isinstance(meaning.of, Defined):
            return meaning.of.place.node.type in FUNCTIONS
        if isinstance(meaning, Member) and isinstance(meaning.of, Instance) and isinstance(meaning.of.of, Defined):
            return True
        meaning = meaning.of
    return False


def _assigned(evaluator: Evaluator, place: Place) -> Meaning:
    value = field(place.node, "right") or field(place.node, "value")
    return evaluator.meaning(Place(place.source, value, place.frame)) if value is not None else UNKNOWN


def _or_assigned(evaluator: Evaluator, place: Place) -> Meaning:
    """`queue ??= new Queue("mail")`: what was there before, or what is given."""
    operator = field(place.node, "operator")
    return _choice(evaluator, place) if operator is not None and operator.text in (b"??=", b"||=") else UNKNOWN


def _this(_: Evaluator, place: Place) -> Meaning:
    return this(place)


def _structure(evaluator: Evaluator, place: Place) -> Meaning:
    source, frame = place.source, place.frame
    entries: dict[str, Place] = {}
    position = 0
    for child in place.node.named_children:
        match child.type:
            case "comment":
                continue
            case "pair":
                key, value = field(child, "key"), field(child, "value")
                if key is not None and value is not None:
                    entries[_entry_key(evaluator, Place(source, key, frame))] = Place(source, value, frame)
            case "shorthand_property_identifier":
                entries[source.text(child)] = Place(source, child, frame)
            case "method_definition":
                name = field(child, "name")
                if name is not None:
                    entries[source.text(name)] = Place(source, child, frame)
            case "spread_element" | "dictionary_splat" | "list_splat":
                entries[f"...{position}"] = Place(source, child.named_children[0], frame)
                position += 1
            case _:
                entries[str(position)] = Place(source, child, frame)
                position += 1
    return Structure(place, entries)


def _made_for_each(evaluator: Evaluator, place: Place) -> Meaning:
    """`{name: Queue(name) for name in NAMES}`: a dictionary of which only what every entry is can be told, where that matters."""
    pair = next((c for c in place.node.named_children if c.type == "pair"), None)
    value = field(pair, "value")
    each = evaluator.meaning(Place(place.source, value, place.frame)) if value is not None else UNKNOWN
    known = value is not None and isinstance(each, Instance) and evaluator.notable(each.key)
    return Structure(place, {"...": Place(place.source, value, place.frame)}) if known and value is not None else literal(evaluator, place)


def _entry_key(evaluator: Evaluator, key: Place) -> str:
    if key.node.type in ("property_identifier", "number"):
        return key.text
    inner = key.node.named_children[0] if key.node.type == "computed_property_name" and key.node.named_children else key.node
    value = evaluator.known(Place(key.source, inner, key.frame))
    return str(value) if value is not None else f"[{key.text}]"


def _definition(evaluator: Evaluator, place: Place) -> Meaning:
    inner = field(place.node, "definition")
    return evaluator.definition(place.source, inner, place.frame) if inner is not None else UNKNOWN


_ANSWERS: dict[str, Callable[[Evaluator, Place], Meaning]] = {
    "identifier": _identifier,
    "type_identifier": _identifier,
    "shorthand_property_identifier": _identifier,
    "attribute": _member_access,
    "member_expression": _member_access,
    "nested_type_identifier": _nested_type,
    "generic_type": _generic_type,
    "union_type": _choice,
    "subscript": _subscript,
    "subscript_expression": _subscript,
    "call": _call,
    "call_expression": _call,
    "new_expression": _call,
    "conditional_expression": _choice,
    "ternary_expression": _choice,
    "boolean_operator": _choice,
    "binary_expression": _binary,
    "binary_operator": _binary,
    "assignment_expression": _assigned,
    "augmented_assignment_expression": _or_assigned,
    "named_expression": _assigned,
    "this": _this,
    "super": derived_from,
    **dict.fromkeys(("object", "dictionary", "array", "list", "tuple", "set", "expression_list"), _structure),
    "dictionary_comprehension": _made_for_each,
    "decorated_definition": _definition,
}
