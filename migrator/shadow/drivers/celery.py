"""Celery 5 on Redis or RabbitMQ: enqueued with its own client, observed through the task events that its workers send.

Seen: every attempt with its start, its end and its error, while this process listens. Events are sent once: what was sent while nobody
listened is a gap, and jobs are then asked for one by one. The task's own code says how often it is tried: Celery has no such option for a
caller. With early acknowledgement (the default) a task whose worker is killed is nowhere any more: it ends as presumed lost.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from typing import Literal as OneOf

import msgspec
from celery import Celery as App
from celery.app.backends import by_url
from kombu.connection import Connection
from kombu.messaging import Consumer
from kombu.transport import TRANSPORT_ALIASES
from kombu.utils.url import url_to_parts

from migrator.errors import MigratorError
from migrator.shadow.celery_brokers import Broker, plain_errors
from migrator.shadow.celery_brokers.amqp import AmqpBroker
from migrator.shadow.celery_brokers.on_redis import RedisBroker
from migrator.shadow.deafness import Deafness, now
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
from migrator.shadow.newest import SENT, Newest
from migrator.shadow.redis_store import redis_at, round_trip
from migrator.shadow.streams.celery import Reader

#: seconds that workers have to say what they hold
ANSWER = 1.0
#: seconds for which one survey of queue and workers answers for all jobs
FRESH = 2.0
#: seconds after which it is told that there was nothing to hear: whoever goes on later has missed nothing of them
QUIET = 5.0
#: seconds in which RabbitMQ and we show each other that we are there
HEARTBEAT = 60
#: nanoseconds that a task may be late out of the broker's own delay
SLACK = 5 * 10**9
_ENDS: dict[str, Standing] = {"SUCCESS": "completed", "FAILURE": "discarded", "REVOKED": "cancelled"}
_HELLO = "migrator-listens"


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the application's tasks are called, and where their results are."""

    arguments: OneOf["keywords", "payload"] = "keywords"  #: the payload's fields by name, or the payload as the one argument
    results: bool = True  #: workers keep results in the same Redis; else only events tell how a task ended
    #: the environment variable with the address of another Redis that workers keep results in
    results_connection: str = ""
    key_prefix: str = ""  #: `global_keyprefix` of the application's broker_transport_options


class Survey(msgspec.Struct, frozen=True):
    """Where tasks were at one moment."""

    at: float
    asked: frozenset[str]
    waiting: frozenset[str]  #: in the queue, or taken by a worker that has not said that it began
    active: frozenset[str]
    hidden: bool  #: the broker held tasks that it does not name


def open_driver(target: Target, options: Options) -> Celery:
    """The driver of one queue. `target.job_name` is the task's name."""
    broker = _broker(target, options)
    return RemovingCelery(target, options, broker) if isinstance(broker, RedisBroker) else Celery(target, options, broker)


