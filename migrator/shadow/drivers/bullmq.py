"""BullMQ 4, 5 and 6 on Redis: enqueued with its own Python client, or the application's own package; observed through the event stream.

The stream has every start and every end with the Redis server's time (milliseconds). An attempt that failed shows as going from active
back to waiting or delayed; its error is read from the job's hash. The stream is capped (about 10,000 entries by default): what was trimmed
before it was read is a gap.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
import redis
import redis.asyncio
from bullmq import Queue
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff

from migrator.errors import MigratorError
from migrator.shadow.bull_jobs import job_options, marked_key
from migrator.shadow.drivers.interface import (
    Assignment,
    EnqueueRefused,
    Health,
    Observation,
    Record,
    Removal,
    Standing,
    Target,
)
from migrator.shadow.node_client import node_client
from migrator.shadow.redis_store import health_of, plain_errors, redis_at
from migrator.shadow.streams.bullmq import Entry, Hash, Reader, failed_attempts, read_hash

if TYPE_CHECKING:
    from bullmq.types import JobOptions

BATCH = 5000
_BEGINNING = "0-0"
Result = TypeVar("Result")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the application calls the queue's keys in Redis, and whose client puts the jobs."""

    prefix: str = "bull"
    folder: str = ""  #: of the application, whose own `bullmq` then puts the jobs; empty: the Python client does


def open_driver(target: Target, options: Options) -> BullMQ:
    """The driver of one queue."""
    return BullMQ(target, options)


