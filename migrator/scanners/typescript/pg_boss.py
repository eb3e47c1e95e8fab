"""pg-boss 5 to 12 in TypeScript and JavaScript. What `publish` and `work` mean depends on the version in the nearest manifest."""

from __future__ import annotations

import re

import msgspec

from migrator.jobs import Client, Enqueue, Expression, Job, Literal, Options, Schedule, Setting, Trigger, Use, Value, Worker, literal_of
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Place, Structure
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript import job_table_sql
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.objects import objects
from migrator.scanners.typescript.pg_boss_options import attempts, duration, retry, start
from migrator.scanners.typescript.told_apart import told_apart
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, field, walk
from migrator.systems.pg_boss import HANDED_LISTS, LISTS_BY_QUEUE, PUBLISH_FANS_OUT, QUEUES_DECIDE, SYSTEM

NAME = SYSTEM.name
_PACKAGE = "pg-boss"
_CONSTRUCTORS = (f"{_PACKAGE}.default", f"{_PACKAGE}.PgBoss", f"{_PACKAGE}.default.PgBoss", _PACKAGE)
_SENDS = frozenset(("send", "sendAfter", "sendOnce", "sendSingleton", "sendThrottled", "sendDebounced", "upsert"))
_OLD_SENDS = frozenset(("publish", "publishOnce", "publishSingleton", "publishThrottled", "publishDebounced", "publishAfter"))
#: told from other libraries' methods by the client's name
_OTHERS = frozenset(("work", "schedule", "insert", "flow", "createQueue"))
_FOURTH = {"After": "startAfter", "Once": "singletonKey", "Singleton": "singletonKey"}
#: what says that a job that was taken is done with; without it `fetch` may only look
_SETTLING = frozenset(("complete", "fail", "cancel", "deleteJob", "touch"))
_LOOKS = "it takes jobs out of the queue, but nothing around it says what becomes of them"
_RAW = regex(r"\binsert\s+into\s+\"?pgboss\"?\s*\.\s*\"?job\w*", re.IGNORECASE)


def read(call: Call) -> None:
    """Sort one call of pg-boss's API, or of SQL that goes past it."""
    if call.key in _CONSTRUCTORS:
        _client(call)
        return
    # `start` gives the client itself.
    owner, _, method = call.key.replace("().start()", "()").rpartition("().")
    if owner not in _CONSTRUCTORS:
        _raw(call)
        return
    major = call.view.versions.major(call.view.source.path, _PACKAGE)
    old = major is not None and major < PUBLISH_FANS_OUT
    if method in _SENDS or method in _OLD_SENDS:
        _send(call, method, major, fans_out=method == "publish" and not old)
    elif method in ("insert", "flow"):
        _several(call, method, major)
    elif method in ("work", "onComplete") or (method == "subscribe" and old) or method == "fetch":
        _work(call, method, major)
    elif method == "schedule":
        _schedule(call)
    elif method in ("createQueue", "updateQueue") or method == "subscribe":
        _setting(call)


def _text(call: Call, index: int) -> str:
    return call.view.evaluator.text(call.arguments.get(index))


def _options(call: Call, index: int) -> Options:
    return call.view.options(call.arguments.get(index))


def _client(call: Call) -> None:
    view = call.view
    parent = call.node.parent
    name = field(parent, "name") or field(parent, "left") if parent is not None else None
    symbol = view.source.text(name).removeprefix("this.") if name is not None else ""
    view.add(
        Client(
            **call.common(NAME),
            name=symbol or "pg-boss",
            symbol=symbol,
            module=view.module,
            definition=span(call.node),
            role="boss",
            options=_options(call, 0),
        )
    )


