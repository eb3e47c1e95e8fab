"""What is on pg_cron's schedule after all that the SQL of a tree does to it, in the order in which it is done."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import msgspec

from migrator.regex import regex
from migrator.scanners.sql.statements import NO_RUN, Body, SqlCall, bodies, calls, created, text_of
from migrator.scanners.sql.texts import COMPUTED, Text
from migrator.scanners.sql.tokens import Token

_FUNCTIONS = frozenset(("cron.schedule", "cron.schedule_in_database", "cron.unschedule", "cron.alter_job"))
_PARAMETERS = {
    "cron.schedule": ("job_name", "schedule", "command"),
    "cron.schedule_in_database": ("job_name", "schedule", "command", "database", "username", "active"),
    "cron.alter_job": ("job_id", "schedule", "command", "database", "username", "active"),
}
_CRON = regex(r"^\s*(@\w+|\d+\s+seconds?|(\S+\s+){4}\S+)\s*$", re.IGNORECASE)
#: how deep functions that call functions are followed
_DEPTH = 4


@dataclass(frozen=True)
class Entry:
    """A job of pg_cron. `name` is empty for one without, or with a name that only the running database knows (`dynamic`)."""

    name: str
    schedule: str | None
    command: str | None
    source: Text
    start: int
    end: int
    written: tuple[int, int] = (0, 0)  #: where the schedule is written, for where it cannot be told
    database: str = ""
    dynamic: bool = False
    later: bool = False  #: within a function that nothing in the tree calls


class _Event(msgspec.Struct, frozen=True):
    kind: str
    call: SqlCall | None
    statement: tuple[Token, ...]
    body: Body
    source: Text


@dataclass
class CronHistory:
    """Follows one database's SQL. `lost` are what could not be followed: (text, offset, why)."""

    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    lost: list[tuple[Text, int, str]] = field(default_factory=list[tuple[Text, int, str]])
    _functions: dict[str, list[_Event]] = field(default_factory=dict[str, list[_Event]])
    _called: set[str] = field(default_factory=set[str])

    def run(self, source: Text) -> None:
        """Apply the statements of a text."""
        for body, statement in bodies(source.text, source.offset):
            name = created(statement)
            if name:
                self._functions[name] = []
            elif [t.value for t in statement[:2]] == ["drop", "function"]:
                for token in statement[2:]:
                    self._functions.pop(token.value, None)
            events = list(_events(body, statement, source))
            if body.function:
                self._functions.setdefault(body.function, []).extend(events)
                continue
            for event in events:
                self._apply(event)
            self._call(statement, _DEPTH)

    def left(self) -> list[Entry]:
        """What is on the schedule, and what functions that nothing here calls would put on it."""
        found = list(self.entries.values())
        known = {e.name for e in found}
        for name, events in self._functions.items():
            for event in events if name not in self._called else ():
                if event.call is not None and event.call.name in ("cron.schedule", "cron.schedule_in_database"):
                    entry = replace(_entry(event.call, event.source), later=True)
                    if not entry.name or entry.name not in known:
                        found.append(entry)
                        known.add(entry.name)
        return found

    def _call(self, statement: Sequence[Token], depth: int) -> None:
        """Apply what the functions do that a statement calls."""
        if not statement or statement[0].value in NO_RUN or not depth:
            return
        for token, following in pairwise(statement):
            events = self._functions.get(token.value) if token.kind == "word" and following.value == "(" else None
            if events is not None:
                self._called.add(token.value)
                for event in events:
                    self._apply(event)
                    self._call(event.statement, depth - 1)

    def _apply(self, event: _Event) -> None:
        call = event.call
        match event.kind:
            case "cron.schedule" | "cron.schedule_in_database" if call is not None:
                self._schedule(call, event)
            case "cron.unschedule" | "delete" | "switch off":
                self._drop(event)
            case "cron.alter_job" if call is not None:
                self._alter(call, event)
            case "drop extension":
                self.entries.clear()
            case "insert" if call is not None:
                self._schedule(call, event)
            case _:
                return

    def _schedule(self, call: SqlCall, event: _Event) -> None:
        entry = _entry(call, event.source)
        if entry.name in self.entries and _only_if_missing(call):
            return
        self.entries[entry.name or f"{event.source.path}:{entry.start}"] = entry

    def _drop(self, event: _Event) -> None:
        names = _meant(event)
        if names is None:
            self.lost.append((event.source, event.statement[0].start, "which job is taken off the schedule could not be told"))
            return
        for name in [n for n in self.entries if any(fnmatch.fnmatchcase(n, pattern) for pattern in names)]:
            del self.entries[name]

    def _alter(self, call: SqlCall, event: _Event) -> None:
        given = _named(call)
        names = _meant(event)
        if names is None:
            self.lost.append((event.source, event.statement[0].start, "which job is altered could not be told"))
            return
        off = [t.value for t in given.get("active", ())] == ["false"]
        for name in [n for n in self.entries if any(fnmatch.fnmatchcase(n, pattern) for pattern in names)]:
            if off:
                del self.entries[name]
                continue
            old = self.entries[name]
            cron, command = (text_of(given[k], call.body.variables) if k in given else None for k in ("schedule", "command"))
            self.entries[name] = replace(old, schedule=cron or old.schedule, command=command or old.command)


