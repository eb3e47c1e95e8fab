"""pg-boss 6 to 12 in TypeScript and JavaScript. What `publish` means depends on the version that the nearest manifest names."""

from __future__ import annotations

from migrator.jobs import (
    Backoff,
    Client,
    Enqueue,
    Job,
    Literal,
    Options,
    Retry,
    Schedule,
    Setting,
    Trigger,
    Value,
    Worker,
    affine,
    literal_of,
)
from migrator.scanners.linking import Place, Structure
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.handlers import handler_of
from migrator.syntax.source import span
from migrator.syntax.tree import field
from migrator.systems.pg_boss import PUBLISH_FANS_OUT, SYSTEM, default_attempts

NAME = SYSTEM.name
_PACKAGE = "pg-boss"
_CONSTRUCTORS = (f"{_PACKAGE}.default", f"{_PACKAGE}.PgBoss", _PACKAGE)
_SENDS = frozenset(("send", "sendAfter", "sendOnce", "sendSingleton", "sendThrottled", "sendDebounced", "upsert", "flow"))
_OLD_SENDS = frozenset(("publish", "publishOnce", "publishSingleton", "publishThrottled", "publishDebounced", "publishAfter"))


def read(call: Call) -> None:
    """Sort one call of pg-boss's API."""
    if call.key in _CONSTRUCTORS:
        _client(call)
        return
    owner, _, method = call.key.rpartition("().")
    if owner not in _CONSTRUCTORS:
        return
    major = call.view.versions.major(call.view.source.path, _PACKAGE)
    old = major is not None and major < PUBLISH_FANS_OUT
    if method in _SENDS or method in _OLD_SENDS:
        _send(call, method, major, fans_out=method == "publish" and not old)
    elif method == "insert":
        _insert(call)
    elif method == "work" or (method == "subscribe" and old):
        _work(call, major)
    elif method == "schedule":
        _schedule(call)
    elif method in ("createQueue", "updateQueue") or method == "subscribe":
        _setting(call)


def _text(call: Call, index: int) -> str:
    return call.view.evaluator.text(call.arguments.get(index))


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
            options=view.options(call.arguments.get(0)),
        )
    )


def _send(call: Call, method: str, major: int | None, *, fans_out: bool) -> None:
    """`send(name, data, options)`, `send({ name, data, options })`, `sendAfter(name, data, options, when)` and their older names."""
    view = call.view
    first = call.arguments.get(0)
    if first is not None and isinstance(view.evaluator.meaning(first), Structure):
        entries = view.evaluator.entries(first)
        name, data, given = view.evaluator.text(entries.get("name")), entries.get("data"), entries.get("options")
    else:
        name, data, given = _text(call, 0), call.arguments.get(1), call.arguments.get(2)
    options = view.options(given)
    after = options.get("startAfter")
    if method.endswith("After") and 3 in call.arguments:
        after = view.value(call.arguments[3])
    delay, eta = _when(after)
    receiver = call.receiver_node
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form=method,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=Literal(name) if name and not fans_out else None,
            arguments=(view.argument(data),) if data is not None else (),
            options=options,
            delay=delay,
            eta=eta,
            priority=options.get("priority"),
            dedupe=options.get("id") or options.get("singletonKey"),
            max_attempts=_attempts(options, major) if "retryLimit" in options else None,
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            in_transaction="db" in options,
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def _when(value: Value | None) -> tuple[Value | None, Value | None]:
    """(seconds from now, absolute time) of `startAfter`: a number of seconds, an ISO text or a `Date`."""
    if isinstance(value, Literal) and isinstance(value.value, int | float):
        return value, None
    return None, value


def _attempts(options: Options, major: int | None) -> Value:
    limit = options.get("retryLimit")
    return affine(limit, offset=1) if limit is not None else Literal(default_attempts(major))


def _retry(options: Options, major: int | None) -> Retry:
    delay = options.get("retryDelay")
    if literal_of(options.get("retryBackoff")):
        backoff = Backoff("exponential", delay or Literal(1), jitter="half", maximum=options.get("retryDelayMax"))
    else:
        backoff = Backoff("fixed", delay) if delay is not None else Backoff("none")
    return Retry(_attempts(options, major), backoff, explicit="retryLimit" in options)


def _insert(call: Call) -> None:
    """`insert([{ name, … }])` before version 11, `insert(name, [{ … }])` since."""
    view = call.view
    rows = call.arguments.get(1) or call.arguments.get(0)
    name = _text(call, 0)
    if not name and rows is not None:
        entries = view.evaluator.entries(rows)
        names = {view.evaluator.text(view.evaluator.entries(e).get("name")) for e in entries.values()}
        name = names.pop() if len(names) == 1 else ""
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form="insert",
            call=span(call.node),
            arguments=(view.argument(rows),) if rows is not None else (),
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
        )
    )


def _work(call: Call, major: int | None) -> None:
    view = call.view
    name = _text(call, 0)
    handler: Place | None = call.arguments.get(2) or call.arguments.get(1)
    options = view.options(call.arguments.get(1)) if 2 in call.arguments else {}
    concurrency = next((options[k] for k in ("localConcurrency", "teamConcurrency", "teamSize") if k in options), None)
    common = call.common(NAME)
    queue_options = _queue_options(call, name)
    view.add(
        Worker(**common, name=name, queues=(name,) if name else (), concurrency=concurrency, options=options),
        Job(
            **common,
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form="work",
            queue=Literal(name) if name else None,
            triggers=(Trigger("direct", Literal(name)),) if name else (),
            concurrency=concurrency,
            retry=_retry(queue_options, major),
            timeout=queue_options.get("expireInSeconds"),
            options={**queue_options, **options},
            handler=handler_of(view, handler),
            live=True,
        ),
    )


def _queue_options(call: Call, name: str) -> Options:
    """Options that `createQueue` gave the queue, where the same scan has already seen it."""
    settings = (i for i in call.view.found.items if isinstance(i, Setting) and i.system == NAME and i.name == name)
    return next((s.options for s in settings), {}) if name else {}


def _schedule(call: Call) -> None:
    view = call.view
    name = _text(call, 0)
    data = call.arguments.get(2)
    options = view.options(call.arguments.get(3))
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
    view = call.view
    name = _text(call, 0)
    options = view.options(call.arguments.get(1))
    view.add(Setting(**call.common(NAME), name=name, entry=span(call.node), options=options))


READER = Reader(
    system=NAME, markers=(b"pg-boss", b"PgBoss"), packages=(_PACKAGE,), call=read, telltales=_SENDS | {"work", "schedule", "insert"}
)