def _send(call: Call, method: str, major: int | None, *, fans_out: bool) -> None:
    """`send(name, data, options)`, `send({ name, data, options })`, `sendAfter(name, data, options, when)` and their older names."""
    view, given = call.view, call.arguments
    first = given.get(0)
    if first is not None and isinstance(view.evaluator.meaning(first), Structure):
        entries = view.evaluator.entries(first)
        name, data, place = entries.get("name"), entries.get("data"), entries.get("options")
    else:
        name, data, place = first, given.get(1), given.get(2)
    options = view.evaluator.entries(place) if place is not None else {}
    # Of the shorthands the fourth is when to start, the key, or the seconds of a slot; then the key of the slot.
    fourth = next((option for ending, option in _FOURTH.items() if method.endswith(ending)), "singletonSeconds")
    options |= {option: given[index] for index, option in ((3, fourth), (4, "singletonKey")) if index in given}
    _enqueue(call, method, name, data, options, major, fans_out=fans_out)


def _enqueue(
    call: Call, form: str, name: Place | None, data: Place | None, given: dict[str, Place], major: int | None, *, fans_out: bool = False
) -> None:
    view, receiver = call.view, call.receiver_node
    options: Options = {option: view.value(place) for option, place in given.items()}
    delay, eta = start(view, given.get("startAfter"))
    view.add(
        Enqueue(
            **call.common(NAME),
            name=view.evaluator.text(name),
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=view.value(name) if name is not None and not fans_out else None,
            arguments=(view.argument(data),) if data is not None else (),
            options=options,
            delay=delay,
            eta=eta,
            expires=duration(options, "retention") or duration(options, "retentionIn"),
            priority=options.get("priority"),
            dedupe=options.get("id") or options.get("singletonKey"),
            max_attempts=attempts(options, major) if "retryLimit" in options else None,
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            in_transaction="db" in options,
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def _several(call: Call, method: str, major: int | None) -> None:
    """`insert([{ name, … }])` before version 11, `insert(name, [{ … }])` since; `flow([{ name, … }])`: one enqueue for each name."""
    view, evaluator = call.view, call.view.evaluator
    first, second = call.arguments.get(0), call.arguments.get(1)
    named = method == "insert" and (evaluator.text(first) or (major is not None and major >= LISTS_BY_QUEUE))
    rows = [evaluator.entries(row) for row in objects(view, second if named else first)]
    if named or not rows or not all(evaluator.text(row.get("name")) for row in rows):
        common = rows[0] if len(rows) == 1 or (named and rows) else {}
        _enqueue(call, method, first if named else None, common.get("data") or (second if named else first), _options_of(common), major)
        return
    for row in {evaluator.text(row["name"]): row for row in rows}.values():
        _enqueue(call, method, row["name"], row.get("data"), _options_of(row), major)


def _options_of(row: dict[str, Place]) -> dict[str, Place]:
    return {name: place for name, place in row.items() if name not in ("name", "data")}


def _work(call: Call, method: str, major: int | None) -> None:
    """`work(name, [options], handler)`: what the handler is handed depends on the version. `fetch(name, options)` has none."""
    view = call.view
    fetched = method == "fetch"
    loose = fetched and not _settles(call)
    first, handler = call.arguments.get(0), None if fetched else call.arguments.get(2) or call.arguments.get(1)
    name, options = view.evaluator.text(first), _options(call, 1) if fetched or 2 in call.arguments else {}
    concurrency = next((options[k] for k in ("localConcurrency", "teamConcurrency", "teamSize") if k in options), None)
    queue = view.value(first) if first is not None else None
    common = call.common(NAME)
    view.add(
        Worker(**common, name=name, queues=(name,) if name else (), concurrency=concurrency, options=options),
        Job(
            **common,
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form=method,
            queue=queue,
            triggers=(Trigger("direct", queue),) if queue is not None else (),
            concurrency=concurrency,
            retry=retry({}, major),
            options=options,
            handler=handler_of(view, handler),
            uses=(Use(_handed(options, major), call.location), *_done(call, handler)),
            live=True,
            confidence="likely" if loose else "certain",
            reason=_LOOKS if loose else "",
        ),
    )


def _settles(call: Call) -> bool:
    """True if the function around a `fetch` says what became of the jobs that it has taken."""
    function = enclosing(call.inner.node, FUNCTIONS)
    names = (field(callee_of(each), "property") for each in walk(function or call.inner.source.root, ("call_expression",)))
    return any(name is not None and call.inner.source.text(name) in _SETTLING for name in names)


def _handed(options: Options, major: int | None) -> str:
    """Since version 10 a handler is handed a list of jobs, before that only where it asked for several."""
    lists = major is None or major >= HANDED_LISTS or "batchSize" in options
    return "handed a list" if lists else "handed one job"


def _done(call: Call, handler: Place | None) -> tuple[Use, ...]:
    """Names that one handler tells apart (a wildcard queue)."""
    found = told_apart(call.view, handler, 0, ("name",))
    return tuple(Use("job.name", place.source.location(place.node), name) for place, name in found if name)


def _schedule(call: Call) -> None:
    view = call.view
    name, data, options = _text(call, 0), call.arguments.get(2), _options(call, 3)
    zone = literal_of(options.get("tz"))
    view.add(
        Schedule(
            **call.common(NAME),
            name=name,
            job_name=name,
            cron=view.value(call.arguments[1]) if 1 in call.arguments else None,
            timezone=zone if isinstance(zone, str) else "",
            arguments=(view.argument(data),) if data is not None else (),
            entry=span(call.node),
            options=options,
        )
    )


def _setting(call: Call) -> None:
    """`createQueue`, `updateQueue` and the subscription of a queue to an event."""
    call.view.found.calls["pg-boss queue"].append(call)
    call.view.add(Setting(**call.common(NAME), name=_text(call, 0), entry=span(call.node), options=_options(call, 1)))


def _raw(call: Call) -> None:
    """`insert into pgboss.job …`: takes the columns' defaults, not those of the queue."""
    if b"pgboss" not in call.view.source.data:
        return
    sql = job_table_sql.statement(call)
    if sql is None or not _RAW.search(sql.text):
        return
    row = job_table_sql.columns_of(sql)
    name = row.get("name")
    view = call.view
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name if isinstance(name, str) else view.evaluator.text(name),
            form="insert into pgboss.job",
            call=span(call.node),
            options={k: Literal(v) if isinstance(v, str) else view.value(v) for k, v in row.items() if k != "data"},
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            confidence="likely",
            reason="SQL that goes past pg-boss: the queue's own settings do not hold for it",
        )
    )