class Celery:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = True

    def __init__(self, target: Target, options: Options, broker: Broker) -> None:
        self._target, self._options, self._broker = target, options, broker
        self._app = App("migrator", set_as_current=False, fixups=[])
        # Not `broker_url`: CELERY_BROKER_URL, where it is set for the application, would take its place.
        self._app.conf.update(
            broker_read_url=target.address,
            broker_write_url=target.address,
            broker_transport_options=self._broker.transport,
            broker_connection_retry=False,
            task_send_sent_event=True,
            task_create_missing_queues=True,
            # Seconds after which RabbitMQ drops events that were not fetched. Celery's five would lose some without a word.
            event_queue_ttl=3600.0,
        )
        if self._app.conf.broker_write_url != target.address:
            raise MigratorError(
                "CELERY_BROKER_WRITE_URL names another broker, and Celery puts it before this one",
                place=target.name,
                remedy="Unset it for the run.",
            )
        where = _results_address(target, options)
        kind, url = by_url(where, self._app.loader) if where else (None, None)
        self._result_keys = kind(app=self._app, url=url) if kind else None
        self._results = redis_at(where, name=target.name, timeout=target.timeout) if where else None
        self._sender: Connection | None = None
        self._ear: Connection | None = None
        self._enabled: list[str] = []  #: workers that send events because we asked them to
        self._heard: list[Mapping[str, Any]] = []
        self._reader = Reader(f"{target.ledger_id}-")
        self._sent = Newest[str, None](SENT)
        self._open: set[str] = set()
        self._put_off: dict[
            str, int
        ] = {}  #: ids of tasks that wait for a moment, in nanoseconds; a retry whose moment is not known has none
        self._survey: Survey | None = None
        self._deaf = Deafness()
        self._listened_at = 0.0  #: when that was told last

    def watch(self, cursor: str) -> str:
        if cursor:
            self._deaf.begin(cursor)
        self._listen()
        answers = self._ask("enable_events") or {}
        self._enabled = [worker for worker, answer in answers.items() if answer.get("ok") == "task events enabled"]
        return cursor or now()

    def enqueue(self, job: Assignment) -> str:
        # Celery itself would take a second task with the same id.
        if job.job_key in self._sent:
            return job.job_key
        plain = {name: value for name, value in job.payload.items() if name != MARKER}
        by_name = self._options.arguments == "keywords"
        queue = self._broker.destination()
        with plain_errors(EnqueueRefused):
            if self._sender is None:
                self._sender = self._connection()
            self._sender.ensure_connection(max_retries=1, interval_start=0)
            self._open.add(job.job_key)
            self._reader.handed[job.job_key] = time.time_ns()
            self._app.send_task(
                self._target.job_name,
                args=() if by_name else (job.payload,),
                kwargs=plain if by_name else {},
                task_id=job.job_key,
                queue=queue,
                countdown=job.delay or None,
                headers={MARKER: job.payload.get(MARKER)},
                connection=self._sender,
                retry=False,
            )
        self._sent[job.job_key] = None
        return job.job_key

    def expect(self, job_key: str, native_id: str | None) -> None:
        self._open.add(native_id or job_key)

    def observe(self, cursor: str) -> Observation:
        if self._ear is None:
            self._deaf.begin(cursor)
            self._listen()
        with self._losing_its_ear(cursor):
            self._drain()
        heard = self._heard.copy()
        self._heard.clear()
        found = [sighting for event in heard if (sighting := self._reader.read(event)) is not None]
        for sighting in found:
            (self._open.discard if sighting.kind in ("completed", "discarded", "cancelled") else self._open.add)(sighting.native_id)
            if sighting.kind in ("delayed", "attempt_failed"):
                self._put_off[sighting.native_id] = sighting.until_ns or 0
            else:
                self._put_off.pop(sighting.native_id, None)
        gap = self._deaf.over("events")
        if found or gap or time.monotonic() - self._listened_at > QUIET:
            cursor, self._listened_at = now(), time.monotonic()
        return Observation(sightings=tuple(sorted(found, key=lambda s: s.id)), cursor=cursor, gap=gap)

    def acknowledge(self, cursor: str) -> None:
        """Nothing to do: nobody keeps events."""

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        native = native_id or job_key
        ended = self._ended(native)
        if ended is not None:
            return ended
        survey = self._survey
        if survey is None or native not in survey.asked or time.monotonic() - survey.at > FRESH:
            self._open.add(native)
            survey = self._survey = self._look_round()
            if not survey.hidden:
                # Jobs that are nowhere are asked for by name, should anybody want to know: all that are open are said to every worker.
                self._open -= survey.asked - survey.waiting - survey.active
        if native in survey.active:
            return Record(standing="active")
        if native in survey.waiting:
            return Record(standing="waiting")
        return self._ended(native) or Record(standing="unknown" if self._may_be_hidden(native, survey) else "absent")

    def _may_be_hidden(self, native: str, survey: Survey) -> bool:
        """Whether a task that nobody knows of may still lie where the broker shows nothing."""
        if survey.hidden:
            return True
        # Until its moment, or until a retry begins, it may lie in one of the broker's own queues for delays.
        due = self._put_off.get(native)
        return due is not None and (due == 0 or time.time_ns() < due + SLACK) and self._broker.delays()

    def counts(self) -> dict[str, int]:
        return self._broker.counts()

    def health(self) -> Health:
        return Health(clock=round_trip(self._broker.ping), server=self._broker.server())

    def unwatch(self) -> None:
        if self._enabled:
            self._ask("disable_events", destination=self._enabled)
            self._enabled = []

    def close(self) -> None:
        for connection in (self._sender, self._ear):
            if connection is not None:
                connection.release()
        self._broker.close()
        if self._results is not None:
            self._results.close()

    def _connection(self, heartbeat: int = 0) -> Connection:
        return Connection(
            self._target.address,
            transport_options=self._broker.transport,
            connect_timeout=math.ceil(self._target.timeout),
            heartbeat=heartbeat,
        )

    def _listen(self) -> None:
        """Begin to hear events; returns once one of our own has been heard."""
        with plain_errors():
            self._broker.ping()
            # The one connection that is read all the time: a broker closes one that is silent.
            ear = self._connection(HEARTBEAT)
        try:
            self._begin_to_hear(ear)
        except BaseException:
            ear.collect()  # whoever tries again must not leave a connection behind each time
            raise
        self._ear = ear

    def _begin_to_hear(self, ear: Connection) -> None:
        with plain_errors():
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

    def _drain(self, ear: Connection | None = None) -> None:
        """Hear everything that is there."""
        source = ear or self._ear
        while source is not None:
            source.heartbeat_check()
            try:
                source.drain_events(timeout=0.02)
            except TimeoutError:
                return

    @contextmanager
    def _losing_its_ear(self, cursor: str) -> Generator[None]:
        try:
            with plain_errors():
                yield
        except StoreDown:
            if self._ear is not None:
                self._ear.collect()
            self._ear = None
            self._deaf.begin(cursor)
            raise

    def _ask(self, command: str, destination: list[str] | None = None, limit: int = 0, **arguments: Any) -> dict[str, Any]:
        """The answers of the workers, by their names; with so many nobody waits for more."""
        with plain_errors(), self._connection() as connection:
            answers: Any = self._app.control.broadcast(
                command,
                arguments,
                destination=destination,
                connection=connection,
                reply=True,
                timeout=min(ANSWER, self._target.timeout),
                limit=limit or None,
            )
        return {worker: answer for each in answers or [] for worker, answer in each.items()}

    def _look_round(self) -> Survey:
        """Where every open task is. A task goes from the queue to a worker, and for a retry back: the queue is read before and after."""
        asked = frozenset(self._open)
        begun = time.monotonic()
        before = self._broker.lying()
        # A worker that does not answer, or died a moment ago, still has what it did not acknowledge: the broker counts it among the takers.
        # And one that does not answer but is there may run what it did acknowledge: it stands still, or runs tasks where it would answer.
        listeners = self._broker.listeners()
        answers = self._ask("active_queues", limit=listeners) if before.consumers or listeners else {}
        answering = sum(any(each.get("name") == self._target.queue for each in queues or ()) for queues in answers.values())
        held = self._ask("query_task", limit=listeners, ids=sorted(asked))
        after = self._broker.lying()
        waiting = before.ids | after.ids
        hidden = before.hidden or after.hidden or max(before.consumers, after.consumers) > answering or listeners > len(answers)
        states = {id_: state for tasks in held.values() if "error" not in tasks for id_, (state, _) in tasks.items()}
        active = {id_ for id_, state in states.items() if state == "active"} | (waiting & self._reader.active)
        return Survey(begun, asked, frozenset(waiting | states.keys()) - active, frozenset(active), hidden)

    def _ended(self, native: str) -> Record | None:
        """How a task ended, as far as its result is kept."""
        if self._results is None or self._result_keys is None:
            return None
        with plain_errors():
            raw = self._results.get(self._result_keys.get_key_for_task(native))
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


