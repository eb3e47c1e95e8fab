"""Classes of Python that keep what they are made with under the names of their fields: dataclasses, attrs, named tuples, pydantic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tree_sitter import Node

from migrator.scanners.linking.classes import base_classes
from migrator.scanners.linking.values import Defined, Meaning, Place
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, field

#: decorators and base classes that make such a class, by the last of their names; True where fields may be given by position
_DECORATORS = frozenset(("dataclass", "define", "frozen", "mutable", "attrs", "attr.s", "attr.dataclass"))
_BASES = {"NamedTuple": True, "Struct": True, "BaseModel": False, "SQLModel": False}
#: annotations of what is no field
_NO_FIELDS = ("ClassVar", "InitVar")
_DEPTH = 6

#: what an expression of a file stands for
Means = Callable[[Source, Node], Meaning]


def given_field(means: Means, owner: Defined, name: str, arguments: Mapping[int | str, Place | Meaning]) -> Place | Meaning | None:
    """What the call that made an instance of the class gave for the field `name`; None for no field, or one that was left out."""
    position = _fields_of(means, owner).get(name)
    if position is None:
        return None
    return arguments.get(name) or (arguments.get(position) if position >= 0 and "*" not in arguments else None)


def is_field(means: Means, owner: Defined, name: str) -> bool:
    """True for a field of such a class: what its body gives is but the default."""
    return name in _fields_of(means, owner)


def _fields_of(means: Means, owner: Defined) -> dict[str, int]:
    is_class = owner.place.source.is_python and owner.place.node.type in CLASSES
    return _fields(means, owner.place.source, owner.place.node, _DEPTH) if is_class else {}


def _fields(means: Means, source: Source, node: Node, depth: int) -> dict[str, int]:
    """Field -> its position in the call, -1 where it is given by name alone; empty for a class that is none of these."""
    named: dict[str, int] = {}
    positional = _by_decorator(source, node)
    for base in base_classes(source, node):
        last = source.text(base).rpartition(".")[2]
        if last in _BASES:
            positional = _BASES[last]
            continue
        above = means(source, base) if depth else None
        if isinstance(above, Defined) and above.place.node.type in CLASSES:
            inherited = _fields(means, above.place.source, above.place.node, depth - 1)
            named.update(inherited)
            if inherited and positional is None:
                positional = any(at >= 0 for at in inherited.values())
    body = field(node, "body")
    if positional is None or body is None or _makes_itself(source, body):
        return {}
    by_position = positional
    for own, annotation in _declared(source, body):
        if annotation.endswith("KW_ONLY"):
            by_position = False
        elif own not in named and not annotation.rpartition(".")[2].startswith(_NO_FIELDS):
            named[own] = sum(at >= 0 for at in named.values()) if by_position else -1
    return named


def _by_decorator(source: Source, node: Node) -> bool | None:
    """Whether fields may be given by position, as a decorator says; None without one that makes such a class."""
    whole = node.parent if node.parent is not None and node.parent.type == "decorated_definition" else None
    for decorator in whole.named_children if whole is not None else ():
        if decorator.type != "decorator":
            continue
        name, _, options = source.text(decorator).lstrip("@").partition("(")
        if name.strip() in _DECORATORS or name.strip().rpartition(".")[2] in _DECORATORS:
            return "kw_only=True" not in options.replace(" ", "")
    return None


def _declared(source: Source, body: Node) -> Iterator[tuple[str, str]]:
    """(name, annotation) of what is annotated in the body of a class, in order."""
    for statement in body.named_children:
        inner = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
        name, annotation = field(inner, "left"), field(inner, "type")
        value = field(inner, "right")
        # `field(init=False)` is none that the call gives.
        computed = value is not None and value.type == "call" and "init=False" in source.text(value).replace(" ", "")
        if name is not None and annotation is not None and name.type == "identifier" and not computed:
            yield source.text(name), source.text(annotation)


def _makes_itself(source: Source, body: Node) -> bool:
    """True for a class with an `__init__` of its own: what it does with its arguments stands there."""
    inner = (field(c, "definition") if c.type == "decorated_definition" else c for c in body.named_children)
    return any(c is not None and c.type in FUNCTIONS and source.text(field(c, "name") or c) in ("__init__", "__new__") for c in inner)
