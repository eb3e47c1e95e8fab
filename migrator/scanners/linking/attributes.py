"""Attributes of the classes of the tree and of their instances, base classes included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.scanners.linking.as_made import CONSTRUCTORS, as_made, depends, is_constructor
from migrator.scanners.linking.calls import after_self
from migrator.scanners.linking.choosing import declared_first, first, only_typed
from migrator.scanners.linking.classes import attribute_candidates, base_classes, enclosing_class
from migrator.scanners.linking.decorators import class_name
from migrator.scanners.linking.names import bound, left_open, typed
from migrator.scanners.linking.records import given_field, is_field
from migrator.scanners.linking.values import (
    UNKNOWN,
    Defined,
    External,
    Frame,
    Instance,
    Meaning,
    Member,
    Place,
    Unknown,
)
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, PARAMETERS, SIGNATURES, ancestors, field, walk

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

#: decorators that make a method an attribute
_PROPERTIES = frozenset(("property", "cached_property", "functools.cached_property", "django.utils.functional.cached_property"))
#: how often an attribute is looked up on the way to itself: of `new List().with(a).with(b)` once for each link of the chain
_WITHIN = 100


class Attributes:
    """Answers for one evaluator, and remembers what it has answered."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self.candidates = cache(lambda source, node, name: tuple(attribute_candidates(source, node, name)))
        self._known: dict[object, tuple[Meaning | None, object]] = {}
        #: of each attribute that is being looked up, by its class and name: how often since it was first asked for
        self._asked: Counter[tuple[int, str]] = Counter()

    def of(self, owner: Defined, name: str, seen_on: Meaning, made: Place | None = None) -> Meaning | None:
        """An attribute of a class of the tree, or of an instance of it, base classes included.

        `made`: the call that hands the constructor of `owner` its arguments, if another one than that of `seen_on`.
        """
        call = made or (seen_on.call if isinstance(seen_on, Instance) else None)
        frames = (owner.place.frame, call.frame if call is not None else None)
        own = seen_on.of if isinstance(seen_on, Instance) else seen_on
        seen = (type(seen_on), own.key, call.node.id if call is not None else 0, seen_on.symbol if isinstance(seen_on, Instance) else "")
        key = (owner.place.source, owner.place.node.id, name, seen, *map(id, frames))
        if key not in self._known:
            # Methods that make instances of their own class, `const copy = new Money(x); this.amount = copy.amount`, each ask all of them.
            asked = (owner.place.node.id, name)
            outermost = asked not in self._asked
            if self._asked[asked] >= _WITHIN:
                return Unknown(f"the attribute {name}")
            # An attribute that leads back to itself is unknown while it is being answered. What has an id in
            # the key is kept, so that its id stays its own.
            self._known[key] = (UNKNOWN, (frames, call))
            self._asked[asked] += 1
            try:
                self._known[key] = (self._look_up(owner, name, seen_on, call), (frames, call))
            finally:
                if outermost:
                    del self._asked[asked]
        return self._known[key][0]

    def _look_up(self, owner: Defined, name: str, seen_on: Meaning, call: Place | None) -> Meaning | None:
        source, node = owner.place.source, owner.place.node
        frame: Frame | None = owner.place.frame
        arguments = self._evaluator.arguments(call) if call is not None else {}
        handed = call is not None or not isinstance(seen_on, Instance)
        if source.is_python and arguments and isinstance(seen_on, Instance) and isinstance(seen_on.of, Defined):
            given = given_field(self._evaluator.of, seen_on.of, name, arguments)
            if given is not None:
                return self._evaluator.meaning(given) if isinstance(given, Place) else given
        if source.is_python:
            arguments = after_self(arguments, seen_on)
        candidates = self.candidates(source, node, name)
        # The class and its instances may have a member of one name each.
        several = len(candidates) > 1 and not source.is_python
        own = [c for c in candidates if _is_static(c[0], node) == isinstance(seen_on, Defined)] if several else []
        given = own or candidates
        best = self._best(owner, name, given, Frame(node, arguments, seen_on, frame, handed=handed))
        if isinstance(seen_on, Instance) and not handed and depends(self._evaluator, owner, name, given):
            by_default = self._best(owner, name, given, Frame(node, arguments, seen_on, frame))
            best = as_made(self._evaluator, seen_on if isinstance(seen_on.of, Defined) else Instance(owner), name, best, by_default)
        if call is None and isinstance(best, Defined) and is_field(self._evaluator.of, owner, name):
            # Which function a record that somebody hands in holds is for them to say.
            return Unknown(f"the field {name}")
        if not isinstance(best, Unknown):
            return best
        # What the constructor is handed is for those to say who make the instance.
        return self._of_bases(owner, name, seen_on, call) or (best if left_open(best) else None)

    def _best(self, owner: Defined, name: str, given: Sequence[tuple[Node, Node | None]], made: Frame) -> Meaning:
        """What says the most of the expressions that give an attribute. `made`: what is known of how the instance is made."""
        source, frame, seen_on = owner.place.source, made.parent, made.this or UNKNOWN
        found: list[Meaning] = []
        for candidate, function in given:
            inner = _within(function, made) if function is not None else frame
            if candidate.type in FUNCTIONS:
                meaning = self._evaluator.definition(source, candidate, inner)
                method = Defined(meaning.place, meaning.name, seen_on) if isinstance(meaning, Defined) else meaning
                computed = (isinstance(seen_on, Instance) or not source.is_python) and _is_computed(source, candidate)
                found.append(self._evaluator.apply(method, Place(source, candidate, inner), {}) if computed else method)
            elif candidate.type in SIGNATURES:
                found.append(Defined(Place(source, candidate, inner), name, seen_on))
            elif candidate.type in ("type_annotation", "type"):
                found.append(
                    self._injected(Place(source, candidate.parent or candidate), typed(self._evaluator, Place(source, candidate, inner)))
                )
            elif candidate.type in PARAMETERS:
                binding = self._evaluator.project.bindings(source.path).lookup(name, candidate)
                found.extend(self._injected(Place(source, candidate), bound(self._evaluator, source, b, inner)) for b in binding[:1])
            else:
                found.append(self._evaluator.of(source, candidate, inner))
        return first(declared_first(found, self._evaluator.notable))

    def _injected(self, holder: Place, said: Meaning) -> Meaning:
        """What a decorator has a container hand in: `@InjectQueue("mail") private mails: Queue` is the queue that the decorator names."""
        if holder.source.is_python or not only_typed(said) or not self._evaluator.notable(said.key):
            return said
        for decorator in (c for c in holder.node.children if c.type == "decorator" and c.named_children):
            injects = self._evaluator.of(holder.source, decorator.named_children[0])
            if isinstance(injects, Instance) and injects.call is not None and self._evaluator.notable(injects.key):
                return Instance(said.of, injects.call)
        return said

    def inherited(self, place: Place, name: str) -> Meaning | None:
        """`super().name` at `place` in Python; None where no base class that is known has it."""
        around, seen_on = own_class(place), this(place)
        if not isinstance(around, Defined):
            return None
        own = self._of_bases(around, name, seen_on, None)
        return own if own is not None else self._beside(around, name, seen_on)

    def _beside(self, mixin: Defined, name: str, seen_on: Meaning) -> Meaning | None:
        """What `super()` leads to from a mixin: the bases that come after it in the class of the instance, else in classes of its file."""
        made = seen_on.of if isinstance(seen_on, Instance) else seen_on
        source = mixin.place.source
        if isinstance(made, Defined) and made.place.node.type in CLASSES and made.key != mixin.key:
            owners = [made]
        else:
            owners = [Defined(Place(source, node), class_name(source, node)) for node in source.nodes("class_definition")]
        for owner in owners:
            inner = owner.place.source
            bases = list(base_classes(inner, owner.place.node))
            at = next((i for i, base in enumerate(bases) if inner.text(base).rpartition(".")[2] == mixin.name), None)
            found = self._of_bases(owner, name, seen_on, None, bases[at + 1 :]) if at is not None else None
            if found is not None:
                return found
        return None

    def _of_bases(
        self, owner: Defined, name: str, seen_on: Meaning, call: Place | None, bases: Sequence[Node] | None = None
    ) -> Meaning | None:
        """What the base classes, or some of them, give."""
        source, frame = owner.place.source, owner.place.frame
        for base in base_classes(source, owner.place.node) if bases is None else bases:
            inherited = self._evaluator.of(source, base, frame)
            if isinstance(inherited, Defined):
                meaning = self.of(inherited, name, seen_on, self.built(owner, seen_on, call))
                if meaning is not None:
                    return meaning
            elif isinstance(inherited, External | Member) and self._evaluator.notable(inherited.key):
                return Member(Instance(inherited, self.built(owner, seen_on, call)), name)
        return None

    def constructor(self, owner: Defined, call: Place) -> Defined | None:
        """What runs when an instance of a class of the tree is made by `call`, base classes included."""
        made = self.of(owner, CONSTRUCTORS[owner.place.source.is_python], Instance(owner, call))
        return made if isinstance(made, Defined) else None

    def built(self, owner: Defined, seen_on: Meaning, made: Place | None = None) -> Place | None:
        """The call that hands what a class of the tree derives from its arguments: `super(…)`, or the one that makes the instance."""
        call = made or (seen_on.call if isinstance(seen_on, Instance) else None)
        source = owner.place.source
        arguments = self._evaluator.arguments(call) if call is not None else {}
        arguments = after_self(arguments, seen_on) if source.is_python else arguments
        for constructor, _ in self.candidates(source, owner.place.node, CONSTRUCTORS[source.is_python]):
            frame = Frame(constructor, arguments, seen_on, owner.place.frame, handed=call is not None)
            for inner in walk(constructor, ("call", "call_expression")):
                if _makes_base(field(inner, "function")):
                    return Place(source, inner, frame)
        return call


