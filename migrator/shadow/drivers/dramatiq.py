"""Dramatiq 2 on Redis: enqueued with its own client, observed by looking at the messages that are there.

Seen: the enqueue; each failed attempt that is tried again, with its error and its time; messages that are given up. Not seen: when an
attempt begins, and the error of the last one. A message that was done is deleted, as is one that somebody takes out: what tells them apart
is the arm's option `completion`. The worker hook (`migrator.shadow.hooks.dramatiq`) sees every attempt.
"""

from __future__ import annotations

import time
from typing import Any
from typing import Literal as OneOf

import dramatiq
import msgspec
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import DramatiqError
from dramatiq.results.backends.redis import RedisBackend

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
    Target,
)
from migrator.shadow.looks.dramatiq import Message, Reader
from migrator.shadow.looks.dramatiq_queue import MessageStore
from migrator.shadow.newest import SENT, Newest
from migrator.shadow.redis_store import health_of, plain_errors, redis_at

#: messages of other people that are remembered, so that each is read once; jobs that are looked out for and were never there
FOREIGN = 20_000
#: looks at all there is in which a message must be missing before it is taken for gone: a worker that has just come may have it
GONE = 2
#: how often a message that goes on while it is looked for is looked for again
LOOKS = 5
#: seconds between two searches through all that lies in queues that are too long for one look
SEARCH = 1.0
_RESULT_TTL = 86_400_000


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What tells that a message was done, and how the application's actors are called."""

    #: `hook`: our middleware in the workers; `results`: the workers' Results middleware on the same Redis; `vanished`: that it is gone
    completion: OneOf["hook", "results", "vanished", ""] = ""
    arguments: OneOf["keywords", "payload"] = "keywords"  #: the payload's fields by name, or the payload as the one argument
    namespace: str = "dramatiq"  #: as the application's RedisBroker has it
    results_namespace: str = "dramatiq-results"  #: as its RedisBackend has it


def open_driver(target: Target, options: Options) -> Dramatiq:
    """The driver of one queue. `target.job_name` is the actor's name."""
    if not options.completion:
        raise MigratorError(
            "Dramatiq deletes what it has done: say what tells a message that was done from one that got lost",
            place=f"arm {target.arm}",
            remedy="Set completion in the arm's options: hook (our middleware is in the workers), results (their Results middleware keeps"
            " results in this Redis) or vanished (what is gone counts as done).",
        )
    return Dramatiq(target, options)


class Seen(msgspec.Struct):
    """What is remembered of an open job."""

    job_key: str
    was_there: bool = False
    missing: int = 0
    since: int = 0  #: when it was first missing, nanoseconds
    redis_ids: set[str] = msgspec.field(default_factory=set[str])  #: of its messages that are known


