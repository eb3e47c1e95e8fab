"""A job's events folded into what became of it. Pure: the order in which events were written down makes no difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal as OneOf

import msgspec

from migrator.shadow.ledger.attempts import Attempt, Result, together, told_by_workers
from migrator.shadow.ledger.event import Event, Role, was_found

#: the classes of the conservation law: every assigned job is in exactly one of them
Outcome = OneOf["enqueue_failed", "completed", "discarded", "cancelled", "in_flight", "presumed_lost"]
OUTCOMES: tuple[Outcome, ...] = ("enqueue_failed", "completed", "discarded", "cancelled", "in_flight", "presumed_lost")


#: how the reasons begin of jobs that did not go by the shares: where they went says something of the jobs, so they are held against none
APART = ("killed:", "excluded:", "job:", "pattern:", "failed:")


_ENDS: Mapping[str, OneOf["completed", "failed", "cancelled"]] = {"completed": "completed", "discarded": "failed", "cancelled": "cancelled"}
#: what is read of workers, beside ends
_WORKERS = ("started", "heartbeat", "attempt_failed")
_FINAL: Mapping[str, Outcome] = {"completed": "completed", "discarded": "discarded"}


class JobHistory(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one job in one arm. Times are nanoseconds on the host's clock (store times have the store's offset taken out).

    What nobody saw is None.
    """

    job_key: str
    unit_key: str
    job_name: str
    arm: str
    role: Role
    config_epoch: int
    outcome: Outcome
    reason: str | None = None
    label: str | None = None
    bytes: int | None = None
    assignments: int = 0  #: `assigned` events; the conservation law knows jobs with one
    assigned_ns: int | None = None  #: of the first
    enqueued_ns: int | None = None
    enqueue_elapsed_ns: int | None = None
    enqueue_error: str | None = None
    available_ns: int | None = None  #: the store first had it, by the store's clock
    due_ns: int | None = None  #: not to start before (a delayed enqueue)
    attempts: tuple[Attempt, ...] = ()  #: every start that was seen, by the store or by a worker, in order of start
    failed_unseen: bool = False  #: the first attempt failed, and nobody saw it begin
    terminal_ns: int | None = None  #: None while it is open, and where nobody knows when it ended
    native_ids: tuple[str, ...] = ()  #: more than one: the job was in the store more than once
    completions: int = 0  #: more than one: a duplicate effect
    overdue: bool = False
    found_late: bool = False
    removed: bool = False
    way: str | None = None  #: mode `fallback`: which way the job went, one of `migrator.shadow.modes.outcome.OUTCOMES`
    claim: OneOf["won", "lost"] | None = None  #: whether this arm was the one to run the body; None: nobody of it asked
    suppressed: str | None = None  #: mode `mirror`: why the copy was not sent, or did not do what the job does

    @property
    def apart(self) -> bool:
        """It went to its arm for what it is, or because there was no choice: not by the shares."""
        return self.reason is not None and self.reason.startswith(APART)

    @property
    def wait_ns(self) -> int | None:
        """Queue wait of the first attempt: start - max(enqueued, due). Negative values are kept: they show a skewed clock.

        Where the store does not say since when it had the job, that is when its enqueue began: a worker may have it before that returns.
        """
        ready = self.available_ns
        if ready is None and self.enqueued_ns is not None:
            ready = self.enqueued_ns - (self.enqueue_elapsed_ns or 0)
        if not self.attempts or ready is None or self.failed_unseen:
            return None
        return self.attempts[0].started_ns - max(ready, self.due_ns or ready)

    @property
    def end_to_end_ns(self) -> int | None:
        """Assigned to terminal; None while the job is open (right-censored)."""
        return None if self.terminal_ns is None or self.assigned_ns is None else self.terminal_ns - self.assigned_ns

    @property
    def first_attempt_failed(self) -> bool | None:
        """None where the first attempt was not seen to end."""
        ended = [a for a in self.attempts if a.number == 1 and a.result in ("completed", "failed")]
        return ended[0].result == "failed" if ended else True if self.failed_unseen else None

    @property
    def attempts_made(self) -> int:
        """Highest attempt number that started."""
        return max((a.number for a in self.attempts), default=0)

    @property
    def duplicate_deliveries(self) -> int:
        """Starts beyond the first of each attempt number."""
        return len(self.attempts) - len({a.number for a in self.attempts})

    @property
    def duplicate_effects(self) -> int:
        """Completions beyond the first."""
        return max(0, self.completions - 1)


