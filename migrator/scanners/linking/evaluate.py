"""Reading what an expression stands for (`values`), through imports, factories, classes and decorators of the whole project.

It never runs anything: a call of a function of the tree means what its `return` says, with the parameters bound to the arguments;
a call of anything else means an instance of that thing. What cannot be told is `Unknown`, never guessed.

How each kind of thing is answered stands in files of its own: `expressions`, `names`, `exports`, `attributes`, `calls`, `decorators`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.scanners.linking import calls, decorators, exports, expressions, list_results, names
from migrator.scanners.linking.attributes import Attributes
from migrator.scanners.linking.branches import reaching
from migrator.scanners.linking.choosing import SEVERAL_VALUES, first, is_null
from migrator.scanners.linking.conditions import only_if, reached
from migrator.scanners.linking.constructions import Constructions, constructions
from migrator.scanners.linking.gathering import gathered_keywords, unpacked
from migrator.scanners.linking.global_object import WHOLE, names_whole
from migrator.scanners.linking.outside import outside
from migrator.scanners.linking.project import Project
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
)
from migrator.syntax.bindings import KEYWORDS, Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS

if TYPE_CHECKING:
    from migrator.scanners.linking.fills import Fill

#: how deep one question may lead through calls, names and imports
DEPTH = 60
#: and how many of these one question may take altogether: whoever asks waits. In large applications the most is some 3,000
STEPS = 20_000


class Evaluator:
    """Answers "what does this stand for?" for one project. `notable` says which outside packages matter (by key)."""

    def __init__(self, project: Project, notable: Callable[[str], bool]) -> None:
        self.project = project
        self.notable = notable
        self.attributes = Attributes(self)
        #: how often each function is being entered
        self.entered: Counter[int] = Counter()
        #: what each function returns, by its node, which is kept with it: the number of one that is gone may be given to another
        self.returned: dict[int, tuple[Node, tuple[Node, ...]]] = {}
        self._memo: dict[tuple[Source, int], Meaning] = {}
        #: what other files put into what one makes, by its path and names
        self.filled_elsewhere: dict[tuple[str, str, str], tuple[Fill, ...]] = {}
        #: who makes instances of a class, by its path and first byte
        self._constructions: dict[tuple[str, int], Constructions] = {}
        self._exports: dict[tuple[str, str], Meaning] = {}
        self._depth = self._steps = 0

    def meaning(self, place: Place) -> Meaning:
        """What the expression at `place` stands for."""
        key = (place.source, place.node.id)
        answers = self._memo if place.frame is None else place.frame.answers
        known = answers.get(key)
        if known is not None:
            return known
        if self._depth == 0:
            self._steps = 0
        if self._depth > DEPTH or self._steps > STEPS:
            return Unknown("too many steps")
        self._steps += 1
        self._depth += 1
        # A name that leads back to itself is unknown while it is being answered.
        answers[key] = UNKNOWN
        try:
            answer = self._answer(place)
        finally:
            self._depth -= 1
        answers[key] = answer
        return answer

    def _answer(self, place: Place) -> Meaning:
        return expressions.answer(self, place)

    def of(self, source: Source, node: Node, frame: Frame | None = None) -> Meaning:
        """Shorthand for `meaning(Place(…))`."""
        return self.meaning(Place(source, node, frame))

    def name(self, source: Source, name: str, at: Node, frame: Frame | None = None) -> Meaning:
        """What the name `name` stands for at the node `at`."""
        bindings = self.project.bindings(source.path).lookup(name, at)
        if not bindings:
            if name == "__name__" and source.is_python:
                return Known(self.project.module_of(source.path))
            return exports.star_import(self, source, name) or (External(("builtins", name)) if source.is_python else self._on_global(name))
        if not source.is_python and names_whole(name, bindings):
            return WHOLE
        if source.is_python and frame is not None and len(bindings) > 1:
            bindings = self.reached_bindings(source, bindings, frame)
        if len(bindings) == 1:
            return self._bound(source, bindings[0], frame)
        handed = [b for b in bindings if b.kind == "parameter"]
        given_else = [b for b in bindings if b.kind != "parameter"] if handed else []
        in_order = [*handed, *given_else] if handed and all(map(only_if, given_else)) else bindings
        told = (self._bound(source, b, frame) for b in in_order)
        if in_order is not bindings:
            return names.unless_handed(self, next(told), told)
        found = first(told)
        return Unknown(SEVERAL_VALUES) if source.is_python and self._is_one_of_several(found, source, bindings, at, frame) else found

    def _is_one_of_several(self, found: Meaning, source: Source, bindings: Sequence[Binding], at: Node, frame: Frame | None) -> bool:
        """True for a literal where branches that only the run decides on give the name something else, too."""
        if not isinstance(found, Known) or found.value is None:
            return False
        others = (self._bound(source, binding, frame) for binding, _ in reaching(list(bindings), at))
        return any(other != found and not is_null(other) for other in others)

    def _bound(self, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
        return gathered_keywords(source, binding, frame) if binding.path == (KEYWORDS,) else names.bound(self, source, binding, frame)

    def _on_global(self, name: str) -> Meaning:
        """What JavaScript's global object has under a name."""
        if names_whole(name, ()):
            return WHOLE
        return self.project.global_object.of(self, name) or External((*WHOLE.path, name))

    def reached_bindings(self, source: Source, bindings: Sequence[Binding], frame: Frame | None) -> Sequence[Binding]:
        """Those that no condition is known to keep from being made; all where that would leave none."""
        return [b for b in bindings if b.value is None or reached(self, Place(source, b.value, frame))] or bindings

    def export(self, path: str, name: str) -> Meaning:
        """What the file `path` offers under `name`: its own, re-exported, or a submodule of the package."""
        key = (path, name)
        if key in self._exports:
            return self._exports[key]
        if self._depth > DEPTH:
            return Unknown("too many steps")
        self._depth += 1
        # Files that re-export each other in a circle: the name is not there while it is being looked for.
        self._exports[key] = Unknown(f"{name} is not exported by {path}")
        try:
            answer = exports.export(self, path, name)
        finally:
            self._depth -= 1
        self._exports[key] = answer
        return answer

    def member(self, of: Meaning, name: str) -> Meaning:
        """What `.name` of something stands for."""
        match of:
            case External() if of == WHOLE:
                return self._on_global(name)
            case External():
                return External(outside((*of.path, name)))
            case Namespace():
                return self.export(of.path, name)
            case Known() if name == "value":
                # A member of one of Python's enums.
                return of
            case Structure():
                entry = of.entries.get(name)
                return self.meaning(entry) if entry is not None else self._spread_entry(of, name) or Member(of, name)
            case Defined() if name == "__name__" and of.place.node.type == "function_definition":
                return Known(of.name)
            case Defined() if of.place.node.type not in FUNCTIONS:
                return self.attributes.of(of, name, of) or _of_every_class(of, name) or Member(of, name)
            case Instance(of=Defined() as owner) if of.decorated is None:
                if name == "constructor" and of.call is not None and not owner.place.source.is_python:
                    return owner
                return self.attributes.of(owner, name, of) or Member(of, name)
            case Instance(call=Place() as call) if not call.source.is_python:
                return list_results.member(self, of, name) or Member(of, name)
            case _:
                return Member(of, name)

    def _spread_entry(self, of: Structure, name: str) -> Meaning | None:
        """What a spread within an object gives: `name` of `{ ...base, handler }`, of the last that has it. None for a list.

        In CommonJS a whole module may be spread: `module.exports = { ...require("./mail") }`.
        """
        spread = [] if of.is_list else [entry for key, entry in of.entries.items() if key.startswith("...")]
        entry = self.entries(of.place).get(name) if spread else None
        if entry is not None:
            return self.meaning(entry)
        modules = (meaning for each in reversed(spread) if isinstance(meaning := self.meaning(each), Namespace))
        offered = (self.export(module.path, name) for module in modules)
        return next((found for found in offered if not isinstance(found, Unknown) and not _missing(found)), None)

    def apply(self, callee: Meaning, place: Place, arguments: Mapping[int | str, Place | Meaning]) -> Meaning:
        """What calling `callee` gives."""
        return calls.apply(self, callee, place, arguments)

    def enter(self, callee: Defined, arguments: Mapping[int | str, Place | Meaning]) -> Frame:
        """The frame in which the body of a function of the tree sees those arguments."""
        return calls.enter(callee, arguments)

    def arguments(self, place: Place) -> dict[int | str, Place | Meaning]:
        """The arguments of a call: by position and by keyword; unpacked ones under `*` and `**`."""
        return dict(unpacked(self, calls.arguments_of(place)))

    def constructions(self, owner: Defined) -> Constructions:
        """The instances of a class that code of the tree makes."""
        key = (owner.place.source.path, owner.place.node.start_byte)
        found = self._constructions.get(key)
        if found is None:
            # Who makes them is not known while it is being asked.
            self._constructions[key] = Constructions((), elsewhere=True)
            self._constructions[key] = found = constructions(self, owner)
        return found

    def definition(self, source: Source, node: Node, frame: Frame | None = None) -> Meaning:
        """A function or class, and what its decorators make of it."""
        return decorators.definition(self, source, node, frame)

    def entries(self, place: Place, *, within: frozenset[int] = frozenset()) -> dict[str, Place]:
        """The entries of an object or dictionary that `place` stands for, spreads of known objects included.

        A spread of something unknown leaves the key `...` in the result; so does one that leads back to itself. `within`: the
        nodes of the objects around this one.
        """
        found: dict[str, Place] = {}
        meaning = self.meaning(place)
        if not isinstance(meaning, Structure) or meaning.place.node.id in within:
            return found
        for key, entry in meaning.entries.items():
            if key.startswith("..."):
                inner = self.entries(entry, within=within | {meaning.place.node.id})
                found.update(inner or {"...": entry})
            else:
                found[key] = entry
        return found

    def known(self, place: Place | None) -> object:
        """The literal value that `place` stands for, or None."""
        if place is None:
            return None
        meaning = self.meaning(place)
        return meaning.value if isinstance(meaning, Known) else None

    def text(self, place: Place | None) -> str:
        """The string that `place` stands for, or empty."""
        value = self.known(place)
        return value if isinstance(value, str) else ""

    def known_list(self, place: Place | None) -> tuple[str, ...]:
        """The strings of a list literal that `place` stands for; empty unless every element is one."""
        texts = [self.text(entry) for entry in self.entries(place).values()] if place is not None else []
        return tuple(texts) if all(texts) else ()

    def origin(self, place: Place) -> Place:
        """The expression that a parameter was given, through as many calls as are known; other expressions are their own origin.

        The origin of a member of an object that was given is what the object says of it.
        """
        for _ in range(DEPTH):
            given = names.given_for(self, place) if place.frame is not None else None
            if not isinstance(given, Place):
                break
            place = given
        return place


def _missing(found: Meaning) -> bool:
    """True for what an object literal does not have under the name that is asked for."""
    return isinstance(found, Member) and isinstance(found.of, Structure)


def _of_every_class(owner: Defined, name: str) -> Meaning | None:
    """What every class has without saying so: its own name, in JavaScript `Welcome.name`."""
    own = "__name__" if owner.place.source.is_python else "name"
    return Known(owner.name) if name == own and owner.name and owner.place.node.type in CLASSES else None
