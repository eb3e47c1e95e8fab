"""Upstash QStash: messages published with its own client, observed through the service's log.

Seen: every delivery with its start, its end, and what the destination answered, by the service's clock in milliseconds. The log is kept for
as long as the plan says; what was gone from it before it was read nobody can tell, and open jobs are then asked for by their ids.
"""

from __future__ import annotations

import math
import os
import time
from typing import Annotated
from typing import Literal as OneOf

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import MARKER, Assignment, EnqueueRefused, Health, Observation, Record, Standing, Target
from migrator.shadow.hosted.qstash import Service, plain_errors
from migrator.shadow.http_clock import clock_reading
from migrator.shadow.ledger import offset_of
from migrator.shadow.streams.qstash import Entry, Place, Reader, entries
from migrator.systems.qstash_limits import LOG_ENTRIES

PROBES = 3
_ENDS: dict[str, Standing] = {"DELIVERED": "completed", "FAILED": "discarded", "CANCELLED": "cancelled", "CANCELED": "cancelled"}


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where messages go, and how."""

    destination: Annotated[str, msgspec.Meta(pattern="^https?://")]  #: the address that handles the job; `{job}` is the job's name
    through_queue: bool = False  #: messages go through the QStash queue that the arm's `queue` names
    mark: OneOf["body", "label"] = "body"  #: `label`: the body is as the application writes it, without the mark `__shadow`
    headers: dict[str, str] = {}  #: that the destination is to get
    delivery_timeout: Annotated[int, msgspec.Meta(ge=1)] | None = None  #: seconds that the destination has; absent: as the plan says
    poll: float = 1.0  #: seconds between two looks into the log


def open_driver(target: Target, options: Options) -> QStash:
    """The driver of one destination. `target.address` is the token; QSTASH_URL says where the service is."""
    return QStash(target, options)


class QStash:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = True

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._options = target, options
        if "://" in target.address or not target.address.isascii() or any(c.isspace() for c in target.address):
            raise MigratorError(
                "this is no token of QStash",
                place=target.name,
                remedy="The console shows the token; where the service is says QSTASH_URL.",
            )
        self._service = Service(target.address, os.environ.get("QSTASH_URL", ""), target.timeout)
        self._reader = Reader(f"{target.ledger_id}-", Place(0))
        self._next_look = 0.0
        self._trimmed = False  # something was gone from the log before it was read

    def watch(self, cursor: str) -> str:
        with plain_errors(self._target.name, teach=True):
            probe = self._service.probe()
        if not cursor:
            # By the service's clock, and early enough: the log is asked for what is ours alone.
            place = Place((probe.before_ns + offset_of(clock_reading([probe]))) // 1_000_000 - 1000)
            cursor = msgspec.json.encode(place).decode()
        keys = self._reader.keys
        self._reader = Reader(f"{self._target.ledger_id}-", msgspec.json.decode(cursor, type=Place))
        self._reader.keys = keys
        return cursor

    def enqueue(self, job: Assignment) -> str:
        target, options = self._target, self._options
        body = job.payload if options.mark == "body" else {name: value for name, value in job.payload.items() if name != MARKER}
        if job.delay and options.through_queue:
            raise EnqueueRefused("a QStash queue takes no delay for a single message")
        where = {"queue": target.queue} if options.through_queue else {"delay": math.ceil(job.delay) if job.delay else None}
        with plain_errors(target.name, EnqueueRefused):
            return self._service.send(
                **where,
                url=options.destination.replace("{job}", target.job_name),
                body=msgspec.json.encode(body),
                content_type="application/json",
                headers=options.headers or None,
                retries=None if target.max_attempts is None else target.max_attempts - 1,
                retry_delay=None if target.retry_delay is None else str(round(target.retry_delay * 1000)),
                deduplication_id=job.job_key,
                timeout=options.delivery_timeout,
                label=job.job_key,
            )

    def expect(self, job_key: str, native_id: str | None) -> None:
        if native_id:
            self._reader.keys[native_id] = job_key

    def observe(self, cursor: str) -> Observation:
        if time.monotonic() < self._next_look:
            return Observation(sightings=(), cursor=cursor)
        with plain_errors(self._target.name):
            raw = self._service.log(fromDate=str(self._reader.since))
        found = self._reader.read(entries(raw))
        gap = f"the log keeps {LOG_ENTRIES:,} entries, and had as many since the last look" if len(raw) >= LOG_ENTRIES else ""
        self._trimmed = self._trimmed or bool(gap)
        self._next_look = time.monotonic() + self._options.poll
        if found:
            cursor = msgspec.json.encode(self._reader.place).decode()
        return Observation(sightings=tuple(found), cursor=cursor, gap=gap)

    def acknowledge(self, cursor: str) -> None:
        """Nothing to do: the log is the service's own."""

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        with plain_errors(self._target.name):
            query = {"messageId": native_id} if native_id else {"label": job_key}
            known = entries(self._service.log(**query))
            last = known[-1] if known else None
            if last is not None and last.state in _ENDS:
                return _ended(last)
            native = native_id or (last.message_id if last else "")
            there = bool(native) and self._service.waits(native)
        if not there:
            # A message that the log has forgotten may have been delivered as well as lost.
            return Record(standing="unknown" if self._trimmed and last is None else "absent")
        return Record(standing="active" if last is not None and last.state == "ACTIVE" else "waiting")

    def counts(self) -> dict[str, int]:
        with plain_errors(self._target.name):
            dead = len(self._service.dead(url=self._options.destination.replace("{job}", self._target.job_name)))
            waiting = {"waiting": self._service.lag(self._target.queue)} if self._options.through_queue else {}
        return {**waiting, "dead": dead}

    def health(self) -> Health:
        with plain_errors(self._target.name, teach=True):
            clock = clock_reading([self._service.probe() for _ in range(PROBES)])
        return Health(clock=clock, server="Upstash QStash")

    def unwatch(self) -> None:
        """Nothing was put into QStash but the jobs."""

    def close(self) -> None:
        self._service.close()


def _ended(entry: Entry) -> Record:
    message = entry.problem[1] if entry.state == "FAILED" else None
    return Record(standing=_ENDS[entry.state], ended_ns=entry.time * 1_000_000, err_message=message)