class _Copy:
    """One record of the job in the arm's store, as its events go by."""

    def __init__(self, native_id: str | None) -> None:
        self.native_id = native_id
        self.attempts: list[Attempt] = []
        self.told: list[tuple[int, Event]] = []  # by workers
        self.failures = 0
        self.failed_unseen = False
        self.completions: list[tuple[int, bool]] = []
        self.end: tuple[int, Outcome] | None = None
        self.end_was_found = False  # by asking, not out of the store's news
        self.free_again = 0  # when the store last had it to hand out
        self.end_is_dated = True

    def see(self, event: Event, at: int) -> None:
        if event.source == "worker":
            self.told.append((at, event))
            return
        match event.kind:
            case "started":
                self._reopen()
                number = event.attempt or self.failures + 1
                self.attempts.append(Attempt(number=number, native_id=self.native_id, started_ns=at))
            case "available" | "delayed":
                self._reopen()
                self.free_again = at
            case "attempt_failed":
                self.failed_unseen |= not self._close("failed", at, event) and not self.attempts and not self.failures
                self.failures += 1
            case "stalled":
                self._close("stalled", at, event)
            case "completed" | "discarded" | "cancelled":
                found, dated = was_found(event), event.source == "store"
                # Of one end there may be two events: it was found out a moment before the store's own news of it were read.
                again = self.end is not None and self.end[1] == event.kind and (found or self.end_was_found)
                self.end_was_found = found
                if again and (self.end_is_dated or not dated):
                    return
                self._close(_ENDS[event.kind], at, event)
                self.end = at, event.kind
                # An end that was found out later and that the store gives no time for: the time of the event is not its time.
                self.end_is_dated = dated
                if event.kind == "completed":
                    self.completions[len(self.completions) - again :] = [(at, dated)]
            case _:
                pass

    def hear_workers(self) -> None:
        """After all events: put in what the workers told of this copy. No attempt counts twice, nor does a completion."""
        # A clock that stands still does not tell what came first; the worker's own count does.
        self.told.sort(key=lambda entry: (entry[0], entry[1].boot_id, entry[1].seq))
        self.attempts = together(self.attempts, told_by_workers(self.told, self.native_id))
        done = [(at, True) for at, event in self.told if event.kind == "completed"]
        if len(done) > len(self.completions) or not any(dated for _, dated in self.completions):
            self.completions = done or self.completions
        ends: list[tuple[int, Outcome]] = [(at, outcome) for at, event in self.told if (outcome := _FINAL.get(event.kind))]
        if ends and (self.end is None or not self.end_is_dated) and ends[-1][0] >= self.free_again:
            self.end, self.end_is_dated = ends[-1], True

    def _reopen(self) -> None:
        # A discarded job that is put back (a retry by hand) was not discarded after all: that was an attempt that failed.
        if self.end and self.end[1] == "discarded":
            self.failures += 1
        self.end = None

    def _close(self, result: Result, at: int, event: Event) -> bool:
        for position in range(len(self.attempts) - 1, -1, -1):
            if self.attempts[position].result == "open":
                self.attempts[position] = msgspec.structs.replace(
                    self.attempts[position],
                    ended_ns=at if event.source == "store" else None,
                    result=result,
                    err_type=event.err_type,
                    err_message=event.err_message,
                )
                return True
        return False


