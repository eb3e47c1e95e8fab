"""Entries of `beat_schedule`: each becomes a job of the generated scheduler, with everything that beat takes for granted written out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import UnionType

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Change, Problem, Task, Use
from migrator.codemods.python.celery_to_dramatiq.routes import Router
from migrator.codemods.python.celery_to_dramatiq.settings import Entry, Settings
from migrator.codemods.python.celery_to_dramatiq.zones import Zone
from migrator.codemods.python.expressions import (
    UNKNOWN,
    arguments,
    comment_text,
    is_docstring,
    literal,
    milliseconds,
    number,
    quoted,
    string,
)
from migrator.codemods.python.imports import whole_lines
from migrator.codemods.python.names import External, Names, Symbol
from migrator.jobs import Span
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field as child
from migrator.systems.celery_crontab import FIELDS, WEEKDAYS, expand
from migrator.systems.dramatiq import valid_queue

_PARTS = frozenset(("task", "schedule", "args", "kwargs", "options", "relative"))
_LENGTHS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")
#: Celery's field -> APScheduler's, in the order in which people read a cron line
_CRON = {"minute": "minute", "hour": "hour", "day_of_month": "day", "month_of_year": "month", "day_of_week": "day_of_week"}


@dataclass(slots=True)
class Recurring:
    """A job of the generated scheduler: `trigger` and `target` are source, `target` with `{actor}` for the actor's name there."""

    id: str
    trigger: str
    target: str
    args: str = ""
    kwargs: str = ""
    comments: list[str] = field(default_factory=list)
    broker: bool = False

    def lines(self, actor: str) -> list[str]:
        """The call that adds it."""
        parts = [self.target.replace("{actor}", actor), self.trigger]
        parts += [f"args={self.args}"] if self.args else []
        parts += [f"kwargs={self.kwargs}"] if self.kwargs else []
        parts.append(f"id={quoted(self.id)}")
        return [*self.comments, "scheduler.add_job(", *(f"    {part}," for part in parts), ")"]


@dataclass(slots=True)
class ScheduledUse(Use):
    """A schedule entry with what it becomes."""

    recurring: Recurring | None = None
    function: Node | None = None  #: the set-up function (with its decorator) of whose statements it is one
    alone: bool = False  #: every statement of that function is such a use


