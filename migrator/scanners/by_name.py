"""Clients that are reached by name alone: hung on a framework's context (`fastify.queues.mailQueue.add`, `ctx.boss.send`).

No reading can follow a value through a framework, but a name that only ever stands for one system's client, used with one of that
client's methods, is good evidence. What is found so is `likely`, with the reason said. An object of the project that stands in for a
client (`const mails = { send: (data) => boss.send("mail", data) }`) is known by its name in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from migrator.jobs import Client, Item
from migrator.regex import regex
from migrator.scanners.linking import Defined, Instance, Meaning, Member, Unknown
from migrator.scanners.reading import Call, Reader
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, name_of
from migrator.syntax.tree import field as child

#: what only listens, and gives back what it is called on
_LISTENS = regex(r"on|once")


@dataclass
class ByName:
    """Collects clients by the name that code gives them, and telltale calls on things unknown."""

    _clients: dict[tuple[str, str], tuple[tuple[str, int], Instance]] = field(default_factory=dict)
    _stand_ins: dict[tuple[str, str, str], list[tuple[Reader, Call, Defined, list[Item]]]] = field(default_factory=dict)
    _methods: set[bytes] = field(default_factory=set)
    _waiting: list[tuple[Reader, Call]] = field(default_factory=list)

    def clients(self, reader: Reader, call: Call, items: list[Item]) -> None:
        """Note the clients among what a call has just given."""
        for item in items:
            if isinstance(item, Client) and item.symbol:
                key, where = (reader.system, item.symbol), (item.location.path, item.location.span.start)
                # Of two clients of one name the first in the tree is meant, in whatever order the files are read.
                if key not in self._clients or where < self._clients[key][0]:
                    self._clients[key] = (where, Instance(call.callee, call.inner))
                self._methods |= {method.encode() for method in reader.telltales}

    def stand_ins(self, reader: Reader, call: Call, items: list[Item]) -> None:
        """Note the object in which a call stands, if it is one that passes the same method on."""
        function = enclosing(call.node, FUNCTIONS)
        name = _holder(function) if function is not None else None
        if function is None or name is None or call.via or not items:
            return
        text = call.view.source.text
        if text(name_of(function) or function) == text(call.name):
            callee = Defined(call.view.place(function), text(call.name))
            self._stand_ins.setdefault((reader.system, text(name), callee.name), []).append((reader, call, callee, items))
            self._methods |= {method.encode() for method in reader.telltales}

    def remember(self, reader: Reader, call: Call) -> None:
        """Note a call of a telltale method on something unknown."""
        self._waiting.append((reader, call))

    def names(self) -> set[bytes]:
        """Names of clients: files that mention one are worth a look."""
        return {symbol.encode() for _, symbol in self._clients} | {name.encode() for _, name, _ in self._stand_ins}

    def use(self) -> re.Pattern[bytes] | None:
        """What finds calls of a telltale method on something with the name of a client; None while there are no clients."""
        names, methods = (b"|".join(map(re.escape, sorted(part))) for part in (self.names(), self._methods))
        return re.compile(rb"\b(?:%s)\b(\(\s*+\))?\s*+[?!]?\s*+\.\s*+(?:%s)\b" % (names, methods)) if names and methods else None

    def stood_in(self) -> Iterator[tuple[Reader, Call, list[Item], list[Call]]]:
        """(reader, call, what it said, uses) of each call within a stand-in that is used by its name: uses as calls of that function."""
        for (system, name, method), inner in self._stand_ins.items():
            uses = [
                call
                for reader, call in self._waiting
                if reader.system == system and receiver_name(call) == name and call.view.source.text(call.name) == method
            ]
            for reader, call, callee, items in inner if uses else ():
                doubtful = replace(call, doubt=_doubt(name))
                yield reader, doubtful, items, [replace(use, callee=callee, key=callee.key) for use in uses]

    def tied(self) -> list[tuple[Reader, Call]]:
        """Every telltale call as a call of the client whose name its receiver bears."""
        found: list[tuple[Reader, Call]] = []
        for reader, call in self._waiting:
            name = receiver_name(call)
            client = self._clients.get((reader.system, name))
            if client is not None:
                callee = Member(client[1], call.view.source.text(call.name))
                found.append((reader, replace(call, callee=callee, key=callee.key, doubt=_doubt(name))))
        return found


def _doubt(name: str) -> str:
    return f"tied to its client by the name `{name}` alone"


def _holder(function: Node) -> Node | None:
    """The name of the variable whose object has the function for a member."""
    member = function if function.type == "method_definition" else function.parent
    if member is None or member.type not in ("method_definition", "pair") or member.parent is None or member.parent.type != "object":
        return None
    declarator = member.parent.parent
    name = child(declarator, "name") if declarator is not None and declarator.type == "variable_declarator" else None
    return name if name is not None and name.type == "identifier" else None


def depends_on_parameter(callee: Meaning) -> bool:
    """True if the thing called is, or hangs on, a parameter of the function around the call."""
    while isinstance(callee, Member):
        callee = callee.of
    return isinstance(callee, Unknown) and callee.why.startswith("the parameter")


def _method(call: Call, node: Node) -> str:
    """The name of the method that is called at `node`."""
    name = child(callee_of(node), "property")
    return call.view.source.text(name) if name is not None else ""


def receiver_name(call: Call) -> str:
    """The last name of what the method is called on: `mailQueue` of `app.queues.mailQueue.add()`, called or not."""
    node = call.receiver_node
    while node is not None and node.type == "call_expression" and _LISTENS.fullmatch(_method(call, node)):
        # `queue.on("failed", …)` gives the queue back.
        node = child(callee_of(node), "object")
    if node is None:
        return ""
    name = child(node, "property") or child(node, "attribute") or (node if node.type == "identifier" else None)
    return call.view.source.text(name) if name is not None else ""
