"""Functions of the project that wrap a system's API: their callers are the enqueues and definitions that people mean.

`enqueue(name, data)` that ends in `queue.add(name, data)` tells nothing where it stands; each call of `enqueue` does. The same goes for a
`register(queueName, processor)` that ends in `new Worker(queueName, processor)`, and for helpers that are handed the queue or the task.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec
from tree_sitter import Node

from migrator.jobs import Client, Enqueue, Item, Job, Schedule, Worker
from migrator.scanners.found import Found
from migrator.scanners.handed_functions import handed_in, uses_of_handed
from migrator.scanners.implementations import Implementations
from migrator.scanners.leading import root_package
from migrator.scanners.linking import UNKNOWN, Defined, Frame, Place
from migrator.scanners.linking.calls import called_of
from migrator.scanners.linking.choosing import only_typed
from migrator.scanners.loose_calls import LooseCalls
from migrator.scanners.reading import Call, Reader
from migrator.scanners.seen_from import filled_by, from_folder, in_rounds, seen_from
from migrator.scanners.told import told_by
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, SIGNATURES, ancestors, contains, enclosing, name_of
from migrator.syntax.tree import field as field_of

_BY_DEFAULT = "of what the function around it takes where its caller hands it nothing"
#: how many wrappers around wrappers are followed
_LAYERS = 5
#: how many functions around one open call are looked at, all layers together: the most that told more, in large applications, was 160
_TRIES = 300

_Key = tuple[str, int]


@dataclass
class _Open:
    """A call that cannot be told where it stands, because it depends on a parameter of the function around it."""

    reader: Reader
    call: Call
    function: Node
    items: list[Item]
    filling: _Key | None = None
    #: all that is open is what the function is handed to put jobs into
    handed: bool = False

    @property
    def key(self) -> _Key:
        return (self.call.view.source.path, self.function.start_byte)


@dataclass
class Filling:
    """A call in a loop over something that is filled elsewhere, as one of the fills makes it.

    `items` were found for the loop as such; `loop` is where the call in it stands.
    """

    reader: Reader
    call: Call
    items: list[Item]
    loop: _Key


@dataclass
class Wrappers:
    """Collects open calls and calls of project functions while files are read, and brings them together afterwards."""

    found: Found
    _open: list[_Open] = field(default_factory=list)
    _uses: dict[_Key, list[tuple[Call, Defined]]] = field(default_factory=lambda: defaultdict(list))
    _by_type: Implementations = field(default_factory=Implementations)
    _loose: LooseCalls = field(default_factory=LooseCalls)
    _around: set[_Key] = field(default_factory=set)  #: the functions around open calls
    _handing: list[tuple[Call, Defined, frozenset[_Key]]] = field(
        default_factory=list
    )  #: calls that hand on functions that are no wrappers yet
    fillings: list[Filling] = field(default_factory=list)  #: not looked into yet
    _filled: set[_Key] = field(default_factory=set)  #: calls in loops of which the fills have told more
    _gathered: list[tuple[Reader, Call]] = field(default_factory=list)  #: calls on items of loops over what is gathered elsewhere
    _layered: list[tuple[_Open, int, int]] = field(default_factory=list)  #: with the layers left, and the first of those it came from
    _followed: Counter[int] = field(default_factory=Counter)  #: how many came from each first one
    _tries: int = 0  #: left for the open call at hand
    _seen: set[tuple[int, _Key, int]] = field(default_factory=set)  #: the uses of each that were looked at for further layers

    def use(self, call: Call) -> None:
        """Remember a call of a function of the project; making an instance of a class calls its constructor."""
        callee = call.callee
        if isinstance(callee, Defined) and callee.place.node.type in CLASSES:
            self._hand(call, callee)
            callee = call.view.evaluator.attributes.constructor(callee, call.place)
        if isinstance(callee, Defined):
            self._by_type.use(call, callee)
        if isinstance(callee, Defined) and callee.place.node.type in FUNCTIONS:
            self._used(call, callee)
            self._hand(call, callee)

    def _used(self, call: Call, callee: Defined) -> None:
        self._uses[(callee.place.source.path, callee.place.node.start_byte)].append((call, callee))

    def _hand(self, call: Call, callee: Defined) -> None:
        """Remember a call that hands functions on: if one of them turns out to be a wrapper, `callee` may call it."""
        handed = handed_in(call)
        if handed:
            self._handing.append((call, callee, handed))

    def _follow_handed(self) -> None:
        """Note the calls of wrappers by those that they are handed to."""
        waiting, self._handing = self._handing, []
        for call, callee, handed in waiting:
            if handed.isdisjoint(self._around):
                self._handing.append((call, callee, handed))
            else:
                for inner, function in uses_of_handed(call, callee, handed):
                    self._used(inner, function)

    def loose(self, call: Call) -> None:
        """Remember a call of a method on something of which nothing is known."""
        self._loose.add_call(call)

    def methods(self) -> set[str]:
        """Names of methods of classes that wrap a client: calls of them are worth a look, whatever they are called on."""
        return self._loose.names()

    def telling_methods(self) -> set[str]:
        """Those of them that tell by themselves that a file is worth a look."""
        return self._loose.telling()

    def plainly_called(self, data: bytes) -> bool:
        """True for a file that calls one of the others on something with the name of its class."""
        return self._loose.plainly_called(data)

    def watch(self, reader: Reader, call: Call, items: list[Item], filling: _Key | None = None) -> Node | None:
        """Remember a call that stays open; gives the function around it, whose callers are wanted."""
        opened = self.around(reader, call, items)
        if opened is None:
            return None
        opened.filling = filling
        opened.handed = is_handed_in(call, items)
        self.note(opened)
        self._open.append(opened)
        self._layered.append((opened, _LAYERS, len(self._layered)))
        return opened.function

    def fill(self, reader: Reader, call: Call, items: list[Item]) -> None:
        """Remember what is put into the registry that a loop around a call goes over. What is only gathered to be sent stays a call.

        What one function gathers and another sends is sent where it is gathered.
        """
        found = list(filled_by(call))
        python, here = call.view.source.is_python, _outermost(call.node)
        if python or not (found and any(isinstance(item, Job | Schedule) for item in items or told_by(self.found, reader, call))):
            found = [each for each in found if not call.via and _gathers(each, call, here)]
        self.fillings += [Filling(reader, each, items, _key(call)) for each in found]

    def gathered(self, reader: Reader, call: Call) -> bool:
        """Remember what is put into what a loop around a call on one of its items goes over; False where there is no such thing."""
        before = len(self.fillings)
        self.fill(reader, call, [])
        if len(self.fillings) == before:
            return False
        self._gathered.append((reader, call))
        return True

    def filled(self, filling: Filling) -> bool:
        """Look into a filling; False if it depends on the function around it."""
        told = told_by(self.found, filling.reader, filling.call)
        if not told or not all(item.name for item in told):
            return False
        self.found.items += told
        self.mark(filling.items)
        self._filled.add(filling.loop)
        return True

    def layers(self) -> list[tuple[str, Node]]:
        """(path, function) of the functions around calls of a wrapper that do not tell more than it does: wrappers themselves."""
        self._follow_handed()
        found: list[tuple[str, Node]] = []
        for index, (opened, layers, first) in enumerate(self._layered):
            for site, callee in self._fresh(index, opened) if layers else ():
                # Who calls what hundreds call is looked for once: what all of them say is for `resolve`.
                for call in seen_from(site, callee, opened.call) if self._followed[first] < _TRIES else ():
                    if _tells(opened, told_by(self.found, opened.reader, call)):
                        continue
                    self.fill(opened.reader, call, opened.items)
                    around = self.around(opened.reader, call, opened.items, handed=opened.handed)
                    if around is not None:
                        self.note(around)
                        self._followed[first] += 1
                        self._layered.append((around, layers - 1, first))
                        found.append((site.view.source.path, around.function))
        return found

    def _fresh(self, index: int, opened: _Open) -> Iterator[tuple[Call, Defined]]:
        """Calls of the functions around an open call that were not looked at for further layers."""
        for level in _levels(opened):
            for site, callee in self._calls_of(level):
                key = (index, level.key, id(site))
                if key not in self._seen:
                    self._seen.add(key)
                    yield site, callee

    def calls_of(self, source: Source, function: Node) -> list[tuple[Call, Defined]]:
        """The calls of a function, known so far."""
        return self._uses.get((source.path, function.start_byte), [])

    def _calls_of(self, opened: _Open) -> list[tuple[Call, Defined]]:
        """The calls of the function around an open call, and of the methods of interfaces and base classes that it may stand behind."""
        view = opened.call.view
        uses = [*self.calls_of(view.source, opened.function), *self._by_type.uses(view.evaluator, view.source, opened.function)]
        uses += self._loose.uses(view.source, opened.function)
        # A function that calls itself tells no more of the job than it was told.
        return [use for use in uses if use[0].view.source is not view.source or not contains(opened.function, use[0].node)]

    def note(self, opened: _Open) -> None:
        """Note the methods around an open call: calls of them on things unknown may be calls of it."""
        for level in _levels(opened):
            self._around.add(level.key)
            self._loose.add_method(level.call.view.source, level.function)

    def around(self, reader: Reader, call: Call, items: list[Item] | None = None, *, handed: bool = False) -> _Open | None:
        """The call as something that the function around it leaves open; None at the top of a file."""
        function = _reachable(call.node)
        return _Open(reader, call, function, items or [], handed=handed) if function is not None else None

    def resolve(self) -> None:
        """Put what each caller of a wrapper means in the place of what the wrapper itself says."""
        self._follow_handed()
        waiting, self._open = sorted(self._open, key=lambda opened: opened.filling is None), []
        for opened in waiting:
            self._tries = _TRIES
            # A function that nobody calls by its name may be handed out by the one around it.
            quiet: list[Item] = []
            told = any(self._expand(level, _LAYERS, quiet) for level in _levels(opened))
            if self._tries < 0:
                view, reason = opened.call.view, f"more than {_TRIES} functions lead here: not all of their callers were followed"
                view.unresolved(opened.call.node, reason, opened.reader.system)
            if told and opened.filling is not None:
                self._filled.add(opened.filling)
            if told or opened.filling is not None or any(item.name for item in opened.items):
                continue
            self.found.quiet += [item for item in quiet if isinstance(item, Job | Schedule) and not item.area]
            by_default = self._by_default(opened)
            if opened.items:
                # What stands there without a name is called so where nobody hands in another one.
                if by_default and all(item.name for item in by_default):
                    self.found.items += by_default
                    self.mark(opened.items)
                continue
            said = by_default or quiet
            self.found.items += said
            if not said and opened.reader.unknown is not None:
                opened.reader.unknown(opened.call)
        for reader, call in self._gathered:
            if _key(call) not in self._filled and reader.unknown is not None:
                reader.unknown(call)

    def _by_default(self, opened: _Open) -> list[Item]:
        """What a call says for whoever hands the function around it nothing: `send(data, queue = mails)`."""
        evaluator, inner = opened.call.view.evaluator, opened.call.inner
        place = msgspec.structs.replace(inner, frame=Frame(opened.function, {}, None, inner.frame))
        function = called_of(place.node)
        callee = evaluator.of(place.source, function, place.frame) if function is not None else UNKNOWN
        if root_package(callee) not in opened.reader.packages:
            return []
        items = told_by(self.found, opened.reader, replace(opened.call, inner=place, callee=callee, key=callee.key), made=True)
        return [msgspec.structs.replace(item, confidence="likely", reason=_BY_DEFAULT) for item in items]

    def _expand(self, opened: _Open, layers: int, quiet: list[Item]) -> bool:
        """List the callers of the function around an open call; False, and nothing listed, when no caller tells more.

        `quiet` takes what those say then: that they are callers.
        """
        told = False
        silent: list[Item] = []
        self._tries -= 1
        for site, callee in self._calls_of(opened) if self._tries >= 0 else ():
            seen = seen_from(site, callee, opened.call)
            for call in seen:
                items = self._told_within(opened, call) or told_by(self.found, opened.reader, call)
                if _tells(opened, items):
                    # What a test hands in says nothing of what runs.
                    told = told or not site.view.area or bool(opened.call.view.area)
                    self.found.items += items
                    continue
                if _key(call) in self._filled:
                    told = True
                    continue
                around = self.around(opened.reader, call, handed=opened.handed)
                if len(seen) == 1 and (each := self._each_round(opened, site, callee)):
                    told = True
                    self.found.items += each
                elif layers and around is not None and any(self._expand(level, layers - 1, quiet) for level in _levels(around)):
                    told = True
                elif not from_folder(call):
                    silent += items
        if told:
            # A caller that names the job only at run time is a caller all the same.
            self.found.items += silent
            self.mark(opened.items)
        else:
            quiet += silent
        return told

    def _each_round(self, opened: _Open, site: Call, callee: Defined) -> list[Item]:
        """What a call of a wrapper in a loop over something known says in each round; nothing where a round leaves the job open."""
        rounds = list(in_rounds(site))
        made = [replace(call, about=call.about or each.about) for each in rounds for call in seen_from(each, callee, opened.call)]
        items = [item for call in made for item in told_by(self.found, opened.reader, call)]
        return items if all(item.name for item in items) else []

    def _told_within(self, opened: _Open, call: Call) -> list[Item]:
        """What an open call says where it stands, if all that its function is handed is the client; nothing if more is left open."""
        # What a test hands in is a call of the test.
        by_test = call.view.area and not opened.call.view.area
        if by_test or (opened.items and not opened.handed):
            return []
        home = replace(_at_home(opened.call), callee=call.callee, key=call.key, doubt=call.doubt)
        items, evaluator = told_by(self.found, opened.reader, home), home.view.evaluator
        if opened.handed:
            return items
        # Where the client is the job, who hands it in says which.
        given = [each for place in home.arguments.values() for each in (place, *evaluator.entries(place).values())]
        written = {text for each in given if (text := evaluator.text(each))}
        return items if written.issuperset(i.name for i in items) else []

    def mark(self, items: list[Item]) -> None:
        """Say of items that other items are listed in their place."""
        inner = {id(i) for i in items if not isinstance(i, Client | Worker)}
        self.found.items[:] = [msgspec.structs.replace(i, wrapper=True) if id(i) in inner else i for i in self.found.items]


def is_handed_in(call: Call, items: list[Item]) -> bool:
    """True if a function is handed what it puts jobs into, and only its type says what that is: `function send(mails: Queue)`."""
    named = bool(items) and all(i.name for i in items)
    return named and only_typed(call.receiver) and _of_no_queue(items) and _of_parameter(call)


def is_of_own_type(call: Call) -> bool:
    """True for a method of what a function of TypeScript is handed that an interface of the project declares: `input.queue.send(…)`.

    The client of a job system fits the interface without saying so.
    """
    declared = isinstance(call.callee, Defined) and call.callee.place.node.type in SIGNATURES
    return declared and not call.view.source.is_python and _of_parameter(call)


def _of_parameter(call: Call) -> bool:
    """True for a call on a parameter of a function, or on a member of one."""
    node = call.receiver_node
    if node is None:
        return False
    while (of := field_of(node, "object")) is not None:
        node = of
    bound = call.view.project.bindings(call.view.source.path).lookup(call.view.source.text(node), node)
    return bool(bound) and bound[0].kind == "parameter"


def _of_no_queue(items: list[Item]) -> bool:
    return any(isinstance(i, Enqueue | Schedule) and i.queue is None for i in items)


def _tells(opened: _Open, items: list[Item]) -> bool:
    """True if what an open call means to a caller is told: the job, and where that was all that was open, the queue."""
    return bool(items) and all(i.name for i in items) and not (opened.handed and _of_no_queue(items))


def _key(call: Call) -> _Key:
    return (call.view.source.path, call.node.start_byte)


def _at_home(call: Call) -> Call:
    """The call of the API where it stands, of whatever function around it a caller was come to."""
    if not call.via:
        return call
    source, node = call.inner.source, call.inner.node
    function = called_of(node) or node
    name = field_of(function, "attribute") or field_of(function, "property") or function
    return Call(replace(call.view, source=source), node, call.callee, call.key, name, Place(source, node))


def _outermost(node: Node) -> Node | None:
    """The outermost function around a node: what functions within it gather is gathered by it."""
    return next((outer for outer in reversed([*ancestors(node)]) if outer.type in FUNCTIONS), None)


def _gathers(fill: Call, call: Call, here: Node | None) -> bool:
    """True for what another function than the one around a call puts into a list, or another file of JavaScript as it is loaded."""
    function = _outermost(fill.node)
    if function is None:
        return not call.view.source.is_python and fill.view.source is not call.view.source
    return function != here


def _levels(opened: _Open) -> Iterator[_Open]:
    """The open call as each function around it leaves it open, innermost first."""
    function: Node | None = opened.function
    while function is not None:
        yield replace(opened, function=function)
        function = _reachable(function)


def _reachable(node: Node) -> Node | None:
    """The innermost function around `node` that other code can call."""
    function = enclosing(node, FUNCTIONS)
    while function is not None and name_of(function) is None and not _is_given_back(function):
        function = enclosing(function, FUNCTIONS)
    return function


def _is_given_back(function: Node) -> bool:
    """True for a function that the one around it returns: whoever calls that one may call it."""
    parent = function.parent
    arrow = parent is not None and parent.type == "arrow_function" and function == field_of(parent, "body")
    return arrow or (parent is not None and parent.type == "return_statement")