def _finish(found: Found) -> None:
    """What a queue was made with holds for its jobs; before version 10, what the constructor was given."""
    settings = _settings(found)
    for index, item in enumerate(found.items):
        if isinstance(item, Job) and item.system == NAME:
            key = _key(item.queue)
            major, options = settings.get(key, (None, {})) if key else (None, {})
            if options:
                found.items[index] = msgspec.structs.replace(
                    item,
                    retry=retry(options, major),
                    timeout=duration(options, "expireIn"),
                    options={**options, **item.options},
                )


def _settings(found: Found) -> dict[str, tuple[int | None, Options]]:
    """queue -> (version, options of `createQueue` and `updateQueue`, the later ones over the earlier)."""
    settings: dict[str, tuple[int | None, Options]] = {}
    for call in found.calls["pg-boss queue"]:
        first = call.arguments.get(0)
        key = _key(call.view.value(first)) if first is not None else ""
        major = call.view.versions.major(call.view.source.path, _PACKAGE)
        if key and (major is None or major >= QUEUES_DECIDE):
            settings[key] = (major, {**settings.get(key, (None, {}))[1], **_options(call, 1)})
    return settings


def _key(queue: Value | None) -> str:
    """A queue by its name, or by how its name is written: `config.queues.mail` means the same wherever it stands."""
    known = literal_of(queue)
    return known if isinstance(known, str) else queue.source if isinstance(queue, Expression) and "." in queue.source else ""


READER = Reader(
    system=NAME,
    markers=(b"pg-boss", b"PgBoss", b"pgboss.job", b'pgboss"."job'),
    packages=(_PACKAGE,),
    call=read,
    finish=_finish,
    telltales=_SENDS | _OLD_SENDS | _OTHERS,
    methods=job_table_sql.METHODS,
)