def _makes_base(callee: Node | None) -> bool:
    """True for what `super(…)` calls, and `super().__init__(…)`."""
    own = field(callee, "attribute")
    base = field(callee, "object") if own is not None and own.text == b"__init__" else None
    return (callee is not None and callee.type == "super") or (base is not None and (base.text or b"").startswith(b"super("))


def _within(function: Node, made: Frame) -> Frame:
    """The frame of a function that gives an attribute: that of the constructor, or of a function within it."""
    maker = next((f for f in (function, *ancestors(function)) if f.type in FUNCTIONS and is_constructor(f)), None)
    if maker is None:
        return Frame(function, {}, made.this, made.parent, handed=False)
    outer = Frame(maker, made.arguments, made.this, made.parent, handed=made.handed)
    return outer if maker == function else Frame(function, {}, made.this, outer, handed=False)


def bound_this(place: Place) -> Meaning | None:
    """What the call gives that is being looked at: None where the method is not seen from a call."""
    frame = place.frame
    while frame is not None:
        if frame.this is not None:
            return frame.this
        frame = frame.parent
    return None


def this(place: Place) -> Meaning:
    """The instance that `this` or `self` stands for at `place`."""
    given = bound_this(place)
    if given is not None:
        return given
    around = own_class(place)
    static = isinstance(around, Defined) and not place.source.is_python and _is_static(place.node, around.place.node)
    return Instance(around) if isinstance(around, Defined) and not static else around


