"""A look at running systems: connect, read, wait if there is to be a second look, read again, judge."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from migrator.errors import MigratorError
from migrator.jobs import Inventory
from migrator.jobs.findings import SEVERITIES, Check, Finding, Spot
from migrator.jobs.live import Census, Live
from migrator.jobs.redaction import redact_text
from migrator.live.check import LiveCheck, Look, Server
from migrator.live.keyspace import Keyspace, read_keys
from migrator.live.limits import Limits, LiveSettings
from migrator.live.reader import Question, readers
from migrator.live.state import Known, Queue, Standing, Untold
from migrator.rules.masking import masked
from migrator.rules.rule import Fail, Pass, Undecided
from migrator.scanners.runtime import ask
from migrator.scanners.runtime.addresses import Kind, kind_of, label


@dataclass
class _Asked:
    """A server while it is being asked."""

    kind: Kind
    url: str
    connection: Any
    server: Known[Server] = field(default_factory=lambda: Untold("not asked"))
    standings: tuple[Standing, ...] = ()
    unread: list[Undecided] = field(default_factory=list)
    moment: float = 0.0


def look_at(
    urls: Sequence[str], inventory: Inventory, chosen: Sequence[LiveCheck], settings: LiveSettings, window: float | None = None
) -> Inventory:
    """The inventory with what the chosen checks find at the servers at `urls`, looked at twice where there is a `window`, in seconds.

    Raises:
        MigratorError: an address that cannot be asked, or that does not answer; nothing that it says holds a password.
    """
    with ExitStack() as stack:
        asked = [_Asked(_kind(url), url, stack.enter_context(_connected(url))) for url in urls]
        for one in asked:
            _read(one, inventory, None)
        earlier: dict[str, Queue] | None = None
        if window is not None:
            earlier = {queue.at: queue for one in asked for standing in one.standings for queue in standing.queues}
            time.sleep(window)
            for one in asked:
                one.unread.clear()
                _read(one, inventory, one.moment)
    look = Look(
        servers=tuple(one.server for one in asked),
        standings=tuple(standing for one in asked for standing in one.standings),
        inventory=inventory,
        limits=Limits(settings),
        differences=_differences(urls, inventory),
        answered=tuple(dict.fromkeys(standing.system for one in asked for standing in one.standings)),
        earlier=earlier,
        window=window,
        unread=tuple(undecided for one in asked for undecided in one.unread),
    )
    return _judged(look, asked, chosen)


def _kind(url: str) -> Kind:
    kind = kind_of(url)
    if kind not in ("redis", "postgres"):
        remedy = "Use redis://, rediss://, unix:// or postgresql://."
        raise MigratorError("is no address of a server that can be looked at", place=label(url), remedy=remedy)
    return kind


def _connected(url: str) -> Any:
    if _kind(url) == "redis":
        from migrator.scanners.runtime.redis import connected
    else:
        from migrator.scanners.runtime.postgres import connected
    return connected(url)


def _read(one: _Asked, inventory: Inventory, since: float | None) -> None:
    """What every reader of this kind of server finds; what one of them is refused does not keep the others from reading."""
    question = _question(one, inventory, since)
    one.moment = question.now
    found: list[Standing] = []
    for reader in readers(one.kind):
        try:
            found += reader.read(one.connection, question) or []
        except MigratorError as error:
            place = Spot(label(one.url), 0)
            one.unread.append(Undecided(f"what {reader.system} keeps could not be read: {error.cause}", place))
    one.standings = tuple(found)
    if one.kind == "postgres":
        one.connection.afresh()


def _question(one: _Asked, inventory: Inventory, since: float | None) -> Question:
    if one.kind == "postgres":
        from migrator.live import postgres_server

        (row,) = one.connection.rows("select extract(epoch from clock_timestamp())::float as now")
        one.server = _told(lambda: postgres_server.read_server(one.connection))
        return Question(inventory, since=since, now=row["now"])
    from migrator.live import redis_server

    store = one.connection
    seconds, micros = store.many([("TIME",)])[0]
    now = seconds + micros / 1e6
    one.server = _told(lambda: redis_server.read_server(store, one.url, now))
    families = {family: pattern for reader in readers("redis") for family, pattern in reader.families.items()}
    keys: Keyspace = read_keys(store, families)
    if keys.cut:
        one.unread.append(Undecided("there are more keys than are looked at: queues may be missing here", Spot(store.address, 0)))
    clients = _told(lambda: store.many([("CLIENT LIST",)])[0])
    listed = None if isinstance(clients, Untold) else cast("list[Mapping[str, str]]", clients)
    return Question(inventory, keys, listed, since, now)


def _told(question: Any) -> Any:
    try:
        return question()
    except MigratorError as error:
        return Untold(error.cause)


def _differences(urls: Sequence[str], inventory: Inventory) -> Any:
    try:
        runtime = ask(urls, inventory).runtime
    except MigratorError as error:
        return Untold(f"schedules could not be read: {error.cause}")
    return runtime.differences if runtime is not None else ()


def _judged(look: Look, asked: Sequence[_Asked], chosen: Sequence[LiveCheck]) -> Inventory:
    findings: list[Finding] = []
    results: list[Check] = []
    for check in chosen:
        found, became = _judge(check, look)
        findings += found
        results.append(became)
    inventory = look.inventory
    order = sorted({*inventory.findings, *findings}, key=lambda f: (SEVERITIES.index(f.severity), f.id, f.path, f.line, f.message))
    servers = {label(one.url): one.server.title if not isinstance(one.server, Untold) else "" for one in asked}
    live = Live(servers, look.window, tuple(_census(standing.system, queue) for standing in look.standings for queue in standing.queues))
    return msgspec.structs.replace(inventory, findings=tuple(order), checks=(*inventory.checks, *results), live=live)


def _judge(check: LiveCheck, look: Look) -> tuple[list[Finding], Check]:
    """The findings of one check, and what became of it. A server that answers oddly does not cost the other checks."""
    try:
        outcomes = [masked(outcome) for outcome in check.check(look)]
    except Exception as error:  # noqa: BLE001 - a look is not lost to one check that stumbles over what it has never seen
        why = redact_text(f"the check itself failed ({type(error).__name__}: {error}); please report it")
        return [], Check(check.id, check.name, "unknown", why)
    fails = [o for o in outcomes if isinstance(o, Fail)]
    passes = tuple(o.spot for o in outcomes if isinstance(o, Pass))
    open_ends = [o for o in outcomes if isinstance(o, Undecided)]
    reason = _reasons(open_ends)
    if fails:
        return [_finding(check, fail) for fail in fails], Check(check.id, check.name, "fail", reason, tuple(fail.spot for fail in fails))
    state = "unknown" if open_ends else "pass" if passes else "not-applicable"
    return [], Check(check.id, check.name, state, reason, passes)


def _reasons(open_ends: Iterable[Undecided]) -> str:
    """Each reason once, behind the places for which it holds."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for one in open_ends:
        places[one.reason] += [one.spot.path.partition("#")[2] or one.spot.path] if one.spot is not None else []
    return "; ".join(f"{', '.join(dict.fromkeys(where))}: {reason}" if where else reason for reason, where in places.items())


def _finding(check: LiveCheck, fail: Fail) -> Finding:
    # Known again by what it says without its numbers, which differ from look to look.
    whole = "\0".join((check.id, fail.spot.path, "".join(letter for letter in fail.message if not letter.isdigit())))
    return Finding(
        check.id,
        check.name,
        fail.severity or check.severity,
        fail.confidence,
        fail.spot.path,
        fail.spot.line,
        fail.message,
        fail.fix or check.hint,
        fail.systems,
        fail.others,
        fingerprint=hashlib.sha256(whole.encode()).hexdigest()[:16],
    )


def _census(system: str, queue: Queue) -> Census:
    def plain(value: Any) -> Any:
        return None if isinstance(value, Untold) else value

    names = plain(queue.names) or {}
    return Census(
        queue.at,
        system,
        queue.name,
        plain(queue.due),
        plain(queue.delayed),
        plain(queue.active),
        plain(queue.blocked),
        plain(queue.failed),
        plain(queue.oldest),
        plain(queue.workers),
        dict(sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))),
    )
