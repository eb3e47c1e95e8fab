"""AWS SQS, with Lambdas or polling consumers: sent with boto3, observed through what consumers report and through the dead-letter queue.

SQS shows no message without handing it out: it has counts, which are approximate, and nothing of a single message's life. So consumers
report the start and the end of each receipt to a queue of its own (`migrator.shadow.hooks.sqs` for Python; docs/drivers.md has the format).
Without reports only dead letters are seen: whatever else became of a message is unknown, and stays so.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import Any
from typing import Literal as OneOf

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.aws.connection import plain_errors, read_address, sqs_client
from migrator.shadow.aws.queue import Counts, Queue
from migrator.shadow.drivers.interface import MARKER, Assignment, EnqueueRefused, Health, Observation, Record, Sighting, Target
from migrator.shadow.http_clock import clock_reading
from migrator.shadow.ledger import offset_of
from migrator.shadow.newest import Newest
from migrator.shadow.streams.sqs import Mark, Reader, Report, handed_over, mark_in
from migrator.systems.sqs_limits import BATCH

PROBES = 5
REMEMBERED = 10_000  #: messages that were sent and not told of yet; reports tell of them as well
HIDDEN = 30  #: seconds after which a report comes again that was read and not written down
_CURSOR = "reports"  # the queues keep what was not acknowledged: there is no place to go on from
_UNKNOWN = Record(standing="unknown")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How messages are written, and what tells of them."""

    reports: str | None = None  #: name or URL of the queue that consumers report to; empty: they do not
    dead_letters: OneOf["look", "leave"] = "look"  #: `look`: they are received, which hides each for `hide` seconds and counts as a receipt
    mark: OneOf["body", "attribute"] = "body"  #: where the experiment's mark goes
    job_attribute: str = ""  #: message attribute that names the job, where consumers ask for one
    group: str = ""  #: FIFO queues: the payload's field that is the message group
    poll: float = 1.0  #: seconds between two looks; each is three requests, which AWS charges for
    hide: int = 5  #: seconds
    settle: float = 60.0  #: seconds for which the queue must have counted no message before one that nobody reported on is gone


def open_driver(target: Target, options: Options) -> SQS:
    """The driver of one queue."""
    return SQS(target, options)


