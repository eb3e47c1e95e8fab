"""Bull 3 and 4 on Redis: enqueued with the application's own package in Node, observed by what Bull publishes and by looks at job hashes.

Seen: every attempt with its start, its end and its error, while this process listens. Messages are sent once: what was sent while nobody
listened is a gap, and jobs are then looked at. Nothing is published when an attempt fails that is tried again: its end is seen by a look,
at most a tenth of a second late, unless Bull computed a wait from it. Times are those of the workers' machines.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.absentees import Absentees
from migrator.shadow.bull_jobs import job_options, marked_key
from migrator.shadow.deafness import Deafness, now
from migrator.shadow.drivers.interface import (
    Assignment,
    EnqueueRefused,
    Health,
    Observation,
    Record,
    Removal,
    Sighting,
    Standing,
    StoreDown,
    Target,
)
from migrator.shadow.looks.bull import Heard, Known, Look, Place, Reader
from migrator.shadow.looks.bull_hash import FIELDS, SETS, read_look
from migrator.shadow.newest import Newest
from migrator.shadow.node_client import node_client
from migrator.shadow.redis_ear import Ear, Message
from migrator.shadow.redis_store import health_of, plain_errors, redis_at

_STANDINGS: dict[Place, Standing] = {
    "waiting": "waiting",
    "delayed": "waiting",
    "active": "active",
    "completed": "completed",
    "failed": "discarded",
}
_LISTS = ("wait", "paused", "active")
_MESSAGES = ("waiting", "active", "stalled", "completed", "failed")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the application's own Bull is, and how it calls the queue's keys in Redis."""

    folder: str = "."  #: whose `node_modules` has `bull`; relative to the experiment file
    prefix: str = "bull"


class Cursor(msgspec.Struct):
    """When something was last seen, and what was known of open jobs then."""

    at: str
    jobs: dict[str, Known] = {}


def open_driver(target: Target, options: Options) -> Bull:
    """The driver of one queue."""
    return Bull(target, options)