class Schedules:
    """Reads the schedule of an application. `by_actor` finds a task by its Celery name, `staying` are those that cannot move anyway."""

    def __init__(
        self, names: Names, settings: Settings, zone: Zone, router: Router, by_actor: Mapping[str, Task], staying: Collection[str]
    ) -> None:
        self.names, self.settings, self.zone, self.router, self.by_actor, self.staying = names, settings, zone, router, by_actor, staying
        self.problems: list[Problem] = []
        self.elsewhere: list[Problem] = []  #: entries that start jobs of other applications: beat goes on with them
        self.understood: list[tuple[str, Span]] = []

    def read(self) -> Iterable[ScheduledUse]:
        """Every entry; what is no entry that we can read is a problem for all jobs."""
        entry = self.settings.entry("beat_schedule")
        if entry is None:
            return
        if entry.value.type != "dictionary" or any(p.type not in ("pair", "comment") for p in entry.value.named_children):
            self.problems.append(Problem("MIG142", "the schedule is put together at run time", entry.source.location(entry.value)))
            return
        for pair in entry.value.named_children:
            if pair.type == "pair":
                use = self._entry(entry, pair)
                if use is not None:
                    yield use

    def connected(self, source: Source, function: Node) -> Iterable[ScheduledUse]:
        """The uses in a function that is connected to the application's readiness: calls of `sender.add_periodic_task`."""
        definition = child(function, "definition")
        body, parameters = child(definition, "body"), child(definition, "parameters")
        first = parameters.named_children[0] if parameters is not None and parameters.named_children else None
        if definition is None or body is None or first is None or definition.type != "function_definition":
            return
        sender = source.text(first.named_children[0] if first.type == "typed_parameter" else first)
        statements = [s for s in body.named_children if s.type not in ("comment", "pass_statement") and not is_docstring(s)]
        found = [use for s in statements if (use := self._added(source, s, sender)) is not None]
        for use in found:
            use.function, use.alone = function, len(found) == len(statements)
        if found and found[0].alone:
            self.understood.append((source.path, span(function)))
        yield from found

    def _added(self, source: Source, node: Node, sender: str) -> ScheduledUse | None:
        call = node.named_children[0] if node.type == "expression_statement" and len(node.named_children) == 1 else None
        callee = child(call, "function")
        if call is None or callee is None or source.text(callee) != f"{sender}.add_periodic_task":
            return None
        given = arguments(source, call)
        signature = given.positional[1] if len(given.positional) == 2 else None
        owner, word = child(signature, "function", "object"), child(signature, "function", "attribute")
        origin = self.names.origin(source, owner) if owner is not None else None
        task = next((t for t in self.by_actor.values() if isinstance(origin, Symbol) and t.key == origin.key), None)
        if task is None or signature is None or word is None or source.text(word) not in ("s", "si") or given.starred or not given.plain:
            return None
        passed = arguments(source, signature)
        name = string(source, given.value("name")) or f"{task.actor} at line {node.start_point.row + 1}"
        use = ScheduledUse("schedule", source.location(node), (task.key,), Change(source.path), name=name)
        lines = whole_lines(source, node)
        above = _comment_nodes(node)
        lead = whole_lines(source, above[0]) if above else None
        use.change.pieces.append((Span(lead.start if lead else lines.start, lines.end) if lines else span(node), ""))
        use.traps |= {"MIG140", "MIG141"}
        unknown = set(given.keywords) - {"name", "queue", "expires"}
        trigger = self._trigger(source, given.positional[0])
        values = [literal(source, n) for n in passed.positional]
        named = {n: literal(source, passed.value(n)) for n in passed.keywords}
        plain = not passed.starred and UNKNOWN not in values and UNKNOWN not in named.values()
        if unknown or not trigger or not plain:
            use.problems.append(Problem("MIG142", f"the schedule {name!r} is not plain to read", use.location))
            return use
        if untold := self._untold(source, given.positional[0]):
            use.problems.append(Problem("MIG142", f"the schedule {name!r} {untold}", use.location))
            return use
        args = "".join(f"{source.text(n)}, " for n in passed.positional)
        kwargs = ", ".join(f"{quoted(n)}: {source.text(passed.value(n) or signature)}" for n in passed.keywords)
        args = f"({args.removesuffix(' ') if len(values) == 1 else args.removesuffix(', ')})" if values else ""
        use.recurring = Recurring(name, trigger, "{actor}.send", args, f"{{{kwargs}}}" if kwargs else "", _comments(source, node))
        use.summary = "Started by the generated scheduler."
        options: dict[object, object] = {n: literal(source, given.value(n)) for n in ("queue", "expires") if n in given.keywords}
        problem = self._options(use, use.recurring, options, task)
        if problem:
            use.problems.append(Problem("MIG142", f"the schedule {name!r} {problem}", use.location))
        return use

    def _entry(self, entry: Entry, pair: Node) -> ScheduledUse | None:
        source, value = entry.source, child(pair, "value")
        parts = {} if value is None or value.type != "dictionary" else _pairs(source, value)
        task = self.by_actor.get(string(source, parts.get("task")))
        name, starts = string(source, child(pair, "key")), string(source, parts.get("task"))
        if starts in self.staying:
            self.understood.append((source.path, span(pair)))
            return None
        if starts and task is None and name and not set(parts) - _PARTS:
            self.understood.append((source.path, span(pair)))
            reason = f"the schedule {name!r} starts {starts!r}, which this code does not define"
            self.elsewhere.append(Problem("MIG142", reason, source.location(pair)))
            return None
        if value is None or task is None or not name:
            reason = f"the schedule {name or source.text(pair)[:40]!r} does not say plainly which job it starts"
            self.problems.append(Problem("MIG142", reason, source.location(pair)))
            return None
        use = ScheduledUse("schedule", source.location(pair), (task.key,), Change(source.path), name=name)
        use.change.pieces.append((_whole(source, pair), ""))
        problem = self._fill(source, use, parts, task, name, pair)
        if problem:
            use.problems.append(Problem("MIG142", f"the schedule {name!r} {problem}", source.location(pair)))
        use.traps |= {"MIG140", "MIG141"}
        return use

    def _fill(self, source: Source, use: ScheduledUse, parts: dict[str, Node], task: Task, name: str, pair: Node) -> str:
        """Work out what the entry becomes; returns what is wrong with it."""
        if set(parts) - _PARTS:
            return f"has parts that we do not know: {', '.join(sorted(set(parts) - _PARTS))}"
        if "relative" in parts and literal(source, parts["relative"]) is not False:
            return "is relative to round times of the clock"
        trigger = self._trigger(source, parts.get("schedule"))
        args, kwargs = (_container(source, parts.get(p), kind) for p, kind in (("args", list | tuple), ("kwargs", dict)))
        options = literal(source, parts["options"]) if "options" in parts else {}
        if not trigger:
            return "has times that are not plain to read"
        if args is None or kwargs is None or not isinstance(options, dict):
            return "has arguments or options that are not plain to read"
        if untold := self._untold(source, parts.get("schedule")):
            return untold
        recurring = Recurring(name, trigger, "{actor}.send", args, kwargs, comments=_comments(source, pair))
        problem = self._options(use, recurring, options, task)
        use.recurring = recurring
        use.summary = "Started by the generated scheduler."
        return problem

    def _options(self, use: ScheduledUse, recurring: Recurring, options: dict[object, object], task: Task) -> str:
        if not options:
            return ""
        unknown = {key for key in options if key not in ("queue", "expires")}
        queue, expires = options.get("queue"), options.get("expires")
        if unknown or not isinstance(queue, str | None) or isinstance(expires, bool) or not isinstance(expires, int | float | None):
            return "has options that we do not know"
        parts = [f"args={recurring.args}"] if recurring.args else []
        parts += [f"kwargs={recurring.kwargs}"] if recurring.kwargs else []
        if expires is not None:
            if expires <= 0:
                return "expires at once"
            parts.append(f"max_age={milliseconds(expires)}")
        named = self.router.named(queue) if queue else task.queue
        message = f"{{actor}}.message_with_options({', '.join(parts)})"
        if named != task.queue:
            if not valid_queue(named):
                return f"goes to a queue whose name Dramatiq does not take, {named!r}"
            use.change.queues.add(named)
            message += f".copy(queue_name={quoted(named)})"
        recurring.target, recurring.args, recurring.kwargs, recurring.broker = f"lambda: broker.enqueue({message})", "", "", True
        return ""

    def _trigger(self, source: Source, node: Node | None) -> str:
        seconds = number(source, node)
        if seconds is not None:
            return _interval(seconds)
        callee = child(node, "function") if node is not None and node.type == "call" else None
        origin = self.names.origin(source, callee) if callee is not None else None
        if node is None or callee is None or not isinstance(origin, External):
            return ""
        if origin.path == "datetime.timedelta":
            return _length(source, node)
        if origin.path == "celery.schedules.crontab":
            return self._cron(source, node)
        if origin.path == "celery.schedules.crontab.from_string":
            return self._cron_line(source, node)
        return ""

    def _untold(self, source: Source, node: Node | None) -> str:
        """What is wrong with the time zone of a schedule whose times can be read; empty where it has none, or it is known."""
        callee = child(node, "function")
        origin = self.names.origin(source, callee) if callee is not None else None
        zoned = isinstance(origin, External) and origin.path.startswith("celery.schedules.crontab")
        return self.zone.problem if zoned else ""

    def _cron(self, source: Source, node: Node) -> str:
        given = arguments(source, node)
        values = {**dict(zip(FIELDS, given.positional, strict=False)), **{n: given.value(n) for n in given.keywords}}
        if given.starred or not given.plain or len(given.positional) > len(FIELDS) or set(values) - set(FIELDS):
            return ""
        if len(values) != len(given.positional) + len(given.keywords):
            return ""
        return self._fields({name: literal(source, value) for name, value in values.items()})

    def _cron_line(self, source: Source, node: Node) -> str:
        given = arguments(source, node)
        fields = string(source, given.positional[0]).split(" ") if len(given.all) == 1 and given.positional else []
        return self._fields(dict(zip(_CRON, fields, strict=True))) if len(fields) == len(_CRON) else ""

    def _fields(self, given: Mapping[str, object]) -> str:
        return cron_trigger(given, self.zone.name or "UTC")


