"""RQ: queues are lists of job ids, registries sorted sets, jobs hashes, workers hashes that live as long as their owner (2 and 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from migrator.live.reader import SAMPLE, Question, Reader
from migrator.live.state import Kept, Known, Lost, Queue, Runs, Standing, Untold
from migrator.regex import regex
from migrator.scanners.runtime.plain_pickle import plain
from migrator.scanners.runtime.redis import Store
from migrator.systems.rq import SYSTEM

_QUEUE, _WORKER = "rq:queue:", "rq:worker:"
_FIELDS = ("created_at", "enqueued_at", "started_at", "ended_at", "number_of_retries", "retries_left")
#: of a call that is described as `module.function(…)`
_CALL = regex(r"^[\w.]+(?=\()")

Jobs = Mapping[str, Mapping[str, float | None]]


def read(store: Store, question: Question) -> list[Standing] | None:
    """Every queue that was ever used."""
    members = store.many([("SMEMBERS", "rq:queues")])[0] if store.kind("rq:queues") == "set" else ()
    names = sorted(member.decode("utf-8", "replace").removeprefix(_QUEUE) for member in members)
    if not names:
        return None
    workers = _worker_queues(store)
    queues = tuple(_queue(store, name, question.now, workers) for name in names)
    return [Standing(SYSTEM.name, store.address, queues, moment=question.now)]


def _worker_queues(store: Store) -> list[list[str]]:
    """The queues of each worker that lives. The hash of one that died goes by itself; its name stays until somebody tidies up."""
    members = store.many([("SMEMBERS", "rq:workers")])[0] if store.kind("rq:workers") == "set" else ()
    found = store.many([("HMGET", member, "queues", "death") for member in members])
    return [queues.decode("utf-8", "replace").split(",") for queues, death in found if queues and not death]


def _queue(store: Store, name: str, now: float, workers: Sequence[Sequence[str]]) -> Queue:
    registries = {part: f"rq:{part}:{name}" for part in ("wip", "scheduled", "deferred", "finished", "failed")}
    due, wip, overdue, scheduled, deferred, finished, failed, endless, late = store.many(
        [
            ("LLEN", f"{_QUEUE}{name}"),
            ("ZCARD", registries["wip"]),
            ("ZCOUNT", registries["wip"], 0, f"({now}"),
            *(("ZCARD", registries[part]) for part in ("scheduled", "deferred", "finished", "failed")),
            ("ZCOUNT", registries["finished"], "+inf", "+inf"),
            # Whose time has come, and no scheduler has moved them.
            ("ZCOUNT", registries["scheduled"], 0, now),
        ]
    )
    samples = store.many(
        [
            ("LRANGE", f"{_QUEUE}{name}", 0, SAMPLE - 1),
            ("ZRANGE", registries["scheduled"], 0, SAMPLE - 1),
            ("ZREVRANGE", registries["finished"], 0, SAMPLE - 1),
            ("ZREVRANGE", registries["failed"], 0, SAMPLE - 1),
            ("ZREVRANGE", registries["scheduled"], 0, 0, "WITHSCORES"),
            ("ZRANGE", registries["failed"], 0, 0),
            ("ZRANGE", registries["scheduled"], 0, 0, "WITHSCORES"),
        ]
    )
    in_line, later, done, broken, first_failed = ([_text(i) for i in samples[n]] for n in (0, 1, 2, 3, 5))
    jobs = _jobs(store, [*in_line, *later, *done, *broken, *first_failed])
    ages = [now - came for job in in_line if (came := jobs[job]["enqueued_at"] or jobs[job]["created_at"]) is not None]
    ages += [now - samples[6][0][1]] if late else []
    ended = [now - end for job in broken if (end := jobs[job]["ended_at"]) is not None]
    lately = sum(age <= 3_600 for age in ended)
    return Queue(
        system=SYSTEM.name,
        name=name,
        at=f"{store.address}#{_QUEUE}{name}",
        due=due + late,
        delayed=scheduled - late,
        active=wip,
        blocked=deferred,
        failed=failed,
        failed_lately=lately,
        failed_oldest=now - oldest if first_failed and (oldest := jobs[first_failed[0]]["ended_at"]) is not None else None,
        oldest=max(0.0, *ages) if ages else None,
        horizon=samples[4][0][1] - now if scheduled > late else None,
        lost=Lost(overdue, wip),
        workers=sum(name in queues for queues in workers),
        runs=_runs([jobs[job] for job in (*done, *broken)]),
        sizes=tuple(size for size in store.many([("HSTRLEN", f"rq:job:{job}", "data") for job in (*in_line, *later) or done]) if size),
        names=_names(store, [*in_line, *later]),
        minutes=Counter(int(came // 60) for job in jobs.values() if (came := job["created_at"]) is not None),
        kept=(
            Kept("results", finished, removal="" if endless else "RQ deletes them when their time is over"),
            Kept("failed jobs", failed, removal="RQ deletes them after a year, unless told otherwise"),
        ),
    )


def _jobs(store: Store, ids: Sequence[str]) -> Jobs:
    """When things happened to jobs, and how often they were tried again."""
    answers = store.many([("HMGET", f"rq:job:{job}", *_FIELDS) for job in ids])
    return {job: dict(zip(_FIELDS, map(_moment, fields), strict=True)) for job, fields in zip(ids, answers, strict=True)}


def _moment(text: bytes | None) -> float | None:
    """Seconds since 1970 of a time as RQ writes it; a plain number as it is."""
    if not text:
        return None
    try:
        if text.isdigit():
            return float(text)
        when = datetime.fromisoformat(text.decode())
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _runs(jobs: Sequence[Mapping[str, float | None]]) -> Known[Runs]:
    if not jobs:
        return Untold("no job that is over is stored")
    spans = [job["ended_at"] - job["started_at"] for job in jobs if job["ended_at"] is not None and job["started_at"] is not None]
    # Of a job with a retry policy only the retries that are left are stored, and not how many there were.
    told = [job for job in jobs if job["number_of_retries"] is not None or job["retries_left"] is None]
    return Runs(tuple(spans), tuple(int(job["number_of_retries"] or 0) + 1 for job in told), len(jobs))


def _names(store: Store, ids: Sequence[str]) -> Counter[str]:
    """The functions that jobs call; of what a job is given, only that much is taken out of it."""
    answers = store.many([("HMGET", f"rq:job:{job}", "data", "description") for job in ids])
    return Counter(name for data, description in answers if (name := _function(data, description)))


def _function(data: bytes | None, description: bytes | None) -> str:
    call: Any = plain(data) if data else None
    if isinstance(call, tuple | list) and call and isinstance(call[0], str):
        return call[0]
    found = _CALL.match(_text(description or b""))
    return found[0] if found else ""


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


READER = Reader(SYSTEM.name, "redis", read)
