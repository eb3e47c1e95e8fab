"""One job on its way: where it goes, what it is known by, and what is recorded of it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self
from uuid import UUID

import msgspec

from migrator.shadow import identity
from migrator.shadow.ledger.event import Kind, Role
from migrator.shadow.policy.policy import Decider, Routed
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.recorder.stamping import TEXT
from migrator.shadow.transport.line import Line

#: characters of a unit that are kept; of a longer one the beginning, and a hash of the whole
UNIT = 200


class Terms(msgspec.Struct, frozen=True):
    """What the tickets of one job have in common as long as nothing changes. `recorder`: None where the experiment is not about it."""

    experiment_id: str
    decider: Decider
    job_name: str
    recorder: Recorder | None
    new_keys: Iterator[str]  #: see `identity.new_keys`


class Ticket(msgspec.Struct, eq=False):
    """`key` is the job's identity in every system: its native id, where the system takes one. Elsewhere the payload carries `mark`.

    A context manager around the enqueue: what comes out of it is recorded, and passed on. What is recorded is put together by the
    recorder's thread: in the midst of an application's own work each line of code costs many times what it does in a loop.
    """

    _terms: Terms
    routed: Routed
    arm: str  #: of `routed`
    key: str
    unit: str
    size: int | None
    _delay_ns: int
    label: str | None
    _role: Role | None = None
    native_id: str | int | bytes | UUID | None = None  #: set it where the arm's system gives an id of its own
    #: when it was assigned
    _sent_ns: int = 0
    _sent_mono: int = 0

    @property
    def recorded(self) -> bool:
        """False: the experiment is not about this job, which goes to the current arm."""
        return self._terms.recorder is not None

    @property
    def job_name(self) -> str:
        """What the experiment calls the job."""
        return self._terms.job_name

    @property
    def experiment_id(self) -> str:
        """The first part of the keys of its jobs."""
        return self._terms.experiment_id

    @property
    def mark(self) -> dict[str, dict[str, str]]:
        """What the payload is to carry (`payload | job.mark`) where the system takes no id."""
        return identity.mark(self.experiment_id, self.key, self.arm)

    @property
    def role(self) -> Role:
        """What the arm is to the job."""
        return self._role or self._terms.decider.policy.role_of(self.arm)

    def __enter__(self) -> Self:
        self._sent_ns, self._sent_mono = time.time_ns(), time.monotonic_ns()
        if (recorder := self._terms.recorder) is not None:
            recorder.record(self._event, ("assigned", self._sent_mono))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self.refused(error)
        elif (recorder := self._terms.recorder) is not None:
            recorder.record(self._event, ("enqueue_ok", time.monotonic_ns(), self.native_id))

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.__exit__(kind, error, trace)

    def assigned(self) -> None:
        """It was routed to its arm, and is about to be enqueued; `took` or `refused` follows. What `with` does at its beginning."""
        self.__enter__()

    def took(self) -> None:
        """The arm's system has the job."""
        self.__exit__(None, None, None)

    def refused(self, error: BaseException) -> None:
        """It has not, or nobody can tell whether it has; if it has, what it says of the job later counts."""
        self._note("enqueue_failed", err_type=type(error).__name__, err_message=text_of(error)[:TEXT])

    def settled(self, label: str) -> None:
        """Mode `fallback`: which way the job went in the end."""
        self._note("fallback", reason=label)

    def taken_back(self) -> None:
        """It was taken out of the arm's store before a worker had it."""
        self._note("cancelled", native_id=text_of(self.native_id or self.key))

    def suppressed(self, why: str) -> None:
        """Mode `mirror`: the copy was not sent."""
        self._note("suppressed", reason=why)

    def _note(
        self,
        kind: Kind,
        *,
        native_id: str | None = None,
        err_type: str | None = None,
        err_message: str | None = None,
        reason: str | None = None,
    ) -> None:
        if (recorder := self._terms.recorder) is not None:
            recorder.record(self._event, (kind, time.monotonic_ns(), native_id, err_type, err_message, reason, time.time_ns()))

    def _event(
        self,
        kind: Kind,
        mono_ns: int,
        native_id: object = None,
        err_type: str | None = None,
        err_message: str | None = None,
        reason: str | None = None,
        ts_ns: int = 0,
        *,
        boot_id: str,
        seq: int,
        host: str,
        pid: int,
    ) -> Line:
        """`ts_ns`: 0 where it follows from when the job was assigned."""
        routed, decider, first = self.routed, self._terms.decider, kind == "assigned"
        if first:
            reason = f"{routed.reason}: {routed.rule or f'bucket {routed.bucket}'}"
        return Line(
            # A second sending under the same key tells the same again.
            event_id=f"{self.arm}:{self.key}:{kind}",
            experiment=decider.policy.name,
            job_key=self.key,
            unit_key=self.unit if len(self.unit) <= UNIT else _short(self.unit),
            job_name=self._terms.job_name,
            arm=self.arm,
            role=self.role,
            kind=kind,
            # Not the system's time, which may have been put back since.
            ts_ns=ts_ns or self._sent_ns + mono_ns - self._sent_mono,
            source="dispatcher",
            mono_ns=mono_ns,
            elapsed_ns=mono_ns - self._sent_mono if kind in ("enqueue_ok", "enqueue_failed") else None,
            until_ns=self._sent_ns + self._delay_ns if first and self._delay_ns else None,
            native_id=None if native_id is None else text_of(native_id),
            err_type=err_type,
            err_message=err_message,
            bytes=self.size if first else None,
            reason=reason,
            label=self.label,
            config=decider.digest,
            boot_id=boot_id,
            seq=seq,
            host=host,
            pid=pid,
        )


def _short(unit: str) -> str:
    return f"{unit[: UNIT - 33]}…{hashlib.sha256(unit.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def text_of(said: object) -> str:
    """What an exception, or anything else of an application's own, says; its class where that cannot be had: it may do anything."""
    try:
        return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    except Exception:  # noqa: BLE001 - as said
        return type(said).__name__
