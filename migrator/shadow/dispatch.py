"""What an application dispatches its jobs with: each goes to the arm that routing says, and what becomes of that is recorded.

    shadow = Dispatcher.open("experiment.toml")
    shadow.send("import_article", {"article": 7}, unit="7")          # through the arm's driver
    with shadow.dispatching("import_article", unit="7") as job:      # or through calls of the application's own
        queues[job.arm].enqueue(…, job_id=job.key)

Nothing of ours makes a job fail or wait: where routing or recording fail, the job goes to the current arm, as it would without us.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TypedDict, Unpack

import msgspec

from migrator.errors import MigratorError
from migrator.shadow import identity
from migrator.shadow.config.experiment import Job
from migrator.shadow.driver_pool import DriverPool, driver_of, pool_of
from migrator.shadow.drivers.interface import MARKER, Driver
from migrator.shadow.ledger.event import Role
from migrator.shadow.modes.opening import way_of
from migrator.shadow.modes.ways import Known, Sending
from migrator.shadow.policy.policy import Decider, Reason, Routed
from migrator.shadow.policy.reading import LoadedPolicy
from migrator.shadow.policy.router import Router
from migrator.shadow.recorder.ending import at_fork
from migrator.shadow.recorder.opening import open_recorder
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.ticket import Terms, Ticket, text_of

#: names of jobs whose terms are kept
MANY = 1_000
_log = logging.getLogger(__name__)


class How(TypedDict, total=False):
    """What can be said of a job."""

    unit: object  #: what routing hashes; absent: what the file says (a field of the payload, or every job on its own)
    key: str | None  #: the application's own name for the job: a second sending of a job of that name under it is no second job
    tenant: str | None
    delay: float | None  #: seconds
    deadline: float | None  #: seconds within which it is to be done
    label: str | None  #: its sort, for the report
    #: the job that it retries or continues, in whose arm it stays: a ticket, that job's payload with the mark, or the arm's name
    parent: Ticket | Mapping[str, Any] | str | None
    payload_bytes: int | None  #: the size of the payload, where it is not given


class Dispatcher:
    """Made once in a process, used by all of its threads, event loops and forks."""

    def __init__(self, router: Router, recorder: Recorder) -> None:
        self.router, self.recorder = router, recorder
        self._jobs: dict[str, Job] = {}
        self._told: set[str] = set()
        self._learn(router.loaded)
        self.way = way_of(self, router.loaded, self._tell)  #: how jobs are sent; a changed mode needs a new dispatcher
        at_fork(self)

    @classmethod
    def open(cls, file: str | Path) -> Dispatcher:
        """The dispatcher of an experiment file.

        Raises:
            MigratorError: the file cannot be read, or names a store whose address is not set. Later troubles are only logged.
        """
        router = Router.open(file)
        try:
            return cls(router, open_recorder(router.loaded))
        except MigratorError:
            router.close()
            raise

    def send(self, job: str, payload: Mapping[str, Any], **how: Unpack[How]) -> Ticket:
        """Put a job on its way through its arm's driver, and return once the arm's system has it.

        Raises:
            StoreDown, EnqueueRefused: as the arm's driver does; this is recorded.
            MigratorError: the file knows no such job, or does not say how the current arm is reached.
        """
        sending = self._addressed(job, payload, how)
        self.way.send(sending)
        return sending.ticket

    async def asend(self, job: str, payload: Mapping[str, Any], **how: Unpack[How]) -> Ticket:
        """`send`, while the event loop goes on."""
        sending = self._addressed(job, payload, how)
        await asyncio.to_thread(self.way.send, sending)
        return sending.ticket

    def dispatching(self, job: str, payload: Mapping[str, Any] | None = None, **how: Unpack[How]) -> Ticket:
        """A ticket for a job that the application enqueues itself, in `with` or `async with`; `payload` is only looked at.

        The job is there from the beginning of the block: a ticket for which there is none is no job. At the end of the block it is taken
        to be in the store of `ticket.arm`; or not, where an exception comes out of it.
        """
        if why := self.way.only_sends:
            self._tell(why)
        return self._ticket(job, payload, how, why_current=why)

    def close(self) -> None:
        """Hand over what was recorded, and let go of everything."""
        self.way.close()
        self.router.close()
        self.recorder.close()
        for pool in self._pools.values():
            pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def born_again(self) -> None:
        """In the child of a fork: the connections are the parent's, and the keys of its jobs."""
        self._terms = {}
        for pool in self._pools.values():
            pool.forget()
        self.way.abandon()

    # -- what a mode needs (`migrator.shadow.modes.ways.Desk`) --------------------------------------------------------------

    @property
    def decider(self) -> Decider:
        """What decides now."""
        return self.router.decider

    def pool(self, arm: str, job: str, *, timeout: float | None = None, called: str = "") -> DriverPool:
        """How jobs of a name are sent to an arm. `timeout`, `called`: as in `driver_of`, when the pool is made.

        Raises:
            MigratorError: the arm cannot be sent to as it is described.
        """
        pools, name = self._pools, (arm, job, called)
        pool = pools.get(name)
        if pool is None:
            pool = pools.setdefault(name, pool_of(self._known, arm, self._jobs[job], self.experiment_id, timeout=timeout, called=called))
        pool.open()
        return pool

    def driver(self, arm: str, job: str, *, timeout: float) -> Driver:
        """A driver of one's own. Raises as `pool`."""
        return driver_of(self._known, arm, self._jobs[job], self.experiment_id, timeout=timeout)

    def ticket(self, known: Known, arm: str, why: str, role: Role) -> Ticket:
        """A ticket for a job that has had one, for the same or another arm."""
        terms = Terms(self.experiment_id, self.router.decider, known.job, self.recorder, identity.new_keys(self.experiment_id))
        reason: Reason = "mirror" if role == "shadow" else "fallback"
        routed = Routed(arm, reason, 0, why)
        return Ticket(terms, routed, arm, known.key, known.unit, known.size, round(known.delay * 1e9), known.label, role)

    def _ticket(self, job: str, payload: Mapping[str, Any] | None, how: How, why_current: str = "") -> Ticket:
        """Where a job goes. Whatever goes wrong here, it goes to the current arm. `why_current`: it goes there, for this reason."""
        terms = self._terms.get(job)
        if terms is None or terms.decider is not self.router.decider:
            terms = self._terms_of(job)
        decider, key, unit, own, size, delay_ns, label = terms.decider, "", "", "", None, 0, None
        try:
            given = how.get("unit")
            # Mostly nothing else is said of a job.
            if more := len(how) > (given is not None):
                label = None if (said := how.get("label")) is None else text_of(said)
                own = "" if (said := how.get("key")) is None else str(said)
                size = None if (said := how.get("payload_bytes")) is None else int(said)
                delay_ns = int((how.get("delay") or 0) * 1e9)
            key = identity.job_key(terms.experiment_id, job, own) if own else next(terms.new_keys)
            unit = str(given) if given is not None else self._unit(payload, key)
            if size is None and payload is not None:
                size = _size(payload)
            if why_current:
                routed = Routed(decider.policy.current, "failed", 0, why_current)
            elif more or not decider.is_plain:
                routed = self._decided(decider, job, unit, size, how)
            else:
                routed = decider.by_shares(job, unit)
        except Exception as error:  # noqa: BLE001 - no job fails because it could not be routed
            why = text_of(error)
            self._tell(f"`{job}` stays with `{decider.policy.current}`: {why}")
            key, size = key or next(terms.new_keys), None
            routed = Routed(decider.policy.current, "failed", 0, why)
        if terms.recorder is None:
            routed = Routed(decider.policy.current, "excluded", routed.bucket, "the experiment is not about it")
        return Ticket(terms, routed, routed.arm, key, unit or key, size, delay_ns, label)

    def _terms_of(self, job: str) -> Terms:
        """What holds for the job from now on."""
        decider = self.router.decider
        if self.router.loaded is not self._known:
            self._learn(self.router.loaded)
        recorder = self.recorder if not self._names or job in self._names else None
        terms = Terms(self.experiment_id, decider, job, recorder, identity.new_keys(self.experiment_id))
        if len(self._terms) >= MANY:
            self._terms = {}
        self._terms[job] = terms
        return terms

    def _decided(self, decider: Decider, job: str, unit: str, size: int | None, how: How) -> Routed:
        if unknown := how.keys() - How.__annotations__.keys():
            self._tell(f"of `{job}` is said what means nothing here: {', '.join(sorted(unknown))}")
        if size is None and decider.policy.payload_bytes is not None:
            raise ValueError("jobs are excluded by the size of their payload, and nothing says how large this one's is")
        return decider.decide(
            job,
            unit,
            tenant=how.get("tenant") or "",
            payload_bytes=size or 0,
            deadline=how.get("deadline"),
            inherited=self._inherited(how.get("parent")),
        )

    def _inherited(self, parent: Ticket | Mapping[str, Any] | str | None) -> str:
        # In a mirror the current arm does everything: what a copy starts is not to be done by its candidate as well.
        if parent is None or self._known.heading.mode == "mirror":
            return ""
        if isinstance(parent, Ticket):
            arm = parent.arm
        else:
            arm = parent if isinstance(parent, str) else (parent.get(MARKER) or {}).get("arm", "")
        return arm if arm in self._known.arms else ""

    def _unit(self, payload: Mapping[str, Any] | None, key: str) -> str:
        field = self._known.heading.unit
        if field == "job":
            return key
        if payload is None or field not in payload:
            raise ValueError(f"its payload has no `{field}`, which is the unit of [experiment], and no unit= is given")
        return str(payload[field])

    def _addressed(self, job: str, payload: Mapping[str, Any], how: How) -> Sending:
        """A job with its ticket, and how its arm is sent to."""
        ticket = self._ticket(job, payload, how)
        if job not in self._jobs:
            raise MigratorError(
                f"the experiment has no job `{job}`", place=str(self._known.file), remedy=f'Write [[job]] with name = "{job}".'
            )
        try:
            pool = self._way_to(ticket.arm, job)
        except Exception as error:
            current = self.router.decider.policy.current
            if ticket.arm == current:
                raise
            # How a candidate is reached is our affair, not the job's; that it went out of the file at this very moment as well.
            why = error.cause if isinstance(error, MigratorError) else repr(error)
            self._tell(f"`{ticket.arm}` cannot be sent to, its jobs stay with `{current}`: {text_of(error)}")
            ticket = self._ticket(job, payload, how, why_current=f"{ticket.arm}: {why}")
            pool = self._way_to(ticket.arm, job)
        return Sending(ticket, pool, payload, how.get("delay") or 0.0)

    def _way_to(self, arm: str, job: str) -> DriverPool:
        fallback = self._known.fallback
        # While the caller waits for a candidate, it waits for nothing that it had asked for.
        hurry = fallback.enqueue_timeout if fallback is not None and arm != self._known.policy.current else None
        return self.pool(arm, job, timeout=hurry)

    def _learn(self, loaded: LoadedPolicy) -> None:
        """The file has changed. A job that is not in it any more can still be sent, to where the current arm has it."""
        self._known = loaded
        self._terms: dict[str, Terms] = {}
        self._names = frozenset(job.name for job in loaded.jobs)
        self._jobs |= {job.name: job for job in loaded.jobs}
        self._pools: dict[tuple[str, str, str], DriverPool] = {}
        self.experiment_id = identity.experiment_id(loaded.policy.name, loaded.policy.salt)

    def _tell(self, words: str) -> None:
        """Once for each trouble."""
        if words not in self._told and len(self._told) < 100:
            self._told.add(words)
            _log.warning(words)


def _size(payload: Mapping[str, Any]) -> int | None:
    """Bytes as JSON; None where it is none."""
    try:
        return len(msgspec.json.encode(payload))
    except Exception:  # noqa: BLE001 - a payload of objects of the application's own; its driver may know how to write them
        return None