def fold(events: Iterable[Event], offset_ns: int = 0) -> JobHistory:
    """The history of one job in one arm. `offset_ns`: the arm's store clock minus the host's.

    Events of one instant are taken in the order of their ids: a store with a millisecond clock often has several.
    """
    timeline = sorted(
        ((e.ts_ns - offset_ns if e.clock == "store" else e.ts_ns, e.event_id, e) for e in events), key=lambda entry: entry[:2]
    )
    copies: dict[str | None, _Copy] = {}
    known = {event.native_id for _, _, event in timeline if event.native_id and event.source == "store"}
    first: dict[str, tuple[int, Event]] = {}
    for at, _, event in timeline:
        first.setdefault(event.kind, (at, event))
        found = event.source == "runner" and event.kind == "attempt_failed"  # without a time
        if event.source == "store" or event.kind in _ENDS or found or (event.source == "worker" and event.kind in _WORKERS):
            native = event.native_id
            if native is None and len(known) == 1 and was_found(event):
                # It was asked for by its key, before its store had told of it.
                (native,) = known
            copies.setdefault(native, _Copy(native)).see(event, at)
    for copy in copies.values():
        copy.hear_workers()
    outcome, terminal = _outcome(list(copies.values()), first)
    claim = "won" if "claim_won" in first else "lost" if "claim_lost" in first else None
    if claim == "lost":
        # Its store has it as done: a worker let go of it, because another arm had claimed it.
        copies, outcome, terminal = {}, "cancelled", first["claim_lost"][0]
    assigned, enqueued, refused = first.get("assigned"), first.get("enqueue_ok"), first.get("enqueue_failed")
    head = assigned[1] if assigned else timeline[0][2]
    arrivals = [first[kind] for kind in ("available", "delayed") if kind in first]
    arrival = min(arrivals, key=lambda found: found[0], default=None)
    retried = "attempt_failed" in first or "stalled" in first
    if arrival and retried and "started" in first and arrival[0] > first["started"][0]:
        # That is its return after a first attempt: the store did not say when it had the job at first.
        arrival = None
    return JobHistory(
        job_key=head.job_key,
        unit_key=head.unit_key,
        job_name=head.job_name,
        arm=head.arm,
        role=head.role,
        config_epoch=head.config_epoch,
        outcome=outcome,
        reason=head.reason,
        label=head.label,
        bytes=head.bytes,
        assignments=sum(event.kind == "assigned" for _, _, event in timeline),
        assigned_ns=assigned[0] if assigned else None,
        enqueued_ns=enqueued[0] if enqueued else None,
        enqueue_elapsed_ns=enqueued[1].elapsed_ns if enqueued else None,
        enqueue_error=refused[1].err_message if refused else None,
        available_ns=arrival[0] if arrival else None,
        due_ns=arrival[1].until_ns - offset_ns if arrival and arrival[1].until_ns is not None else None,
        attempts=tuple(sorted((a for c in copies.values() for a in c.attempts), key=lambda a: (a.started_ns, a.number))),
        failed_unseen=any(c.failed_unseen and all(a.number != 1 for a in c.attempts) for c in copies.values()),
        terminal_ns=terminal,
        native_ids=tuple(dict.fromkeys(e.native_id for _, _, e in timeline if e.native_id)),
        completions=sum(len(c.completions) for c in copies.values()),
        overdue="overdue" in first,
        found_late="found_late" in first,
        removed="removed" in first,
        way=first["fallback"][1].reason if "fallback" in first else None,
        claim=claim,
        suppressed=first["suppressed"][1].reason or "" if "suppressed" in first else None,
    )


def _outcome(copies: list[_Copy], first: Mapping[str, tuple[int, Event]]) -> tuple[Outcome, int | None]:
    done = [completion for copy in copies for completion in copy.completions]
    if done:
        at, dated = min(done)
        return "completed", at if dated else None
    ends = [(*copy.end, copy.end_is_dated) for copy in copies if copy.end]
    if ends and len(ends) == len(copies):
        at, outcome, dated = max(ends)
        return outcome, at if dated else None
    if "presumed_lost" in first and "found_late" not in first:
        return "presumed_lost", None
    if not copies and "enqueue_failed" in first and "enqueue_ok" not in first:
        return "enqueue_failed", first["enqueue_failed"][0]
    return "in_flight", None
