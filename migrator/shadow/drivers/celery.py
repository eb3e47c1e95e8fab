"""Celery 5 on Redis: enqueued with its own client, observed through the task events that its workers send.

Seen: every attempt with its start, its end and its error, while this process listens. Events are sent once: what was sent while nobody
listened is a gap, and jobs are then asked for one by one. The task's own code says how often it is tried: Celery has no such option for a
caller. With early acknowledgement (the default) a task whose worker is killed is nowhere any more: it ends as presumed lost.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from typing import Literal as OneOf

import msgspec
import redis
from celery import Celery as App
from celery.app.backends import by_url
from kombu.connection import Connection
from kombu.exceptions import KombuError, OperationalError
from kombu.messaging import Consumer
from redis.backoff import NoBackoff
from redis.retry import Retry

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import (
    MARKER,
    Assignment,
    EnqueueRefused,
    Health,
    Observation,
    Record,
    Removal,
    Standing,
    StoreDown,
    Target,
)
from migrator.shadow.ledger import ClockReading, shortest
from migrator.shadow.streams.celery import Reader

PROBES = 5
CHUNK = 1000
#: seconds that workers have to say what they hold
ANSWER = 1.0
#: seconds for which one survey of queue and workers answers for all jobs
FRESH = 2.0
_PRIORITIES = (3, 6, 9)
_ENDS: dict[str, Standing] = {"SUCCESS": "completed", "FAILURE": "discarded", "REVOKED": "cancelled"}
_HELLO = "migrator-listens"


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the application's tasks are called, and where their results are."""

    arguments: OneOf["keywords", "payload"] = "keywords"  #: the payload's fields by name, or the payload as the one argument
    results: bool = True  #: workers keep results in the same Redis; else only events tell how a task ended
    key_prefix: str = ""  #: `global_keyprefix` of the application's broker_transport_options


class Survey(msgspec.Struct, frozen=True):
    """Where tasks were at one moment."""

    at: float
    asked: frozenset[str]
    waiting: frozenset[str]  #: in the queue, or taken by a worker that has not said that it began
    active: frozenset[str]


def open_driver(target: Target, options: Options) -> Celery:
    """The driver of one queue. `target.job_name` is the task's name."""
    return Celery(target, options)


