"""RQ 2 and 3 on Redis: enqueued with its own client, observed by looking at the hashes of the jobs that are open.

Seen: every attempt with its start and its end, as long as no two attempts begin between two looks (those are told as a gap); the error of
the last one. Not seen: the errors of attempts that were tried again, which RQ does not keep. A job whose worker was killed has failed, or
is tried again, when RQ's own maintenance comes to it, a minute or more later. Times are those of the workers' machines; their clocks are
compared with nothing.
"""

from __future__ import annotations

import itertools
import pickletools
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from typing import Literal as OneOf

import msgspec
from rq import Queue, Retry, Worker
from rq.job import Job, JobStatus
from rq.registry import DeferredJobRegistry, FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.results import Result
from rq.serializers import DefaultSerializer, JSONSerializer
from rq.utils import utcparse

from migrator.errors import MigratorError
from migrator.shadow.absentees import Absentees
from migrator.shadow.drivers.interface import (
    MARKER,
    Assignment,
    EnqueueRefused,
    Health,
    Observation,
    Record,
    Removal,
    Sighting,
    Standing,
    Target,
)
from migrator.shadow.looks.rq import Look, Reader
from migrator.shadow.looks.tracebacks import last_error
from migrator.shadow.newest import Newest
from migrator.shadow.redis_store import health_of, plain_errors, redis_at

#: how far into a list one look for copies goes, from its newest end
COPIES = 500
#: jobs in the queue up to which all of them are looked at
FEW = 1000
_STANDINGS: dict[str, Standing] = {
    "started": "active",
    "finished": "completed",
    "failed": "discarded",
    "stopped": "cancelled",
    "canceled": "cancelled",
}
_FIELDS = ("status", "created_at", "enqueued_at", "started_at", "ended_at", "retries_left", "number_of_retries")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the application's functions are called, and how jobs are written."""

    arguments: OneOf["keywords", "payload"] = "keywords"  #: the payload's fields by name, or the payload as the one argument
    serializer: OneOf["pickle", "json"] = "pickle"  #: as the workers are started with (`--serializer`)
    job_timeout: int | None = None  #: seconds that a run may take; absent: RQ's own
    result_ttl: int = 86_400  #: seconds that a job is kept after its success, so that a run that was interrupted can still find it


def open_driver(target: Target, options: Options) -> RQ:
    """The driver of one queue. `target.job_name` is the function's import path."""
    return RQ(target, options)


