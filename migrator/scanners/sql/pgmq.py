"""pgmq, which Supabase calls Queues, in SQL: queues that are made, messages that are sent, and what takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from migrator.jobs import Argument, Client, Enqueue, Expression, Item, Literal, Worker
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.sql.statements import SqlCall, bodies, calls, created, text_of
from migrator.scanners.sql.texts import COMPUTED, Text, histories, location_in, written_in
from migrator.scanners.sql.tokens import Token
from migrator.systems.pg_cron import PGMQ_CREATES, PGMQ_READS, PGMQ_SENDS, SYSTEM

NAME = SYSTEM.name
_FUNCTIONS = frozenset(f"pgmq.{name}" for name in (*PGMQ_CREATES, *PGMQ_SENDS, *PGMQ_READS, "drop_queue"))
#: Supabase's own functions, which pass calls over the REST interface on
_PASSED_ON = "pgmq_public"


@dataclass
class _Seen:
    """The calls of one history: those of functions by the function, of which the last definition holds."""

    calls: list[tuple[Text, SqlCall]] = field(default_factory=list[tuple[Text, SqlCall]])
    functions: dict[str, list[tuple[Text, SqlCall]]] = field(default_factory=dict[str, list[tuple[Text, SqlCall]]])
    dropped: set[str] = field(default_factory=set[str])

    def run(self, source: Text) -> None:
        """Note the calls of a text."""
        own = False
        for body, statement in bodies(source.text, source.offset):
            name = created(statement) if not body.function else ""
            if name:
                self.functions[name] = []
                own = any(t.value == _PASSED_ON for t in statement[:6])
            for call in calls(body, statement, _FUNCTIONS):
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
            return
        if call.name.split(".")[1] in PGMQ_CREATES and any(_queue(c) == name and c.name == call.name for _, c in self.calls):
            return
        self.calls.append((source, call))

    def _inside_commands(self, source: Text, statement: Sequence[Token]) -> None:
        """`cron.schedule('…', '…', $$ select pgmq.send(…) $$)`."""
        if not any(t.value == "cron" for t in statement):
            return
        for token in statement:
            if token.kind == "text" and "pgmq" in token.value:
                start = token.inner if token.inner >= 0 else token.start + 1
                for body, inner in bodies(token.value, start):
                    self.calls += [(source, call) for call in calls(body, inner, _FUNCTIONS)]


def read_pgmq(tree: Tree, found: Found) -> None:
    """Record what the SQL files of the tree, and the SQL in its code, do with queues."""
    known: set[tuple[str, str]] = set()
    for _, texts in histories(tree, found.sql, b"pgmq"):
        seen = _Seen()
        for text in texts:
            seen.run(text)
        for name, listed in (("", seen.calls), *seen.functions.items()):
            # The same function, or queue, in a dump of the schema is what a migration has made.
            mine = [(source, call) for source, call in listed if not name or (name, call.name) not in known or source.language != "sql"]
            known |= {(name, call.name) for _, call in listed if name}
            for source, call in mine:
                item = _item(tree, source, call)
                key = (item.name, "queue") if isinstance(item, Client) else None
                if key is None or key not in known:
                    found.items.append(item)
                    known |= {key} if key is not None else set()


def _queue(call: SqlCall) -> str:
    first = call.arguments.get("queue_name", call.arguments.get(0))
    name = (text_of(first, call.body.variables) or "") if first is not None else ""
    return name if COMPUTED not in name else ""


def _item(tree: Tree, source: Text, call: SqlCall) -> Item:
    where = location_in(tree, source.path, call.at.start, call.end)
    name, area, language, verb = _queue(call), area_of(source.path), source.language, call.name.split(".")[1]
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
