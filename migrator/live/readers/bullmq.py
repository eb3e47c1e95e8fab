"""BullMQ on Redis: a queue is `prefix:name:…`; jobs are hashes, states are lists and sorted sets of their ids (4 to 6, read and run)."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from migrator.live.reader import SAMPLE, Question, Reader
from migrator.live.state import Flow, Kept, Known, Lost, Queue, Runs, Standing, Untold
from migrator.regex import regex
from migrator.scanners.runtime.redis import Store
from migrator.systems.bullmq import SYSTEM

#: the sorted set `delayed` is scored by milliseconds times this, plus a counter
_DELAY_SCALE = 4_096
_GIVEN_UP = b"job stalled more than allowable limit"
#: events of one queue that are read, at most; BullMQ keeps half as many unless told otherwise
_EVENTS = 20_000
_FIELDS = ("name", "timestamp", "delay", "processedOn", "finishedOn", "atm", "attemptsMade", "stc")

Jobs = Mapping[bytes, Mapping[str, bytes | None]]


def read(store: Store, question: Question) -> list[Standing] | None:
    """Every queue that has left its description, whatever its prefix."""
    keys = question.keys.of("bullmq") if question.keys is not None else ()
    kinds = store.many([("TYPE", key) for key in keys])
    bases = [key.removesuffix(":meta") for key, kind in zip(keys, kinds, strict=True) if kind == b"hash"]
    if not bases:
        return None
    metas = {base: store.hash(f"{base}:meta") for base in bases}
    queues = {base: _queue(store, question, base, metas[base]) for base in bases}
    versions = sorted({meta["version"].decode("utf-8", "replace") for meta in metas.values() if "version" in meta})
    flows: dict[str, Flow] = {}
    if question.since is not None:
        flows = {queues[base].at: _flow(store, base, metas[base], question.since) for base in bases}
    return [
        Standing(SYSTEM.name, store.address, tuple(queues.values()), version=", ".join(versions), moment=question.now, flows=flows),
    ]


def _queue(store: Store, question: Question, base: str, meta: Mapping[str, bytes]) -> Queue:
    now = question.now * 1_000
    counts: list[Any] = store.many(
        [
            *(("LLEN", f"{base}:{part}") for part in ("wait", "paused", "active")),
            *(("ZCARD", f"{base}:{part}") for part in ("prioritized", "delayed", "waiting-children", "completed", "failed")),
            ("ZCOUNT", f"{base}:failed", now - 3_600_000, "+inf"),
            # Whose time has come, and no worker has moved them.
            ("ZCOUNT", f"{base}:delayed", 0, now * _DELAY_SCALE),
        ]
    )
    wait, paused, active, prioritized, delayed, children, completed, failed, lately, overdue = counts
    samples: list[list[Any]] = store.many(
        [
            ("LRANGE", f"{base}:wait", -SAMPLE, -1),
            ("LRANGE", f"{base}:paused", -SAMPLE, -1),
            ("ZRANGE", f"{base}:prioritized", 0, SAMPLE - 1),
            ("LRANGE", f"{base}:active", 0, SAMPLE - 1),
            ("ZRANGE", f"{base}:delayed", 0, SAMPLE - 1),
            ("ZREVRANGE", f"{base}:completed", 0, SAMPLE - 1),
            ("ZREVRANGE", f"{base}:failed", 0, SAMPLE - 1),
            ("ZREVRANGE", f"{base}:delayed", 0, 0, "WITHSCORES"),
            ("ZRANGE", f"{base}:failed", 0, 0, "WITHSCORES"),
            ("ZRANGE", f"{base}:completed", 0, 0, "WITHSCORES"),
        ]
    )
    *lists, latest, first_failed, first_completed = samples
    in_line, over = [*lists[0], *lists[1], *lists[2]], [*lists[5], *lists[6]]
    waiting = [*in_line, *lists[3], *lists[4]]
    jobs = _jobs(store, base, [*waiting, *over])
    sizes = store.many([("HSTRLEN", f"{base}:{_text(job)}", "data") for job in waiting or over])
    name = base.partition(":")[2]
    lost = _lost(store, base, lists[3], lists[6], active)
    return Queue(
        system=SYSTEM.name,
        name=name,
        at=f"{store.address}#{base}",
        due=wait + paused + prioritized + overdue,
        delayed=delayed - overdue,
        active=active,
        blocked=children,
        paused="paused" in meta or bool(paused),
        failed=failed,
        failed_lately=lately,
        failed_oldest=_age(first_failed, now),
        oldest=_oldest(jobs, [*in_line, *lists[4]], now),
        horizon=(latest[0][1] / _DELAY_SCALE - now) / 1_000 if delayed > overdue else None,
        lost=lost,
        workers=_workers(question, base, name, lost),
        runs=_runs(jobs, over),
        sizes=tuple(size for size in sizes if size),
        names=Counter(_text(fields["name"]) for job in waiting if (fields := jobs.get(job, {})).get("name")),
        minutes=Counter(int(stamp) // 60_000 for job in jobs.values() if (stamp := job["timestamp"]) and stamp.isdigit()),
        kept=(
            Kept("completed jobs", completed, _age(first_completed, now)),
            Kept("failed jobs", failed, _age(first_failed, now)),
        ),
    )


def _jobs(store: Store, base: str, ids: Sequence[bytes]) -> Jobs:
    """The fields of jobs that say nothing of what they are given, nor of what they returned."""
    answers = store.many([("HMGET", f"{base}:{_text(job)}", *_FIELDS) for job in ids])
    return {job: dict(zip(_FIELDS, fields, strict=True)) for job, fields in zip(ids, answers, strict=True)}


def _oldest(jobs: Jobs, ids: Sequence[bytes], now: float) -> float | None:
    """Seconds since the first in line could have run. When a job came back that is tried again is not stored: it does not count."""
    ages = [
        now - _number(fields["timestamp"]) - _number(fields["delay"])
        for job in ids
        if (fields := jobs[job])["timestamp"] and not fields["processedOn"]
    ]
    return max(ages) / 1_000 if ages and max(ages) > 0 else None


def _lost(store: Store, base: str, active: Sequence[bytes], failed: Sequence[bytes], total: int) -> Lost:
    """Active jobs without the lock that their worker renews, still active afterwards; and what failed because that happened too often."""
    locks = store.many([("EXISTS", f"{base}:{_text(job)}:lock") for job in active])
    unlocked = [job for job, lock in zip(active, locks, strict=True) if not lock]
    still: set[bytes] = set(store.many([("LRANGE", f"{base}:active", 0, -1)])[0]) if unlocked else set()
    reasons = store.many([("HGET", f"{base}:{_text(job)}", "failedReason") for job in failed])
    given_up = sum(bool(reason) and _GIVEN_UP in reason for reason in reasons)
    return Lost(sum(job in still for job in unlocked), min(total, len(active)), given_up, len(failed))


def _workers(question: Question, base: str, name: str, lost: Lost) -> Known[int]:
    """Connections under the name that a worker gives its own: the queue's in base 64 (Node.js) or as it is (Python); or a job that runs."""
    if question.clients is None:
        return 1 if lost.active > lost.now else Untold("the server does not list its clients")
    prefix = base.partition(":")[0]
    own = {f"{prefix}:{base64.b64encode(name.encode()).decode()}", base}
    named = [client.get("name", "") for client in question.clients]
    found = sum(one in own or any(one.startswith(f"{ours}:w") for ours in own) for one in named)
    nameless = [c for c in question.clients if not c.get("name") and "b" in c.get("flags", "")]
    if not found and lost.active > lost.now:
        return 1
    if not found and nameless:
        return Untold(f"{len(nameless)} clients wait for something without saying their name; they may be its workers")
    return found


