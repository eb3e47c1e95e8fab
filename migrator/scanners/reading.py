"""What a reader of one system is given, and what it gives back.

A reader is a module in `scanners/python`, `scanners/typescript`, `scanners/manifests` or `scanners/sql` with a value `READER`.
Dropping the file in is all it takes; nothing else lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

import msgspec
from tree_sitter import Node

from migrator.jobs import Area, Argument, Expression, Item, Literal, Location, Reference, Unresolved, Value
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Evaluator, Instance, Known, Meaning, Member, Place, Project, Structure
from migrator.scanners.linking.calls import called_of, handed_of, is_prepared
from migrator.scanners.manifests.versions import Versions
from migrator.syntax.source import Source, span
from migrator.syntax.tree import FUNCTIONS, LOOPS, ancestors, contains, enclosing
from migrator.syntax.tree import field as child


def excerpt(text: str) -> str:
    """What a report shows of code: its first line, cut off.

    >>> excerpt("mail.delay(\\n    to,\\n)")
    'mail.delay('
    """
    return text.split("\n", 1)[0][:160]


class Common(TypedDict):
    """The fields that every item shares and that the view can fill."""

    system: str
    language: str
    location: Location
    area: Area
    via: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A call (or `new`) in a file, with what is called. `key` is the callee's key, `name` the node of its last name.

    Where a function of the project wraps the system's API, `node` is the call of that function and `inner` the API call in it,
    seen with the function's parameters bound: what is found stands where the wrapper is called. `doubt` says why it may not be that API.
    """

    view: View
    node: Node
    callee: Meaning
    key: str
    name: Node
    inner: Place
    via: tuple[str, ...] = ()
    doubt: str = ""
    about: Place | None = None  #: the object or entry of a list that a loop hands to the call, where that says what is made

    @property
    def place(self) -> Place:
        """Where the call stands."""
        return Place(self.view.source, self.node)

    @cached_property
    def arguments(self) -> dict[int | str, Place]:
        """Arguments of the API call by position and keyword; `*` and `**` for unpacked ones."""
        return {k: v for k, v in handed_of(self.inner).items() if isinstance(v, Place)}

    @property
    def is_prepared(self) -> bool:
        """True for `partial(f, …)` as the call of `f` that it prepares."""
        return is_prepared(self.inner.node)

    @property
    def receiver(self) -> Meaning | None:
        """What the method is called on."""
        return self.callee.of if isinstance(self.callee, Member) else None

    @property
    def receiver_node(self) -> Node | None:
        """The expression that the method is called on; None for a wrapper's call."""
        function = called_of(self.node) if not self.via else None
        return child(function, "object") if function is not None else None

    @property
    def symbol(self) -> str:
        """`path:name` of the receiver, where the tree has a name for it."""
        return self.receiver.symbol if isinstance(self.receiver, Instance) else ""

    @property
    def location(self) -> Location:
        """The call, at the line on which the callee's member name stands."""
        return self.view.source.location(self.node, at=self.name)

    def common(self, system: str) -> Common:
        """The fields that every item shares: pass them on with `**call.common(…)`."""
        return {**self.view.common(system, self.location), "via": self.via}


