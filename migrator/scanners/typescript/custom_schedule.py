"""Schedules that the application keeps itself: functions of the project that put a cron and a function into one object, and their calls.

Who goes through these objects may stand elsewhere: a route that something outside asks for by the job's name, a scheduler of the project's
own. A definition is `likely` where several calls of the same function say a valid cron, else `possible`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from tree_sitter import Node

from migrator.jobs import Job, Literal, Schedule, Trigger, Unresolved, Worker
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, Place, Project, Structure
from migrator.scanners.linking.conditions import reached
from migrator.scanners.linking.loops import rounds
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.prefilter import Marked, containing
from migrator.scanners.reading import View, excerpt
from migrator.scanners.typescript.custom_schedule_makers import Part, parts_kept
from migrator.scanners.typescript.custom_timer_evidence import is_server, of_programs
from migrator.scanners.typescript.handlers import function_of, handler_at
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import Source, span
from migrator.syntax.tree import callee_of, name_of
from migrator.syntax.tree import field as child
from migrator.systems.custom_schedule import SYSTEM
from migrator.systems.schedule_times import is_cron

NAME = SYSTEM.name
#: what is looked for in every file
MARKERS = (b" * *", b" *'", b' *"', b" *`", b"'@", b'"@', b"`@")
_FIELD = rb"(?:[\d*?][\d*/,?LW#-]*|[A-Za-z]{3}(?:[-,][A-Za-z]{3})*)"
_CRON = regex(rb"[\"'`](?:@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)|(?:%s[ ]+){4,5}%s)[\"'`]" % (_FIELD, _FIELD))
#: what the time of a schedule is called
_WHEN = regex(r"cron|sched|pattern|expr|when|rule|recur|every|frequen|timing|interval|^(at|time|spec)$", re.IGNORECASE)
#: what functions are called that show or check a value and do no work
_SHOWS = regex(
    r"valid|format|pars|render|label|descri|display|preview|change|select|example|mock|filter|match|schema|translat|title", re.IGNORECASE
)
_NAMES = ("name", "id", "key", "slug", "title", "label")
#: so many calls that say a valid cron tell what a function is for
_ENOUGH = 2

_Key = tuple[str, int]
_CALLS = ("call_expression", "new_expression")


class _Maker(msgspec.Struct, frozen=True):
    """A function or class of the project that keeps a cron and a function together."""

    name: str
    parts: tuple[Part, ...]
    path: str
    line: int


class _Definition(msgspec.Struct, frozen=True):
    """What one call says; `valid`: a cron that is written out."""

    job: Job
    schedule: Schedule
    valid: bool


def find_schedules(marked: Marked, found: Found, project: Project, evaluator: Evaluator, versions: Versions) -> None:
    """Record what calls of such functions define, but for what other systems account for."""
    taken: dict[str, list[int]] = {}
    for item in found.items:
        if isinstance(item, Job | Schedule | Worker):
            taken.setdefault(item.location.path, []).append(item.location.span.start)
    # Whoever goes through the objects may have been read: it runs them under the same name at the same time.
    run = {(item.name, item.cron) for item in found.items if isinstance(item, Schedule) and item.cron is not None}
    makers = _makers(marked, project, evaluator, taken)
    made: dict[_Key, list[_Definition]] = {key: [] for key in makers}
    untold: dict[_Key, list[Unresolved]] = {key: [] for key in makers}
    names = {maker.name.encode() for maker in makers.values()}
    for path in containing(project.tree, of_programs(project.tree.sizes), names):
        with project.glance(path) as source:
            view = View(source, project, evaluator, versions, found)
            for call in source.nodes(*_CALLS):
                defined = _defined(evaluator, view.place(call))
                key = _key(defined) if defined is not None else None
                if key not in makers or any(call.start_byte <= at < call.end_byte for at in taken.get(path, ())):
                    continue
                for each in _rounds(evaluator, view.place(call)):
                    told = _definition(view, makers[key], each)
                    if isinstance(told, Unresolved):
                        untold[key].append(told)
                    elif told is not None and (told.schedule.name, told.schedule.cron) not in run:
                        made[key].append(told)
            source.forget()
    for key, definitions in made.items():
        # One call alone may be about anything.
        sure = sum(each.valid for each in definitions) >= _ENOUGH
        for each in definitions:
            found.items += [msgspec.structs.replace(i, confidence="likely") if sure else i for i in (each.job, each.schedule)]
        found.unresolved += untold[key] if any(each.valid for each in definitions) else []


def _makers(marked: Marked, project: Project, evaluator: Evaluator, taken: Mapping[str, list[int]]) -> dict[_Key, _Maker]:
    """Every function that keeps a cron and a function together, of those that are handed a cron which is written out."""
    found: dict[_Key, _Maker] = {}
    refused: set[_Key] = set()
    for path in of_programs(marked.having(MARKERS)):
        data = project.tree.read(path)
        if not _CRON.search(data) or not is_server(path, data):
            continue
        with project.glance(path) as source:
            for call in source.nodes(*_CALLS):
                maker = _defined(evaluator, Place(source, call)) if _says_cron(source.data, call) else None
                key = _key(maker) if maker is not None else None
                if maker is None or key is None or key in found or key in refused:
                    continue
                parts = _parts(evaluator, maker, taken)
                if parts:
                    found[key] = _Maker(_called(source, call), parts, maker.place.source.path, maker.place.node.start_point.row + 1)
                else:
                    refused.add(key)
            source.forget()
    return found


def _rounds(evaluator: Evaluator, call: Place) -> Iterator[Place]:
    """A call once for each round of the loops around it that are known, without those that no condition lets happen."""
    for frame in rounds(evaluator, call) or [None]:
        place = msgspec.structs.replace(call, frame=frame)
        if reached(evaluator, place):
            yield place


def _key(maker: Defined) -> _Key:
    return (maker.place.source.path, maker.place.node.start_byte)


def _called(source: Source, call: Node) -> str:
    callee = callee_of(call)
    last = child(callee, "property") or callee
    return source.text(last) if last is not None else ""


def _defined(evaluator: Evaluator, call: Place) -> Defined | None:
    """The function or class of the project that is called."""
    callee = callee_of(call.node)
    meaning = evaluator.of(call.source, callee) if callee is not None and callee.type in ("identifier", "member_expression") else None
    return meaning if isinstance(meaning, Defined) else None


def _says_cron(data: bytes, call: Node) -> bool:
    """True if a cron is written out in an argument of a call, or in an entry of one."""
    given = child(call, "arguments")
    for argument in given.named_children if given is not None else ():
        values = [child(pair, "value") for pair in argument.named_children] if argument.type == "object" else [argument]
        if any(
            v is not None and v.type in ("string", "template_string") and _CRON.fullmatch(data, v.start_byte, v.end_byte) for v in values
        ):
            return True
    return False


def _parts(evaluator: Evaluator, maker: Defined, taken: Mapping[str, list[int]]) -> tuple[Part, ...]:
    node, source = maker.place.node, maker.place.source
    # What another system makes jobs of is that system's.
    if any(node.start_byte <= at < node.end_byte for at in taken.get(source.path, ())) or not is_server(source.path, source.data):
        return ()
    return parts_kept(evaluator, maker.place)


def _definition(view: View, maker: _Maker, place: Place) -> _Definition | Unresolved | None:
    """What a call defines; None if it hands over no time or no function."""
    source, evaluator, call = view.source, view.evaluator, place.node
    entries = dict(_handed(evaluator, maker.parts, place))
    when = next(((key, value) for (key, name), value in entries.items() if _WHEN.search(key) or _WHEN.search(name)), None)
    functions = (value for (key, _), value in entries.items() if not _SHOWS.search(key) and function_of(view, value) is not None)
    run = next(functions, None)
    if when is None or run is None:
        return None
    cron = view.value(when[1])
    text = cron.value if isinstance(cron, Literal) else None
    if not isinstance(text, str | None):
        # A number of milliseconds is a timer's.
        return None
    symbol, _ = holder(source, call)
    named = next((value for wanted in _NAMES for (key, _), value in entries.items() if key == wanted), None)
    own = name_of(run.node)
    name = evaluator.text(named) if named is not None else symbol or (source.text(own) if own is not None else "")
    where = f"`{maker.name}` of {maker.path}:{maker.line}"
    if not name:
        reason = f"{where} keeps a cron and a function together here: the job's name is only known when it runs"
        return Unresolved(source.path, call.start_point.row + 1, reason, "", excerpt(source.text(call)))
    reason = f"{where} keeps a cron and a function together; what runs them is not told there"
    common = view.common(NAME, source.location(call))
    job = Job(
        **common,
        name=name,
        confidence="possible",
        reason=reason,
        symbol=symbol or name,
        module=view.module,
        definition=span(call),
        form=maker.name,
        handler=handler_at(function_of(view, run)),
        triggers=(Trigger("cron", cron),),
        live=True,
    )
    schedule = Schedule(**common, name=name, confidence="possible", reason=reason, job_name=name, cron=cron, entry=span(call))
    return _Definition(job, schedule, isinstance(text, str) and is_cron(text))


def _handed(evaluator: Evaluator, parts: tuple[Part, ...], call: Place) -> Iterator[tuple[tuple[str, str], Place]]:
    """((key, name in the maker), what a call hands over for it); an object that is kept as a whole gives all of its entries."""
    given = evaluator.arguments(call)
    for part in parts:
        place = given.get(part.position)
        if isinstance(place, Place) and part.entry:
            place = evaluator.entries(place).get(part.entry)
        if not isinstance(place, Place):
            continue
        meaning = evaluator.meaning(place)
        if isinstance(meaning, Structure) and not meaning.is_list:
            yield from (((key, key), entry) for key, entry in evaluator.entries(place).items())
        else:
            yield (part.key, part.name), place
