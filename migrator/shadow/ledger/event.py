"""What a ledger holds: events about one job, and marks about everything else.

All times are integer nanoseconds since the epoch. `clock` says whose clock a time was read from: the machine that wrote the ledger
(`host`), or the arm's store (`store`), whose offset is kept as a `clock` mark.
"""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

Kind = OneOf[
    "assigned",  # routed to an arm; nothing has been sent yet
    "enqueue_ok",  # the arm's system took it
    "enqueue_failed",  # the arm's system refused it or could not be reached
    "available",  # in the store and free to run (also after a delay or a failed attempt)
    "delayed",  # in the store, not to run before `until_ns`
    "started",  # a worker began the body
    "heartbeat",  # the worker is still at it
    "attempt_failed",  # the body failed and the system will try again
    "stalled",  # the system gave up on the worker that held it and will hand it out again
    "completed",
    "discarded",  # failed for good
    "cancelled",
    "removed",  # its record was deleted before it came to an end: no outcome, only evidence
    "overdue",  # not finished in time; the store still knows it
    "presumed_lost",  # not finished in time and unknown to the store
    "found_late",  # heard of again after it was presumed lost
    "duplicate",  # a second copy of it was seen in the store
    "suppressed",  # a shadow that was not sent, or whose body was kept from doing something; `reason` says why
    "fallback",  # which way a job of a candidate went in the end; `reason` is one of `migrator.shadow.modes.outcome.OUTCOMES`
    "claim_won",  # a worker claimed it and ran the body
    "claim_lost",  # a worker was handed it, and let it go: somebody else had claimed it
]
#: `shadow`: a copy of a job that the current arm does; `fallback`: the current arm does it in place of a candidate; `noise`: the current
#: system once more, to see how much two equal arms differ
Role = OneOf["current", "candidate", "noise", "shadow", "fallback"]
Clock = OneOf["host", "store"]
#: who says so: the dispatcher, the system's own storage, the runner's judgement, or the process that ran the body
Source = OneOf["dispatcher", "store", "runner", "worker"]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to one job. `event_id` is unique: recording it twice changes nothing."""

    event_id: str
    experiment: str
    config_epoch: int
    job_key: str  #: the job's identity in every system
    unit_key: str  #: what routing hashed
    job_name: str
    arm: str
    role: Role
    kind: Kind
    ts_ns: int
    clock: Clock
    source: Source
    step: str = ""
    attempt: int | None = None  #: 1 = first run; None where the source does not count
    mono_ns: int | None = None  #: monotonic clock of the process `boot_id`
    elapsed_ns: int | None = None  #: monotonic duration of what the event ends (the enqueue call)
    until_ns: int | None = None  #: `delayed`: not before, on `clock`
    host: str = ""
    pid: int | None = None
    err_type: str | None = None
    err_message: str | None = None
    native_id: str | None = None  #: the job's id in the arm's own system
    bytes: int | None = None  #: size of the payload as JSON
    reason: str | None = None  #: `assigned`: why this arm
    label: str | None = None  #: the workload's own name for this sort of job
    boot_id: str = ""  #: the process that recorded it; filled in by the ledger where it is empty
    seq: int = 0  #: filled in with it: 1, 2, 3, … per `boot_id`; a gap is a lost event


def found_id(arm: str, job_key: str, native_id: str | None, kind: Kind) -> str:
    """The id of an end that was found out by asking for the job; what the store says of it by itself has another."""
    return f"{arm}:found:{job_key}:{native_id}:{kind}"


def was_found(event: Event) -> bool:
    """Whether an end was found out by asking for the job. The store's own news of the same end may come a moment later."""
    return event.event_id.startswith(f"{event.arm}:found:")


MarkKind = OneOf[
    "run_started",
    "run_ended",
    "clock",  # data: offset_ns (store - host; None: not compared), rtt_ns
    "clock_ahead",  # times that an arm told lay in our future; data: lead_ns (the longest), events (how many, so far)
    "worker_started",
    "worker_ready",
    "worker_died",
    "worker_stopped",
    "store_down",
    "store_back",
    "gap",  # events of the store were gone before they could be read
    "recorder_ended",  # data: recorder (a boot id), numbered: how many events that process had recorded when it ended
    "taken_before",  # data: of each recorder (boot id), the number up to which its events are in a ledger that was set aside
    "ramp",  # text: who took it and why; data: step (from 1), by ("run" or ""), arms (whose finding it was, for a step back)
    "switched",  # something was switched off or on, or the ramp was held or let go; text: what holds now, by whom
    "configured",  # the experiment file changed while the run went on; text: what of it
]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Something that concerns an arm or the whole run (`arm` empty) rather than one job."""

    kind: MarkKind
    ts_ns: int
    arm: str = ""
    text: str = ""
    data: dict[str, int | float | str | None] = {}
    boot_id: str = ""