@dataclass(frozen=True)
class View:
    """One candidate file as its readers see it."""

    source: Source
    project: Project
    evaluator: Evaluator
    versions: Versions
    found: Found

    @cached_property
    def area(self) -> Area:
        """`test`, `example` or empty."""
        return area_of(self.source.path)

    @cached_property
    def module(self) -> str:
        """The file's module name: dotted in Python, the path in TypeScript."""
        return self.project.module_of(self.source.path)

    def add(self, *found: Item | Reference | Unresolved) -> None:
        """Record something found."""
        for thing in found:
            if isinstance(thing, Reference):
                self.found.references.append(thing)
            elif isinstance(thing, Unresolved):
                self.found.unresolved.append(thing)
            else:
                self.found.items.append(thing)

    def unresolved(self, node: Node, reason: str, system: str = "") -> None:
        """Record a loose end at `node`."""
        self.add(Unresolved(self.source.path, node.start_point.row + 1, reason, system, excerpt(self.source.text(node))))

    def place(self, node: Node) -> Place:
        """A node of this file as a place."""
        return Place(self.source, node)

    def common(self, system: str, location: Location) -> Common:
        """The fields that every item shares: pass them on with `**view.common(…)`."""
        return {"system": system, "language": self.source.language, "location": location, "area": self.area, "via": ()}

    def value(self, place: Place) -> Value:
        """A value for the model: the literal where it can be told, else the source text."""
        known, value = _plain(self.evaluator, place)
        return Literal(value) if known else Expression(self.evaluator.origin(place).text)

    def options(self, place: Place | None) -> dict[str, Value]:
        """The entries of an options object or dictionary as written; `...` marks that something unknown is spread in."""
        if place is None:
            return {}
        return {k: self.value(v) for k, v in self.evaluator.entries(place).items()}

    def argument(self, place: Place, name: str = "", star: str = "") -> Argument:
        """An argument that is passed on to a job."""
        place = self.evaluator.origin(place)
        if star and isinstance(rest := self.evaluator.meaning(place), Structure) and rest.place.node.type == "list_splat_pattern":
            # `*args` as they came: each caller of the function around it hands over others.
            return Argument(Expression(place.text), span(place.node), name, star)
        return Argument(self.value(place), span(place.node), name, star)

    def in_loop(self, node: Node) -> bool:
        """True if `node` runs once for each of many: in a loop of the function around it, or in a function that `.map(…)` calls."""
        for ancestor in ancestors(node):
            if ancestor.type in LOOPS and not _is_given(ancestor, node):
                return True
            if ancestor.type in FUNCTIONS:
                return _is_callback(self.source, ancestor)
        return False

    def around(self, node: Node) -> str:
        """Name of the function or method around `node`, empty at the top of the file."""
        function = enclosing(node, FUNCTIONS)
        while function is not None:
            name = child(function, "name") or child(function.parent, "name")
            if name is not None:
                return self.source.text(name)
            function = enclosing(function, FUNCTIONS)
        return ""

    def awaited(self, node: Node) -> bool:
        """True if the value of `node` is awaited on the spot."""
        # The TypeScript grammar puts `await` into the callee where a call has type arguments.
        awaits = ("await", "await_expression")
        function, outer = child(node, "function"), node.parent
        while outer is not None and outer.type == "parenthesized_expression":
            outer = outer.parent
        return (outer is not None and outer.type in awaits) or (function is not None and function.type in awaits)

    def result_used(self, node: Node) -> bool:
        """True if the value of the call does anything but vanish."""
        outer = node.parent
        while outer is not None and outer.type in ("await", "await_expression", "parenthesized_expression"):
            outer = outer.parent
        return outer is None or outer.type != "expression_statement"


class Reader(msgspec.Struct, frozen=True):
    """How to read one system in one language.

    `markers`: a file with none of these bytes is not looked at in the first pass.
    `packages`: first components of keys that belong to this system (`celery`; `bullmq`, `@nestjs/bullmq`).
    `call` sees every call whose callee leads to one of `packages`, or is named in `methods`, whatever it is called on;
    `unknown` those of a member named in `telltales` on something unknown; `declares` every file with one of `declaring` before all else;
    `file` sees every candidate file once, after its calls; `finish` all that was found, when everything has been read.
    `weak` says of markers (of both kinds) that stand in much other code whether they mean the system in this file, by its path and bytes.
    With `prepared`, `call` sees `partial(f, …)` as a call of `f`, too.
    `leads` says of something of `packages` whether code that uses it is worth reading; without it, all is.
    """

    system: str
    markers: tuple[bytes, ...]
    packages: tuple[str, ...]
    call: Callable[[Call], None] | None = None
    file: Callable[[View], None] | None = None
    unknown: Callable[[Call], None] | None = None
    finish: Callable[[Found], None] | None = None
    telltales: frozenset[str] = frozenset()
    leads: Callable[[Found, Meaning], bool] | None = None
    methods: frozenset[str] = frozenset()
    declares: Callable[[View], None] | None = None
    declaring: tuple[bytes, ...] = ()
    prepared: bool = False
    weak: Mapping[bytes, Callable[[Tree, str, bytes], bool]] = msgspec.field(default_factory=dict)


def _plain(evaluator: Evaluator, place: Place, within: frozenset[int] = frozenset()) -> tuple[bool, object]:
    """(whether it is wholly known, the value as plain data). What holds itself is not known; `within`: the nodes around this one."""
    meaning = evaluator.meaning(place)
    if isinstance(meaning, Known):
        return True, meaning.value
    if not isinstance(meaning, Structure) or meaning.place.node.id in within:
        return False, None
    pairs = {k: _plain(evaluator, v, within | {meaning.place.node.id}) for k, v in meaning.entries.items()}
    if any(not known or key.startswith("...") for key, (known, _) in pairs.items()):
        return False, None
    if meaning.is_list:
        return True, [v for _, v in pairs.values()]
    return True, {k: v for k, (_, v) in pairs.items()}


_ITERATORS = frozenset(("map", "forEach", "flatMap", "filter", "reduce"))


def _is_given(loop: Node, node: Node) -> bool:
    """True for what a loop goes through, which is asked for once."""
    given = child(loop, "right")
    return given is not None and contains(given, node)


def _is_callback(source: Source, function: Node) -> bool:
    """True for a function handed to `.map(…)` and the like, which runs once per element."""
    call = enclosing(function, ("call_expression",))
    name = child(call, "function", "property") if call is not None else None
    return name is not None and source.text(name) in _ITERATORS