def cron_trigger(given: Mapping[str, object], zone: str) -> str:
    """Source of an APScheduler trigger for crontab's fields; empty if Celery would refuse them, or they are not plain."""
    parts: list[str] = []
    for name, theirs in _CRON.items():
        spec = given.get(name, "*")
        if isinstance(spec, bool) or not isinstance(spec, str | int | list | tuple | set | frozenset):
            return ""
        try:
            values = expand(name, spec)
        except (ValueError, TypeError):
            return ""
        parts.append(f'{theirs}="{_field(name, values)}"')
    return f"CronTrigger({', '.join(parts)}, timezone={quoted(zone)})"


def _pairs(source: Source, dictionary: Node) -> dict[str, Node]:
    """The entries of a dictionary with literal keys; anything else in it is found under a key of its own text."""
    found: dict[str, Node] = {}
    for node in dictionary.named_children:
        if node.type == "comment":
            continue
        key, value = string(source, child(node, "key")), child(node, "value")
        found[key if value is not None and key and key not in found else source.text(node)] = value or node
    return found


def _container(source: Source, node: Node | None, kind: type | UnionType) -> str | None:
    """Source of literal arguments, empty where there are none, None where they are not plain."""
    if node is None:
        return ""
    value = literal(source, node)
    if value is None or (isinstance(value, kind) and not value):
        return ""
    if value is UNKNOWN or not isinstance(value, kind):
        return None
    text = source.text(node)
    if "\n" in text:
        return repr(tuple(value) if isinstance(value, list) else value)
    return f"({text[1:-1]}{',' if len(value) == 1 and not text[1:-1].rstrip().endswith(',') else ''})" if isinstance(value, list) else text