class RemovingCelery(Celery):
    """The driver where the broker can take back a task that no worker has: `migrator.shadow.drivers.interface.Remover`."""

    def __init__(self, target: Target, options: Options, broker: RedisBroker) -> None:
        super().__init__(target, options, broker)
        self._lists = broker

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        # Revoking only tells the workers that are there now. A message that is out of its list, no worker gets.
        native = native_id or job_key
        if self._lists.take_back(native):
            self._open.discard(native)
            return "removed"
        return "unknown" if self.inspect(job_key, native).standing == "absent" else "taken"


def _broker(target: Target, options: Options) -> Broker:
    scheme = target.address.partition("://")[0]
    try:
        url_to_parts(target.address)
    except ValueError as error:  # its text quotes the password where that holds a #, / or ?
        remedy = "It looks like amqp://user@host:5672//; write #, / and ? of a password as %23, %2F and %3F."
        raise MigratorError("this is not an address of a broker", place=target.name, remedy=remedy) from error
    if TRANSPORT_ALIASES.get(scheme) == "kombu.transport.pyamqp:Transport":
        return AmqpBroker(target)
    if scheme and not scheme.startswith(("redis", "unix")):
        raise MigratorError(
            f"{scheme}:// is not an address of a broker that is known here",
            place=target.name,
            remedy="Celery is watched on Redis (redis://host:6379/0) and RabbitMQ (amqp://user@host:5672//).",
        )
    return RedisBroker(target, key_prefix=options.key_prefix)


def _results_address(target: Target, options: Options) -> str:
    """Where results are; empty when they are nowhere that can be read."""
    if options.results_connection:
        if address := os.environ.get(options.results_connection):
            return address
        raise MigratorError(
            f"the environment variable {options.results_connection} is not set",
            place=f"arm {target.arm}",
            remedy="Set it to the address of the Redis with the workers' results, or leave `results_connection` out.",
        )
    return target.address if options.results and target.address.startswith(("redis", "unix")) else ""
