"""Beat's entries in code: dictionaries with a `task` and a `schedule`, however they get into the schedule, and `add_periodic_task`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs import Location, Schedule, Span, Value
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Frame, Instance, Member, Place, Structure
from migrator.scanners.linking.loops import rounds
from migrator.scanners.python import passing
from migrator.scanners.python.celery_moments import Moment, moment
from migrator.scanners.python.celery_schedule_names import is_tied, names_of_schedules, sources
from migrator.scanners.python.celery_terms import SYSTEM, Task, Terms
from migrator.scanners.reading import View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

_UNTIED = "it has the form of an entry of beat's schedule, but is not seen to get there"
_UNTOLD = "a part of beat's schedule is only known at run time"
_LISTED = "an entry of a list that code makes beat's schedule of"
#: fields that tell an entry of such a list
_LISTED_FIELDS = frozenset(("name", "task", "schedule"))
_IMPORTS_CELERY = regex(rb"^\s*(?:from|import)\s+celery\b", re.MULTILINE)


#: a file without any of these has no schedule, and gives none to another
_MENTION = regex(rb"schedul|SCHEDUL|Schedul|periodic_task")

#: what is written so is no dictionary, whatever is in it
_NO_DICTIONARY = frozenset(
    ("string", "concatenated_string", "integer", "float", "true", "false", "none", "list", "tuple", "set", "lambda", "comparison_operator")
)


class _Entry(msgspec.Struct, frozen=True):
    """One entry: its name, its dictionary, and the node that stands for all of it."""

    name: str
    value: Place
    whole: Place


def read_file(view: View) -> None:
    """Record every schedule of a file, and those of other files that its schedule is put together from."""
    if _MENTION.search(view.source.data) is None:
        return
    _entries(view)
    for node in view.source.nodes("call"):
        name = child(node, "function", "attribute")
        if name is not None and view.source.text(name) == "add_periodic_task":
            _periodic(view, node, name)
    for place in sources(view, names_of_schedules(view)):
        _follow(view, place)


def _entries(view: View) -> None:
    named = names_of_schedules(view)
    for node in view.source.nodes("pair", "assignment", "keyword_argument", "call"):
        for entry in _entry(view, node):
            _record(view, entry, tied=is_tied(view, node, named))
    if _IMPORTS_CELERY.search(view.source.data) is not None:
        for node in view.source.nodes("dictionary"):
            _listed(view, node)


def _listed(view: View, node: Node) -> None:
    """Record `{"name": …, "task": …, "schedule": …}` in a list, literal or appended to, where it says by itself when it fires."""
    parent = node.parent
    appended = parent is not None and parent.type == "argument_list" and _name_called(parent) == b"append"
    if parent is None or not (parent.type == "list" or appended):
        return
    fields = _fields(view, view.place(node))
    if not fields.keys() >= _LISTED_FIELDS or moment(view, fields["schedule"]).written is not None or not _task(view, fields["task"]).name:
        return
    _record(view, _Entry(view.evaluator.text(fields["name"]), view.place(node), view.place(node)), tied=True, doubt=_LISTED)


def settle(found: Found) -> None:
    """A list's entry counts once, where its own place or what makes the schedule of the list says it."""
    listed = [i for i in found.items if isinstance(i, Schedule) and i.system == SYSTEM and i.reason == _LISTED]
    told = {_where(i) for i in found.items if isinstance(i, Schedule) and i.system == SYSTEM and i.reason != _LISTED and i.job_name}
    twice = {id(i) for i in listed if _where(i) in told}
    # What makes the schedule of the lists and cannot be told round by round is said by their entries.
    made = {
        id(i)
        for i in found.items
        if listed and isinstance(i, Schedule) and i.system == SYSTEM and not (i.name or i.job_name) and i.defined_in == "config"
    }
    found.items[:] = [i for i in found.items if id(i) not in twice | made]


def _where(schedule: Schedule) -> tuple[str, int]:
    return schedule.location.path, schedule.location.line


def _name_called(arguments: Node) -> bytes | None:
    name = child(arguments.parent, "function", "attribute")
    return name.text if name is not None else None


def _entry(view: View, node: Node, around: Frame | None = None) -> Iterator[_Entry]:
    """The entry that a pair, an assignment, a keyword argument or `setdefault(name, entry)` makes, once for each round of a loop.

    `around`: the call of the function in which it stands, where the entries depend on what that is handed.
    """
    key, value = _key_and_value(view, node)
    if key is None or value is None:
        return
    written = Place(view.source, value, around)
    if not _is_entry(view, written):
        return
    frames = rounds(view.evaluator, written) if _depends_on_loop(view, written) else []
    for frame in frames:
        # The element of the list is what differs from entry to entry.
        element = frame.element if isinstance(frame.element, Place) else view.place(node)
        yield _Entry(view.evaluator.text(Place(view.source, key, frame)), Place(view.source, value, frame), element)
    if not frames:
        name = view.source.text(key) if node.type == "keyword_argument" else view.evaluator.text(Place(view.source, key, around))
        whole = node.parent if node.type == "assignment" and node.parent is not None else node
        yield _Entry(name, written, view.place(whole))