def _events(body: Body, statement: tuple[Token, ...], source: Text) -> Iterator[_Event]:
    words = [t.value for t in statement]
    if words[:2] == ["drop", "extension"] and "pg_cron" in words:
        yield _Event("drop extension", None, statement, body, source)
        return
    for call in calls(body, statement, _FUNCTIONS):
        yield _Event(call.name, call, statement, body, source)
    if words[:5] in (["delete", "from", "cron", ".", "job"], ["truncate", "table", "cron", ".", "job"]):
        yield _Event("delete", None, statement, body, source)
    elif words[:4] == ["update", "cron", ".", "job"]:
        off = "active" in words and words[words.index("active") + 1 :][:2] == ["=", "false"]
        yield _Event("switch off" if off else "cron.alter_job", None if off else _updated(body, statement), statement, body, source)
    elif words[:5] == ["insert", "into", "cron", ".", "job"]:
        yield from (_Event("insert", call, statement, body, source) for call in _inserted(body, statement))


def _updated(body: Body, statement: tuple[Token, ...]) -> SqlCall:
    """`update cron.job set schedule = '…'` as the call that does the same."""
    given: dict[int | str, tuple[Token, ...]] = {}
    for index, token in enumerate(statement[:-2]):
        if token.value == "where":
            break
        if token.value in ("schedule", "command") and statement[index + 1].value == "=":
            given[token.value] = (statement[index + 2],)
    return SqlCall("cron.alter_job", given, statement[0], statement[-1].end, statement, body)


def _inserted(body: Body, statement: tuple[Token, ...]) -> Iterator[SqlCall]:
    """The rows of `insert into cron.job (schedule, command, …) values (…)` as calls that do the same."""
    columns: list[str] = []
    row: list[tuple[Token, ...]] = []
    depth, begin, values = 0, 0, False
    for index, token in enumerate(statement):
        values = values or token.value == "values"
        if token.kind == "symbol" and token.value in "()":
            depth += 1 if token.value == "(" else -1
            if token.value == "(" and depth == 1:
                begin, row = index + 1, []
            elif token.value == ")" and depth == 0:
                row.append(tuple(statement[begin:index]))
                if not values:
                    columns = [part[0].value for part in row if part]
                else:
                    given: dict[int | str, tuple[Token, ...]] = {}
                    given |= {_COLUMNS.get(c, c): part for c, part in zip(columns, row, strict=False)}
                    yield SqlCall("cron.schedule", given, statement[0], statement[-1].end, statement, body)
        elif token.value == "," and depth == 1:
            row.append(tuple(statement[begin:index]))
            begin = index + 1


_COLUMNS = {"jobname": "job_name"}