class Dramatiq:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = False

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._options = target, options
        self._redis = redis_at(target.address, name=target.name, timeout=target.timeout)
        self._broker = RedisBroker(client=self._redis, namespace=options.namespace, middleware=[])
        self._results = RedisBackend(client=self._redis, namespace=options.results_namespace)
        self._store = MessageStore(self._redis, namespace=options.namespace, queue=target.queue, own=f"{target.ledger_id}-")
        self._token = f"migrator:{target.ledger_id}:{target.arm}"
        self._open: dict[str, Seen] = {}  # native id -> job
        self._absent = Absentees(self._forget, limit=FOREIGN)  # those of them that have not been there yet
        self._known: dict[str, str] = {}  # redis id -> native id
        self._searched = -SEARCH
        self._strangers = Newest[str, None](FOREIGN)
        self._sent = Newest[str, None](SENT)
        self._taken_back = Newest[str, None](SENT)
        self._reader = Reader()
        self._complete = True  # Redis has lost nothing since we began to look

    def watch(self, cursor: str) -> str:
        with plain_errors():
            if cursor:
                for message in self._store.search():
                    self._track(message)
            elif self._options.completion == "vanished":
                self._redis.set(self._token, "whole")
        self._reader = Reader(msgspec.json.decode(cursor) if cursor else None)
        return cursor or "{}"

    def enqueue(self, job: Assignment) -> str:
        # Dramatiq itself would take a second message with the same id.
        if job.job_key in self._sent:
            return job.job_key
        delay = round(job.delay * 1000)
        message = self._message(job)
        with plain_errors(EnqueueRefused):
            # Before the call: its answer may get lost, and the message is there nevertheless.
            seen = self._look_out_for(job.job_key, job.job_key)
            sent = self._broker.enqueue(message, delay=delay or None)
            self._is_there(job.job_key, seen, sent.options["redis_message_id"])
        self._sent[job.job_key] = None
        return job.job_key

    def expect(self, job_key: str, native_id: str | None) -> None:
        self._look_out_for(native_id or job_key, job_key)

    def observe(self, cursor: str) -> Observation:
        found: list[Sighting] = []
        with plain_errors():
            (present, whole), gap = self._look(), self._check_token()
            # After the look: what is missing in it may have gone while the answer was waited for.
            looked = time.time_ns()
            for native, messages in present.items():
                found += self._reader.read(messages)
                if all(message.place == "dead" for message in messages):
                    self._forget(native)
            missing = {native: job for native, job in list(self._open.items()) if native not in present}
            asked = [native for native in missing if self._absent.due(native)]
            done = self._with_results(asked)
            for native in asked:
                if native in self._absent:
                    self._absent.missed(native)
            for native, job in missing.items():
                found += self._missing(native, job, looked, done=native in done, whole=whole)
        missed, self._reader.missed = self._reader.missed, []
        gap = "; ".join((*([gap] if gap else ()), *missed))
        if found:
            cursor = msgspec.json.encode(self._reader.failures(), order="sorted").decode()
        return Observation(sightings=tuple(sorted(found, key=lambda s: s.id)), cursor=cursor, gap=gap)

    def acknowledge(self, cursor: str) -> None:
        """Nothing to do: nothing is kept for us."""

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        native = native_id or job_key
        with plain_errors():
            messages = self._store.find(native)
            for _ in range(LOOKS):
                alive = [message for message in messages if message.place != "dead"]
                if not alive:
                    break
                if (standing := self._store.standing(alive)) != "absent":
                    return Record(standing=standing)
                # In neither list nor hand of a worker: it is never run, unless it has just gone on.
                if self._store.read([message.redis_id for message in alive]):
                    return Record(standing="absent")
                messages = self._store.find(native)
            else:
                return Record(standing="unknown")
            if messages:
                return Record(standing="discarded", ended_ns=(messages[0].dead or 0) * 1_000_000)
            if self._options.completion == "results" and self._has_result(native):
                return Record(standing="completed")
            vanished = self._options.completion == "vanished" and native_id is not None and native not in self._taken_back
            return Record(standing="completed" if vanished and self._redis.get(self._token) == b"whole" else "absent")

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        native = native_id or job_key
        with plain_errors():
            messages = self._store.find(native)
            removal = self._store.remove(messages) if messages else "unknown"
        if removal == "removed":
            self._taken_back[native] = None
            self._forget(native)
        return removal

    def counts(self) -> dict[str, int]:
        with plain_errors():
            return self._store.counts()

    def health(self) -> Health:
        return health_of(self._redis, dates=False)

    def unwatch(self) -> None:
        with plain_errors():
            self._redis.delete(self._token)

    def close(self) -> None:
        self._redis.close()

    # -- what is sent -------------------------------------------------------------------------------------------------

    def _message(self, job: Assignment) -> dramatiq.Message[Any]:
        target = self._target
        by_name = self._options.arguments == "keywords"
        plain = {name: value for name, value in job.payload.items() if name != MARKER}
        options: dict[str, Any] = {MARKER: job.payload.get(MARKER)}
        if target.max_attempts is not None:
            options["max_retries"] = target.max_attempts - 1
        if target.retry_delay is not None:
            options["min_backoff"] = options["max_backoff"] = round(target.retry_delay * 1000)
        if self._options.completion == "results":
            options |= {"store_results": True, "result_ttl": _RESULT_TTL}
        return dramatiq.Message(
            queue_name=target.queue,
            actor_name=target.job_name,
            args=() if by_name else (job.payload,),
            kwargs=plain if by_name else {},
            options=options,
            message_id=job.job_key,
        )

    # -- what is there ------------------------------------------------------------------------------------------------

    def _look(self) -> tuple[dict[str, list[Message]], bool]:
        """Our messages, by the ids of their jobs; and whether these are all."""
        newcomers, whole = self._store.newcomers(self._known, self._strangers)
        ids = [*self._known, *newcomers]
        messages = self._store.read(ids)
        seen = {message.native_id for message in messages}
        gone = not whole and any(job.was_there and native not in seen for native, job in list(self._open.items()))
        if gone and time.monotonic() - self._searched >= SEARCH:
            # Behind so many others there may be the next attempt of one that is missing.
            messages = list({(m.redis_id, m.place): m for m in (*messages, *self._store.search())}.values())
            self._searched, whole = time.monotonic(), True
        found: dict[str, list[Message]] = {}
        for message in messages:
            self._track(message)
            found.setdefault(message.native_id, []).append(message)
        there = {message.redis_id for messages in found.values() for message in messages}
        for redis_id in ids:
            if redis_id not in there:
                job = self._open.get(self._known.pop(redis_id, ""))
                if job is not None:
                    job.redis_ids.discard(redis_id)
                self._strangers[redis_id] = None
        return found, whole

    # -- what is gone -------------------------------------------------------------------------------------------------

    def _missing(self, native: str, job: Seen, at: int, *, done: bool, whole: bool) -> list[Sighting]:
        """What it says about a job that none of its messages was among those looked at. `done`: it has a result; `whole`: that was all."""
        if not done:
            if job.was_there:
                job.missing, job.since = job.missing + whole, job.since or at
            if job.missing < GONE:
                return []
            done = self._options.completion == "vanished" and self._complete
        since = job.since or at
        self._forget(native)
        if not done:
            return []
        # When it was done is not written anywhere.
        return [
            Sighting(
                id=f"{since // 1_000_000:014d}.9999.4-{native}",
                job_key=job.job_key,
                native_id=native,
                kind="completed",
                ts_ns=since,
                dated=False,
            )
        ]

    def _with_results(self, natives: list[str]) -> set[str]:
        """Those of the jobs that have a result."""
        if self._options.completion != "results" or not natives:
            return set()
        pipe = self._redis.pipeline(transaction=False)
        for native in natives:
            pipe.exists(self._results.build_message_key(self._asked_for(native)))
        return {native for native, there in zip(natives, pipe.execute(), strict=True) if there and self._has_result(native)}

    def _asked_for(self, native: str) -> dramatiq.Message[Any]:
        target = self._target
        return dramatiq.Message(queue_name=target.queue, actor_name=target.job_name, args=(), kwargs={}, options={}, message_id=native)

    def _has_result(self, native: str) -> bool:
        try:
            self._results.get_result(self._asked_for(native))
        except DramatiqError:
            return False  # there is none, or it is a failure
        return True

    def _check_token(self) -> str:
        """A sentence when Redis has lost what it held, our token with it."""
        if self._options.completion != "vanished" or not self._complete or self._redis.get(self._token) == b"whole":
            return ""
        self._complete = False
        self._redis.set(self._token, "lost")
        return "Redis lost what it held: from here on nothing that vanishes is taken for done"

    def _track(self, message: Message) -> None:
        job = self._look_out_for(message.native_id, message.job_key)
        self._is_there(message.native_id, job, message.redis_id)
        job.missing, job.since = 0, 0

    def _is_there(self, native: str, job: Seen, redis_id: str) -> None:
        job.redis_ids.add(redis_id)
        self._known[redis_id] = native
        job.was_there = True
        self._absent.found(native)

    def _look_out_for(self, native: str, job_key: str) -> Seen:
        if (job := self._open.get(native)) is None:
            job = self._open[native] = Seen(job_key)
            self._absent.missed(native)
        return job

    def _forget(self, native: str) -> None:
        job = self._open.pop(native, None)
        self._absent.found(native)
        self._reader.forget(native)
        for redis_id in job.redis_ids if job else ():
            self._known.pop(redis_id, None)
            self._strangers[redis_id] = None
