"""Does a value lead to a job system? Then whoever uses it is worth reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from tree_sitter import Node

from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, External, Instance, Meaning, Member, Namespace, Place, Structure
from migrator.scanners.linking.calls import prepared
from migrator.scanners.linking.classes import base_classes, member_names
from migrator.scanners.linking.fills import entries_of, put_elsewhere
from migrator.scanners.linking.list_results import any_entry
from migrator.scanners.linking.live_names import LiveNames
from migrator.scanners.linking.offers import Offers
from migrator.scanners.reading import Reader
from migrator.syntax.bindings import NAMESPACE
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, field, name_of

#: how far into objects of objects, and what they return, is looked
_DEPTH = 4
#: what a value, a type or a function declares a member in
_DECLARING = frozenset(("decorated_definition", "public_field_definition", "field_definition", "required_parameter", "type_annotation"))


def package_of_key(key: str) -> str:
    """The outside package that a key begins with.

    >>> package_of_key("celery.Celery().task"), package_of_key("@nestjs/bullmq.X"), package_of_key("@trigger.dev/sdk.task()")
    ('celery', '@nestjs/bullmq', '@trigger.dev/sdk')
    """
    # The scope of an npm package may have a dot in its name.
    scope, slash, name = key.partition("/") if key.startswith("@") else ("", "", key)
    return f"{scope}{slash}{name.split('.', 1)[0].removesuffix('()')}"


def root_package(meaning: Meaning) -> str:
    """The outside package that a meaning leads back to, empty if none."""
    while isinstance(meaning, Member | Instance):
        meaning = meaning.of
    return meaning.path[0] if isinstance(meaning, External) else ""


class _Met(Struct, frozen=True):
    """What one question came to: what leads nowhere yet, code in which no live name stood, and how deep was looked into each definition."""

    ends: list[Meaning]
    closed: list[Place]
    looked: dict[tuple[object, ...], tuple[int, Meaning]]


class Leading:
    """Answers the question for one scan. What the tree's files are known to offer counts."""

    def __init__(
        self, evaluator: Evaluator, offers: Offers, found: Found, readers: Sequence[Reader], live: Callable[[str], LiveNames | None]
    ) -> None:
        """`live`: the live names of a file that was read; None for all others."""
        self._evaluator, self._offers, self._found, self._live = evaluator, offers, found, live
        self._choosy = {p: r.leads for r in readers for p in r.packages if r.leads is not None}
        self._packages = {p for r in readers for p in r.packages}
        self._filled: dict[tuple[str, str], tuple[Meaning, ...]] = {}  #: what is put into the object of a name
        #: a definition and what is within it, if that was looked into to its end
        self._within: dict[tuple[object, ...], tuple[Meaning, Sequence[Meaning]]] = {}
        self._ends: dict[tuple[str, str], _Met] = {}

    def name_leads(self, source: Source, name: str) -> bool:
        """`leads` of what a top-level name of a file stands for; asking again costs nothing."""
        key = (source.path, name)
        known = self._ends.get(key)
        if known is None or any(map(self._is_open, known.closed)):
            met = _Met([], [], {})
            if self._search(self._evaluator.name(source, name, source.root), _DEPTH, met):
                return True
            # What a name stands for stays the same; what its ends are known to lead to grows.
            distinct = {(end.key, type(end), isinstance(end, Defined) and _maker(end)): end for end in met.ends}
            self._ends[key] = _Met(list(distinct.values()), met.closed, {})
            return False
        return any(map(self._ends_well, known.ends))

    def filled_leads(self, source: Source, name: str) -> bool:
        """True if something that leads is put into an object after it was made, where a top-level name of a file stands for one."""
        key = (source.path, name)
        if key not in self._filled:
            bound = self._evaluator.project.bindings(source.path).module.get(name, []) if not source.is_python else []
            node = field(bound[0].node, "name") if bound and bound[0].kind == "value" and not bound[0].path else None
            made = self._evaluator.of(source, node) if node is not None else None
            is_object = node is not None and isinstance(made, Structure) and not made.is_list
            put_in = entries_of(self._evaluator, Place(source, node)) if node is not None and is_object else ()
            self._filled[key] = tuple(self._evaluator.meaning(value) for _, value in put_in)
        return any(self.leads(meaning) for meaning in self._filled[key])

    def filled_from(self, source: Source, name: str) -> set[tuple[str, str]]:
        """(path, name) of what other files make and this one, which has imported it under `name`, puts something into that leads."""
        return {
            (home.source.path, home.offered)
            for home, value in put_elsewhere(self._evaluator, source, name)
            if self.leads(self._evaluator.meaning(value))
        }

    def leads(self, meaning: Meaning) -> bool:
        """True if the value, what it returns, or one of its members belongs to a job system, or passes on what it is given to one."""
        return self._search(meaning, _DEPTH, _Met([], [], {}))

    def _search(self, meaning: Meaning, depth: int, met: _Met) -> bool:
        # `partial(f, …)` is worth what `f` is.
        meaning = prepared(self._evaluator, meaning) or meaning
        # A list or an object of what is made for each of some names is worth what it holds.
        meaning = (any_entry(self._evaluator, meaning) if isinstance(meaning, Instance) else None) or meaning
        if isinstance(meaning, Defined | Namespace) or root_package(meaning):
            if self._ends_well(meaning):
                return True
            met.ends.append(meaning)
        if depth == 0 or root_package(meaning):
            return False
        key = _identity(meaning)
        if key is not None:
            if key in met.looked and met.looked[key][0] >= depth:
                return False
            # The meaning is kept with it, so that the ids in its key stay its own.
            met.looked[key] = (depth, meaning)
        if key is None or key not in self._within:
            within: list[Meaning] = []
            closed = len(met.closed)
            for inner in self._inner(meaning, met):
                within.append(inner)
                if self._search(inner, depth - 1, met):
                    return True
            if key is not None and len(met.closed) == closed:
                self._within[key] = (meaning, within)
            return False
        return any(self._search(inner, depth - 1, met) for inner in self._within[key][1])

    def _ends_well(self, meaning: Meaning) -> bool:
        return self.matters(meaning) if root_package(meaning) else self._offered(meaning)

    def matters(self, meaning: Meaning) -> bool:
        """True for something of a job system's package."""
        package = root_package(meaning)
        choosy = self._choosy.get(package)
        return package in self._packages and (choosy is None or choosy(self._found, meaning))

    def _offered(self, meaning: Meaning) -> bool:
        match meaning:
            case Namespace():
                return self._offers.leads(meaning.path, NAMESPACE)
            case Defined():
                offered = self._offers.of(meaning.place.source.path)
                return meaning.name in offered or _maker(meaning) in offered
            case _:
                return False

    def _inner(self, meaning: Meaning, met: _Met) -> Iterator[Meaning]:
        """What stands within something, but for that in which nothing can lead on: that is noted."""
        evaluator = self._evaluator
        match meaning:
            case Instance(of=Defined() as owner):
                yield owner
            case Structure():
                yield from (evaluator.meaning(entry) for entry in meaning.entries.values())
            case Defined() if meaning.place.node.type in FUNCTIONS:
                if self._opens(met, meaning.place):
                    yield evaluator.apply(meaning, meaning.place, {})
            case Defined():
                source, node, frame = meaning.place.source, meaning.place.node, meaning.place.frame
                for name in member_names(source, node):
                    given = [Place(source, each, frame) for each, _ in evaluator.attributes.candidates(source, node, name)]
                    if not self._opens(met, *given):
                        continue
                    yield evaluator.member(Instance(meaning), name)
                    if not source.is_python:
                        yield evaluator.member(meaning, name)
                yield from (evaluator.of(source, base, frame) for base in base_classes(source, node))
            case _:
                return

    def _opens(self, met: _Met, *places: Place) -> bool:
        """True if a live name stands in one of `places`; else they are noted as closed."""
        if any(map(self._is_open, places)):
            return True
        met.closed.extend(places)
        return False

    def _is_open(self, place: Place) -> bool:
        """False for code in which no live name stands. What a frame hands in may lead on whatever its name."""
        live = self._live(place.source.path)
        return place.frame is not None or (live is not None and live.within(_whole(place.node)))


def _whole(given: Node) -> Node:
    """What gives a member, with its decorators and what is said of its type."""
    while given.parent is not None and given.parent.type in _DECLARING:
        given = given.parent
    return given


def _maker(meaning: Defined) -> str:
    """The name of the function whose call made this one, empty for a function that stands by itself."""
    frame = meaning.place.frame
    name = name_of(frame.function) if frame is not None and frame.function.type in FUNCTIONS else None
    return meaning.place.source.text(name) if name is not None else ""


def _identity(meaning: Meaning) -> tuple[object, ...] | None:
    """What is the same for every mention of one definition of the tree; None for other things."""
    if isinstance(meaning, Instance):
        inner = _identity(meaning.of)
        return ("()", *inner) if inner is not None else None
    if not isinstance(meaning, Defined):
        return None
    place, owner = meaning.place, meaning.owner
    return (place.source.path, place.node.id, id(place.frame) if place.frame is not None else 0, id(owner) if owner is not None else 0)
