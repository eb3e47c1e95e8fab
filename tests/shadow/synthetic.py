"""A made-up ledger whose truth is known: what a reader of ledgers must find in it, it can be asked."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from migrator.shadow.ledger import ArmRecord, Event, Ledger, Mark, SqliteLedger
from migrator.shadow.routing import by_weight

SECOND = 1_000_000_000
START_NS = 1_790_000_000 * SECOND


class ArmPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What one arm does to its jobs. Probabilities are per job; times in seconds; counts are exact."""

    arm: str
    system: str = "postgres-table"
    jobs: int = 100
    first_attempt_fails: float = 0.1
    attempt_fails: float = 0.3  #: any later attempt
    max_attempts: int = 3
    wait: float = 0.5  #: median of a lognormal
    run: float = 1.0  #: median of a lognormal
    spread: float = 0.5  #: sigma of both lognormals
    backoff: float = 1.0
    payload: int = 120  #: bytes
    lost: int = 0
    enqueue_failed: int = 0
    in_flight: int = 0
    cancelled: int = 0
    duplicated: int = 0  #: completed jobs that were in the store twice and completed twice
    clock_offset: float = 0.0  #: the store's clock minus the host's


class Truth(msgspec.Struct):
    """What happened in one arm, by job key."""

    completed: set[str] = msgspec.field(default_factory=set)
    discarded: set[str] = msgspec.field(default_factory=set)
    lost: set[str] = msgspec.field(default_factory=set)
    enqueue_failed: set[str] = msgspec.field(default_factory=set)
    in_flight: set[str] = msgspec.field(default_factory=set)
    cancelled: set[str] = msgspec.field(default_factory=set)
    duplicated: set[str] = msgspec.field(default_factory=set)
    first_attempt_failed: set[str] = msgspec.field(default_factory=set)
    attempts: dict[str, int] = msgspec.field(default_factory=dict)
    waits: dict[str, float] = msgspec.field(default_factory=dict)  #: seconds, first attempt
    runs: dict[str, list[float]] = msgspec.field(default_factory=dict)  #: seconds, every attempt that ended
    end_to_end: dict[str, float] = msgspec.field(default_factory=dict)


def write_ledger(path: Path, plans: list[ArmPlan], *, seed: int = 1, experiment: str = "synthetic", rate: float = 10.0) -> dict[str, Truth]:
    """Write a ledger file (the first plan is the current arm, shares are equal) and return the truth, arm by arm."""
    with SqliteLedger.create(path) as ledger:
        return write_events(ledger, plans, seed=seed, experiment=experiment, rate=rate)


def write_events(
    ledger: Ledger, plans: list[ArmPlan], *, seed: int = 1, experiment: str = "synthetic", rate: float = 10.0
) -> dict[str, Truth]:
    """The same into a ledger of any sort."""
    dice = random.Random(seed)
    split = by_weight([(plan.arm, 1) for plan in plans])
    truth = {plan.arm: Truth() for plan in plans}
    records = [
        ArmRecord(
            arm=plan.arm,
            system=plan.system,
            role="candidate" if i else "current",
            ranges=split.ranges(plan.arm),
            max_attempts=plan.max_attempts,
            slots=4,
            transactional=plan.system != "bullmq",
        )
        for i, plan in enumerate(plans)
    ]
    ledger.begin_epoch(experiment, "{}", "synthetic", records)
    ledger.mark(Mark(kind="run_started", ts_ns=START_NS))
    for plan in plans:
        data: dict[str, int | float | str | None] = {"offset_ns": int(plan.clock_offset * SECOND), "rtt_ns": 100_000}
        ledger.mark(Mark(kind="clock", ts_ns=START_NS, arm=plan.arm, data=data))
    for record, plan in zip(records, plans, strict=True):
        _Arm(ledger, experiment, record, plan, truth[plan.arm], dice).write(rate / len(plans))
    ledger.mark(Mark(kind="run_ended", ts_ns=START_NS + int(max(p.jobs for p in plans) / rate * SECOND), text="finished"))
    return truth