def _key_and_value(view: View, node: Node) -> tuple[Node | None, Node | None]:
    match node.type:
        case "pair":
            return child(node, "key"), child(node, "value")
        case "keyword_argument":
            return child(node, "name"), child(node, "value")
        case "assignment":
            left = child(node, "left")
            return (child(left, "subscript"), child(node, "right")) if left is not None and left.type == "subscript" else (None, None)
        case _:
            name, arguments = child(node, "function", "attribute"), child(node, "arguments")
            if name is None or view.source.text(name) != "setdefault" or arguments is None or len(arguments.named_children) != 2:
                return None, None
            return arguments.named_children[0], arguments.named_children[1]


def _is_entry(view: View, place: Place) -> bool:
    """True for a dictionary that says when; what it says of the task may be in another package's one: `{**EVENTS, "schedule": 30}`."""
    fields = _fields(view, place) if place.node.type not in _NO_DICTIONARY else {}
    return "schedule" in fields and ("task" in fields or "..." in fields)


def _fields(view: View, place: Place) -> dict[str, Place]:
    """The fields of an entry, given as a dictionary or as `dict(…)`."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.of.key == "builtins.dict" and meaning.call is not None:
        return {k: v for k, v in view.evaluator.arguments(meaning.call).items() if isinstance(k, str) and isinstance(v, Place)}
    return view.evaluator.entries(place) if isinstance(meaning, Structure) and not meaning.is_list else {}


def _depends_on_loop(view: View, value: Place) -> bool:
    """True if the entry's task or schedule cannot be told without knowing the round of a loop."""
    fields = _fields(view, value)
    return not _task(view, fields.get("task")).name or moment(view, fields["schedule"]).written is not None


def _record(view: View, entry: _Entry, *, tied: bool, doubt: str = "") -> None:
    fields = _fields(view, entry.value)
    when = moment(view, fields["schedule"])
    # A number or a text under `schedule` is too little to go by.
    if not tied and (when.written is not None or not _looks_meant(view, fields)):
        return
    task = _task(view, fields.get("task"))
    at = entry.whole
    location = at.source.location(at.node)
    reason = when.why or ("" if task.name else "the name of the task is only known at run time")
    reason = reason or doubt or ("" if tied or _is_celery(view, fields["schedule"]) else _UNTIED)
    view.add(
        Schedule(
            **view.common(SYSTEM, location),
            name=entry.name or task.name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=task.job,
            job_name=task.name,
            cron=when.cron,
            interval=when.interval,
            arguments=passing.listed(view, fields.get("args"), fields.get("kwargs")),
            entry=span(at.node),
            defined_in="config",
            options=_options(view, fields, when),
        )
    )


def _options(view: View, fields: dict[str, Place], when: Moment) -> dict[str, Value]:
    """Everything as written beside the task and its arguments; the schedule too where it is no cron and no interval."""
    written = {k: view.value(v) for k, v in fields.items() if k not in ("task", "schedule", "args", "kwargs")}
    return {**written, "schedule": when.written} if when.written is not None else written


def _task(view: View, place: Place | None) -> Task:
    """The task of an entry: its name, the task itself, or `task.name`."""
    if place is None:
        return Task()
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Member) and meaning.name == "name":
        meaning = meaning.of
    return Terms(view.evaluator).task(meaning) or Task(name=view.evaluator.text(place))


def _looks_meant(view: View, fields: dict[str, Place]) -> bool:
    return "task" in fields and (_is_celery(view, fields["schedule"]) or "." in _task(view, fields["task"]).name)


def _is_celery(view: View, schedule: Place) -> bool:
    meaning = view.evaluator.meaning(schedule)
    return isinstance(meaning, Instance) and meaning.key.startswith("celery.")


# -- add_periodic_task ----------------------------------------------------------------------------------------------------


