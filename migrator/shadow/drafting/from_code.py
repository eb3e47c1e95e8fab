"""From an inventory to what an experiment needs of it: the jobs of a system, their queues, and the variables that hold addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from migrator.jobs import Client, Enqueue, Inventory, Job, Literal, Setting, literal_of
from migrator.jobs.values import Expression, Value
from migrator.regex import regex
from migrator.shadow.drafting.draft import DraftArm, DraftJob
from migrator.systems import SYSTEMS, celery
from migrator.systems.celery_settings import setting_key

#: how code asks for an environment variable, in Python and in TypeScript
_ASKED = regex(
    r"(?:environ(?:\.get)?|getenv|env)\s*[(\[]\s*[\"'](?P<python>\w+)[\"']"
    r"|process\.env\.(?P<dotted>\w+)|process\.env\[\s*[\"'](?P<indexed>\w+)[\"']"
)
#: names of variables with addresses; results are not where jobs are
_ADDRESS = regex(r"URL|URI|DSN|BROKER|REDIS|POSTGRES|DATABASE|AMQP|CONNECTION|ENDPOINT", re.IGNORECASE)
_RESULTS = regex(r"RESULT|BACKEND|CACHE", re.IGNORECASE)


def jobs_of(inventory: Inventory, system: str) -> tuple[list[DraftJob], list[str]]:
    """The jobs that production code defines for a system, by name; and the places of those whose names are only known at run time.

    A handler that takes whatever comes in its queue is as many jobs as the calls name.
    """
    default = _default_queue(inventory, system)
    calls, into = dict[str, list[Enqueue]](), dict[str, dict[str, list[Enqueue]]]()
    for item in inventory.items:
        if isinstance(item, Enqueue) and item.system == system and not item.area:
            calls.setdefault(item.name, []).append(item)
            if item.queue is not None and (queue := _text(item.queue)):
                into.setdefault(queue, {}).setdefault(item.name, []).append(item)
    defined = {item.name for item in inventory.items if isinstance(item, Job) and item.system == system}
    named: dict[str, DraftJob] = {}
    unnamed: list[str] = []
    for item in inventory.items:
        if not isinstance(item, Job) or item.system != system or item.area or item.live is False:
            continue
        queue = _text(item.queue) if item.queue is not None else None
        taken = {name: some for name, some in into.get(queue or "", {}).items() if name not in defined}
        if not item.name:
            unnamed.append(item.location.place)
        elif item.name == queue and any(taken):
            unnamed += [call.location.place for call in taken.pop("", ())]
            for name, some in taken.items():
                named.setdefault(name, _job(item, some, default, name=name))
        elif item.name not in named:
            named[item.name] = _job(item, calls.get(item.name, []), default)
    return [named[name] for name in sorted(named)], unnamed


def _job(job: Job, calls: list[Enqueue], default: str | None, *, name: str = "") -> DraftJob:
    """A job as its definition says and, where a call says otherwise, as its calls do. Calls that differ leave it open."""
    own = _text(job.queue) if job.queue is not None else default
    queues: dict[str | None, str] = {}
    for call in calls:
        queues.setdefault(_text(call.queue) if call.queue is not None else own, call.location.place)
    attempts = {_count(call.max_attempts) if call.max_attempts is not None else _attempts(job) for call in calls}
    return DraftJob(
        name=name or job.name,
        queue=own if not queues else next(iter(queues)) if len(queues) == 1 else None,
        queues=tuple((queue or "not said", place) for queue, place in queues.items()) if len(queues) > 1 else (),
        max_attempts=_attempts(job) if not attempts else attempts.pop() if len(attempts) == 1 else None,
        path=f"{job.module}.{job.symbol}" if job.language == "python" and job.module and job.symbol else "",
        place=job.location.place,
    )


def arm_of(inventory: Inventory, system: str, *, name: str = "") -> DraftArm:
    """A system as the code reaches it. Where several variables may hold its address, none is taken."""
    found: dict[str, str] = {}
    for item in inventory.items:
        if not isinstance(item, Client | Setting) or item.system != system or item.area:
            continue
        values: Iterable[Value | None] = (item.value,) if isinstance(item, Setting) else item.options.values()
        for variable in _variables(values):
            found.setdefault(variable, item.location.place)
        if isinstance(item, Setting) and item.value is None and _holds_address(item.name):
            # In a file of environment variables: its value is nobody's business, and was not read.
            found.setdefault(item.name, item.location.place)
    listed = tuple(found.items())
    return DraftArm(name=name or system, system=system, connection=listed[0][0] if len(listed) == 1 else None, found=listed)


def _variables(values: Iterable[Value | None]) -> Iterable[str]:
    for value in values:
        if isinstance(value, Expression):
            for match in _ASKED.finditer(value.source):
                variable = match["python"] or match["dotted"] or match["indexed"]
                if _holds_address(variable):
                    yield variable


def _holds_address(variable: str) -> bool:
    return bool(_ADDRESS.search(variable)) and not _RESULTS.search(variable)


def _default_queue(inventory: Inventory, system: str) -> str | None:
    """The queue of a job that names none; None where there is none, or where the application gives several."""
    settings = [i for i in inventory.items if isinstance(i, Setting) and i.system == system == celery.SYSTEM.name]
    given = {_text(s.value) for s in settings if (literal_of(s.options.get("key")) or setting_key(s.name)) == "task_default_queue"}
    if given:
        return given.pop() if len(given) == 1 else None
    return SYSTEMS[system].default_queue or None


def _text(value: Value | None) -> str | None:
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


def _attempts(job: Job) -> int | None:
    return _count(job.retry.max_attempts if job.retry is not None and job.retry.explicit else None)


def _count(value: Value | None) -> int | None:
    return value.value if isinstance(value, Literal) and type(value.value) is int and value.value >= 1 else None
