"""pgmq, which Supabase calls Queues, in SQL: queues that are made, messages that are sent, and what takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from migrator.jobs import Argument, Client, Enqueue, Expression, Item, Literal, Worker
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.sql.statements import Body, SqlCall, bodies, calls, created, parameters, plain_calls, text_of
from migrator.scanners.sql.texts import COMPUTED, Text, histories, location_in, written_in
from migrator.scanners.sql.tokens import Token
from migrator.systems.pg_cron import PGMQ_CREATES, PGMQ_READS, PGMQ_SENDS, SYSTEM

NAME = SYSTEM.name
_FUNCTIONS = frozenset(f"pgmq.{name}" for name in (*PGMQ_CREATES, *PGMQ_SENDS, *PGMQ_READS, "drop_queue"))
_CREATES = frozenset(f"pgmq.{name}" for name in PGMQ_CREATES)
#: Supabase's own functions, which pass calls over the REST interface on
_PASSED_ON = "pgmq_public"


#: the calls of a statement that matter
_Find = Callable[[Body, Sequence[Token]], Iterable[SqlCall]]


class Wrapper(msgspec.Struct, frozen=True):
    """A function in SQL that hands the name of a queue on: to which of pgmq's, and as which of its own parameters."""

    verb: str
    parameter: str
    position: int


@dataclass
class _Seen:
    """The calls of one history: those of functions by the function, of which the last definition holds."""

    find: _Find
    calls: list[tuple[Text, SqlCall]] = field(default_factory=list[tuple[Text, SqlCall]])
    functions: dict[str, list[tuple[Text, SqlCall]]] = field(default_factory=dict[str, list[tuple[Text, SqlCall]]])
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def run(self, source: Text) -> None:
        """Note the calls of a text."""
        own = False
        for body, statement in bodies(source.text, source.offset):
            name = created(statement) if not body.function else ""
            if name:
                self.functions[name] = []
                self.parameters[name] = parameters(statement)
                own = any(t.value == _PASSED_ON for t in statement[:6])
            for call in self.find(body, statement):
                if body.function:
                    if not own:
                        self.functions.setdefault(body.function, []).append((source, call))
                else:
                    self._top(source, call)
            if not body.function:
                self._inside_commands(source, statement)

    def _top(self, source: Text, call: SqlCall) -> None:
        name = _queue(call)
        if call.name == "pgmq.drop_queue":
            self.calls = [(s, c) for s, c in self.calls if not (name and _queue(c) == name)]
        elif not (call.name in _CREATES and any(_queue(c) == name and c.name == call.name for _, c in self.calls)):
            self.calls.append((source, call))

    def _inside_commands(self, source: Text, statement: Sequence[Token]) -> None:
        """`cron.schedule('…', '…', $$ select pgmq.send(…) $$)`."""
        if not any(t.value == "cron" for t in statement):
            return
        for token in statement:
            if token.kind == "text" and "(" in token.value:
                start = token.inner if token.inner >= 0 else token.start + 1
                for body, inner in bodies(token.value, start):
                    self.calls += [(source, call) for call in self.find(body, inner)]


def read_pgmq(tree: Tree, found: Found) -> dict[str, Wrapper]:
    """Record what the SQL files of the tree, and the SQL in its code, do with queues; gives the functions that others do it through."""
    wrappers: dict[str, Wrapper] = {}
    known: set[tuple[str, str]] = set()
    read = [
        (texts, _read(texts, lambda body, statement: calls(body, statement, _FUNCTIONS)))
        for _, texts in histories(tree, found.sql, b"pgmq")
    ]
    for _, seen in read:
        for name, listed in (("", seen.calls), *seen.functions.items()):
            # The same function, or queue, in a dump of the schema is what a migration has made.
            mine = [(source, call) for source, call in listed if not name or (name, call.name) not in known or source.language != "sql"]
            known |= {(name, call.name) for _, call in listed if name}
            for source, call in mine:
                wrapper = _wrapper(call, seen.parameters.get(name, ()))
                if wrapper is not None:
                    wrappers.setdefault(name, wrapper)
                item = _item(tree, source, call, call.name.split(".")[1], _queue(call))
                key = (item.name, "queue") if isinstance(item, Client) else None
                if key is None or key not in known:
                    found.items.append(item)
                    known |= {key} if key is not None else set()
    for texts, _ in read if wrappers else ():
        seen = _read(texts, lambda body, statement: plain_calls(body, statement, wrappers))
        for source, call in (*seen.calls, *(pair for listed in seen.functions.values() for pair in listed)):
            wrapper = wrappers[call.name]
            place = call.arguments.get(wrapper.parameter, call.arguments.get(wrapper.position))
            queue = (text_of(place, call.body.variables) or "") if place is not None else ""
            if queue and COMPUTED not in queue:
                found.items.append(msgspec.structs.replace(_item(tree, source, call, wrapper.verb, queue), via=(call.name,)))
    return wrappers


def _read(texts: Sequence[Text], find: _Find) -> _Seen:
    seen = _Seen(find)
    for text in texts:
        seen.run(text)
    return seen


def _wrapper(call: SqlCall, names: Sequence[str]) -> Wrapper | None:
    """What the function around a call hands on, where it takes the name of the queue from its caller."""
    first = call.arguments.get("queue_name", call.arguments.get(0))
    verb = call.name.split(".")[1]
    if first is None or len(first) != 1 or first[0].value not in names or verb not in (*PGMQ_SENDS, *PGMQ_READS):
        return None
    return Wrapper(verb, first[0].value, names.index(first[0].value))


def _queue(call: SqlCall) -> str:
    first = call.arguments.get("queue_name", call.arguments.get(0))
    name = (text_of(first, call.body.variables) or "") if first is not None else ""
    return name if COMPUTED not in name else ""


def _item(tree: Tree, source: Text, call: SqlCall, verb: str, name: str) -> Item:
    where = location_in(tree, source.path, call.at.start, call.end)
    area, language = area_of(source.path), source.language
    if verb in PGMQ_CREATES:
        return Client(system=NAME, language=language, name=name, location=where, area=area, symbol=name, module=source.path, role="queue")
    if verb in PGMQ_READS:
        queues = (name,) if name else ()
        return Worker(system=NAME, language=language, name=name, location=where, area=area, queues=queues, entry=where.span)
    message, delay = _given(call, 1, ("msg", "msgs")), _given(call, 2, ("delay",))
    return Enqueue(
        system=NAME,
        language=language,
        name=name,
        location=where,
        area=area,
        form=verb,
        call=where.span,
        arguments=(Argument(Expression(written_in(tree, source.path, message[0].start, message[-1].end)), where.span),) if message else (),
        delay=Literal(int(delay[0].value)) if len(delay) == 1 and delay[0].value.isdigit() else None,
        queue=Literal(name) if name else None,
        in_transaction=True,
        inside=call.body.function,
    )


def _given(call: SqlCall, position: int, names: Sequence[str]) -> tuple[Token, ...]:
    return next((call.arguments[k] for k in (*names, position) if k in call.arguments), ())
