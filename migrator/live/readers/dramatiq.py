"""Dramatiq on Redis: a list of message ids for each queue, `.DQ` for those with a delay, `.XQ` for the dead (2.2.1, read and run)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from migrator.live.reader import SAMPLE, Question, Reader
from migrator.live.state import Kept, Known, Lost, Queue, Standing, Untold
from migrator.regex import regex
from migrator.scanners.runtime.redis import Store
from migrator.systems.dramatiq import SYSTEM

_HEARTBEATS, _ACKS = ":__heartbeats__", ":__acks__."
#: milliseconds after which Dramatiq takes a process for dead, unless `heartbeat_timeout` says otherwise
_DEAD_AFTER = 60_000
#: messages of one queue that are read: each comes whole, with its payload
_MESSAGES = SAMPLE // 4


def read(store: Store, question: Question) -> list[Standing] | None:
    """Every queue of every namespace in which a broker has ever said that it lives."""
    keys = question.keys
    if keys is None:
        return None
    spaces = [key.removesuffix(_HEARTBEATS) for key in keys.of("dramatiq") if key.endswith(_HEARTBEATS)]
    found: list[Standing] = []
    for space in spaces:
        own = [key.removeprefix(f"{space}:") for key in keys.of("dramatiq") if key.startswith(f"{space}:")]
        taken = [key for key in own if key.startswith("__acks__.")]
        suffixes = (".msgs", ".XQ", ".DQ", ".XQ.msgs", ".DQ.msgs")
        names = sorted({_canonical(key) for key in own if not key.startswith("__") and (key.endswith(suffixes) or f"{key}.msgs" in own)})
        queues = tuple(_queue(store, space, name, taken, question) for name in names)
        found.append(Standing(SYSTEM.name, f"{store.address}#{space}", queues, moment=question.now))
    return found or None


def _canonical(key: str) -> str:
    for ending in (".msgs", ".XQ", ".DQ"):
        key = key.removesuffix(ending)
    return key


def _queue(store: Store, space: str, name: str, taken: Sequence[str], question: Question) -> Queue:
    base, now = f"{space}:{name}", question.now * 1_000
    held = [key for key in taken if key.endswith(f".{name}")]
    later = [key for key in taken if key.endswith(f".{name}.DQ")]
    due, delayed, dead, lately, alive, *acks = store.many(
        [
            ("LLEN", base),
            ("LLEN", f"{base}.DQ"),
            ("ZCARD", f"{base}.XQ"),
            ("ZCOUNT", f"{base}.XQ", now - 3_600_000, "+inf"),
            ("ZRANGEBYSCORE", f"{space}{_HEARTBEATS}", now - _DEAD_AFTER, "+inf"),
            *(("SCARD", f"{space}:{key}") for key in (*held, *later)),
        ]
    )
    living = {member.decode("utf-8", "replace") for member in alive}
    active = sum(acks[: len(held)])
    lost = sum(number for key, number in zip(held, acks, strict=False) if _owner(key, name) not in living)
    heads, sizes = _messages(store, base, store.many([("LRANGE", base, 0, _MESSAGES - 1)])[0])
    waiting, late_sizes = _messages(store, f"{base}.DQ", store.many([("LRANGE", f"{base}.DQ", 0, _MESSAGES - 1)])[0])
    first_dead = store.many([("ZRANGE", f"{base}.XQ", 0, 0, "WITHSCORES")])[0]
    stamps = [head["message_timestamp"] for head in heads if isinstance(head.get("message_timestamp"), int | float)]
    # A message that was delayed or is tried again keeps the time at which it was made.
    fresh = [h["message_timestamp"] for h in heads if isinstance(h.get("message_timestamp"), int | float) and not _came_back(h)]
    etas = [eta for head in waiting if isinstance(eta := _options(head).get("eta"), int | float)]
    untraced = Untold("Dramatiq keeps no trace in Redis of messages that are over")
    return Queue(
        system=SYSTEM.name,
        name=name,
        at=f"{store.address}#{base}",
        due=due,
        delayed=delayed + sum(acks[len(held) :]),
        active=active,
        failed=dead,
        failed_lately=lately,
        failed_oldest=max(0.0, (now - first_dead[0][1]) / 1_000) if first_dead else None,
        oldest=max(0.0, (now - min(fresh)) / 1_000) if fresh else None,
        horizon=(max(etas) - now) / 1_000 if etas and max(etas) > now else None,
        lost=Lost(lost, active),
        workers=_workers(held, acks, living, name),
        runs=untraced,
        sizes=(*sizes, *late_sizes),
        names=Counter(str(head["actor_name"]) for head in (*heads, *waiting) if head.get("actor_name")),
        minutes=Counter(int(stamp // 60_000) for stamp in stamps),
        kept=(Kept("dead messages", dead, removal="Dramatiq deletes them after a week, unless told otherwise"),),
    )


def _workers(held: Sequence[str], acks: Sequence[int], living: set[str], name: str) -> Known[int]:
    """Processes that hold messages of the queue. A process that only enqueues says that it lives, too."""
    holding = sum(_owner(key, name) in living and number > 0 for key, number in zip(held, acks, strict=False))
    if holding or not living:
        return holding
    return Untold(f"{len(living)} processes live, and none holds a message of this queue; whether they only enqueue is not told")


def _owner(key: str, name: str) -> str:
    return key.removeprefix("__acks__.").removesuffix(f".{name}")


def _messages(store: Store, base: str, ids: Sequence[bytes]) -> tuple[list[dict[str, Any]], list[int]]:
    """What messages say of themselves, and how large they are; their arguments are let go at once."""
    raw = store.many([("HGET", f"{base}.msgs", identity) for identity in ids])
    whole = [message for message in raw if message]
    return [_head(message) for message in whole], [len(message) for message in whole]


def _head(message: bytes) -> dict[str, Any]:
    try:
        value = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return {k: value.get(k) for k in ("actor_name", "message_timestamp", "options")} if isinstance(value, dict) else {}


def _options(head: dict[str, Any]) -> dict[str, Any]:
    options = head.get("options")
    return options if isinstance(options, dict) else {}


def _came_back(head: dict[str, Any]) -> bool:
    return bool({"eta", "retries"} & set(_options(head)))


READER = Reader(
    SYSTEM.name,
    "redis",
    read,
    {"dramatiq": regex(rb":__heartbeats__$|:__acks__\.|\.msgs$|\.(XQ|DQ)$")},
)
