"""Inngest: events sent to its HTTP interface, runs observed through what the server tells about them.

Seen on a self-hosted server and the dev server, which show traces: every attempt with its start, its end and its error. The cloud shows its
traces to nobody but its own pages: there a run's arrival, its end and its error are seen, and attempts are unknown (None), not one.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import Assignment, EnqueueRefused, Health, Observation, Record, Sighting, Target
from migrator.shadow.hosted.inngest import CLOUD, Service, address_problem, plain_errors
from migrator.shadow.http_clock import clock_reading
from migrator.shadow.ledger import offset_of
from migrator.shadow.newest import Newest
from migrator.shadow.streams.inngest import Arrival, Happening, arrival, course, ended, moment, sightings, summary

PROBES = 3
#: events that are asked about in one look; the others have their turn in the next
AT_ONCE = 200
#: seconds by which an event may show later in the list than one that is newer
LATE = 5.0
#: seconds in which an event has started what it starts
STARTS = 10.0
#: an event that has been open for so long is looked at a tenth as often as it is old, and at least this often (seconds)
SELDOM = 30.0
#: seconds after which an event that has started nothing is not asked about any more: a server that stood still has caught up by then
GIVES_UP = 86_400.0


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the keys are, and which function it is about."""

    function: str = ""  #: the function's id, as the server has it; needed where an event starts several
    event_key: str = "INNGEST_EVENT_KEY"  #: environment variable
    signing_key: str = "INNGEST_SIGNING_KEY"  #: environment variable
    environment: str = ""  #: the branch environment
    poll: Annotated[float, msgspec.Meta(ge=0)] = 1.0  #: seconds between two looks


class Watched:
    """An event of ours, and what it has started."""

    def __init__(self, came: Arrival) -> None:
        self.came, self.since, self.look_at = came, time.monotonic(), 0.0
        self.runs: dict[str, int] = {}  #: id -> how many of its happenings are known
        self.over: set[str] = set()  #: ids of runs that have ended

    def later(self, now: float) -> None:
        """When to look again."""
        self.look_at = now + min(SELDOM, (now - self.since) / 10)


def open_driver(target: Target, options: Options) -> Inngest:
    """The driver of one event name. `target.address` is the server's address; `https://api.inngest.com` is the cloud."""
    return Inngest(target, options)


