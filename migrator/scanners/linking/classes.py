"""Where a class gives an attribute its value: fields, methods, constructor assignments, parameter properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking.values import Place
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, SIGNATURES, ancestors, callee_of, field

#: attribute -> (value, function it stands in)
_Assigned = dict[str, list[tuple[Node, Node | None]]]
#: what the classes of a file, by body and own name, assign; as long as somebody keeps the file
_KNOWN: WeakKeyDictionary[Source, dict[tuple[Node, str], _Assigned]] = WeakKeyDictionary()
#: (what gives it, the function that stands in, whether that is but a type)
_Declaration = tuple[Node, Node | None, bool]
#: what the bodies of classes declare, by the number of the body, in each file; as long as somebody keeps it
_DECLARED: WeakKeyDictionary[Source, dict[int, dict[str, list[_Declaration]]]] = WeakKeyDictionary()
#: calls that set an attribute by its name, of what they are handed or of the instance around them
_SETS = regex(r"setattr|(?:object\.|(?P<inherited>super\(\)\.))__setattr__")
_OWN = frozenset(("self", "cls"))
_QUOTED = regex(r"""(?P<quote>["'])(?P<name>\w+)(?P=quote)""")
_NAME_AND_VALUE = 2
#: Python's ways to write several targets or values
_SEVERAL = frozenset(("pattern_list", "tuple_pattern", "expression_list", "tuple"))
_AT_RUN_TIME = regex(rb"\bsetattr\(|\b__dict__\b|\bvars\(self\)|\b__getattr(?:ibute)?__\b")


def enclosing_class(node: Node) -> Node | None:
    """The class around `node`, through any functions between."""
    return next((a for a in ancestors(node) if a.type in CLASSES), None)


def base_classes(source: Source, node: Node) -> Iterator[Node]:
    """The expressions a class derives from."""
    if source.is_python:
        bases = field(node, "superclasses")
        yield from (b for b in (bases.named_children if bases is not None else ()) if b.type != "keyword_argument")
        return
    for heritage in (c for c in node.named_children if c.type == "class_heritage"):
        clauses = [c for c in heritage.named_children if c.type == "extends_clause"]
        for clause in clauses or [heritage]:
            value = field(clause, "value") or (clause.named_children[0] if clause.named_children else None)
            if value is not None:
                yield value


def implemented(source: Source, node: Node) -> Iterator[Node]:
    """The interfaces that a class says it has, and those that an interface extends."""
    for heritage in (c for c in node.named_children if not source.is_python and c.type in ("class_heritage", "extends_type_clause")):
        clauses = [c for c in heritage.named_children if c.type == "implements_clause"] if heritage.type == "class_heritage" else [heritage]
        yield from (kind for clause in clauses for kind in clause.named_children)


def member_names(source: Source, node: Node) -> list[str]:
    """Names of the fields and methods that a class declares, in order, and of what its methods assign to its instances."""
    names: list[str] = []
    body = field(node, "body")
    for child in body.named_children if body is not None else ():
        inner = field(child, "definition") if child.type == "decorated_definition" else child
        key = (field(inner, "name") or field(inner, "property")) if inner is not None else None
        if key is not None:
            names.append(source.text(key))
    own = field(node, "name")
    assigned = _assignments(source, body, source.text(own) if own is not None else "") if body is not None else {}
    return list(dict.fromkeys((*names, *assigned)))


def enum_members(enum: Place) -> dict[str, Place]:
    """The members of an enum with the values that are written for them; empty for anything else."""
    if enum.node.type != "enum_declaration":
        return {}
    pairs = [(field(member, "name"), field(member, "value")) for member in (field(enum.node, "body") or enum.node).named_children]
    return {enum.source.text(k).strip("'\""): Place(enum.source, v, enum.frame) for k, v in pairs if k is not None and v is not None}


def attribute_candidates(source: Source, node: Node, name: str) -> Iterator[tuple[Node, Node | None]]:
    """Expressions, methods, parameter properties or type annotations that can give `name`, and the method each stands in.

    For an enum: the member's value.
    """
    body = field(node, "body") or field(node, "value")
    if body is None:
        return
    if node.type == "enum_declaration":
        member = enum_members(Place(source, node)).get(name)
        if member is not None:
            yield member.node, None
        return
    declared = [(value, function) for value, function, is_type in _declarations(source, body).get(name, ()) if not is_type]
    # Overloads say how the method below them may be called; they are not other methods.
    written = any(candidate.type in FUNCTIONS for candidate, _ in declared)
    yield from (found for found in declared if not written or found[0].type not in SIGNATURES)
    yield from _assigned(source, node, body, name)
    yield from ((value, function) for value, function, is_type in _declarations(source, body).get(name, ()) if is_type)


def _declarations(source: Source, body: Node) -> dict[str, list[_Declaration]]:
    """What the body of a class declares, by name; read once."""
    known = _DECLARED.setdefault(source, {})
    found = known.get(body.id)
    if found is None:
        found = known[body.id] = {}
        for child in body.named_children:
            for name, declaration in _declared(source, child):
                found.setdefault(name, []).append(declaration)
    return found


def _declared(source: Source, child: Node) -> Iterator[tuple[str, _Declaration]]:
    inner = field(child, "definition") if child.type == "decorated_definition" else child
    if inner is None:
        return
    if inner.type == "expression_statement" and inner.named_children and inner.named_children[0].type == "assignment":
        inner = inner.named_children[0]
        key = field(inner, "left")
    else:
        key = field(inner, "name") or field(inner, "property")
    if key is not None:
        name = source.text(key)
        if inner.type in FUNCTIONS or inner.type in CLASSES or _is_method_signature(inner):
            yield name, (inner, None, False)
        else:
            value = field(inner, "value") or field(inner, "right")
            if value is not None:
                yield name, (value, None, False)
            annotation = field(inner, "type")
            if annotation is not None:
                yield name, (annotation, None, True)
    if inner.type == "method_definition" and source.text(field(inner, "name") or inner) == "constructor":
        parameters = field(inner, "parameters")
        for parameter in parameters.named_children if parameters is not None else ():
            pattern = field(parameter, "pattern")
            property_like = any(c.type in ("accessibility_modifier", "readonly") for c in parameter.children)
            if property_like and pattern is not None:
                yield source.text(pattern), (parameter, inner, False)


def _is_method_signature(node: Node) -> bool:
    """True also for a property that is declared to be a function."""
    annotation = field(node, "type")
    kind = annotation.named_children[0] if annotation is not None and annotation.named_children else None
    return node.type in SIGNATURES and (node.type != "property_signature" or (kind is not None and kind.type == "function_type"))


def _assigned(source: Source, node: Node, body: Node, name: str) -> Iterator[tuple[Node, Node | None]]:
    """`this.name = value`, `self.name = value`, `ClassName.name = value` anywhere in the class."""
    own = field(node, "name")
    return iter(_assignments(source, body, source.text(own) if own is not None else "").get(name, ()))


def _assignments(source: Source, body: Node, own: str) -> _Assigned:
    """Every assignment to an attribute of the class itself."""
    known = _KNOWN.setdefault(source, {})
    found = known.get((body, own))
    if found is None:
        found = known[body, own] = _read_assignments(source, body, own)
    return found


def sets_at_run_time(source: Source, node: Node) -> bool:
    """True for a class of Python that sets, or makes up, attributes under names that only the run knows."""
    return source.is_python and _AT_RUN_TIME.search(source.data, node.start_byte, node.end_byte) is not None


def _read_assignments(source: Source, body: Node, own: str) -> _Assigned:
    owners = {"this", "self", "cls", own}
    found: _Assigned = defaultdict(list)
    for assignment in source.below(body, "assignment_expression", "assignment", "augmented_assignment_expression"):
        for left, right in _sides(assignment):
            owner, key = field(left, "object"), field(left, "property") or field(left, "attribute")
            if owner is not None and key is not None and source.text(owner) in owners:
                function = next((a for a in ancestors(assignment) if a.type in FUNCTIONS), None)
                found[source.text(key)].append((right, function))
    for key, value, call in _set_by_name(source, body) if source.is_python and b"setattr" in source.data else ():
        found[key].append((value, next((a for a in ancestors(call) if a.type in FUNCTIONS), None)))
    return dict(found)


def _sides(assignment: Node) -> list[tuple[Node, Node]]:
    """(member, value) of `self.x = value`, and of each of `self.x, self.y = a, b`."""
    left, right = field(assignment, "left"), field(assignment, "right")
    if left is None or right is None:
        return []
    if left.type in _SEVERAL and right.type in _SEVERAL and len(left.named_children) == len(right.named_children):
        return [pair for pair in zip(left.named_children, right.named_children, strict=True) if pair[0].type == "attribute"]
    return [(left, right)] if left.type in ("member_expression", "attribute") else []


def _set_by_name(source: Source, body: Node) -> Iterator[tuple[str, Node, Node]]:
    """(attribute, value, call) of `setattr(self, "x", value)`, and `object.__setattr__(self, "x", value)`, the way past a frozen class."""
    for call in source.below(body, "call"):
        match = _SETS.fullmatch(source.text(callee_of(call) or call))
        listed = field(call, "arguments") if match is not None else None
        given = [c for c in listed.named_children if c.type != "comment"] if match is not None and listed is not None else []
        if match is not None and not match["inherited"]:
            given = given[1:] if given and source.text(given[0]) in _OWN else []
        name = _QUOTED.fullmatch(source.text(given[0])) if len(given) == _NAME_AND_VALUE and given[0].type == "string" else None
        if name is not None:
            yield name["name"], given[1], call