class Bull:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = False

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._prefix = target, options.prefix
        self._own = f"{target.ledger_id}-"
        self._node = node_client("bull", target, folder=options.folder, prefix=options.prefix)
        self._redis = redis_at(target.address, name=target.name, timeout=target.timeout, text=True)
        self._listening = redis_at(target.address, name=target.name, timeout=target.timeout, text=True, waits=True)
        self._ear: Ear | None = None
        self._open: dict[str, str] = {}  # native id -> job key
        self._new: set[str] = set()  #: ids that have not been looked at yet
        self._waiting: dict[str, list[Heard]] = {}  #: what was heard of jobs that have not been looked at since
        self._strangers = Newest[str, None]()  #: ids of other people's jobs, so that each is looked up once
        self._absent = Absentees(self._give_up)
        self._deaf = Deafness()
        self._reader = Reader()

    def watch(self, cursor: str) -> str:
        before = msgspec.json.decode(cursor, type=Cursor) if cursor else None
        self._reader = Reader(before.jobs if before else None)
        if before:
            self._deaf.begin(before.at)
        with contextlib.suppress(MigratorError):  # without Node nothing is sent from here: whoever sends is told
            self._node.start()
        with plain_errors():
            self._listen()
            if before:
                start = self._key(self._own)
                for key in self._redis.scan_iter(match=f"{_literal(start)}*", count=1000):
                    native = key.removeprefix(self._key(""))
                    if ":" not in native:
                        self.expect(native, native)
        return cursor or self._cursor()

    def enqueue(self, job: Assignment) -> str:
        native = self._node.add(self._target.job_name, job.payload, job_options(self._target, job))
        self.expect(job.job_key, native)
        return native

    def expect(self, job_key: str, native_id: str | None) -> None:
        native = native_id or job_key
        if native not in self._open:
            self._open[native] = job_key
            self._new.add(native)
        if native_id:
            self._absent.found(native_id)  # it is on its way: no time to look seldom

    def observe(self, cursor: str) -> Observation:
        found: list[Sighting] = []
        with self._losing_its_ear(cursor):
            if self._ear is None:
                self._listen()
                self._new.update(self._open)
            self._hear(self._ear.until(self._redis.publish) if self._ear else ())
            due = [native for native in (*self._new, *self._reader.active()) if self._absent.due(native)]
            wanted = [native for native in dict.fromkeys((*due, *self._waiting)) if native in self._open]
            gone: list[str] = []
            for native, look in self._look(wanted).items():
                heard = self._waiting.pop(native, [])
                if look is None and not heard:
                    gone.append(native)
                    continue
                self._absent.found(native)
                self._new.discard(native)
                found += self._reader.read(self._open[native], native, heard, look)
                if look.over if look else any(message.kind in ("completed", "failed") for message in heard):
                    self._give_up(native)
            # After those that were found: one that has come is not to be given up for another that has not.
            for native in gone:
                self._absent.missed(native)
        gaps, self._reader.missed = self._reader.missed, []
        if unheard := self._deaf.over("what Bull publishes"):
            gaps = [unheard, *gaps]
        return Observation(sightings=tuple(found), cursor=self._cursor() if found or gaps else cursor, gap="; ".join(gaps))

    def acknowledge(self, cursor: str) -> None:
        """Nothing to do: nobody keeps messages."""

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        native = native_id or job_key
        with plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            self._ask(pipe, native)
            look = read_look(pipe.execute(), 0)
        if look is None:
            return Record(standing="absent")
        return Record(
            standing=_STANDINGS[look.place],
            ended_ns=look.finished if look.over else None,
            err_message=look.errors.reason if look.place == "failed" else None,
        )

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        native = native_id or job_key
        with plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            # Bull's own `remove` also removes what has ended meanwhile: so first where workers take jobs from.
            for name in ("wait", "paused"):
                pipe.lrem(self._key(name), 1, native)
            for name in ("delayed", "priority"):
                pipe.zrem(self._key(name), native)
            pipe.exists(self._key(native))
            waiting, paused, delayed, _, known = pipe.execute()
        if not (waiting or paused or delayed):
            return "taken" if known else "unknown"
        # The rest of what it keeps of the job.
        with _as_store_down():
            self._node.remove(native)
        self._give_up(native)
        return "removed"

    def workers(self) -> int:
        with _as_store_down():
            return self._node.workers()

    def counts(self) -> dict[str, int]:
        with plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            for name in _LISTS:
                pipe.llen(self._key(name))
            for name in SETS:
                pipe.zcard(self._key(name))
            return dict(zip((*_LISTS, *SETS), pipe.execute(), strict=True))

    def health(self) -> Health:
        return health_of(self._redis, dates=False)

    def unwatch(self) -> None:
        """Nothing was put into Redis but the jobs."""

    def close(self) -> None:
        self._node.close()
        if self._ear is not None:
            self._ear.close()
        self._redis.close()
        self._listening.close()

    def _give_up(self, native: str) -> None:
        self._new.discard(native)
        self._open.pop(native, None)
        self._reader.forget(native)

    def _listen(self) -> None:
        self._ear = Ear(
            self._listening,
            channels=[self._key(name) for name in ("completed", "failed")],
            patterns=[f"{_literal(self._key(name))}@*" for name in ("waiting", "active", "stalled")],
            marks=self._key("migrator-"),
            timeout=self._target.timeout,
        )

    @contextmanager
    def _losing_its_ear(self, cursor: str) -> Generator[None]:
        try:
            with plain_errors():
                yield
        except StoreDown:
            if self._ear is not None:
                self._ear.close()
                self._ear = None
                self._deaf.begin(msgspec.json.decode(cursor, type=Cursor).at if cursor else "")
            raise

    def _hear(self, messages: Iterable[Message]) -> None:
        """Note what is of a job of ours."""
        for message in messages:
            kind = message.channel.removeprefix(self._key("")).partition("@")[0]
            if kind not in _MESSAGES:
                continue
            native, reason = message.text, None
            if kind in ("completed", "failed"):
                told = msgspec.json.decode(message.text)
                native, reason = str(told.get("jobId")), told.get("val") if kind == "failed" else None
            if self._is_ours(native):
                self._waiting.setdefault(native, []).append(Heard(kind, message.at, None if reason is None else str(reason)))

    def _is_ours(self, native: str) -> bool:
        """Whether a job is of the ledger: by its id, or by the mark in its payload."""
        if native in self._open:
            return True
        key = native if native.startswith(self._own) else None
        if key is None and native not in self._strangers:
            self._strangers[native] = None
            key = marked_key(self._redis.hget(self._key(native), "data"), self._target.ledger_id)
        if key is None:
            return False
        self.expect(key, native)
        return True

    def _look(self, natives: list[str]) -> dict[str, Look | None]:
        """How jobs stand, all at one moment, and what was published until then."""
        if not natives or self._ear is None:
            return {}
        answers: list[Any] = []

        def look(channel: str, mark: str) -> None:
            pipe = self._redis.pipeline(transaction=True)
            for native in natives:
                self._ask(pipe, native)
            pipe.publish(channel, mark)
            answers.extend(pipe.execute())

        self._hear(self._ear.until(look))
        looked = time.time_ns()
        each = (len(answers) - 1) // len(natives)
        return {native: read_look(answers[position * each : (position + 1) * each], looked) for position, native in enumerate(natives)}

    def _ask(self, pipe: Any, native: str) -> None:
        pipe.hmget(self._key(native), *FIELDS)
        for name in SETS:
            pipe.zscore(self._key(name), native)
        pipe.lpos(self._key("active"), native)
        pipe.exists(self._key(f"{native}:lock"))

    def _cursor(self) -> str:
        return msgspec.json.encode(Cursor(at=now(), jobs=self._reader.known())).decode()

    def _key(self, name: str) -> str:
        return f"{self._prefix}:{self._target.queue}:{name}"


def _literal(text: str) -> str:
    """A text for a pattern of Redis, in which it stands for itself."""
    return "".join(f"\\{letter}" if letter in "*?[]^\\" else letter for letter in text)


@contextmanager
def _as_store_down() -> Generator[None]:
    """What is no enqueue cannot be refused as one."""
    try:
        yield
    except EnqueueRefused as error:
        raise StoreDown(str(error)) from error
