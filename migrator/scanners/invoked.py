"""Functions of the tree that a platform calls, tied to the manifest or the code that says so: a Lambda's handler, the route of a cron.

Whoever reads such a statement records an `Invoked`: the files in which the function may be and the names under which they may offer it.
When everything has been read, each becomes a `Job` at the function itself, wherever its name leads.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from migrator.jobs import Enqueue, Handler, Item, Job, Location, Options, Retry, Schedule, Trigger, Unresolved, Value, literal_of
from migrator.scanners.declared import Declared, declared
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Evaluator, Place, Project
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.python.functions import function_of as python_function
from migrator.scanners.python.functions import handler as python_handler
from migrator.scanners.reading import View
from migrator.scanners.route_code import route_in_code, route_in_file
from migrator.scanners.routes import route_of
from migrator.scanners.typescript.handlers import handler_of


class Invoked(msgspec.Struct, frozen=True):
    """A function that a platform calls by `name`; `where` says so. `files` and `exports` are tried in order.

    Without `files` the function could not be found, which is reported with the reason `missing`; an empty reason says nothing.
    """

    system: str
    name: str
    where: Location
    files: tuple[str, ...]
    exports: tuple[str, ...]
    form: str
    triggers: tuple[Trigger, ...] = ()
    queue: Value | None = None
    retry: Retry | None = None
    timeout: Value | None = None
    concurrency: Value | None = None
    options: Options = msgspec.field(default_factory=dict[str, Value])
    missing: str = ""
    route: str = ""  #: the path that is called, where no file answers it by its name
    on: str = ""  #: the event that starts it; then it is a job only if the tree sends that event
    doubt: str = ""  #: why the function may not be the one that is meant


def link_invoked(found: Found, project: Project, evaluator: Evaluator, versions: Versions) -> None:
    """Record a `Job` for every function that a platform calls, and tie the schedules of its name to it."""
    jobs: dict[tuple[str, str, int], Job] = {}
    keys: dict[tuple[str, str], str] = {}
    found.items[:] = [_addressed(found, item) for item in found.items]
    sent = {(item.system, item.name) for item in found.items if isinstance(item, Enqueue)}
    for invoked in found.invoked:
        if invoked.on and (invoked.system, invoked.on) not in sent:
            continue
        at = _function(project, invoked)
        if at is None:
            if invoked.missing:
                found.unresolved.append(Unresolved(invoked.where.path, invoked.where.line, invoked.missing, invoked.system))
            continue
        job = _job(invoked, at, View(at.source, project, evaluator, versions, found))
        key = (job.system, job.location.path, job.location.span.start)
        jobs[key] = _merged(jobs[key], job) if key in jobs else job
        for name in (job.name, literal_of(job.queue)):
            keys.setdefault((job.system, str(name or "")), f"{job.module}:{job.symbol}")
    found.items[:] = [*_others(found.items, jobs.values(), keys), *jobs.values()]


def _function(project: Project, invoked: Invoked) -> Declared | None:
    for path in invoked.files:
        if invoked.route and "**" in (route_of(path) or ()) and (at := route_in_file(project, invoked.route, path)) is not None:
            # A file that answers many routes: what it says of this one.
            return at
        for name in invoked.exports:
            at = declared(project, path, name)
            if at is not None:
                return at
    return route_in_code(project, invoked.route) if invoked.route else None


def _job(invoked: Invoked, at: Declared, view: View) -> Job:
    location = at.source.location(at.whole, at=at.name)
    return Job(
        system=invoked.system,
        language=at.source.language,
        name=invoked.name,
        location=location,
        # A route of production may be called like a test (`api/monitor/e2e`); what is called by its configuration is none.
        area=area_of(invoked.where.path),
        symbol=at.symbol,
        module=view.module,
        definition=location.span,
        form=invoked.form,
        handler=_handler(view, at),
        triggers=invoked.triggers,
        queue=invoked.queue,
        retry=invoked.retry,
        timeout=invoked.timeout,
        concurrency=invoked.concurrency,
        acknowledgement="late",
        options=invoked.options,
        live=True,
        confidence="likely" if invoked.doubt else "certain",
        reason=invoked.doubt,
    )


def _handler(view: View, at: Declared) -> Handler | None:
    if not at.source.is_python:
        return handler_of(view, Place(at.source, at.value))
    function = python_function(view.evaluator, view.evaluator.of(at.source, at.value))
    return python_handler(function.place) if function is not None else None


def _merged(job: Job, other: Job) -> Job:
    """The same function, called for one more reason, or under one more name: by another stage, or another tool that sets it up."""
    triggers = (*job.triggers, *(t for t in other.triggers if t not in job.triggers))
    return msgspec.structs.replace(job, triggers=triggers, queue=job.queue or other.queue, options={**other.options, **job.options})


def _others(items: Iterable[Item], jobs: Iterable[Job], keys: dict[tuple[str, str], str]) -> list[Item]:
    """What else was found: what code alone said of these functions gives way, and schedules know what they start."""
    told = {(j.system, j.location.path, j.location.line) for j in jobs}
    kept: list[Item] = []
    for item in items:
        if isinstance(item, Job) and (item.system, item.location.path, item.location.line) in told:
            continue
        job = keys.get((item.system, item.job_name if isinstance(item, Schedule) else item.name), "") if _open(item) else ""
        kept.append(msgspec.structs.replace(item, job=job) if job else item)
    return kept


def _open(item: Item) -> bool:
    """True for what starts something that is not known yet."""
    return isinstance(item, Schedule | Enqueue) and not item.job and bool(item.name)


def _addressed(found: Found, item: Item) -> Item:
    """An enqueue under the name of its queue or function, where it only had that of the variable that holds the address."""
    names = found.aliases.get(item.name, set()) if isinstance(item, Enqueue) else set()
    return msgspec.structs.replace(item, name=next(iter(names))) if len(names) == 1 else item
