"""Recurring RQ jobs: rq-scheduler's `cron` and `schedule`, Flask-RQ2's `f.cron` and `f.schedule`, RQ's own `cron.register`.

Tables of them, too.
A table is a list of dictionaries such as `{"func": f, "interval": 60}` whose elements are handed on as `schedule(**entry)`: what each says
stands in the dictionary, and only the whole project shows that the dictionaries get there (see `settle`).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from tree_sitter import Node

from migrator.jobs import Enqueue, Expression, Item, Literal, Schedule, Value, literal_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Place
from migrator.scanners.python import passing, rq_options
from migrator.scanners.python.assignments import statement_of
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.passing import Passing, is_none
from migrator.scanners.python.rq_enqueues import decorated_target, record
from migrator.scanners.python.rq_jobs import function_job
from migrator.scanners.python.rq_terms import SYSTEM, Terms
from migrator.scanners.python.targets import Target, target
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span

_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "Scheduler.cron": rq_options.CRON,
    "Scheduler.schedule": rq_options.SCHEDULE,
    "cron.register": rq_options.REGISTER,
    "CronScheduler.register": rq_options.REGISTER,
}
_FLASK: Mapping[str, tuple[str, ...]] = {"job.cron": ("cron_string", "id"), "job.schedule": ("scheduled_time",)}
_CRONS = ("cron_string", "cron")
_TABLED = "its dictionary has the form of a schedule, and is not seen to get there"
_DYNAMIC = "what is scheduled is only known at run time"


def read(call: Call) -> bool:
    """Record the schedule that `call` makes; False if it makes none."""
    terms = Terms(call.view.evaluator)
    api = terms.api(call.callee)
    if api in _FLASK:
        given = passing.reserving(call.view, call.inner, rq_options.FLASK, _FLASK[api])
        found = decorated_target(call, terms)
    elif api in _PARAMETERS:
        given = passing.split(call.view, call.inner, _PARAMETERS[api])
        found = target(call.view, given.options.get("func"))
    else:
        return False
    if _is_once(given.options, api):
        once = Passing(given.arguments, {k: v for k, v in given.options.items() if k != "func"})
        record(call, terms, "schedule" if api in _FLASK else "scheduler.schedule", found, once, given.options.get("func"))
    else:
        _add(call, found, given, api)
    return True


def _is_once(options: Mapping[str, Place], api: str) -> bool:
    """True for a `schedule(…)` that surely has no interval."""
    interval = options.get("interval")
    return api.endswith(".schedule") and "**" not in options and (interval is None or is_none(interval))


def _add(call: Call, found: Target, given: Passing, api: str) -> None:
    view, options = call.view, given.options
    native = "register" in api
    local = literal_of(given.given(view, "use_local_timezone")) is True
    statement = statement_of(call.node)
    dynamic = not found.name or "**" in options
    view.add(
        Schedule(
            **call.common(SYSTEM),
            name=found.name,
            confidence="likely" if dynamic else "certain",
            reason=_DYNAMIC if dynamic else "",
            job=found.job,
            job_name=found.name,
            cron=_cron(view, options),
            interval=_interval(view, options),
            timezone="" if native or local else "UTC",
            arguments=given.arguments,
            entry=span(statement),
            options={k: view.value(v) for k, v in options.items() if k not in ("func", "interval", *_CRONS)},
        )
    )
    job = function_job(view, found)
    if job is not None:
        view.add(job)


def _cron(view: View, options: Mapping[str, Place]) -> Value | None:
    place = next((options[name] for name in _CRONS if name in options), None)
    if place is None or is_none(place):
        return None
    value = view.value(place)
    text = literal_of(value)
    return Literal(" ".join(text.split())) if isinstance(text, str) else value


def _interval(view: View, options: Mapping[str, Place]) -> Value | None:
    place = options.get("interval")
    return seconds(view, place) if place is not None and not is_none(place) else None


# -- tables ---------------------------------------------------------------------------------------------------------------


def read_tables(view: View) -> None:
    """Record every dictionary of a file that has the form of a schedule; `settle` takes those back that lead nowhere."""
    if b"func" not in view.source.data:
        return
    for node in view.source.nodes("dictionary", "call"):
        entries = _entries(view, node)
        if "func" not in entries or not {"interval", *_CRONS} & set(entries):
            continue
        found = target(view, entries["func"])
        job = function_job(view, found)
        if job is None:
            continue
        view.add(
            msgspec.structs.replace(job, confidence="likely", reason=_TABLED),
            Schedule(
                **view.common(SYSTEM, view.source.location(node)),
                name=found.name,
                confidence="likely",
                reason=_TABLED,
                job=found.job,
                job_name=found.name,
                cron=_cron(view, entries),
                interval=_interval(view, entries),
                arguments=passing.listed(view, entries.get("args"), entries.get("kwargs")),
                entry=span(node),
                options={k: view.value(v) for k, v in entries.items() if k not in ("func", "args", "kwargs", "interval", *_CRONS)},
            ),
        )


def _entries(view: View, node: Node) -> dict[str, Place]:
    """The entries of a dictionary, or of `dict(func=f, …)`."""
    if node.type == "dictionary":
        return view.evaluator.entries(view.place(node))
    function = node.child_by_field_name("function")
    if function is None or function.text != b"dict":
        return {}
    return {k: v for k, v in passing.named(view.place(node), ()).items() if k.isidentifier()}


def settle(found: Found) -> None:
    """Keep what tables say where some call takes a schedule as `**entry`, and mark that call as what passes them on."""
    opened = {id(i) for i in found.items if _takes_entry(i)}
    tabled = any(_is_tabled(i) for i in found.items)
    kept = [i for i in found.items if opened or not _is_tabled(i)]
    found.items[:] = [
        _settled(i) if _is_tabled(i) else msgspec.structs.replace(i, wrapper=True) if tabled and id(i) in opened else i for i in kept
    ]


def _settled(item: Item) -> Item:
    """What a table says, once it is known that its entries become schedules."""
    if isinstance(item, Schedule):
        return msgspec.structs.replace(item, reason="an entry of a table whose entries are handed to RQ's scheduler")
    return msgspec.structs.replace(item, confidence="certain", reason="")


def _is_tabled(item: Item) -> bool:
    return item.system == SYSTEM and item.reason == _TABLED


def _takes_entry(item: Item) -> bool:
    unpacks = isinstance(item.options.get("**"), Expression)
    return item.system == SYSTEM and isinstance(item, Schedule | Enqueue) and not item.name and unpacks