def _runs(jobs: Jobs, over: Sequence[bytes]) -> Known[Runs]:
    ended = [jobs[job] for job in over]
    spans = [_number(f["finishedOn"]) - _number(f["processedOn"]) for f in ended if f["finishedOn"] and f["processedOn"]]
    attempts = [_number(f["atm"] or f["attemptsMade"]) for f in ended if f["atm"] or f["attemptsMade"]]
    if not ended:
        return Untold("no job that is over is stored")
    return Runs(tuple(span / 1_000 for span in spans), tuple(int(n) for n in attempts), len(ended))


def _flow(store: Store, base: str, meta: Mapping[str, bytes], since: float) -> Flow:
    """What the stream of events says of the time since; it is cut at its beginning when it grows too long."""
    start = int(since * 1_000)
    first, length, events = store.many(
        [
            ("XRANGE", f"{base}:events", "-", "+", "COUNT", 1),
            ("XLEN", f"{base}:events"),
            ("XRANGE", f"{base}:events", start, "+", "COUNT", _EVENTS),
        ]
    )
    most = _number(meta.get("opts.maxLenEvents")) or 10_000
    begins = int(first[0][0].split(b"-")[0]) if first else start
    if len(events) >= _EVENTS or (begins > start and length >= most * 0.9):
        cut = Untold("more happened than the stream of events holds; look at a shorter window")
        return Flow(cut, cut, cut)
    seen = Counter(fields.get(b"event", b"") for _, fields in events)
    return Flow(seen[b"added"], seen[b"completed"], seen[b"failed"])


def _age(entry: Sequence[Any], now: float) -> float | None:
    return max(0.0, (now - entry[0][1]) / 1_000) if entry else None


def _number(text: bytes | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "surrogateescape")


READER = Reader(SYSTEM.name, "redis", read, {"bullmq": regex(rb"^[^:]+:.+:meta$")})
