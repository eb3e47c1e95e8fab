"""Mode `fallback`: a job that its candidate does not take, or not take up, goes to the current arm; the fence sees that it is run once.

The caller waits for no more than an enqueue: the candidate's, which is given little time and is left out while the candidate is known to
be in trouble, and only if that fails the current arm's. Whether a worker takes the job up is watched from a thread.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from migrator.shadow.config.fallback import Fallback
from migrator.shadow.drivers.interface import MARKER, Assignment, Driver, EnqueueRefused
from migrator.shadow.modes.claims import Claims, holder_of
from migrator.shadow.modes.gate import Gate
from migrator.shadow.modes.health import ANSWER, HealthWatch
from migrator.shadow.modes.journal import Journal
from migrator.shadow.modes.outcome import Label
from migrator.shadow.modes.pending import Pending
from migrator.shadow.modes.settling import Settling
from migrator.shadow.modes.watcher import Watcher
from migrator.shadow.modes.ways import SENT_ELSEWHERE, Desk, Sending, Split


class NotSent(Exception):  # noqa: N818 - an outcome
    """The candidate is in trouble, and was sent nothing."""


class FallbackWay:
    """`candidates` are their arms' names, each with the name of one of their jobs."""

    only_sends = SENT_ELSEWHERE

    def __init__(
        self,
        desk: Desk,
        spec: Fallback,
        claims: Claims,
        *,
        current: str,
        candidates: Sequence[tuple[str, str]],
        folder: Path,
        alarm: Callable[[str], None],
    ) -> None:
        self._desk, self._spec, self._claims, self._current, self._candidates = desk, spec, claims, current, candidates
        self._gates = {arm: Gate(failures=spec.failures, pause=spec.pause) for arm, _ in candidates}
        self._journal = Journal(folder, alarm=alarm)
        self._split, self._alarm = Split(), alarm
        self._begin()

    def _begin(self) -> None:
        self._drivers: dict[tuple[str, str], Driver] = {}
        settling = Settling(
            self._claims,
            self,
            driver_of=self._driver,
            gate_of=self._gate,
            pickup_timeout=self._spec.pickup_timeout,
        )
        self._watcher = Watcher(self._journal, settling.settle)
        self._health = HealthWatch(
            {arm: lambda arm=arm, job=job: self._desk.driver(arm, job, timeout=ANSWER) for arm, job in self._candidates},
            self._gates,
            every=self._spec.health_every,
            ask_for_workers=self._spec.workers,
        )
        self._starting, self._started = threading.Lock(), False

    def start(self) -> None:
        """Begin to watch. Done by the first job; whoever only takes care of what others left behind asks for it."""
        if self._started:
            return
        with self._starting:
            if self._started:
                return
            self._started = True
            try:
                self._health.start()
                self._watcher.start()
            except RuntimeError as error:
                # The interpreter is about to end, and lets no thread begin: the journal tells others what is pending.
                self._alarm(f"pending jobs are left to other processes: {error}")

    # -- in the caller's thread -------------------------------------------------------------------------------------------

    def send(self, sending: Sending) -> None:
        ticket = sending.ticket
        if ticket.arm not in self._gates or not ticket.recorded:
            self._split.send(sending)
            return
        self.start()
        ticket.assigned()
        pending = self._pending(sending)
        gate = self._gates[ticket.arm]
        if why := gate.why_closed():
            ticket.refused(NotSent(why))
            self._instead(pending, "fallback_removed", why)
            return
        self._journal.put(pending)
        try:
            ticket.native_id = sending.pool.enqueue(_marked(pending, sending.assignment(), pending.holder))
        except EnqueueRefused as error:
            gate.failed("taken")
            ticket.refused(error)
            self._instead(pending, "fallback_removed", f"{ticket.arm} refused it: {error}")
        except Exception as error:  # noqa: BLE001 - whatever a client raises: nobody can tell whether the job is there
            gate.failed("taken")
            ticket.refused(error)
            self._instead(pending, "fallback_fenced", f"{ticket.arm} did not take it: {error}")
        except BaseException as error:
            ticket.refused(error)
            self._watcher.put(pending)
            raise
        else:
            gate.went_well("taken")
            ticket.took()
            if ticket.native_id != pending.native:
                pending = msgspec.structs.replace(pending, native=ticket.native_id)
                self._journal.put(pending)
            self._watcher.put(pending)

    def _instead(self, pending: Pending, label: Label, why: str) -> None:
        try:
            self._enqueue(pending, why, pending.delay)
        except BaseException:
            self.settled(pending, "failed_both")
            raise
        self.settled(pending, label)

    def _enqueue(self, pending: Pending, why: str, delay: float) -> None:
        ticket = self._desk.ticket(pending, self._current, why, "fallback")
        assignment = Assignment(job_key=pending.key, payload={**pending.payload, **ticket.mark}, delay=delay)
        with ticket:
            pool = self._desk.pool(self._current, pending.job)
            ticket.native_id = pool.enqueue(_marked(pending, assignment, holder_of(self._current)))

    def _pending(self, sending: Sending) -> Pending:
        ticket = sending.ticket
        return Pending(
            key=ticket.key,
            job=ticket.job_name,
            unit=ticket.unit,
            arm=ticket.arm,
            holder=holder_of(ticket.arm),
            # The application may go on to change what it has sent.
            payload=copied(sending.payload),
            due=time.time() + sending.delay + self._spec.pickup_timeout,
            delay=sending.delay,
            native=ticket.key,
            label=ticket.label,
            size=ticket.size,
        )

    # -- in the watcher's thread ------------------------------------------------------------------------------------------

    def send_instead(self, pending: Pending, why: str) -> None:
        """See `Fallbacks`."""
        self._enqueue(pending, why, 0.0)

    def taken_back(self, pending: Pending) -> None:
        """See `Fallbacks`."""
        ticket = self._desk.ticket(pending, pending.arm, "", "candidate")
        ticket.native_id = pending.native
        ticket.taken_back()

    def settled(self, pending: Pending, label: Label) -> None:
        """See `Fallbacks`."""
        self._desk.ticket(pending, pending.arm, "", "candidate").settled(label)
        self._watcher.forget(pending.key)
        self._journal.over(pending.key)

    def again(self, pending: Pending) -> None:
        """See `Fallbacks`."""
        self._journal.put(pending)
        self._watcher.put(pending)

    def _gate(self, arm: str) -> Gate:
        """Also of an arm that the file no longer has, of which somebody left a job behind."""
        return self._gates.get(arm) or Gate(failures=self._spec.failures, pause=self._spec.pause)

    def _driver(self, arm: str, job: str) -> Driver:
        if (arm, job) not in self._drivers:
            self._drivers[arm, job] = self._desk.driver(arm, job, timeout=self._spec.enqueue_timeout)
        return self._drivers[arm, job]

    def waiting(self) -> int:
        """Jobs whose way is not known yet."""
        return self._watcher.waiting()

    def troubles(self) -> dict[str, str]:
        """What was found to be wrong with candidates, by the last look at them."""
        return {arm: gate.trouble for arm, gate in self._gates.items() if gate.trouble}

    def abandon(self) -> None:
        """See `Way`."""
        self._journal.abandon()
        self._begin()

    def close(self) -> None:
        """See `Way`. What is pending is left to others: to other processes of this machine, or to `migrate shadow run`."""
        self._health.close()
        self._watcher.close()
        self._journal.close()
        for driver in self._drivers.values():
            driver.close()
        self._claims.close()


def copied(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload that nobody else changes; as it is, where it holds what cannot be copied."""
    try:
        return copy.deepcopy(dict(payload))
    except Exception:  # noqa: BLE001 - objects of the application's own
        return dict(payload)


def _marked(pending: Pending, assignment: Assignment, holder: str) -> Assignment:
    """The job, to be claimed before it is run."""
    payload = assignment.payload
    return Assignment(job_key=pending.key, payload={**payload, MARKER: {**payload[MARKER], "holder": holder}}, delay=assignment.delay)
