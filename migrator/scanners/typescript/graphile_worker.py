"""Graphile Worker 0.8 to 0.18 in TypeScript and JavaScript: task lists, folders of tasks, jobs added, crontabs."""

from __future__ import annotations

import re

import msgspec

from migrator.jobs import Client, Enqueue, Job, Literal, Location, Trigger, Worker
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Place, Structure
from migrator.scanners.manifests.graphile_worker_sql import added
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.sql.files import forward, goes_back, history_of
from migrator.scanners.sql.in_code import takes_back
from migrator.scanners.typescript import graphile_worker_cron, graphile_worker_tasks
from migrator.scanners.typescript.nest import decorated_class, name_of
from migrator.scanners.typescript.objects import objects
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.graphile_worker import SYSTEM, priority_from

NAME = SYSTEM.name
PACKAGE = "graphile-worker"
NEST = "nestjs-graphile-worker"
_RUNS = frozenset(("run", "runOnce", "runTaskList", "runTaskListOnce"))
#: types of what tasks are handed, and of what adds jobs
_ADDERS = frozenset(("makeWorkerUtils()", "WorkerUtils()", "JobHelpers()", "run()", "Runner()", "WorkerEvents()", "Helpers()"))
#: what people call those where no type says so
_CALLED = regex(r"^(helpers?|worker_?utils?|utils|runner|graphile_?worker|worker|h|ctx|addjob)$", re.IGNORECASE)


def read(call: Call) -> None:
    """Sort one call of Graphile Worker's API."""
    package, _, path = call.key.partition(".")
    path = path.removeprefix("default.")
    if package == NEST:
        _nest(call, path)
    elif path in _RUNS:
        _run(call, path)
    elif path == "makeWorkerUtils":
        _client(call)
    elif path == "quickAddJob":
        _enqueue(call, path, 1)
    elif path in ("parseCronItems", "parseCrontab"):
        graphile_worker_cron.parsed(call, path)
    else:
        owner, _, method = path.rpartition(".")
        if owner in _ADDERS and method in ("addJob", "addJobs"):
            _add(call, method)


def _add(call: Call, method: str) -> None:
    if method == "addJob":
        _enqueue(call, method, 0)
        return
    view = call.view
    jobs = [view.evaluator.entries(job) for job in objects(view, call.arguments.get(0))]
    named = {view.evaluator.text(job.get("identifier")): job for job in jobs}
    for job in named.values() if named and "" not in named else [dict[str, Place]()]:
        _record(call, method, job.get("identifier"), job.get("payload"), job, several=True)


def unknown(call: Call) -> None:
    """`helpers.addJob(…)` in a task that no type describes: told by its name, in code of a project that uses the package."""
    receiver, view = call.receiver_node, call.view
    called = view.source.text(receiver).rpartition(".")[2] if receiver is not None else ""
    names_it = PACKAGE.encode() in view.source.data or bool(re.search(r"(^|/)(tasks|jobs|worker)s?/", view.source.path))
    if not names_it or not (_CALLED.match(called) or receiver is None):
        return
    before = len(view.found.items)
    _add(call, view.source.text(call.name))
    view.found.items[before:] = [
        msgspec.structs.replace(item, confidence="likely", reason="what adds the job is known by its name alone")
        for item in view.found.items[before:]
    ]


def _enqueue(call: Call, form: str, position: int) -> None:
    """`addJob(identifier, payload, spec)`; `quickAddJob` is handed the connection first."""
    given = call.arguments
    spec = call.view.evaluator.entries(given[position + 2]) if position + 2 in given else {}
    _record(call, form, given.get(position), given.get(position + 1), spec)


def _record(call: Call, form: str, named: Place | None, data: Place | None, spec: dict[str, Place], *, several: bool = False) -> None:
    view, receiver = call.view, call.receiver_node
    options = {k: view.value(v) for k, v in spec.items() if k not in ("identifier", "payload")}
    priority = options.get("priority")
    view.add(
        Enqueue(
            **call.common(NAME),
            name=view.evaluator.text(named),
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            arguments=(view.argument(data),) if data is not None else (),
            options=options,
            eta=options.get("runAt"),
            queue=options.get("queueName"),
            priority=priority_from(priority) if priority is not None else None,
            dedupe=options.get("jobKey"),
            max_attempts=options.get("maxAttempts"),
            awaited=view.awaited(call.node),
            in_loop=several or view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def _client(call: Call) -> None:
    view = call.view
    symbol, _ = holder(view.source, call.node)
    view.add(
        Client(
            **call.common(NAME),
            name=symbol or "workerUtils",
            symbol=symbol,
            module=view.module,
            definition=span(call.node),
            role="app",
        )
    )


def _run(call: Call, form: str) -> None:
    """`run({ taskList | taskDirectory, crontab | parsedCronItems, concurrency })`, `runTaskList(options, tasks, pool)`."""
    view = call.view
    entries = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    options = {
        k: view.value(v) for k, v in entries.items() if k in ("concurrency", "pollInterval", "taskDirectory", "crontabFile", "schema")
    }
    view.add(Worker(**call.common(NAME), name=form, concurrency=options.get("concurrency"), options=options))
    tasks = call.arguments.get(1) if "TaskList" in form else entries.get("taskList")
    if tasks is not None:
        graphile_worker_tasks.listed(call, tasks)
    if "taskDirectory" in entries:
        view.found.calls["graphile folder"].append(call)
    if "crontab" in entries:
        graphile_worker_cron.text(call, entries["crontab"])
    if "parsedCronItems" in entries and isinstance(view.evaluator.meaning(entries["parsedCronItems"]), Structure):
        graphile_worker_cron.items(call, entries["parsedCronItems"])


def _nest(call: Call, path: str) -> None:
    """`nestjs-graphile-worker`: `@Task("name")` on a class, and `WorkerService.addJob`."""
    view = call.view
    if path == "Task":
        name, owner = view.evaluator.text(call.arguments.get(0)), decorated_class(call.node)
        view.add(
            Job(
                **call.common(NAME),
                name=name,
                symbol=name_of(view, owner),
                module=view.module,
                definition=span(owner) if owner is not None else None,
                form="@Task",
                triggers=(Trigger("direct", Literal(name)),),
                live=True,
            )
        )
    elif path in ("WorkerService().addJob", "WorkerService().addJobs"):
        _add(call, path.rpartition(".")[2])


def _file(view: View) -> None:
    """Task lists that only their type tells, and SQL that adds jobs."""
    graphile_worker_tasks.typed_lists(view)
    if b"graphile_worker" not in view.source.data:
        return
    migrates = bool(history_of(view.source.path))
    for node in view.source.nodes("string", "template_string") if not goes_back(view.source.path) else ():
        text = view.source.text(node)
        for each in added(forward(text)) if "graphile_worker" in text and not (migrates and takes_back(view, node)) else ():
            line = node.start_point.row + 1 + text.count("\n", 0, each.start)
            whole = view.source.location(node)
            location = Location(whole.path, line, whole.column if line == whole.line else 0, line, whole.span)
            view.add(Enqueue(**view.common(NAME, location), name=each.task, form=each.form, call=whole.span, inside=view.around(node)))


def _finish(found: Found) -> None:
    graphile_worker_tasks.folders(found)


READER = Reader(
    system=NAME,
    markers=(PACKAGE.encode(), b"graphile_worker"),
    packages=(PACKAGE, NEST),
    call=read,
    unknown=unknown,
    file=_file,
    finish=_finish,
    telltales=frozenset(("addJob", "addJobs")),
)