class RQ:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = False

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._options = target, options
        if target.retry_delay is not None and target.retry_delay != int(target.retry_delay):
            raise MigratorError(
                f"RQ waits whole seconds before a retry, not {target.retry_delay:g}",
                place=target.name,
                remedy="Set retry_delay to a whole number.",
            )
        if "." not in target.job_name:
            raise MigratorError(
                f"RQ calls functions by their import path, and `{target.job_name}` is none",
                place=target.name,
                remedy='Give the arm a job_name like "app.jobs.send_mail".',
            )
        self._redis = redis_at(target.address, name=target.name, timeout=target.timeout)
        serializer = JSONSerializer if options.serializer == "json" else DefaultSerializer
        self._queue = Queue(target.queue, connection=self._redis, serializer=serializer)
        self._keys = {
            registry: registry(target.queue, connection=self._redis).key
            for registry in (StartedJobRegistry, ScheduledJobRegistry, FinishedJobRegistry, FailedJobRegistry, DeferredJobRegistry)
        }
        self._open: dict[str, str] = {}  # native id -> job key
        self._left_behind: set[str] = set()  # of these, jobs that an earlier run may have told of: nobody has said that they are open
        self._over = Newest[str, bool]()  # jobs that have ended -> whether all that they went through is told
        self._resting: set[str] = set()  # those that waited in the queue at their last look
        self._lay: list[str] = []  # the queue at the last look, as far as that was asked for
        self._strangers = Newest[str, None]()  #: ids of other people's jobs, so that each is looked up once
        self._absent = Absentees(self._give_up)
        self._reader = Reader()

    def watch(self, cursor: str) -> str:
        with plain_errors():
            self._redis.ping()
            if cursor:
                found = self._redis.scan_iter(match=Job.key_for(f"{self._target.ledger_id}-*"), count=1000)
                while keys := list(itertools.islice(found, 1000)):
                    self._take_over([key.decode().removeprefix(Job.key_for("")) for key in keys])
        delay = int(self._target.retry_delay or 0) * 10**9
        self._reader = Reader(msgspec.json.decode(cursor) if cursor else None, retry_delay=delay)
        return cursor or "{}"

    def _take_over(self, natives: list[str]) -> None:
        """Jobs that are in Redis, as far as they are in our queue and nobody has named them yet."""
        pipe = self._redis.pipeline(transaction=False)
        for native in natives:
            pipe.hget(Job.key_for(native), "origin")
        for native, origin in zip(natives, pipe.execute(), strict=True):
            if origin is not None and origin.decode() == self._target.queue and native not in self._open:
                self._open[native] = native
                self._left_behind.add(native)

    def enqueue(self, job: Assignment) -> str:
        target = self._target
        plain = {name: value for name, value in job.payload.items() if name != MARKER}
        with plain_errors(EnqueueRefused):
            if not Job.exists(job.job_key, connection=self._redis):
                # Before the call: its answer may get lost, and the job is there nevertheless.
                self._open[job.job_key] = job.job_key
                retries = None if target.max_attempts is None or target.max_attempts < 2 else target.max_attempts - 1
                made = self._queue.create_job(
                    target.job_name,
                    args=(job.payload,) if self._options.arguments == "payload" else (),
                    kwargs=plain if self._options.arguments == "keywords" else {},
                    timeout=self._options.job_timeout,
                    result_ttl=self._options.result_ttl,
                    description=target.job_name,
                    job_id=job.job_key,
                    meta={MARKER: job.payload.get(MARKER)},
                    status=JobStatus.SCHEDULED if job.delay else JobStatus.QUEUED,
                    retry=Retry(max=retries, interval=int(target.retry_delay or 0)) if retries else None,
                )
                if job.delay:
                    self._queue.schedule_job(made, datetime.now(UTC) + timedelta(seconds=job.delay))
                else:
                    self._queue.enqueue_job(made)
        return job.job_key

    def expect(self, job_key: str, native_id: str | None) -> None:
        native = native_id or job_key
        self._left_behind.discard(native)
        if self._over.get(native):
            return
        self._open.setdefault(native, job_key)
        if native_id:
            self._absent.found(native_id)  # it is on its way: no time to look seldom

    def observe(self, cursor: str) -> Observation:
        found: list[Sighting] = []
        with plain_errors():
            self._look_for_copies()
            watched = dict(self._open)
            unmoved = self._unmoved()
            wanted = [native for native in watched if native not in unmoved and self._absent.due(native)]
            looks = self._look(wanted)
            for native, look in looks.items():
                (self._resting.add if look is not None and look.status == "queued" else self._resting.discard)(native)
                if look is None:
                    continue
                self._absent.found(native)
                told_before = look.over and native in self._left_behind
                found += self._reader.read(watched[native], native, look, told_before=told_before)
                if look.over:
                    self._over[native] = not told_before
                    self._give_up(native)
            # After those that were found: one that has come is not to be given up for another that has not.
            for native in (native for native, look in looks.items() if look is None):
                self._absent.missed(native)
        gap, self._reader.missed = "; ".join(self._reader.missed), []
        if found:
            cursor = msgspec.json.encode(self._reader.failures(), order="sorted").decode()
        return Observation(sightings=tuple(sorted(found, key=lambda sighting: sighting.id)), cursor=cursor, gap=gap)

    def acknowledge(self, cursor: str) -> None:
        """Nothing to do: jobs are kept for as long as they were enqueued with."""

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        native = native_id or job_key
        with plain_errors():
            look = self._look([native])[native]
        if look is None:
            return Record(standing="absent")
        standing = _STANDINGS.get(look.status, "waiting")
        over = standing in ("completed", "discarded", "cancelled")
        ended = look.ended if look.ended is not None and look.ended >= (look.started or 0) else look.result_at
        return Record(standing=standing, ended_ns=ended if over else None, err_message=look.err_message if over else None)

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        native = native_id or job_key
        with plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            pipe.lrem(self._queue.key, 1, native)
            pipe.zrem(self._keys[ScheduledJobRegistry], native)
            pipe.exists(Job.key_for(native))
            queued, scheduled, known = pipe.execute()
            # Out of the list or the registry, nobody can take it any more: both give a job to one taker.
            if queued or scheduled:
                self._redis.delete(Job.key_for(native))
                self._give_up(native)
                return "removed"
        return "taken" if known else "unknown"

    def workers(self) -> int:
        with plain_errors():
            return Worker.count(queue=self._queue)

    def counts(self) -> dict[str, int]:
        with plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            pipe.llen(self._queue.key)
            for key in self._keys.values():
                pipe.zcard(key)
            numbers = pipe.execute()
        return dict(zip(("queued", "started", "scheduled", "finished", "failed", "deferred"), numbers, strict=True))

    def health(self) -> Health:
        return health_of(self._redis, dates=False)

    def unwatch(self) -> None:
        """Nothing was put into Redis but the jobs."""

    def close(self) -> None:
        self._redis.close()

    def _give_up(self, native: str) -> None:
        self._open.pop(native, None)
        self._left_behind.discard(native)
        self._resting.discard(native)
        self._reader.forget(native)

    def _unmoved(self) -> set[str]:
        """Of many jobs that wait those that lie where they lay: workers take from one end, what is tried again comes in at the other."""
        if len(self._resting) <= FEW:
            self._lay = []
            return set()
        answer: Any = self._redis.lrange(self._queue.key, 0, -1)
        before, self._lay = self._lay, [id_.decode() for id_ in answer]
        if not self._lay or self._lay[0] not in before:
            return set()
        pairs = zip(self._lay, before[before.index(self._lay[0]) :], strict=False)
        return {native for native, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)} & self._resting

    def _look(self, natives: list[str]) -> dict[str, Look | None]:
        """Every job as it is at one moment."""
        pipe = self._redis.pipeline(transaction=False)
        for native in natives:
            pipe.hmget(Job.key_for(native), *_FIELDS)
            pipe.zscore(self._keys[ScheduledJobRegistry], native)
        answers = pipe.execute() if natives else []
        seen = dict(zip(natives, zip(answers[::2], answers[1::2], strict=True), strict=True))
        failed = [native for native, (fields, _) in seen.items() if fields[0] in (b"failed", b"stopped")]
        problems = dict(zip(failed, map(self._problem, failed), strict=True))
        return {native: self._read(fields, due, problems.get(native)) for native, (fields, due) in seen.items()}

    def _read(self, fields: list[bytes | None], due: float | None, problem: tuple[int, str] | None) -> Look | None:
        status, created, enqueued, started, ended = (value.decode() if value else "" for value in fields[:5])
        left, returned = (int(value) if value else None for value in fields[5:])
        if not status or not created:
            return None
        allowed = (self._target.max_attempts or 1) - 1
        err_type, err_message = last_error(problem[1]) if problem else (None, None)
        return Look(
            status=status,
            created=_moment(created) or 0,
            enqueued=_moment(enqueued),
            started=_moment(started),
            ended=_moment(ended),
            due=None if due is None else int(due) * 10**9,
            failures=(max(0, allowed - left) if left is not None else 0) + (returned or 0),
            result_at=problem[0] if problem else None,
            err_type=err_type,
            err_message=err_message,
        )

    def _problem(self, native: str) -> tuple[int, str] | None:
        """When a failed job's result was written, by Redis's clock, and what it says."""
        result = Result.fetch_latest(Job(native, connection=self._redis, serializer=self._queue.serializer))
        return None if result is None or not result.id else (int(result.id.split("-")[0]) * 10**6, result.exc_string or "")

    def _look_for_copies(self) -> None:
        """Jobs that carry our mark under an id of somebody else's choosing."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.lrange(self._queue.key, -COPIES, -1)
        for key in self._keys.values():
            pipe.zrange(key, -COPIES, -1)
        ids = {re.sub(r":[0-9a-f]{32}$", "", member.decode()) for members in pipe.execute() for member in members}
        own = f"{self._target.ledger_id}-"
        strangers = [id_ for id_ in ids if not id_.startswith(own) and id_ not in self._strangers]
        for native in strangers:
            self._strangers[native] = None
            meta = self._redis.hget(Job.key_for(native), "meta")
            if isinstance(meta, bytes) and (key := next((text for text in texts(meta) if text.startswith(own)), None)):
                self._open[native] = key


def texts(data: bytes) -> Iterable[str]:
    """The texts in a pickle or in JSON, without making or calling anything that a pickle asks for.

    >>> list(texts(b'{"a": "b"}'))
    ['a', 'b']
    """
    if data.startswith(b"{"):
        return re.findall(r'"([^"\\]*)"', data.decode("utf-8", "replace"))
    try:
        return [argument for _, argument, _ in pickletools.genops(data) if isinstance(argument, str)]
    except Exception:  # noqa: BLE001 - what is no pickle can fail in any way, and is not ours
        return []


def _moment(text: str) -> int | None:
    """Nanoseconds since the epoch."""
    if not text:
        return None
    moment = utcparse(text)
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