class Celery:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = True

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._options = target, options
        try:
            self._redis = redis.Redis.from_url(
                target.address, socket_timeout=target.timeout, socket_connect_timeout=target.timeout, retry=Retry(NoBackoff(), 0)
            )
        except ValueError as error:  # its text may quote the address, password and all
            raise MigratorError("this is not a Redis address", place=target.name, remedy="It looks like redis://host:6379/0.") from error
        prefix = {"global_keyprefix": options.key_prefix} if options.key_prefix else {}
        limits = {"socket_timeout": target.timeout, "socket_connect_timeout": target.timeout, "max_retries": 0}
        self._transport = {**prefix, **limits}
        self._app = App("migrator", set_as_current=False, fixups=[])
        # Not `broker_url`: CELERY_BROKER_URL, where it is set for the application, would take its place.
        self._app.conf.update(
            broker_read_url=target.address,
            broker_write_url=target.address,
            broker_transport_options=self._transport,
            broker_connection_retry=False,
            task_send_sent_event=True,
            task_create_missing_queues=True,
        )
        if self._app.conf.broker_write_url != target.address:
            raise MigratorError(
                "CELERY_BROKER_WRITE_URL names another broker, and Celery puts it before this one",
                place=target.name,
                remedy="Unset it for the run.",
            )
        kind, url = by_url(target.address, self._app.loader)
        self._results = kind(app=self._app, url=url) if options.results else None
        self._sender: Connection | None = None
        self._ear: Connection | None = None
        self._enabled: list[str] = []  #: workers that send events because we asked them to
        self._heard: list[Mapping[str, Any]] = []
        self._reader = Reader(f"{target.ledger_id}-")
        self._sent: set[str] = set()
        self._open: set[str] = set()
        self._survey: Survey | None = None
        self._deaf_since = ""

    def watch(self, cursor: str) -> str:
        self._deaf_since = cursor
        self._listen()
        answers = self._ask("enable_events") or {}
        self._enabled = [worker for worker, answer in answers.items() if answer.get("ok") == "task events enabled"]
        return cursor or _now()

    def enqueue(self, job: Assignment) -> str:
        # Celery itself would take a second task with the same id.
        if job.job_key in self._sent:
            return job.job_key
        plain = {name: value for name, value in job.payload.items() if name != MARKER}
        by_name = self._options.arguments == "keywords"
        with _plain_errors(EnqueueRefused):
            if self._sender is None:
                self._sender = self._connection()
            self._sender.ensure_connection(max_retries=1)
            self._open.add(job.job_key)
            self._reader.handed[job.job_key] = time.time_ns()
            self._app.send_task(
                self._target.job_name,
                args=() if by_name else (job.payload,),
                kwargs=plain if by_name else {},
                task_id=job.job_key,
                queue=self._target.queue,
                countdown=job.delay or None,
                headers={MARKER: job.payload.get(MARKER)},
                connection=self._sender,
                retry=False,
            )
        self._sent.add(job.job_key)
        return job.job_key

    def expect(self, job_key: str, native_id: str | None) -> None:
        self._open.add(native_id or job_key)

    def observe(self, cursor: str) -> Observation:
        if self._ear is None:
            self._deaf_since = self._deaf_since or cursor
            self._listen()
        with self._losing_its_ear(cursor):
            self._drain()
        heard = self._heard.copy()
        self._heard.clear()
        found = [sighting for event in heard if (sighting := self._reader.read(event)) is not None]
        for sighting in found:
            (self._open.discard if sighting.kind in ("completed", "discarded", "cancelled") else self._open.add)(sighting.native_id)
        gap, self._deaf_since = f"nobody listened to events between {self._deaf_since} and now" if self._deaf_since else "", ""
        return Observation(sightings=tuple(sorted(found, key=lambda s: s.id)), cursor=_now() if found or gap else cursor, gap=gap)

    def acknowledge(self, cursor: str) -> None:
        """Nothing to do: nobody keeps events."""

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        native = native_id or job_key
        ended = self._ended(native)
        if ended is not None:
            return ended
        survey = self._survey
        if survey is None or native not in survey.asked or time.monotonic() - survey.at > FRESH:
            survey = self._survey = self._look_round(native)
        if native in survey.active:
            return Record(standing="active")
        if native in survey.waiting:
            return Record(standing="waiting")
        return self._ended(native) or Record(standing="absent")

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        # Revoking only tells the workers that are there now. A message that is out of its list, no worker gets.
        native = native_id or job_key
        with _plain_errors():
            for key in self._queues():
                for raw in self._messages(key):
                    if native in _ids((json.loads(raw),)) and self._redis.lrem(key, 1, raw):
                        self._open.discard(native)
                        return "removed"
        return "unknown" if self.inspect(job_key, native).standing == "absent" else "taken"

    def counts(self) -> dict[str, int]:
        with _plain_errors():
            pipe = self._redis.pipeline(transaction=True)
            for key in self._queues():
                pipe.llen(key)
            pipe.hlen(self._key("unacked"))
            *waiting, unacked = pipe.execute()
        return {"waiting": sum(waiting), "unacked": unacked}

    def health(self) -> Health:
        with _plain_errors():
            clock = shortest(self._probe() for _ in range(PROBES))
            version = self._redis.info("server")["redis_version"]
        return Health(clock=clock, server=f"Redis {version}")

    def _probe(self) -> ClockReading:
        """The round trip. The events' times are not Redis's but those of the workers' machines, which are taken to go as this one does."""
        begin = time.time_ns()
        self._redis.ping()
        return ClockReading(offset_ns=0, rtt_ns=time.time_ns() - begin)

    def unwatch(self) -> None:
        if self._enabled:
            self._ask("disable_events", destination=self._enabled)
            self._enabled = []

    def close(self) -> None:
        for connection in (self._sender, self._ear):
            if connection is not None:
                connection.release()
        self._redis.close()

    def _connection(self) -> Connection:
        return Connection(self._target.address, transport_options=self._transport)

    def _listen(self) -> None:
        """Begin to hear events; returns once one of our own has been heard."""
        with _plain_errors():
            self._redis.ping()
            ear = self._connection()
            receiver = self._app.events.Receiver(ear.channel(), handlers={"*": self._heard.append})
            for consumer in receiver.get_consumers(lambda **options: Consumer(receiver.channel, **options), receiver.channel):
                consumer.consume()
            until = time.monotonic() + self._target.timeout
            with self._connection() as mouth, self._app.events.Dispatcher(mouth) as dispatcher:
                while not any(event.get("type") == _HELLO for event in self._heard):
                    if time.monotonic() > until:
                        raise StoreDown("it does not hand on events")
                    dispatcher.send(_HELLO)
                    self._drain(ear)
            self._ear = ear

    def _drain(self, ear: Connection | None = None) -> None:
        """Hear everything that is there."""
        source = ear or self._ear
        while source is not None:
            try:
                source.drain_events(timeout=0.02)
            except TimeoutError:
                return

    @contextmanager
    def _losing_its_ear(self, cursor: str) -> Generator[None]:
        try:
            with _plain_errors():
                yield
        except StoreDown:
            self._ear, self._deaf_since = None, self._deaf_since or cursor or _now()
            raise

    def _ask(self, command: str, destination: list[str] | None = None, **arguments: Any) -> dict[str, Any]:
        """The answers of the workers, by their names."""
        with _plain_errors(), self._connection() as connection:
            answers: Any = self._app.control.broadcast(
                command, arguments, destination=destination, connection=connection, reply=True, timeout=min(ANSWER, self._target.timeout)
            )
        return {worker: answer for each in answers or [] for worker, answer in each.items()}

    def _look_round(self, native: str) -> Survey:
        """Where every open task is. A task goes from the queue to a worker, and for a retry back: the queue is read before and after."""
        asked = frozenset((*self._open, native))
        begun = time.monotonic()
        with _plain_errors():
            waiting = self._lying()
            held = self._ask("query_task", ids=sorted(asked))
            waiting |= self._lying()
        states = {id_: state for tasks in held.values() if "error" not in tasks for id_, (state, _) in tasks.items()}
        active = {id_ for id_, state in states.items() if state == "active"} | (waiting & self._reader.active)
        return Survey(begun, asked, frozenset(waiting | states.keys()) - active, frozenset(active))

    def _lying(self) -> set[str]:
        """Ids of the messages in the queue, and of those that workers have taken and not acknowledged."""
        found = {id_ for _, raw in self._redis.hscan_iter(self._key("unacked"), count=CHUNK) for id_ in _ids(msgspec.json.decode(raw)[:1])}
        for key in self._queues():
            found.update(_ids(map(json.loads, self._messages(key))))
        return found

    def _messages(self, key: str) -> Generator[Any]:
        """A queue's messages, from the end at which they come in: what is taken away at the other end moves nothing past the reader."""
        start = 0
        while messages := self._redis.lrange(key, start, start + CHUNK - 1):
            yield from messages
            start += CHUNK

    def _ended(self, native: str) -> Record | None:
        """How a task ended, as far as its result is kept."""
        if self._results is None:
            return None
        with _plain_errors():
            raw = self._redis.get(self._results.get_key_for_task(native))
        meta: Any = json.loads(raw) if raw else {}
        standing = _ENDS.get(meta.get("status", ""))
        if standing is None:
            return None
        result: Any = meta.get("result")
        message = result.get("exc_message") if standing == "discarded" and isinstance(result, dict) else None
        done = meta.get("date_done")
        moment = datetime.fromisoformat(done) if done else None
        return Record(
            standing=standing,
            ended_ns=round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000) * 1000 if moment else None,
            err_message=" ".join(map(str, message)) if isinstance(message, list) else message,
        )

    def _queues(self) -> list[str]:
        name = self._key(self._target.queue)
        return [name, *(f"{name}\x06\x16{priority}" for priority in _PRIORITIES)]

    def _key(self, name: str) -> str:
        return f"{self._options.key_prefix}{name}"


def _ids(messages: Iterable[Any]) -> Generator[str]:
    for message in messages:
        yield str(message.get("headers", {}).get("id", ""))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@contextmanager
def _plain_errors(refusal: type[Exception] = StoreDown) -> Generator[None]:
    """Errors of the client as StoreDown; those that are an answer (out of memory, read-only, …) as `refusal`."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, OperationalError, OSError) as error:
        raise StoreDown(str(error) or "no answer in time") from error
    except (redis.RedisError, KombuError) as error:
        raise refusal(str(error)) from error