def _named(call: SqlCall) -> dict[str, tuple[Token, ...]]:
    """The arguments by the names of the parameters; with two, `schedule` has no name for its job."""
    parameters = _PARAMETERS.get(call.name, ())
    positional = [v for k, v in call.arguments.items() if isinstance(k, int)]
    if call.name == "cron.schedule" and len(positional) == 2 and not _is_named(positional, call):
        parameters = parameters[1:]
    found = dict(zip(parameters, positional, strict=False))
    return found | {k: v for k, v in call.arguments.items() if isinstance(k, str)}


def _is_named(pair: Sequence[tuple[Token, ...]], call: SqlCall) -> bool:
    """True if of two arguments the second is the schedule: the command was lost between quotes of one kind within each other."""
    first, second = (text_of(part, call.body.variables) or "" for part in pair)
    return _CRON.match(second) is not None and _CRON.match(first) is None


def _entry(call: SqlCall, source: Text) -> Entry:
    given, variables = _named(call), call.body.variables
    name, cron, command, database = (
        _told(text_of(given[k], variables)) if k in given else None for k in ("job_name", "schedule", "command", "database")
    )
    if command is None and "command" in given:
        # What it runs may be told by the parts that stand there.
        command = text_of(given["command"], variables)
    written = (given["schedule"][0].start, given["schedule"][-1].end) if "schedule" in given else (0, 0)
    dynamic = "job_name" in given and name is None
    return Entry(name or "", cron, command, source, call.at.start, call.end, written, database or "", dynamic)


def _told(text: str | None) -> str | None:
    """A text, unless a part of it is only put in at run time."""
    return text if text is not None and COMPUTED not in text else None


def _only_if_missing(call: SqlCall) -> bool:
    """`select cron.schedule(…) where not exists (select … from cron.job …)`, and `if not exists (…) then perform cron.schedule(…)`."""
    words = [t.value for t in call.statement]
    return "exists" in words and words[max(0, words.index("exists") - 1)] == "not" and words.count("cron") > 1


def _meant(event: _Event) -> list[str] | None:
    """Patterns for the names of the jobs that a statement is about; None if that cannot be told."""
    call = event.call
    first = call.arguments.get(0, call.arguments.get("job_name", call.arguments.get("job_id"))) if call is not None else None
    text = text_of(first, event.body.variables) if first is not None else None
    if text is not None:
        return [_escaped(text)]
    at = call.at.start if call is not None else event.statement[0].start
    for listed in (first or (), event.statement, _before(event.body, at)):
        names = _conditions(listed)
        if names:
            return names
    own = event.body.tokens if event.body.function or event.body.variables or event.statement[0].value != "select" else ()
    names = _array(own)
    if names:
        return names
    words = [t.value for t in event.statement]
    everything = "where" not in words and "cron" in words[words.index("from") :] if "from" in words else event.kind == "delete"
    return ["*"] if everything else None


def _before(body: Body, at: int) -> Sequence[Token]:
    """The code of a block up to its last condition on names before `at`."""
    found = [t for t in body.tokens if t.start < at]
    last = max((i for i, t in enumerate(found) if t.value == "jobname"), default=-1)
    return found[last : last + 40] if last >= 0 else ()


def _conditions(listed: Sequence[Token]) -> list[str]:
    """`jobname = 'a'`, `jobname in ('a', 'b')`, `jobname like 'a%'`, `jobname = any(array['a'])`."""
    found: list[str] = []
    for index, token in enumerate(listed):
        if token.value != "jobname":
            continue
        rest = listed[index + 1 : index + 40]
        like = any(t.value in ("like", "ilike") for t in rest[:2])
        for following in rest:
            if following.kind == "text":
                found.append(following.value.replace("%", "*").replace("_", "?") if like else _escaped(following.value))
                if like:
                    break
            elif following.value not in ("=", "in", "(", ")", ",", "any", "array", "[", "]", "like", "ilike", "::", "text"):
                break
    return found


def _array(listed: Sequence[Token]) -> list[str]:
    """The texts of `array['a', 'b']`."""
    found: list[str] = []
    for index, token in enumerate(listed):
        if token.value == "array" and index + 1 < len(listed) and listed[index + 1].value == "[":
            for following in listed[index + 2 :]:
                if following.kind == "text":
                    found.append(_escaped(following.value))
                elif following.value != ",":
                    break
    return found


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