class Inngest:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = False
    sees_every_queue = False

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._options = target, options
        if address_problem(target.address):
            raise MigratorError(
                "this is no address of an Inngest server",
                place=target.name,
                remedy=f"It looks like http://localhost:8288, or {CLOUD} for the cloud.",
            )
        event_key, signing_key = os.environ.get(options.event_key, ""), os.environ.get(options.signing_key, "")
        if target.address.rstrip("/") == CLOUD and not (event_key and signing_key):
            missing = options.signing_key if event_key else options.event_key
            raise MigratorError(
                f"Inngest's cloud wants keys, and the environment variable {missing} is not set",
                place=target.name,
                remedy="The dashboard shows the event key and the signing key of an environment.",
            )
        self._service = Service(
            target.address, event_key=event_key, signing_key=signing_key, environment=options.environment, timeout=target.timeout
        )
        self._traces = False
        self._since = 0
        self._open: dict[str, Watched] = {}  # event -> what is known of it
        self._known = Newest[str, Arrival](200_000)  # event -> who it is, also after its end
        self._by_key = Newest[str, tuple[str, ...]](200_000)
        self._of_run = Newest[str, str](200_000)  # run -> event
        self._next_look = 0.0
        self._news: list[Sighting] = []  # kept when a later question of the same look fails
        self._offset = 0  # of the server's clock, nanoseconds

    def watch(self, cursor: str) -> str:
        with plain_errors(self._target.name, teach=True):
            probe = self._service.probe()
            self._traces = self._service.traces()
            # A second early, since a header has no fractions: only what is ours is taken from the list anyway.
            self._offset = offset_of(clock_reading([probe]))
            self._since = int(cursor) if cursor else probe.before_ns + self._offset - 10**9
            self._list()
        return cursor or str(self._since)

    def enqueue(self, job: Assignment) -> str:
        event: dict[str, Any] = {"id": job.job_key, "name": self._target.job_name, "data": job.payload}
        if job.delay:
            event["ts"] = -(-(time.time_ns() + self._offset + round(job.delay * 10**9)) // 1_000_000)
        with plain_errors(self._target.name, EnqueueRefused):
            return self._service.send(event)

    def expect(self, job_key: str, native_id: str | None) -> None:
        """Nothing to do: the server lists every event, whoever sent it."""

    def observe(self, cursor: str) -> Observation:
        now = time.monotonic()
        if now < self._next_look:
            return Observation(sightings=(), cursor=cursor)
        with plain_errors(self._target.name):
            self._list()
            due = [watched for watched in self._open.values() if watched.look_at <= now]
            for watched in sorted(due, key=lambda watched: watched.look_at)[:AT_ONCE]:
                self._look(watched)
                watched.later(now)
        self._next_look = time.monotonic() + self._options.poll
        found, self._news = self._news, []
        if found:
            cursor = str(min((watched.came.received_ns for watched in self._open.values()), default=self._since) - 1)
        return Observation(sightings=tuple(found), cursor=cursor)

    def acknowledge(self, cursor: str) -> None:
        """Nothing to do: events and runs are the server's own."""

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        with plain_errors(self._target.name):
            if native_id is None:
                self._list()
            if native_id in self._of_run:
                return self._standing(str(native_id))
            events = (native_id,) if native_id else self._by_key.get(job_key, ())
            runs = [str(run["run_id"]) for event in events for run in self._runs(str(event))]
            if runs:
                records = [self._standing(run) for run in runs]
                return next((record for record in records if record.ended_ns is None), records[0])
            return self._without_run(tuple(map(str, events)))

    def counts(self) -> dict[str, int]:
        if not self._traces:
            return {}
        with plain_errors(self._target.name):
            return self._service.counts(_iso(self._since))

    def health(self) -> Health:
        with plain_errors(self._target.name, teach=True):
            clock = clock_reading([self._service.probe() for _ in range(PROBES)])
        return Health(clock=clock, server="Inngest")

    def unwatch(self) -> None:
        """Nothing was put into Inngest but the events."""

    def close(self) -> None:
        self._service.close()

    def _list(self) -> None:
        """Events that have come since the last time."""
        for event in self._service.events(self._target.job_name, _iso(self._since - round(LATE * 10**9))):
            came = arrival(event, self._target.ledger_id)
            self._since = max(self._since, moment(event.get("received_at")) or 0)
            if came and came.event not in self._known:
                self._known[came.event] = came
                self._by_key[came.job_key] = (*self._by_key.get(came.job_key, ()), came.event)
                self._open[came.event] = Watched(came)

    def _runs(self, event: str) -> list[Any]:
        """Runs of the function that it is about, of those that an event has started."""
        by_function: dict[str, list[Any]] = defaultdict(list)
        for run in self._service.runs(event):
            slug = self._slug(run) if self._options.function else str(run["function_id"])
            by_function[slug].append(run)
        wanted = by_function if not self._options.function else {self._options.function: by_function.get(self._options.function, [])}
        if len(wanted) > 1:
            raise MigratorError(
                f"the event {self._target.job_name} starts {len(wanted)} functions: {', '.join(sorted(wanted))}",
                place=f"arm {self._target.arm}",
                remedy='Say which one the experiment is about: options = { function = "app-send-mail" }, by its id on the server.',
            )
        return [run for runs in wanted.values() for run in runs]

    def _slug(self, run: Any) -> str:
        """A run's function, by the name that the options use: the id that its code has, where the server shows it."""
        if self._options.function == str(run["function_id"]) or not self._traces:
            return str(run["function_id"])
        traced = self._service.trace(str(run["run_id"]))
        return str(traced["function"]["slug"]) if traced else ""

    def _look(self, watched: Watched) -> None:
        """Note what is new of an event's runs."""
        event, key = watched.came.event, watched.came.job_key
        told: dict[str, Any] = {}
        if not watched.runs or not self._traces:
            told = {str(run["run_id"]): run for run in self._runs(event)}
            for run in told:
                watched.runs.setdefault(run, 0)
                self._of_run[run] = event
        for run in watched.runs.keys() - watched.over:
            happenings = self._course(watched.came, run, told.get(run))
            new, known = happenings[watched.runs[run] :], watched.runs[run]
            errors = self._service.errors([h.output for h in new if h.output]) if self._traces else {}
            self._news += sightings(run, key, happenings, known, errors)
            watched.runs[run] = max(known, len(happenings))
            if happenings and happenings[-1].kind in ("completed", "discarded", "cancelled"):
                watched.over.add(run)
        repeated = not watched.runs and time.monotonic() - watched.since > SELDOM and len(self._by_key.get(key, ())) > 1
        due = max(watched.came.received_ns, watched.came.until_ns or 0)
        forlorn = not watched.runs and time.time_ns() + self._offset > due + GIVES_UP * 10**9
        if repeated or forlorn or (watched.runs and watched.over == watched.runs.keys()):
            self._open.pop(event, None)

    def _course(self, came: Arrival, run: str, told: Any) -> list[Happening]:
        if not self._traces:
            return summary(came, told) if told else []
        traced = self._service.trace(run)
        return course(came, traced) if traced else []

    def _standing(self, run_id: str) -> Record:
        """How a run stands."""
        run: Any = self._service.run(run_id)
        if run is None:
            return Record(standing="absent")
        came = self._known.get(self._of_run.get(run_id, ""), Arrival("", "", 0, None))
        if ended(run):
            end = summary(came, run)[-1]
            if end.kind in ("completed", "discarded", "cancelled"):
                return Record(standing=end.kind, ended_ns=end.ts_ns, err_message=end.err_message)
        traced = self._service.trace(run_id) if self._traces else None
        return Record(standing="waiting" if traced and traced["status"] == "QUEUED" else "active")

    def _without_run(self, events: tuple[str, ...]) -> Record:
        """An event that has started nothing: it may be about to, or is not to yet, and is no job if it never does."""
        now = time.time_ns() + self._offset
        for event in events:
            told: Any = self._service.event(event)
            came = arrival(told, self._target.ledger_id) if told else None
            if came and now < max(came.received_ns, came.until_ns or 0) + STARTS * 10**9:
                return Record(standing="waiting")
        return Record(standing="absent")


def _iso(at: int) -> str:
    """As the server reads it."""
    return datetime.fromtimestamp(at // 1_000_000 / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