def _periodic(view: View, node: Node, name: Node) -> None:
    given = passing.split(view, view.place(node), ("schedule", "sig", "args", "kwargs", "name"))
    fields = given.options
    if "schedule" not in fields or "sig" not in fields:
        view.unresolved(node, "a periodic task whose parts are only known at run time", SYSTEM)
        return
    when = moment(view, fields["schedule"])
    terms = Terms(view.evaluator)
    meaning = view.evaluator.meaning(fields["sig"])
    made = terms.signature(meaning)
    task = made[0] if made is not None else terms.task(meaning) or terms.plain(meaning) or Task()
    own = passing.direct(view, made[1].call).arguments if made is not None and made[1].call is not None else ()
    title = view.evaluator.text(fields["name"]) if "name" in fields else ""
    statement = node.parent if node.parent is not None and node.parent.type == "expression_statement" else node
    reason = when.why or ("" if task.name else "what is scheduled could not be told")
    written = {k: view.value(v) for k, v in fields.items() if k not in ("schedule", "sig", "name")}
    view.add(
        Schedule(
            **view.common(SYSTEM, view.source.location(node, at=name)),
            name=title or task.name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=task.job,
            job_name=task.name,
            cron=when.cron,
            interval=when.interval,
            arguments=(*own, *given.arguments),
            entry=span(statement),
            options={**written, "schedule": when.written} if when.written is not None else written,
        )
    )


def record_own(view: View, task: Task, when: Place, location: Location, whole: Span, doubt: str = "") -> None:
    """The schedule that a task carries itself: in Celery 4 and older `@periodic_task(run_every=…)`, `class X(PeriodicTask)`."""
    fires = moment(view, when)
    reason = fires.why or doubt
    view.add(
        Schedule(
            **view.common(SYSTEM, location),
            name=task.name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=task.job,
            job_name=task.name,
            cron=fires.cron,
            interval=fires.interval,
            entry=whole,
            options={"schedule": fires.written} if fires.written is not None else {},
        )
    )


def _follow(view: View, place: Place, depth: int = 6) -> None:
    """Read the entries that an expression brings from another file; report what cannot be followed."""
    if place.source.path != view.source.path:
        view = View(place.source, view.project, view.evaluator, view.versions, view.found)
    meaning = view.evaluator.meaning(place)
    function = _called(view, place)
    if function is not None:
        _elsewhere(view, function.place)
        _filled(view, function, place)
    if isinstance(meaning, Structure) and not meaning.is_list:
        _elsewhere(view, meaning.place)
        for key, entry in meaning.entries.items():
            if key.startswith("...") and depth:
                _follow(view, entry, depth - 1)
    elif place.node.type == "binary_operator" and depth:
        for side in (child(place.node, "left"), child(place.node, "right")):
            if side is not None:
                _follow(view, Place(place.source, side, place.frame), depth - 1)
    elif function is None and not (isinstance(meaning, Instance) and meaning.of.key == "builtins.dict"):
        view.unresolved(place.node, _UNTOLD, SYSTEM)


def _filled(view: View, function: Defined, call: Place) -> None:
    """Record the entries that a function makes of what it is handed, in the place of what its body alone says of them."""
    inner = View(function.place.source, view.project, view.evaluator, view.versions, view.found)
    frame = view.evaluator.enter(function, view.evaluator.arguments(call))
    before = len(view.found.items)
    for node in walk(function.place.node, ("pair", "assignment", "keyword_argument", "call")):
        for entry in _entry(inner, node, frame):
            _record(inner, entry, tied=True)
    told = all(isinstance(i, Schedule) and i.job_name for i in view.found.items[before:]) and len(view.found.items) > before
    within, path = span(function.place.node), function.place.source.path
    if not told:
        del view.found.items[before:]
        if not any(isinstance(i, Schedule) and i.system == SYSTEM and _stands_in(i, path, within) for i in view.found.items):
            view.unresolved(call.node, _UNTOLD, SYSTEM)
        return
    view.found.items[:before] = [i for i in view.found.items[:before] if not (isinstance(i, Schedule) and _open_in(i, path, within))]


def _open_in(schedule: Schedule, path: str, within: Span) -> bool:
    """True for an entry of that function whose task is not known."""
    return schedule.system == SYSTEM and not schedule.job_name and _stands_in(schedule, path, within)


def _stands_in(schedule: Schedule, path: str, within: Span) -> bool:
    where = schedule.location
    return where.path == path and within.start <= where.span.start < within.end


def _called(view: View, place: Place) -> Defined | None:
    """The function of the project that an expression calls, in which the schedule is put together."""
    function = child(place.node, "function") if place.node.type == "call" else None
    meaning = view.evaluator.of(place.source, function) if function is not None else None
    if not isinstance(meaning, Defined):
        return None
    inner = View(meaning.place.source, view.project, view.evaluator, view.versions, view.found)
    found = any(
        _is_entry(inner, inner.place(v)) for n in walk(meaning.place.node, ("pair", "assignment")) if (v := _key_and_value(inner, n)[1])
    )
    return meaning if found else None


def _elsewhere(view: View, place: Place) -> None:
    if place.source.path != view.source.path:
        _entries(View(place.source, view.project, view.evaluator, view.versions, view.found))
