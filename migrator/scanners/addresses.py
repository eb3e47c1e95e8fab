"""Addresses as code puts them together: `${APP_URL}/api/jobs/${name}`, `base + "/api/x"`, `new URL("/api/x", base)`, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking import Defined, Evaluator, Instance, Known, Meaning, Member, Namespace, Place, Structure, Unknown
from migrator.scanners.linking.conditions import reached
from migrator.scanners.linking.literals import return_values
from migrator.scanners.linking.names import left_open
from migrator.syntax.tree import FUNCTIONS, callee_of, field

_DEPTH = 12
_SCHEME = regex(r"^(?:[a-z][a-z0-9+.-]*|[\ue000-\uf8ff]+)://", re.IGNORECASE)
_AROUND = frozenset(
    ("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression", "await")
)
#: what gives an address back as it was, more or less
_ALIKE = frozenset(
    (
        "toString",
        "trim",
        "href",
        "encodeURI",
        "encodeURIComponent",
        "String",
        "str",
        "quote",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "replaceAll",
    )
)
_JOINS = frozenset(("join", "urljoin", "urlJoin", "joinURL", "joinUrl", "joinPaths"))
_CALLS = ("call_expression", "call", "new_expression")
_NAMES = ("identifier", "shorthand_property_identifier")
#: the first of the private characters that stand for what is unknown, and how many there are
_PRIVATE, _MOST = 0xE000, 6399
_CLASH = regex("[\ue000-\uf8ff]")


class Part(msgspec.Struct, frozen=True):
    """A piece of an address: known text, or the source text of what is not known. `open`: a caller may tell, or tell another."""

    text: str
    known: bool = True
    open: bool = False


class Address(msgspec.Struct, frozen=True):
    """Where a request goes. `path` has `${…}` for what is computed and is empty if nothing is known of it."""

    path: str
    host: str = ""  #: as far as it is known text
    whole: bool = True  #: nothing in the path is computed
    open: bool = False  #: a caller of the function around may tell more
    literal: bool = False  #: scheme, host and path stand in one text

    @property
    def name(self) -> str:
        """What to call the destination; empty where that is for a caller, or nobody, to say."""
        if self.open:
            return ""
        if self.literal and self.host and not self.host.startswith(("localhost", "127.0.0.1")):
            return f"{self.host}{self.path}"
        return self.path


def address(evaluator: Evaluator, place: Place | None) -> Address:
    """What is known of the address that `place` stands for."""
    return read_parts(parts(evaluator, place)) if place is not None else Address("")


def read_parts(pieces: Sequence[Part]) -> Address:
    """Host and path of an address in pieces. What is unknown stands in the text as a private character while it is taken apart."""
    unknown = [p for p in pieces if not p.known]
    numbers = iter(range(len(unknown)))
    text = "".join(_CLASH.sub("?", p.text) if p.known else chr(_PRIVATE + min(next(numbers), _MOST)) for p in pieces)
    scheme = _SCHEME.match(text)
    text = text[scheme.end() if scheme else 0 :]
    base, slash, rest = text.partition("/")
    if scheme or (slash == "" and "." in base) or (base and _is_private(base[0]) and not base[1:2].isalpha()):
        host, path = base, f"{slash}{rest}"
    elif base and _is_private(base[0]):
        # `${base}api/x`, with the slash in the base.
        host, path = base[0], f"/{text[1:]}" if text[1:] else ""
    else:
        host, path = "", text if text.startswith("/") or not text else f"/{text}"
    path = re.split(r"[?#]", path, maxsplit=1)[0]
    within = [unknown[ord(c) - _PRIVATE] for c in (path or text) if _is_private(c)]
    literal = bool(scheme and path.strip("/") and pieces[0].text.startswith(f"{scheme[0]}{host}/"))
    whole = bool(path) and not any(map(_is_private, path))
    known = "".join(c for c in host if not _is_private(c))
    opened = any(p.open for p in (*within, *(p for p in pieces if p.known)))
    return Address(_spelled(path, unknown), known, whole, opened, literal)


def _is_private(character: str) -> bool:
    return _PRIVATE <= ord(character) <= _PRIVATE + _MOST


def _spelled(path: str, unknown: Sequence[Part]) -> str:
    return "".join("${" + unknown[ord(c) - _PRIVATE].text + "}" if _is_private(c) else c for c in path)


def parts(evaluator: Evaluator, place: Place, depth: int = 0) -> list[Part]:
    """The pieces that an address is put together from, in order."""
    place = evaluator.origin(place)
    node, source = place.node, place.source
    meaning = evaluator.meaning(place)
    # A function that gives nothing where something is not set gives an address elsewhere.
    if isinstance(meaning, Known) and not (meaning.value is None and node.type in (*_CALLS, *_NAMES)):
        return [Part(str(meaning.value))] if isinstance(meaning.value, str | int) and not isinstance(meaning.value, bool) else []
    if depth > _DEPTH:
        return [_unknown(place, meaning)]
    inner: list[Part] | None = None
    if node.type in _AROUND and node.named_children:
        inner = parts(evaluator, Place(source, node.named_children[0], place.frame), depth + 1)
    elif node.type == "template_string" or (node.type == "string" and source.is_python) or node.type == "concatenated_string":
        inner = list(_template(evaluator, place, depth))
    elif node.type in ("binary_expression", "binary_operator", "ternary_expression", "conditional_expression", "boolean_operator"):
        inner = _combined(evaluator, place, depth)
    elif node.type in _CALLS:
        inner = _called(evaluator, place, meaning, depth)
    elif node.type in (*_NAMES, "member_expression", "attribute", "subscript_expression", "subscript"):
        inner = _named(evaluator, place, depth)
    return inner or [_unknown(place, meaning)]


def _unknown(place: Place, meaning: Meaning) -> Part:
    inner = meaning
    while isinstance(inner, Member | Instance):
        inner = inner.of
    opened = isinstance(inner, Unknown) and inner.why.startswith(("the parameter", "one of several", "an item", "a string made"))
    return Part(place.text, known=False, open=opened)


def _template(evaluator: Evaluator, place: Place, depth: int) -> Iterator[Part]:
    for child in place.node.named_children:
        if child.type in ("string_fragment", "string_content", "escape_sequence"):
            yield Part(place.source.text(child))
        elif child.type in ("template_substitution", "interpolation") and child.named_children:
            yield from parts(evaluator, Place(place.source, child.named_children[0], place.frame), depth + 1)
        elif child.type in ("string", "concatenated_string"):
            yield from parts(evaluator, Place(place.source, child, place.frame), depth + 1)


def _combined(evaluator: Evaluator, place: Place, depth: int) -> list[Part] | None:
    """`a + b`, `a ?? b`, `c ? a : b`."""
    node, source = place.node, place.source
    operator = field(node, "operator")
    symbol = source.text(operator) if operator is not None else ""
    if symbol in ("+", "/"):
        pair = [field(node, "left"), field(node, "right")]
        return [p for n in pair if n is not None for p in parts(evaluator, Place(source, n, place.frame), depth + 1)]
    options = list(node.named_children)
    if node.type == "ternary_expression":
        options = options[1:]
    elif node.type == "conditional_expression":
        options = [options[0], options[-1]]
    elif symbol not in ("??", "||", "or") and node.type != "boolean_operator":
        return None
    found = [parts(evaluator, Place(source, n, place.frame), depth + 1) for n in options]
    told = [(read_parts(p), p) for p in found]
    paths = {a.path for a, _ in told if a.path}
    if symbol in ("??", "||", "or") and told[0][0].path and not any(p.open for p in found[0]):
        # What has a text in it is there.
        return found[0]
    # Whatever the base is, the path is the same; or one of them says nothing.
    chosen = next(p for a, p in told if a.path) if len(paths) == 1 else None
    handed = symbol in ("??", "||", "or") and any(p.open for p in found[0]) and told[0][0].path != next(iter(paths), "")
    return [msgspec.structs.replace(p, open=True) for p in chosen] if chosen is not None and handed else chosen


def _called(evaluator: Evaluator, place: Place, meaning: Meaning, depth: int) -> list[Part] | None:
    source, callee = place.source, callee_of(place.node)
    if callee is None:
        return None
    name = field(callee, "property") or field(callee, "attribute") or callee
    called, what = source.text(name), evaluator.of(source, callee, place.frame)
    given = [p for k, p in evaluator.arguments(place).items() if isinstance(p, Place) and isinstance(k, int)]
    if called == "URL" and given:
        return _based(evaluator, given, depth)
    if isinstance(what, Defined) and what.place.node.type in FUNCTIONS:
        frame = evaluator.enter(what, evaluator.arguments(place))
        values = [Place(what.place.source, value, frame) for value in return_values(what.place.node)]
        found = [parts(evaluator, value, depth + 1) for value in values if reached(evaluator, value)]
        told = [p for p in found if read_parts(p).path]
        if len({read_parts(p).path for p in told}) > 1:
            # Which of them it is, a caller may tell.
            return [Part(place.text, known=False, open=any(left_open(evaluator.meaning(each)) for each in given))]
        return told[0] if told else found[0] if len(found) == 1 else None
    if called in _ALIKE:
        owner = field(callee, "object")
        inner = Place(source, owner, place.frame) if owner is not None else given[0] if given else None
        return parts(evaluator, inner, depth + 1) if inner is not None else None
    if called in _JOINS:
        owner = field(callee, "object")
        listed = evaluator.meaning(Place(source, owner, place.frame)) if owner is not None else None
        pieces = list(listed.entries.values()) if isinstance(listed, Structure) and listed.is_list else given
        return _joined([parts(evaluator, piece, depth + 1) for piece in pieces])
    if not isinstance(meaning, Unknown) and len(given) == 1:
        # A function from elsewhere that is given a path most likely puts the base before it.
        inner_parts = parts(evaluator, given[0], depth + 1)
        if inner_parts and inner_parts[0].known and inner_parts[0].text.startswith("/") and len(inner_parts[0].text) > 1:
            return [Part(source.text(callee), known=False), *inner_parts]
    return None


def _based(evaluator: Evaluator, given: list[Place], depth: int) -> list[Part]:
    """`new URL(path, base)`."""
    own = parts(evaluator, given[0], depth + 1)
    if len(given) == 1 or (own and own[0].known and _SCHEME.match(own[0].text)):
        return own
    return _joined([parts(evaluator, given[1], depth + 1), own])


def _joined(pieces: Sequence[list[Part]]) -> list[Part]:
    """One after the other, with a slash between."""
    found: list[Part] = []
    for piece in pieces:
        first, last = next(iter(piece), None), found[-1] if found else None
        slashed = (first is not None and first.known and first.text.startswith("/")) or (last is not None and last.text.endswith("/"))
        found += [Part("/"), *piece] if found and not slashed else piece
    return found


def _named(evaluator: Evaluator, place: Place, depth: int) -> list[Part] | None:
    """A name or member whose value stands somewhere in the tree."""
    node, source = place.node, place.source
    owner, name = field(node, "object"), field(node, "property") or field(node, "attribute")
    if owner is not None and name is not None:
        if source.text(name) in _ALIKE:
            return parts(evaluator, Place(source, owner, place.frame), depth + 1)
        holder = evaluator.of(source, owner, place.frame)
        entry = holder.entries.get(source.text(name)) if isinstance(holder, Structure) else None
        if entry is not None:
            return parts(evaluator, entry, depth + 1)
        if isinstance(holder, Namespace):
            value = _exported(evaluator, holder.path, source.text(name))
            return parts(evaluator, value, depth + 1) if value is not None else None
        return None
    if node.type not in _NAMES:
        return None
    for bound in evaluator.project.bindings(source.path).lookup(source.text(node), node):
        value: Place | None = None
        if bound.kind == "value" and bound.value is not None and not bound.path:
            value = Place(source, bound.value, place.frame)
        elif bound.kind == "value" and bound.value is not None and len(bound.path) == 1:
            holder = evaluator.of(source, bound.value, place.frame)
            value = holder.entries.get(bound.path[0]) if isinstance(holder, Structure) else None
        elif bound.kind == "parameter" and bound.value is not None:
            value = Place(source, bound.value, place.frame)
        elif bound.kind == "import":
            target = evaluator.project.resolve(source.path, bound.module)
            value = _exported(evaluator, target, bound.member) if target else None
        if value is not None and not _within(value.node, node):
            found = parts(evaluator, value, depth + 1)
            if bound.kind != "parameter" and found and (read_parts(found).path or len(found) > 1 or found[0].known):
                return found
    return None


def _within(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def _exported(evaluator: Evaluator, path: str, name: str, depth: int = 0) -> Place | None:
    """The expression that a file of the tree exports as `name`."""
    project = evaluator.project
    bindings = project.bindings(path)
    export = bindings.exports().get(name)
    if export is None:
        values = [b.value for b in bindings.module.get(name, []) if b.value is not None] if project.source(path).is_python else []
        if values:
            return Place(project.source(path), values[0])
        targets = [t for m in bindings.star_exports() if (t := project.resolve(path, m))] if depth < _DEPTH else []
        return next((p for t in targets if (p := _exported(evaluator, t, name, depth + 1)) is not None), None)
    if export.module:
        target = project.resolve(path, export.module)
        return _exported(evaluator, target, export.member, depth + 1) if target and depth < _DEPTH else None
    value = next((b.value for b in bindings.module.get(export.local, []) if b.value is not None), export.value)
    return Place(project.source(path), value) if value is not None else None