class BullMQ:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = False

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._prefix = target, options.prefix
        self._loop = asyncio.new_event_loop()
        self._running = threading.Lock()
        self._queue: Queue | None = None
        self._redis = redis_at(target.address, name=target.name, timeout=target.timeout, text=True)
        self._reader = Reader(f"{target.ledger_id}-", self._key_of, self._hash_of)
        self._version_is_checked = False
        self._node = node_client("bullmq", target, folder=options.folder, prefix=options.prefix) if options.folder else None

    def watch(self, cursor: str) -> str:
        if self._node is None:
            self._check_version()
        else:
            with contextlib.suppress(MigratorError):  # without Node nothing is sent from here: whoever sends is told
                self._node.start()
        return cursor or self._newest()

    def enqueue(self, job: Assignment) -> str:
        options = job_options(self._target, job)

        if self._node is not None:
            return self._node.add(self._target.job_name, job.payload, options)
        if not self._version_is_checked:
            self._check_version()

        async def add() -> None:
            await self._opened().add(self._target.job_name, job.payload, cast("JobOptions", options))

        with plain_errors(EnqueueRefused):
            self._in_loop(add())
        return job.job_key

    def expect(self, job_key: str, native_id: str | None) -> None:
        """Nothing to do: the stream tells of every job."""

    def observe(self, cursor: str) -> Observation:
        with plain_errors():
            raw = self._read(cursor, BATCH)
            # The two entries of a stalled job are written as one; a batch must not end between them.
            while len(raw) >= BATCH and (more := self._read(raw[-1][0], 1)):
                raw += more
                if more[0][1].get("event") != "stalled":
                    break
            lost = bool(raw) and cursor != _BEGINNING and not self._redis.xrange(self._key("events"), cursor, cursor)
            entries = [Entry(id_, fields.get("event", ""), fields.get("jobId", ""), fields) for id_, fields in raw]
            found = self._reader.read(entries)
        gap = f"the event stream was trimmed past {cursor} before it was read" if lost else ""
        return Observation(sightings=tuple(found), cursor=entries[-1].id if entries else cursor, gap=gap)

    def acknowledge(self, cursor: str) -> None:
        """Nothing to do: the stream is the queue's own, and its length is the queue's affair."""

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        job_id = native_id or job_key
        with plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            pipe.hmget(self._key(job_id), "timestamp", "finishedOn", "failedReason")
            pipe.zscore(self._key("completed"), job_id)
            pipe.zscore(self._key("failed"), job_id)
            pipe.lpos(self._key("active"), job_id)
            (born, finished, reason), completed, failed, active = pipe.execute()
        standing: Standing = "waiting"
        if born is None:
            standing = "absent"
        elif completed is not None:
            standing = "completed"
        elif failed is not None:
            standing = "discarded"
        elif active is not None:
            standing = "active"
        ended = int(finished) * 1_000_000 if finished and standing in ("completed", "discarded") else None
        return Record(standing=standing, ended_ns=ended, err_message=reason if standing == "discarded" else None)

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        job_id = native_id or job_key
        with plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            # BullMQ's own `remove` also removes what has ended meanwhile: so first where workers take jobs from.
            for name in ("wait", "paused"):
                pipe.lrem(self._key(name), 1, job_id)
            for name in ("delayed", "prioritized"):
                pipe.zrem(self._key(name), job_id)
            pipe.exists(self._key(job_id))
            *removed, known = pipe.execute()
            if not any(removed):
                return "taken" if known else "unknown"
            # The rest of what it keeps of the job.
            self._in_loop(self._remove(job_id))
        return "removed"

    def _in_loop(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What the client does, one thing at a time: jobs are sent from one thread while another asks."""
        with self._running:
            return self._loop.run_until_complete(asyncio.wait_for(work, self._target.timeout))

    def _opened(self) -> Queue:
        if self._queue is None:
            self._queue = Queue(self._target.queue, {"connection": self._client(), "prefix": self._prefix})
        return self._queue

    async def _remove(self, job_id: str) -> None:
        await self._opened().remove(job_id)

    def workers(self) -> int:
        async def count() -> int:
            return int(await self._opened().get_workers_count())

        with plain_errors():
            return self._in_loop(count())

    def counts(self) -> dict[str, int]:
        with plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            for name in ("active", "paused", "wait"):
                pipe.llen(self._key(name))
            for name in ("completed", "delayed", "failed", "prioritized"):
                pipe.zcard(self._key(name))
            numbers = pipe.execute()
        return dict(zip(("active", "paused", "wait", "completed", "delayed", "failed", "prioritized"), numbers, strict=True))

    def health(self) -> Health:
        return health_of(self._redis, dates=True)

    def unwatch(self) -> None:
        """Nothing was put into Redis but the jobs."""

    def close(self) -> None:
        if self._node is not None:
            self._node.close()
        if self._queue is not None and not self._loop.is_running():
            with contextlib.suppress(Exception):
                self._loop.run_until_complete(self._queue.close())
        if not self._loop.is_running():
            self._loop.close()
        self._redis.close()

    def _check_version(self) -> None:
        """Raises MigratorError when the queue is BullMQ 4's, whose idle workers sleep up to five seconds past a later version's delays."""
        with plain_errors():
            version: Any = self._redis.hget(self._key("meta"), "version")
        if version and version.startswith("bullmq:4."):
            raise MigratorError(
                f"queue {self._target.queue} is one of BullMQ 4, whose workers are not woken by the delays of a later version",
                place=self._target.name,
                remedy="Set `folder` in the arm's options to the folder of the application: its own bullmq then puts the jobs.",
            )
        self._version_is_checked = True

    def _client(self) -> redis.asyncio.Redis:
        # Our own: the one that the client would make retries a dead server for minutes.
        return redis.asyncio.Redis.from_url(
            self._target.address,
            decode_responses=True,
            single_connection_client=True,
            socket_timeout=self._target.timeout,
            socket_connect_timeout=self._target.timeout,
            retry=AsyncRetry(NoBackoff(), 0),
        )

    def _key(self, name: str) -> str:
        return f"{self._prefix}:{self._target.queue}:{name}"

    def _newest(self) -> str:
        with plain_errors():
            if not self._redis.exists(self._key("events")):
                return _BEGINNING
            return self._redis.xinfo_stream(self._key("events"))["last-generated-id"]

    def _read(self, cursor: str, count: int) -> list[tuple[str, dict[str, str]]]:
        answer: Any = self._redis.xread({self._key("events"): cursor}, count=count)
        return list(answer[0][1]) if answer else []

    def _key_of(self, job_id: str) -> str | None:
        """The ledger's key of a job under an id that is not ours: a copy that somebody made."""
        return marked_key(self._redis.hget(self._key(job_id), "data"), self._target.ledger_id)

    def _hash_of(self, job_id: str) -> Hash:
        pipe = self._redis.pipeline(transaction=True)
        pipe.hmget(self._key(job_id), "atm", "attemptsMade", "ats", "stacktrace", "failedReason")
        pipe.lpos(self._key("active"), job_id)
        pipe.zscore(self._key("completed"), job_id)
        (made, made_v4, started, stacks, reason), active, completed = pipe.execute()
        failures = failed_attempts(made, made_v4, active=active is not None, completed=completed is not None)
        return read_hash(failures, started, stacks, reason)