class _Arm:
    def __init__(self, ledger: Ledger, experiment: str, record: ArmRecord, plan: ArmPlan, truth: Truth, dice: random.Random) -> None:
        self.ledger, self.experiment, self.record, self.plan, self.truth, self.dice = ledger, experiment, record, plan, truth, dice
        self.events: list[Event] = []

    def write(self, rate: float) -> None:
        plan = self.plan
        fates = ["lost"] * plan.lost + ["enqueue_failed"] * plan.enqueue_failed + ["in_flight"] * plan.in_flight
        fates += ["cancelled"] * plan.cancelled + ["duplicated"] * plan.duplicated
        fates += ["ordinary"] * (plan.jobs - len(fates))
        self.dice.shuffle(fates)
        for number, fate in enumerate(fates):
            self.job(f"{plan.arm}-{number:06d}", START_NS / SECOND + number / rate, fate)
        self.ledger.record(self.events)

    def job(self, key: str, at: float, fate: str) -> None:
        truth = self.truth
        self.say(key, "assigned", at, bytes=self.plan.payload, reason="weights")
        if fate == "enqueue_failed":
            truth.enqueue_failed.add(key)
            self.say(key, "enqueue_failed", at + 0.01, elapsed_ns=SECOND // 100, err_type="ConnectionError", err_message="refused")
            return
        self.say(key, "enqueue_ok", at + 0.002, elapsed_ns=2_000_000, native_id=key)
        self.say(key, "available", at + 0.001, native_id=key)
        if fate == "lost":
            truth.lost.add(key)
            self.say(key, "presumed_lost", at + 60)
            return
        end, completed = self.attempts(key, key, at + 0.001, fate)
        if end is None:
            truth.in_flight.add(key)
        elif fate == "cancelled":
            truth.cancelled.add(key)
        else:
            (truth.completed if completed else truth.discarded).add(key)
            truth.end_to_end[key] = end - at
        if fate == "duplicated":
            copy = key + "-again"
            truth.duplicated.add(key)
            self.say(key, "duplicate", at + 0.01, native_id=copy)
            self.say(key, "available", at + 0.01, native_id=copy)
            self.say(key, "started", at + 500, native_id=copy)
            self.say(key, "completed", at + 501, native_id=copy)

    def attempts(self, key: str, native: str, ready: float, fate: str) -> tuple[float | None, bool]:
        plan, truth = self.plan, self.truth
        wait = self.dice.lognormvariate(0, plan.spread) * plan.wait
        now = ready + wait
        for attempt in range(1, plan.max_attempts + 1):
            if fate == "in_flight" and attempt == 1 and len(truth.in_flight) % 2:
                return None, False
            self.say(key, "started", now, native_id=native, attempt=attempt)
            truth.attempts[key] = attempt
            truth.waits.setdefault(key, wait)
            if fate == "in_flight":
                return None, False
            run = self.dice.lognormvariate(0, plan.spread) * plan.run
            now += run
            truth.runs.setdefault(key, []).append(run)
            if fate == "cancelled":
                self.say(key, "cancelled", now, native_id=native)
                return now, False
            fails = fate != "duplicated" and self.dice.random() < (plan.first_attempt_fails if attempt == 1 else plan.attempt_fails)
            if fails and attempt == 1:
                truth.first_attempt_failed.add(key)
            if not fails:
                self.say(key, "completed", now, native_id=native, attempt=attempt)
                return now, True
            kind = "attempt_failed" if attempt < plan.max_attempts else "discarded"
            self.say(key, kind, now, native_id=native, attempt=attempt, err_type="TimeoutError", err_message="upstream timed out")
            if kind == "discarded":
                return now, False
            self.say(key, "delayed", now + 0.001, native_id=native, until_ns=int((now + plan.backoff) * SECOND))
            now += plan.backoff + self.dice.lognormvariate(0, plan.spread) * plan.wait
        return now, False

    def say(self, key: str, kind: str, at: float, **more: object) -> None:
        source = {"assigned": "dispatcher", "enqueue_ok": "dispatcher", "enqueue_failed": "dispatcher", "presumed_lost": "runner"}
        by = source.get(kind, "runner" if kind == "duplicate" else "store")
        offset = self.plan.clock_offset if by == "store" else 0.0
        fields = {
            "event_id": f"{self.plan.arm}:{len(self.events):08d}",
            "experiment": self.experiment,
            "config_epoch": 1,
            "job_key": key,
            "unit_key": key,
            "job_name": "import_article",
            "arm": self.plan.arm,
            "role": self.record.role,
            "kind": kind,
            "ts_ns": int((at + offset) * SECOND),
            "clock": "store" if by == "store" else "host",
            "source": by,
        }
        self.events.append(msgspec.convert({**fields, **more}, Event))


def multiply(path: Path, times: int) -> None:
    """Make a ledger file hold its jobs so many times, one copy after the other in time: 10 million events in a minute.

    Everything in its truth is true so many times over; every distribution stays what it is.
    """
    fields = [f.name for f in msgspec.structs.fields(Event)]
    changed = {"event_id": "event_id || ':' || :n", "seq": "seq + :n * :events"}
    changed |= {key: f"{key} || '-' || :n" for key in ("job_key", "unit_key", "native_id")}
    changed |= {moment: f"{moment} + :n * :span" for moment in ("ts_ns", "until_ns")}
    copies = ", ".join(changed.get(field, field) for field in fields)
    copy = f"INSERT INTO event ({', '.join(fields)}) SELECT {copies} FROM event WHERE position <= :events"  # noqa: S608
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        events, first, last = connection.execute("SELECT max(position), min(ts_ns), max(ts_ns) FROM event").fetchone()
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        # An index is made much sooner of all rows at once than row by row.
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("BEGIN")
        for number in range(1, times):
            connection.execute(copy, {"n": number, "events": events, "span": last - first + SECOND})
        connection.execute("COMMIT")
        for _, statement in indexes:
            connection.execute(statement)