def _is_computed(source: Source, function: Node) -> bool:
    """True for a property in Python and a getter in TypeScript: what is read is what it returns."""
    if not source.is_python:
        name = field(function, "name")
        before = source.data[function.start_byte : name.start_byte] if name is not None else b"get"
        # Most are told by their bytes: a method's children are many.
        return b"get" in before and any(child.type == "get" for child in function.children)
    whole = function.parent
    decorators = (
        [c for c in whole.named_children if c.type == "decorator"] if whole is not None and whole.type == "decorated_definition" else []
    )
    return any(source.text(d).lstrip("@").strip() in _PROPERTIES for d in decorators)


def own_class(place: Place) -> Meaning:
    """The class around `place`: what `cls` stands for in Python."""
    owner = enclosing_class(place.node)
    return Defined(Place(place.source, owner), class_name(place.source, owner)) if owner is not None else UNKNOWN


def _is_static(node: Node, owner: Node) -> bool:
    """True within what a class of JavaScript has itself, not its instances."""
    body = field(owner, "body")
    member = next((a for a in (node, *ancestors(node)) if a.parent is not None and body is not None and a.parent.id == body.id), None)
    return member is not None and any(c.type == "static" for c in member.children)


def derived_from(evaluator: Evaluator, place: Place) -> Meaning:
    """The class from which the one around `place` derives: `super("mail")` makes one of it."""
    owner = enclosing_class(place.node)
    bases = base_classes(place.source, owner) if owner is not None and not place.source.is_python else iter(())
    return first(evaluator.meaning(Place(place.source, base, place.frame)) for base in bases)
