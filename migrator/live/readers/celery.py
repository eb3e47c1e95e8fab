"""Celery on Redis, as kombu 5.7 stores it: lists of whole messages, one for each queue and priority, and a hash of those handed out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from migrator.errors import MigratorError
from migrator.live.reader import SAMPLE, Question, Reader
from migrator.live.state import Kept, Known, Lost, Queue, Standing, Untold
from migrator.regex import regex
from migrator.rules.celery_configuration import visibility_timeout
from migrator.rules.evidence import Evidence
from migrator.scanners.runtime.redis import Store
from migrator.systems.celery import SEPARATOR, SYSTEM

#: exchanges that carry orders and news, not tasks
_NO_TASKS = regex(r"\.pidbox$|^celeryev")
#: messages of one queue that are read: each comes whole, with its payload
_MESSAGES = SAMPLE // 4
_UNTIMED = "Celery's messages do not say when they were enqueued"


def read(store: Store, question: Question) -> list[Standing] | None:
    """Every queue that was bound, and the messages that workers hold."""
    keys = question.keys
    if keys is None:
        return None
    bindings = [key for key in keys.of("celery") if not _NO_TASKS.search(key.rpartition("_kombu.binding")[2].partition(".")[2])]
    # A `global_keyprefix` stands before every key of one application.
    prefixes = sorted({key.rpartition("_kombu.binding")[0] for key in bindings})
    found = [
        _standing(store, question, prefix, [b for b in bindings if b.rpartition("_kombu.binding")[0] == prefix]) for prefix in prefixes
    ]
    return [standing for standing in found if standing is not None] or None


def _standing(store: Store, question: Question, prefix: str, bindings: Sequence[str]) -> Standing | None:
    keys = question.keys
    members = store.many([("SMEMBERS", key) for key in bindings if store.kind(key) == "set"])
    names = sorted({name for found in members for member in found if (name := _text(member).split(SEPARATOR)[-1]) and _tasks(name)})
    if not names or keys is None:
        return None
    held = _held(store, prefix, question)
    steps = [key for key in keys.of("celery priorities") if store.kind(key) == "list"]
    queues = [_queue(store, prefix, name, steps, question.now, held.workers) for name in names]
    results = _results(store, keys.of("celery results"), keys.counts.get("celery results", 0))
    at = f"{store.address}#{prefix}" if prefix else store.address
    return Standing(SYSTEM.name, at, (*queues, held), (results,), moment=question.now)


def _tasks(queue: str) -> bool:
    return not _NO_TASKS.search(queue)


def _queue(store: Store, prefix: str, name: str, steps: Sequence[str], now: float, workers: Known[int]) -> Queue:
    lists = [key for key in (f"{prefix}{name}", *steps) if key.rsplit(SEPARATOR, 1)[0] == f"{prefix}{name}"]
    lengths = store.many([("LLEN", key) for key in lists])
    raw = store.many([("LRANGE", key, -_MESSAGES, -1) for key in lists])
    messages = [message for found in raw for message in found]
    heads = [_headers(message) for message in messages]
    later = [moment - now for head in heads if (moment := _moment(head.get("eta"))) is not None and moment > now]
    untimed = Untold(_UNTIMED)
    return Queue(
        system=SYSTEM.name,
        name=name,
        at=f"{store.address}#{prefix}{name}",
        due=sum(lengths),
        delayed=Untold("tasks with an eta lie among the others, or with a worker"),
        active=0,
        failed=0,
        failed_lately=Untold("Celery puts no failed task aside in Redis"),
        failed_oldest=Untold("Celery puts no failed task aside in Redis"),
        oldest=untimed if sum(lengths) else None,
        horizon=max(later) if later else None,
        lost=Lost(0, 0),
        workers=workers,
        runs=Untold("Celery does not store in Redis how long tasks ran"),
        sizes=tuple(len(message) for message in messages),
        names=Counter(str(head["task"]) for head in heads if head.get("task")),
        minutes=untimed,
    )


def _held(store: Store, prefix: str, question: Question) -> Queue:
    """What workers have taken and not confirmed: what they run, what they have in reserve, and tasks whose eta has not come."""
    lease = _lease(question)
    total, overdue = store.many(
        [
            ("HLEN", f"{prefix}unacked"),
            ("ZCOUNT", f"{prefix}unacked_index", 0, question.now - (0 if isinstance(lease, Untold) else lease)),
        ]
    )
    unsaid = Untold("tasks that a worker holds")
    return Queue(
        system=SYSTEM.name,
        name="unacked",
        at=f"{store.address}#{prefix}unacked",
        inner=True,
        due=0,
        delayed=0,
        active=total,
        failed=0,
        failed_lately=0,
        failed_oldest=None,
        oldest=None,
        horizon=None,
        lost=lease if isinstance(lease, Untold) else Lost(overdue, total),
        workers=_workers(question, total if isinstance(lease, Untold) else total - overdue),
        runs=unsaid,
        sizes=(),
        names={},
        minutes=unsaid,
    )


def _lease(question: Question) -> Known[float]:
    """Seconds after which a task that nobody confirmed is handed out again, as the code sets it, else Celery's own."""
    lease = visibility_timeout(Evidence(question.inventory, Path(question.inventory.root)), "redis")
    return Untold("after how long the broker hands a task out again is only known at run time") if lease is None else lease


def _workers(question: Question, held: int) -> Known[int]:
    """A worker waits for messages with BRPOP and for orders with PSUBSCRIBE, or holds tasks. Where nobody does any of it, there is none."""
    if question.clients is None:
        return Untold("the server does not list its clients")
    if held > 0:
        return Untold(f"{held} tasks are held by workers; of which queue is not said")
    waiting = [c for c in question.clients if c.get("cmd", "").lower() == "brpop" or c.get("psub", "0") != "0" or c.get("sub", "0") != "0"]
    return Untold(f"{len(waiting)} clients wait for messages or orders; of which queue is not said") if waiting else 0


def _results(store: Store, keys: Sequence[str], total: int) -> Known[Kept]:
    """Results of tasks: the share of a sample that never expires, of all that there are."""
    if not total:
        return Kept("results that never expire", 0)
    try:
        lives = store.many([("TTL", key) for key in keys[:SAMPLE]])
    except MigratorError as error:
        return Untold(f"whether results expire is not told ({error.cause})")
    endless = sum(life == -1 for life in lives)
    return Kept("results that never expire", round(total * endless / len(lives)))


def _headers(message: bytes) -> dict[str, Any]:
    """What a message says of itself; its payload is let go at once."""
    try:
        headers = json.loads(message).get("headers")
    except (ValueError, AttributeError, RecursionError):
        return {}
    return headers if isinstance(headers, dict) else {}


def _moment(text: object) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except ValueError:
        return None


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


READER = Reader(
    SYSTEM.name,
    "redis",
    read,
    {
        "celery": regex(rb"_kombu\.binding(_permanent)?\.[^.]"),
        "celery priorities": regex(rb"%b\d+$" % SEPARATOR.encode()),
        "celery results": regex(rb"celery-task-meta-"),
    },
)
