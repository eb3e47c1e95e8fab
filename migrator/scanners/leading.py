"""Does a value lead to a job system? Then whoever uses it is worth reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, External, Instance, Meaning, Member, Namespace, Place, Structure
from migrator.scanners.linking.calls import prepared
from migrator.scanners.linking.classes import base_classes, member_names
from migrator.scanners.linking.fills import entries_of, put_elsewhere
from migrator.scanners.linking.list_results import any_entry
from migrator.scanners.linking.offers import Offers
from migrator.scanners.reading import Reader
from migrator.syntax.bindings import NAMESPACE
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, field, name_of

#: how far into objects of objects, and what they return, is looked
_DEPTH = 4


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


class Leading:
    """Answers the question for one scan. What the tree's files are known to offer counts."""

    def __init__(self, evaluator: Evaluator, offers: Offers, found: Found, readers: Sequence[Reader]) -> None:
        self._evaluator, self._offers, self._found = evaluator, offers, found
        self._choosy = {p: r.leads for r in readers for p in r.packages if r.leads is not None}
        self._packages = {p for r in readers for p in r.packages}
        self._filled: dict[tuple[str, str], tuple[Meaning, ...]] = {}  #: what is put into the object of a name
        #: a definition and what is within it, if that was looked into to its end
        self._within: dict[tuple[object, ...], tuple[Meaning, Sequence[Meaning]]] = {}
        self._ends: dict[tuple[str, str], tuple[Meaning, ...]] = {}

    def name_leads(self, source: Source, name: str) -> bool:
        """`leads` of what a top-level name of a file stands for; asking again costs nothing."""
        key = (source.path, name)
        ends = self._ends.get(key)
        if ends is None:
            met: list[Meaning] = []
            if self._search(self._evaluator.name(source, name, source.root), _DEPTH, met, {}):
                return True
            # What a name stands for stays the same; what its ends are known to lead to grows.
            self._ends[key] = tuple({(end.key, type(end), isinstance(end, Defined) and _maker(end)): end for end in met}.values())
            return False
        return any(self._ends_well(end) for end in ends)

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
        return self._search(meaning, _DEPTH, [], {})

    def _search(self, meaning: Meaning, depth: int, met: list[Meaning], looked: dict[tuple[object, ...], tuple[int, Meaning]]) -> bool:
        """`met`: everything that was come to and leads nowhere yet. `looked`: how deep was looked into each definition."""
        # `partial(f, …)` is worth what `f` is.
        meaning = prepared(self._evaluator, meaning) or meaning
        # A list or an object of what is made for each of some names is worth what it holds.
        meaning = (any_entry(self._evaluator, meaning) if isinstance(meaning, Instance) else None) or meaning
        if isinstance(meaning, Defined | Namespace) or root_package(meaning):
            if self._ends_well(meaning):
                return True
            met.append(meaning)
        if depth == 0 or root_package(meaning):
            return False
        key = _identity(meaning)
        if key is not None:
            if key in looked and looked[key][0] >= depth:
                return False
            # The meaning is kept with it, so that the ids in its key stay its own.
            looked[key] = (depth, meaning)
        if key is None or key not in self._within:
            within: list[Meaning] = []
            for inner in self._inner(meaning):
                within.append(inner)
                if self._search(inner, depth - 1, met, looked):
                    return True
            if key is not None:
                self._within[key] = (meaning, within)
            return False
        return any(self._search(inner, depth - 1, met, looked) for inner in self._within[key][1])

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

    def _inner(self, meaning: Meaning) -> Iterator[Meaning]:
        evaluator = self._evaluator
        match meaning:
            case Instance(of=Defined() as owner):
                yield owner
            case Structure():
                yield from (evaluator.meaning(entry) for entry in meaning.entries.values())
            case Defined() if meaning.place.node.type in FUNCTIONS:
                yield evaluator.apply(meaning, meaning.place, {})
            case Defined():
                source, node = meaning.place.source, meaning.place.node
                for name in member_names(source, node):
                    yield evaluator.member(Instance(meaning), name)
                    if not source.is_python:
                        yield evaluator.member(meaning, name)
                yield from (evaluator.of(source, base, meaning.place.frame) for base in base_classes(source, node))
            case _:
                return


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
