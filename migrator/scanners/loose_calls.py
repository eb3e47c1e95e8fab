"""Calls of a method on something of which nothing is known, tied to a class of the project by what they are called.

`container.resolve("jobs").enqueueJob("mail")`: no reading leads through a container or a framework's context to the class that has
`enqueueJob`. But if one class of the project has a method of that name that puts jobs in, and nothing else is known of the receiver, that
class is meant. What is found so is `likely`, with the reason said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.by_name import receiver_name
from migrator.scanners.linking import Defined, External, Instance, Meaning, Member, Place, Unknown
from migrator.scanners.linking.classes import enclosing_class
from migrator.scanners.reading import Call
from migrator.syntax.source import Source
from migrator.syntax.tree import name_of

#: a name of several words is said of one thing only
_SEVERAL_WORDS = regex(r"[a-z0-9][A-Z]|[a-z0-9]_[a-z]")
#: of these the receiver's name has to be like that of the class
_COMMON = frozenset(("enqueue", "dispatch", "schedule", "publish", "submit", "produce", "register", "define"))
#: these stand in every file: they count, and files are looked for by them, only where the receiver bears the name of the class
_PLAIN = frozenset(("on",))
_PLAINLY = regex(rb"(\w+)\s*[?!]?\s*\.\s*(on)\s*(?:\(|<|\?\.\()")
#: methods of containers and frameworks that give what goes by a name
_GIVES = regex(r"^(resolve|get|inject|make|use[A-Z]\w*|create[A-Z]\w*Context)$")
_SHORTEST = 3
#: a module and a name in it
_OF_AN_OBJECT = 2


@dataclass
class LooseCalls:
    """Methods of classes that wrap a client, and calls of methods on things unknown, by the method's name."""

    _methods: dict[str, set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))
    _in_python: set[str] = field(default_factory=set)  #: of Python: tied to what hangs on a framework's object alone
    _owners: set[tuple[str, str]] = field(default_factory=set)  #: (method, class) of plain names
    _calls: dict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))

    def add_method(self, source: Source, function: Node) -> None:
        """Note that a function wraps a client; only methods of classes matter."""
        owner, name = enclosing_class(function), name_of(function)
        text = source.text(name) if name is not None else ""
        if owner is None or not (text in _COMMON | _PLAIN or _SEVERAL_WORDS.search(text)):
            return
        if source.is_python:
            self._in_python |= {text} - _PLAIN
        else:
            self._methods[text].add((source.path, function.start_byte))
            if text in _PLAIN:
                self._owners.add((text, _class_name(source, owner)))

    def names(self) -> set[str]:
        """The names of those methods."""
        return self._methods.keys() | self._in_python

    def telling(self) -> set[str]:
        """Those of the names that tell by themselves that a file is worth a look."""
        return self.names() - _PLAIN

    def plainly_called(self, data: bytes) -> bool:
        """True for a file in which one of the other names is called on something with the name of its class."""
        called = {(m[2].decode(), m[1].decode()) for m in _PLAINLY.finditer(data)} if self._owners else ()
        return any(name == method and _named_after(receiver, owner) for name, receiver in called for method, owner in self._owners)

    def add_call(self, call: Call) -> None:
        """Remember a call of a method on something of which nothing is known."""
        if isinstance(call.callee, Member) and _given_by_name(call.callee.of):
            self._calls[call.callee.name].append(call)
        elif call.view.source.is_python and isinstance(call.callee, External) and len(call.callee.path) > _OF_AN_OBJECT:
            # What hangs on an object of a framework: `flask_login.current_user.launch_task(…)`.
            self._calls[call.callee.path[-1]].append(call)

    def uses(self, source: Source, function: Node) -> Iterator[tuple[Call, Defined]]:
        """Calls that may run the method `function`, each with the doubt that it does."""
        owner, name = enclosing_class(function), name_of(function)
        if owner is None or name is None:
            return
        text, class_name = source.text(name), _class_name(source, owner)
        callee = Defined(Place(source, function), text, Instance(Defined(Place(source, owner), class_name)))
        alone = self._methods.get(text) == {(source.path, function.start_byte)}
        for call in self._calls.get(text, ()) if text in (self._in_python if source.is_python else self._methods) else ():
            like = (_named_after if text in _PLAIN else _alike)(receiver_name(call), class_name)
            if (like and isinstance(call.callee, External)) if source.is_python else (like or (alone and text not in _COMMON | _PLAIN)):
                owned = f"`{class_name}`" if class_name else "a class"
                doubt = f"tied to {owned} by the name of its method alone"
                yield replace(call, doubt=doubt), callee


def _given_by_name(meaning: Meaning) -> bool:
    """True for something unknown, and for what a container gives."""
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and isinstance(meaning.of, Member | External):
            name = meaning.of.name if isinstance(meaning.of, Member) else meaning.of.path[-1]
            if _GIVES.match(name):
                return True
        meaning = meaning.of
    return isinstance(meaning, Unknown)


def _alike(receiver: str, class_name: str) -> bool:
    a, b = (re.sub(r"[^a-z]", "", name.lower()).rstrip("s") for name in (receiver, class_name))
    return len(a) >= _SHORTEST and len(b) >= _SHORTEST and (a in b or b in a)


def _named_after(receiver: str, class_name: str) -> bool:
    """True for `jobManager` of a `JobManager`; a name of one word is that of many things."""
    return bool(_SEVERAL_WORDS.search(receiver)) and receiver.lower().strip("_") == class_name.lower()


def _class_name(source: Source, owner: Node) -> str:
    name = owner.child_by_field_name("name")
    return source.text(name) if name is not None else ""
