"""One job on its way: where it goes, what it is known by, and what is recorded of it."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID

from migrator.shadow import identity
from migrator.shadow.ledger.event import Kind, Role
from migrator.shadow.policy.policy import Decider, Routed
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.recorder.stamping import TEXT
from migrator.shadow.transport.line import Line

#: characters of a unit that are kept; of a longer one the beginning, and a hash of the whole
UNIT = 200


class Ticket:
    """`key` is the job's identity in every system: its native id, where the system takes one. Elsewhere the payload carries `mark`.

    A context manager around the enqueue: what comes out of it is recorded, and passed on. What is recorded is put together by the
    recorder's thread: in the midst of an application's own work each line of code costs many times what it does in a loop.
    """

    __slots__ = (
        "_began",
        "_decider",
        "_delay_ns",
        "_recorder",
        "_role",
        "arm",
        "experiment_id",
        "job_name",
        "key",
        "label",
        "native_id",
        "routed",
        "size",
        "unit",
    )

    def __init__(
        self,
        recorder: Recorder | None,
        experiment_id: str,
        decider: Decider,
        routed: Routed,
        job_name: str,
        key: str,
        unit: str,
        size: int | None,
        delay_ns: int,
        label: str | None,
        role: Role | None = None,
    ) -> None:
        self._recorder, self.experiment_id, self._decider, self.routed, self.job_name = recorder, experiment_id, decider, routed, job_name
        self.arm, self.key, self.unit = routed.arm, key, unit
        self.native_id: str | int | bytes | UUID | None = None  #: set it where the arm's system gives an id of its own
        self.size, self.label, self._delay_ns, self._began = size, label, delay_ns, 0
        self._role: Role | None = role

    @property
    def recorded(self) -> bool:
        """False: the experiment is not about this job, which goes to the current arm."""
        return self._recorder is not None

    @property
    def mark(self) -> dict[str, dict[str, str]]:
        """What the payload is to carry (`payload | job.mark`) where the system takes no id."""
        return identity.mark(self.experiment_id, self.key, self.arm)

    @property
    def role(self) -> Role:
        """What the arm is to the job."""
        return self._role or self._decider.policy.role_of(self.arm)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.took(self.native_id)
        else:
            self.refused(error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.__exit__(kind, error, trace)

    def assigned(self) -> None:
        """It was routed to its arm, and is about to be enqueued; `took` or `refused` follows."""
        self._began = time.monotonic_ns()
        if self._recorder is not None:
            self._recorder.record(partial(self._assigned, time.time_ns(), self._began))

    def took(self, native_id: object = None) -> None:
        """The arm's system has the job."""
        if self._recorder is not None:
            self._recorder.record(partial(self._outcome, "enqueue_ok", time.time_ns(), time.monotonic_ns(), native_id))

    def refused(self, error: BaseException) -> None:
        """It has not, or nobody can tell whether it has; if it has, what it says of the job later counts."""
        if self._recorder is not None:
            problem = (type(error).__name__, text_of(error)[:TEXT])
            event = partial(self._outcome, "enqueue_failed", time.time_ns(), time.monotonic_ns(), None, *problem)
            self._recorder.record(event)

    def settled(self, label: str) -> None:
        """Mode `fallback`: which way the job went in the end."""
        self._note("fallback", reason=label)

    def taken_back(self) -> None:
        """It was taken out of the arm's store before a worker had it."""
        self._note("cancelled", native_id=text_of(self.native_id or self.key))

    def suppressed(self, why: str) -> None:
        """Mode `mirror`: the copy was not sent."""
        self._note("suppressed", reason=why)

    def _note(self, kind: Kind, *, reason: str | None = None, native_id: str | None = None) -> None:
        if self._recorder is None:
            return
        policy = self._decider.policy
        self._recorder.record(
            Line(
                event_id=f"{self.arm}:{self.key}:{kind}",
                experiment=policy.name,
                job_key=self.key,
                unit_key=self.unit if len(self.unit) <= UNIT else _short(self.unit),
                job_name=self.job_name,
                arm=self.arm,
                role=self.role,
                kind=kind,
                ts_ns=time.time_ns(),
                source="dispatcher",
                mono_ns=time.monotonic_ns(),
                native_id=native_id,
                reason=reason,
                label=self.label,
                config=self._decider.digest,
            )
        )

    def _assigned(self, ts_ns: int, mono_ns: int, *, boot_id: str, seq: int, host: str, pid: int) -> Line:
        routed, policy = self.routed, self._decider.policy
        return Line(
            # A second sending under the same key tells the same again.
            event_id=f"{self.arm}:{self.key}:assigned",
            experiment=policy.name,
            job_key=self.key,
            unit_key=self.unit if len(self.unit) <= UNIT else _short(self.unit),
            job_name=self.job_name,
            arm=self.arm,
            role=self.role,
            kind="assigned",
            ts_ns=ts_ns,
            source="dispatcher",
            mono_ns=mono_ns,
            until_ns=ts_ns + self._delay_ns if self._delay_ns else None,
            bytes=self.size,
            reason=f"{routed.reason}: {routed.rule or f'bucket {routed.bucket}'}",
            label=self.label,
            config=self._decider.digest,
            boot_id=boot_id,
            seq=seq,
            host=host,
            pid=pid,
        )

    def _outcome(
        self,
        kind: Kind,
        ts_ns: int,
        mono_ns: int,
        native_id: object,
        err_type: str | None = None,
        err_message: str | None = None,
        *,
        boot_id: str,
        seq: int,
        host: str,
        pid: int,
    ) -> Line:
        policy = self._decider.policy
        return Line(
            event_id=f"{self.arm}:{self.key}:{kind}",
            experiment=policy.name,
            job_key=self.key,
            unit_key=self.unit if len(self.unit) <= UNIT else _short(self.unit),
            job_name=self.job_name,
            arm=self.arm,
            role=self.role,
            kind=kind,
            ts_ns=ts_ns,
            source="dispatcher",
            mono_ns=mono_ns,
            elapsed_ns=mono_ns - self._began,
            native_id=None if native_id is None else text_of(native_id),
            err_type=err_type,
            err_message=err_message,
            config=self._decider.digest,
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