class SQS:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = False

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._options = target, options
        address = read_address(target.address)
        if address is None:
            raise MigratorError(
                "this is not an SQS address",
                place=target.name,
                remedy="It is a queue's URL (https://sqs.eu-central-1.amazonaws.com/123456789012/tasks), or sqs://REGION.",
            )
        if address.queue_url and address.queue != target.queue:
            raise MigratorError(
                f"the address names the queue `{address.queue}`, and the arm `{target.queue}`",
                place=target.name,
                remedy=f'Write queue = "{address.queue}" for arm `{target.arm}`, or an address without a queue: sqs://REGION.',
            )
        self._fifo = target.queue.endswith(".fifo")
        if self._fifo and not options.group:
            raise MigratorError(
                f"{target.queue} is a FIFO queue, and nothing says what its messages are grouped by",
                place=target.name,
                remedy='Name a field of the payload: options = { group = "article" }.',
            )
        self._client = sqs_client(address, target.name, target.timeout)
        self._queue = Queue(self._client, target.queue, address.queue_url)
        self._reports: Queue | None = None
        self._dead: Queue | None = None
        self._offset = 0
        self._lock = threading.Lock()
        self._handed = deque[Sighting](maxlen=REMEMBERED)  # a process that only sends never takes them out
        self._told = Newest[str, None]()  # ids of what we have said ourselves of messages that we sent
        self._natives = Newest[str, str]()  # job key -> native id
        self._last = Newest[str, Record]()  # native id -> the last word on it
        self._reader = Reader()
        self._receipts: list[str] = []  # of reports that are not acknowledged
        self._news: list[Sighting] = []  # kept when a later question of the same look fails
        self._next_look = 0.0
        self._empty_since: float | None = None
        self._heard = False

    def watch(self, cursor: str) -> str:
        reports = self._options.reports
        if reports is None:
            raise MigratorError(
                "SQS does not say what became of a message",
                place=self._target.name,
                remedy='Let consumers report (docs/drivers.md) and name the queue: options = { reports = "tasks-reports" }. '
                'With reports = "" only dead letters are seen.',
            )
        with plain_errors(self._target.name, teach=True):
            self._look_into(reports)
        return cursor or _CURSOR

    def enqueue(self, job: Assignment) -> str:
        with self._lock:
            if job.job_key in self._natives:
                return self._natives[job.job_key]
        delay, sent = math.ceil(job.delay), time.time_ns() + self._offset
        mark = Mark(self._target.ledger_id, job.job_key, sent, sent + delay * 10**9 if delay else 0)
        message = self._message(job, mark, delay)
        with plain_errors(self._target.name, EnqueueRefused):
            native = self._queue.send(message)
        with self._lock:
            self._handed.append(sighting := handed_over(mark, native))
            self._told[sighting.id] = None
            self._natives[job.job_key] = native
            self._empty_since = None
        return native

    def expect(self, job_key: str, native_id: str | None) -> None:
        if native_id:
            with self._lock:
                self._natives[job_key] = native_id

    def observe(self, cursor: str) -> Observation:
        if time.monotonic() >= self._next_look:
            with plain_errors(self._target.name):
                self._news += self._read_reports()
                self._news += self._read_dead()
                self._note(self._queue.counts())
            self._next_look = time.monotonic() + self._options.poll
        found, self._news = self._news, []
        with self._lock:
            while self._handed:
                found.append(self._handed.popleft())
        return Observation(sightings=tuple(sorted(found, key=lambda sighting: sighting.id)), cursor=cursor)

    def acknowledge(self, cursor: str) -> None:  # noqa: ARG002 - there is one place only
        """Reports that are written down are taken out of their queue."""
        while self._reports and self._receipts:
            with plain_errors(self._target.name):
                self._reports.delete(self._receipts[:BATCH])
            del self._receipts[:BATCH]

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        with plain_errors(self._target.name):
            counts = self._queue.counts()
        empty = self._note(counts)
        with self._lock:
            native = native_id or self._natives.get(job_key, "")
            last = self._last.get(native, _UNKNOWN)
        if last.standing in ("completed", "discarded") or (last.standing == "active" and counts.received):
            return last
        # To be gone without a word means something only where words are heard: consumers that do not report lose nothing.
        return Record(standing="absent") if native and self._heard and empty > self._options.settle else _UNKNOWN

    def counts(self) -> dict[str, int]:
        with plain_errors(self._target.name):
            found = msgspec.structs.asdict(self._queue.counts())
            dead = {"dead": self._dead.counts().waiting} if self._dead else {}
        return {**found, **dead}

    def health(self) -> Health:
        with plain_errors(self._target.name, teach=True):
            clock = clock_reading([self._queue.probe() for _ in range(PROBES)])
        self._offset = offset_of(clock)
        return Health(clock=clock, server="AWS SQS")

    def unwatch(self) -> None:
        """Nothing was put into AWS but the jobs."""

    def close(self) -> None:
        self._client.close()

    def _look_into(self, reports: str) -> None:
        """Find the queues that tell something, and see that the queue is set as the experiment says."""
        redrive, allowed = self._queue.redrive(), self._target.max_attempts
        if redrive and self._options.dead_letters == "look":
            url = f"{self._queue.url.rsplit('/', 1)[0]}/{redrive.dead_letter_queue}"
            self._dead = Queue(self._client, redrive.dead_letter_queue, url)
            if self._dead.redrive():
                raise MigratorError(
                    f"the dead-letter queue `{redrive.dead_letter_queue}` has a redrive policy itself: looks would move its messages",
                    place=self._target.name,
                    remedy='Write options = { dead_letters = "leave" }: messages that fail for good are then not seen to.',
                )
        if allowed is not None and (redrive is None or redrive.max_receives != allowed):
            receives = (
                f"is given up after {redrive.max_receives}" if redrive else "comes again until it is too old: there is no redrive policy"
            )
            raise MigratorError(
                f"the experiment says max_attempts = {allowed}, and a message of `{self._target.queue}` that fails {receives}",
                place=self._target.name,
                remedy=f"Set maxReceiveCount of its RedrivePolicy to {allowed}, or take max_attempts out of the file.",
            )
        if reports:
            self._reports = Queue(self._client, reports)
            self._reports.counts()

    def _message(self, job: Assignment, mark: Mark, delay: int) -> dict[str, Any]:
        options, body = self._options, {**job.payload, MARKER: mark}
        attributes: dict[str, Any] = {}
        if options.mark == "attribute":
            del body[MARKER]
            attributes[MARKER] = {"DataType": "String", "StringValue": msgspec.json.encode(mark).decode()}
        if options.job_attribute:
            attributes[options.job_attribute] = {"DataType": "String", "StringValue": self._target.job_name}
        message: dict[str, Any] = {"MessageBody": msgspec.json.encode(body).decode(), "MessageAttributes": attributes}
        if self._fifo:
            if options.group not in job.payload:
                raise EnqueueRefused(f"the payload has no `{options.group}`, which is the queue's message group")
            message |= {"MessageGroupId": str(job.payload[options.group]), "MessageDeduplicationId": job.job_key}
        return {**message, "DelaySeconds": delay} if delay else message

    def _read_reports(self) -> list[Sighting]:
        reports: list[Report] = []
        for message in self._reports.receive(hidden=HIDDEN) if self._reports else ():
            try:
                report = msgspec.json.decode(message.body, type=Report)
            except msgspec.MsgspecError:
                continue  # somebody else's: it shows again, and is theirs to take
            if report.mark.ledger == self._target.ledger_id:
                reports.append(report)
                self._receipts.append(message.receipt)
        self._heard = self._heard or bool(reports)
        found = [sighting for sighting in self._reader.read(reports) if sighting.id not in self._told]
        for sighting in found:
            ended = sighting.ts_ns if sighting.kind == "completed" else None
            standing = "completed" if ended else "active" if sighting.kind == "started" else "unknown"
            self._say(sighting, Record(standing=standing, ended_ns=ended, err_message=sighting.err_message))
        return found

    def _read_dead(self) -> list[Sighting]:
        found: list[Sighting] = []
        for message in self._dead.receive(hidden=self._options.hide) if self._dead else ():
            mark, last = mark_in(message.body, message.mark), self._last.get(message.id, _UNKNOWN)
            if mark is None or mark.ledger != self._target.ledger_id or last.standing == "discarded":
                continue
            # SQS does not say when it gave a message up: it was found here now.
            sighting = Sighting(
                id=f"~{message.id}-dead",
                job_key=mark.key,
                native_id=message.id,
                kind="discarded",
                ts_ns=time.time_ns() + self._offset,
                err_message=last.err_message,
                dated=False,
            )
            self._say(sighting, Record(standing="discarded", err_message=last.err_message))
            found.append(sighting)
        return found

    def _say(self, sighting: Sighting, record: Record) -> None:
        with self._lock:
            self._natives[sighting.job_key] = sighting.native_id
            self._last[sighting.native_id] = record

    def _note(self, counts: Counts) -> float:
        """For how many seconds the queue has counted nothing."""
        with self._lock:
            now = time.monotonic()
            self._empty_since = (self._empty_since or now) if counts.none else None
            return now - self._empty_since if self._empty_since else 0.0