def _interval(seconds: float) -> str:
    return f"IntervalTrigger(seconds={seconds if seconds != int(seconds) else int(seconds)})" if seconds > 0 else ""


def _length(source: Source, node: Node) -> str:
    """`timedelta(…)` of numbers."""
    given = arguments(source, node)
    values = {name: number(source, given.value(name)) for name in given.keywords}
    for name, value in zip(("days", "seconds", "microseconds"), given.positional, strict=False):
        values[name] = number(source, value)
    if given.starred or set(values) - set(_LENGTHS) or len(given.positional) > 3:
        return ""
    known = {name: value for name, value in values.items() if value is not None}
    return _interval(timedelta(**known).total_seconds()) if len(known) == len(values) else ""


def _field(name: str, values: frozenset[int]) -> str:
    """The values of a field as APScheduler spells them. It counts weekdays from Monday, so they are written by name.

    >>> _field("hour", frozenset({9, 17})), _field("minute", frozenset(range(0, 60, 15))), _field("day_of_week", frozenset({0, 1}))
    ('9,17', '*/15', 'sun,mon')
    """
    low, high = FIELDS[name]
    ordered = sorted(values)
    if len(ordered) == high - low + 1:
        return "*"
    if name == "day_of_week":
        return ",".join(WEEKDAYS[value] for value in ordered)
    step = ordered[1] - ordered[0] if len(ordered) > 2 else 0
    if step > 1 and ordered == list(range(low, high + 1, step)):
        return f"*/{step}"
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]}-{ordered[-1]}"
    return ",".join(map(str, ordered))


def _comments(source: Source, pair: Node) -> list[str]:
    return [comment_text(source, node) for node in _comment_nodes(pair)]


def _comment_nodes(node: Node) -> list[Node]:
    """The comments that stand on lines of their own directly above an entry or a statement."""
    found: list[Node] = []
    row, above = node.start_point.row, node.prev_named_sibling
    if above is None and node.parent is not None and node.parent.type == "block":
        # What stands above the first statement of a function belongs to the function's node.
        above = node.parent.prev_named_sibling
    while above is not None and above.type == "comment" and above.start_point.row == row - 1:
        before = above.prev_sibling
        if before is not None and before.end_point.row == above.start_point.row:
            break
        found.append(above)
        row, above = above.start_point.row, above.prev_named_sibling
    return found[::-1]


def _whole(source: Source, pair: Node) -> Span:
    """An entry with its comma, its comments, and its lines where it has them for itself."""
    comments = _comment_nodes(pair)
    start, end = (comments[0] if comments else pair).start_byte, pair.end_byte
    following = pair.next_sibling
    if following is not None and following.type == ",":
        end = following.end_byte
    data = source.data
    line_start = data.rfind(b"\n", 0, start) + 1
    line_end = data.find(b"\n", end)
    line_end = len(data) if line_end < 0 else line_end + 1
    if not data[line_start:start].strip() and not data[end:line_end].strip():
        return Span(line_start, line_end)
    return Span(start, end)
